"""Derivatives of a loaded bundle, and torch's own checks of its operator."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from torch.fx.experimental.proxy_tensor import make_fx
from torch.utils.checkpoint import checkpoint

from symc.errors import SymcError
from symc.ir.derive import jacobian
from symc.ir.evaluate import evaluate
from symc.load.module import Surrogate, load
from tests.load.bundles import make_bundle
from tests.load.conftest import EQUATIONS, N_IN
from tests.tools import require

N_OUT = len(EQUATIONS)


def reference(x: torch.Tensor) -> torch.Tensor:
    """The same equations in torch, float64."""
    x = x.double()
    return torch.stack(
        [torch.sin(x[..., 0]) * torch.exp(-x[..., 1]) + x[..., 2], x[..., 0] * x[..., 1] / (x[..., 2] ** 2 + 1)], -1
    )


@pytest.mark.parametrize("path", ["", "J", "H", "v", "t"])
@pytest.mark.parametrize("shape", [(3,), (4, 3), (0, 3)])
def test_opcheck(module: Surrogate, path: str, shape: tuple[int, ...]) -> None:
    x = torch.randn(shape, requires_grad=path != "H")
    direction = {"v": N_OUT, "t": N_IN}.get(path)
    along = None if direction is None else torch.randn((*shape[:-1], direction), requires_grad=True)
    n_out = {"": N_OUT, "J": N_OUT * N_IN, "H": N_OUT * N_IN**2, "v": N_IN, "t": N_OUT}[path]
    torch.library.opcheck(torch.ops.symc.evaluate, (x, along, module._digest, path, N_IN, n_out))


def test_gradcheck(module: Surrogate) -> None:
    # The arithmetic is float32, so steps must stand out from its rounding: 1e-2, and 1e-3 of truncation.
    x = torch.randn(4, 3, dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradcheck(module, (x,), eps=1e-2, atol=2e-3, rtol=1e-3)
    assert torch.autograd.gradgradcheck(module, (x,), eps=1e-2, atol=2e-3, rtol=1e-3)


def test_the_gradient_comes_from_the_equations_to_the_bit(module: Surrogate) -> None:
    x = torch.randn(16, 3)
    expected = evaluate(jacobian(module.package.program), x.numpy()).reshape(16, N_OUT, N_IN)
    assert np.array_equal(module.jacobian(x).numpy(), expected)
    assert np.array_equal(module.jacobian(x.numpy()), expected)
    for output in range(N_OUT):
        x = x.detach().requires_grad_()
        module(x)[:, output].sum().backward()
        assert np.array_equal(x.grad.numpy(), expected[:, output])


@pytest.mark.parametrize("dtype", [torch.float64, torch.float16, torch.bfloat16])
def test_the_gradient_has_the_inputs_dtype(module: Surrogate, dtype: torch.dtype) -> None:
    x = torch.randn(4, 3).to(dtype).requires_grad_()
    module(x).sum().backward()
    assert x.grad.dtype == dtype


def test_gradient_through_a_network(module: Surrogate) -> None:
    first = torch.nn.Linear(5, 3)
    model = torch.nn.Sequential(first, module)
    x = torch.randn(8, 5)
    model(x).square().mean().backward()
    got = first.weight.grad.clone()
    first.weight.grad = None
    reference(first(x)).square().mean().backward()
    torch.testing.assert_close(got, first.weight.grad, rtol=1e-4, atol=1e-5)


def _in_compiled_autograd(module: Surrogate, x: torch.Tensor) -> torch.Tensor:
    with torch._dynamo.compiled_autograd._enable(torch.compile(backend="aot_eager")):
        module(x).sum().backward()
    return x.grad


def _with_saved_tensors_moved(module: Surrogate, x: torch.Tensor) -> torch.Tensor:
    with torch.autograd.graph.save_on_cpu():
        y = module(x)
    return torch.autograd.grad(y.sum(), x)[0]


@pytest.mark.filterwarnings("ignore:Dynamo does not know how to trace")
@pytest.mark.parametrize("differentiated", [
    lambda f, x: torch.autograd.grad(f(x).sum(), x)[0],
    lambda f, x: torch.autograd.grad(f(x).sum(), x, create_graph=True)[0].detach(),
    lambda f, x: torch.autograd.grad(checkpoint(f, x * 1, use_reentrant=False).sum(), x)[0],
    lambda f, x: torch.autograd.grad(f(x), x, torch.ones(2, 4, N_OUT), is_grads_batched=True)[0][1],
    lambda f, x: make_fx(lambda x: torch.autograd.grad(f(x).sum(), x)[0])(x)(x).detach(),
    _with_saved_tensors_moved,
    _in_compiled_autograd,
], ids=["once", "graph", "checkpoint", "batched", "traced", "hooks", "compiled"])  # fmt: skip
@pytest.mark.parametrize("kind", [torch.Tensor.requires_grad_, torch.nn.Parameter], ids=["tensor", "parameter"])
def test_however_a_gradient_is_asked_for_it_has_the_same_bits(
    module: Surrogate, differentiated: Callable[..., torch.Tensor], kind: Callable[[torch.Tensor], torch.Tensor]
) -> None:
    x = kind(torch.linspace(-1, 1, 12).reshape(4, 3))
    both = module.jacobian(x.detach())
    assert torch.equal(differentiated(module, x), both[:, 0] + both[:, 1])


def test_what_was_changed_in_place_gives_no_gradient(module: Surrogate) -> None:
    x = torch.ones(4, 3, requires_grad=True)
    changed = x * 1
    y = module(changed)
    changed.add_(1)
    with pytest.raises(RuntimeError, match="modified by an inplace operation"):
        y.sum().backward()


def test_second_derivatives_are_generated_too(module: Surrogate) -> None:
    x = torch.randn(5, 3)
    got = torch.func.vmap(torch.func.hessian(module))(x)
    expected = torch.func.vmap(torch.func.hessian(reference))(x.double())
    torch.testing.assert_close(got.double(), expected, rtol=1e-4, atol=1e-5)


def test_torch_func(module: Surrogate) -> None:
    x, tangent = torch.randn(5, 3), torch.randn(5, 3)
    exact = module.jacobian(x)
    torch.testing.assert_close(torch.func.vmap(torch.func.jacrev(module))(x), exact)
    torch.testing.assert_close(torch.func.vmap(torch.func.jacfwd(module))(x), exact)
    y, slope = torch.func.jvp(module, (x,), (tangent,))
    assert torch.equal(y, module(x))
    torch.testing.assert_close(slope, (exact * tangent.unsqueeze(-2)).sum(-1))
    assert torch.equal(torch.func.vmap(module, in_dims=1)(x.t().contiguous()), module(x))
    assert torch.equal(torch.func.vmap(torch.func.vmap(module))(x.reshape(5, 1, 3)), module(x).reshape(5, 1, 2))


def test_forward_mode(module: Surrogate) -> None:
    import torch.autograd.forward_ad as forward_ad

    x, tangent = torch.randn(5, 3), torch.randn(5, 3)
    with forward_ad.dual_level():
        y = module(forward_ad.make_dual(x, tangent))
        slope = forward_ad.unpack_dual(y).tangent
    torch.testing.assert_close(slope, (module.jacobian(x) * tangent.unsqueeze(-2)).sum(-1))


def test_results_may_be_changed_in_place(module: Surrogate, tmp_path: Path) -> None:
    require("numba", module=True)
    other = load(make_bundle(tmp_path, "python", EQUATIONS, N_IN, ("numba",)))
    x = torch.randn(4, 3, requires_grad=True)
    found = []
    for f in (module, other, module.hessian):
        y = f(x * 1)
        y.mul_(2.0)
        found.append(torch.autograd.grad(y.sum(), x)[0])
    torch.testing.assert_close(found[0], 2.0 * torch.autograd.grad(module(x).sum(), x)[0])
    assert torch.equal(found[0], found[1])


def test_without_a_shipped_jacobian_it_is_generated(tmp_path: Path) -> None:
    require("cc")
    module = load(make_bundle(tmp_path, "plain", EQUATIONS, N_IN, with_jacobian=False))
    x = torch.randn(4, 3, requires_grad=True)
    module(x).sum().backward()
    expected = evaluate(jacobian(module.package.program), x.detach().numpy()).reshape(4, N_OUT, N_IN)
    torch.testing.assert_close(x.grad, torch.from_numpy(expected).sum(1))


def test_an_operator_call_without_its_bundle() -> None:
    with pytest.raises(SymcError, match=r"is not loaded in this process.*symc\.load"):
        torch.ops.symc.evaluate(torch.zeros(1, 3), None, "0" * 64, "", 3, 2)


@pytest.mark.parametrize("x", [torch.zeros(2, 4), torch.zeros(2, 3, dtype=torch.float64)])
def test_the_operator_checks_its_input(module: Surrogate, x: torch.Tensor) -> None:
    with pytest.raises(SymcError, match=r"3 wide|float32"):
        torch.ops.symc.evaluate(x, None, module._digest, "", 3, 2)


@pytest.mark.parametrize(("path", "along", "sizes"), [
    ("v", 3, (3, 3)), ("v", None, (3, 3)), ("", 2, (3, 2)), ("", None, (3, 5)), ("t", 3, (3, 3)), ("x", None, (3, 2)),
])  # fmt: skip
def test_the_operator_checks_widths(module: Surrogate, path: str, along: int | None, sizes: tuple[int, int]) -> None:
    direction = None if along is None else torch.zeros(2, along)
    with pytest.raises(SymcError, match=r"takes, along and gives|leads to no derivative"):
        torch.ops.symc.evaluate(torch.zeros(2, 3), direction, module._digest, path, *sizes)
