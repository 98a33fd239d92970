"""A bundle with NAME_vjp in torch: gradients by one pass backwards, and everything of a higher order beside it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

import symc
from symc.ir.directional import hessian, pullback, pushforward, vjp
from symc.ir.evaluate import evaluate
from symc.load.module import Surrogate
from tests.tools import require

TEXTS = ["a = sin(x0)*x1", "b = exp(x0*x2)", "c = x1^2/(2 + cos(x2))", "d = tanh(x0 + x1*x2)"]
TEXTS += ["e = x0*x1*x2", "f = exp(x1)", "g = x0 - 3*x2", "h = cos(x0 - x1)"]


@pytest.fixture(scope="module")
def module(tmp_path_factory: pytest.TempPathFactory) -> Surrogate:
    require("gcc")
    folder = tmp_path_factory.mktemp("vjp")
    return symc.load(symc.build(equation=TEXTS, domain="-1:1", out=folder, name="law", derivatives="vjp").path)


def reference(x: torch.Tensor) -> torch.Tensor:
    x0, x1, x2 = x.unbind(-1)
    parts = [x0.sin() * x1, (x0 * x2).exp(), x1**2 / (2 + x2.cos()), (x0 + x1 * x2).tanh()]
    parts += [x0 * x1 * x2, x1.exp(), x0 - 3 * x2, (x0 - x1).cos()]
    return torch.stack(parts, dim=-1)


@pytest.fixture
def x() -> torch.Tensor:
    return torch.rand(5, 7, 3, generator=torch.Generator().manual_seed(1)) * 2 - 1


def test_gradients_have_the_bits_of_the_vjp(module: Surrogate, x: torch.Tensor) -> None:
    weights = torch.randn(8, 7, 5, generator=torch.Generator().manual_seed(2)).permute(2, 1, 0)
    (got,) = torch.autograd.grad(module(x.requires_grad_()), x, weights)
    both = np.concatenate([x.detach().numpy(), weights.numpy()], axis=-1).reshape(-1, 11)
    want = evaluate(vjp(module.package.program), both)[:, 8:]
    assert np.array_equal(got.numpy().reshape(-1, 3), want)


def test_second_derivatives_and_transforms(module: Surrogate, x: torch.Tensor) -> None:
    exact = x.double().requires_grad_()
    results = []
    for point, f in ((x.clone().requires_grad_(), module), (exact, reference)):
        (slope,) = torch.autograd.grad(f(point).square().sum(), point, create_graph=True)
        (second,) = torch.autograd.grad(slope.sin().sum(), point)
        row = point.detach()[0, 0]
        rows = point.detach()[0]
        more = (torch.func.jacrev(f)(row), torch.func.hessian(f)(row), torch.func.vmap(torch.func.jacrev(f))(rows))
        results.append((slope.detach(), second, *more))
    for got, want in zip(*results, strict=True):
        torch.testing.assert_close(got.double(), want, rtol=2e-4, atol=2e-5)


def test_a_product_with_the_hessian_is_two_steps_of_code(tmp_path: Path) -> None:
    """Not a table of 400 second derivatives: the bits of two steps, and what they are."""
    require("gcc")
    n = 20
    text = "y = " + " + ".join(f"sin(x{k})*x{(k + 1) % n}" for k in range(n))
    module = symc.load(symc.build(equation=text, domain="-1:1", out=tmp_path, name="many", derivatives="vjp").path)
    x, t = torch.rand(9, n), torch.randn(9, n)

    def total(rows: torch.Tensor) -> torch.Tensor:
        return module(rows).sum()

    _, got = torch.func.jvp(torch.func.grad(total), (x,), (t,))
    point = x.clone().requires_grad_()
    (slope,) = torch.autograd.grad(total(point), point, create_graph=True)
    (again,) = torch.autograd.grad(slope, point, t)
    exact = x.double()
    after, before = exact.roll(-1, 1), exact.roll(1, 1)
    mixed = exact.cos() * t.double().roll(-1, 1) + before.cos() * t.double().roll(1, 1)
    want = -exact.sin() * after * t.double() + mixed
    for found in (got, again):
        torch.testing.assert_close(found.double(), want, rtol=1e-5, atol=1e-5)
    twice = pushforward(pullback(module.package.program))
    ones, zeros = np.ones((9, 1), np.float32), np.zeros((9, 1), np.float32)
    both = np.concatenate([x.numpy(), ones, t.numpy(), zeros], axis=1)
    assert np.array_equal(got.numpy(), evaluate(twice, both))


def test_second_derivatives_as_a_table(module: Surrogate, x: torch.Tensor) -> None:
    want = evaluate(hessian(module.package.program), x.reshape(-1, 3).numpy()).reshape(5, 7, 8, 3, 3)
    assert np.array_equal(module.hessian(x).numpy(), want)
    assert np.array_equal(module.hessian(x.numpy()), want)
    by_torch = torch.func.vmap(torch.func.vmap(torch.func.hessian(module)))(x)
    torch.testing.assert_close(by_torch, torch.from_numpy(want), rtol=1e-4, atol=1e-5)


def test_few_outputs_need_no_code_beside_the_jacobian(tmp_path: Path) -> None:
    require("gcc")
    module = symc.load(symc.build(equation=TEXTS[:2], domain="-1:1", out=tmp_path, name="law").path)
    x = torch.rand(40, 3, requires_grad=True)
    weights = torch.randn(40, 2)
    (got,) = torch.autograd.grad(module(x), x, weights)
    partials = module.jacobian(x.detach())
    want = weights[:, 0, None] * partials[:, 0] + weights[:, 1, None] * partials[:, 1]
    assert torch.equal(got, want) and not module._runner._derived


def test_compiled_by_torch_it_gives_the_same_gradient(module: Surrogate, x: torch.Tensor) -> None:
    require("g++")
    compiled = torch.compile(lambda t: module(t).square().sum(), fullgraph=True, backend="aot_eager")
    gradients = []
    for f in (compiled, lambda t: module(t).square().sum()):
        point = x.clone().requires_grad_()
        f(point).backward()
        gradients.append(point.grad)
    torch.testing.assert_close(*gradients, rtol=1e-5, atol=1e-6)
