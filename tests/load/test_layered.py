"""A layered bundle in Python: the bits of the oracle, and derivatives through its matrices."""

from __future__ import annotations

import pickle
from pathlib import Path

import numpy as np
import pytest
import torch

import symc
from symc.errors import SymcError
from symc.ir.along import along
from symc.ir.evaluate import evaluate
from symc.ir.layered import Layered
from symc.load.module import Surrogate
from symc.module.torch_eval import Equations
from tests.distilled import compressed
from tests.tools import require


@pytest.fixture(scope="module")
def module(tmp_path_factory: pytest.TempPathFactory) -> Surrogate:
    require("cc")
    bundle = symc.build(compressed(), out=tmp_path_factory.mktemp("out"), name="block", target=["c", "numba"])
    return symc.load(bundle.path)


@pytest.fixture(scope="module")
def program(module: Surrogate) -> Layered:
    assert isinstance(module.package.program, Layered)
    return module.package.program


def reference(program: Layered, x: torch.Tensor) -> torch.Tensor:
    """The same in float64, by torch alone."""
    project, bias, expand, start, direct = (
        torch.tensor(values, dtype=torch.float64)
        for values in (program.project.weight, program.project.bias, program.expand.weight, program.expand.bias,
                       program.direct)
    )  # fmt: skip
    return Equations(program.equations)(x @ project.T + bias) @ expand.T + start + x @ direct.T


def test_tensors_and_arrays_give_the_bits_of_the_oracle(module: Surrogate, program: Layered) -> None:
    x = torch.randn(3, 40, program.n_in)
    want = evaluate(program, x.reshape(-1, program.n_in).numpy()).reshape(3, 40, program.n_out)
    assert module(x).numpy().tobytes() == want.tobytes()
    assert module(x.clone().requires_grad_()).detach().numpy().tobytes() == want.tobytes()
    assert module(x.numpy()).tobytes() == want.tobytes()
    assert "P x + p" in str(module) and "h0 = " in str(module)


def test_first_derivatives_have_the_bits_of_the_oracle(module: Surrogate, program: Layered) -> None:
    x = torch.randn(3, 20, program.n_in, requires_grad=True)
    weights, tangent = torch.randn(3, 20, program.n_out), torch.randn(3, 20, program.n_in)
    (gradient,) = torch.autograd.grad(module(x), x, weights)
    values, slopes = torch.func.jvp(module, (x.detach(),), (tangent,))
    rows = x.detach().reshape(-1, program.n_in).numpy()
    for kind, direction, got in (("vjp", weights, gradient), ("jvp", tangent, slopes)):
        want = along(program, kind).values(rows, direction.reshape(len(rows), -1).numpy())
        assert values.numpy().tobytes() == want[:, : program.n_out].tobytes()
        assert got.numpy().tobytes() == want[:, program.n_out :].tobytes()


def test_gradients_to_second_order(module: Surrogate, program: Layered) -> None:
    x = torch.randn(20, program.n_in, requires_grad=True)
    exact = x.detach().double().requires_grad_()
    (got,) = torch.autograd.grad(module(x).square().sum(), x, create_graph=True)
    (want,) = torch.autograd.grad(reference(program, exact).square().sum(), exact, create_graph=True)
    scale = want.abs().max().item()
    torch.testing.assert_close(got.double(), want, rtol=1e-4, atol=1e-5 * scale)
    (second,) = torch.autograd.grad(got.square().sum(), x)
    (wanted,) = torch.autograd.grad(want.square().sum(), exact)
    torch.testing.assert_close(second.double(), wanted, rtol=1e-3, atol=1e-4 * wanted.abs().max().item())


def test_jacobian(module: Surrogate, program: Layered) -> None:
    x = torch.randn(2, 3, program.n_in)
    rows = x.reshape(-1, program.n_in).double()
    want = torch.stack([torch.autograd.functional.jacobian(lambda r: reference(program, r), row) for row in rows])
    got = module.jacobian(x)
    assert got.shape == (2, 3, program.n_out, program.n_in)
    torch.testing.assert_close(got.reshape(want.shape).double(), want, rtol=1e-4, atol=1e-4)
    np.testing.assert_array_equal(module.jacobian(x.numpy()), got.numpy())
    point, exact = x.clone().requires_grad_(), rows.requires_grad_()
    (second,) = torch.autograd.grad(module.jacobian(point).square().sum(), point)
    each = torch.func.vmap(torch.func.jacrev(lambda row: reference(program, row)))(exact)
    (wanted,) = torch.autograd.grad(each.square().sum(), exact)
    torch.testing.assert_close(second.reshape(wanted.shape).double(), wanted, rtol=1e-3, atol=1e-3)
    with pytest.raises(SymcError, match="has no code for its derivatives of this kind"):
        module.hessian(x)


def test_transforms_agree_with_autograd(module: Surrogate, program: Layered) -> None:
    def loss(row: torch.Tensor) -> torch.Tensor:
        return module(row).square().sum()

    x = torch.randn(6, program.n_in, requires_grad=True)
    (want,) = torch.autograd.grad(loss(x), x)
    each = torch.func.vmap(torch.func.grad(loss))(x.detach())
    torch.testing.assert_close(each, want, rtol=1e-5, atol=1e-4)
    tangent = torch.randn_like(want)
    _, along = torch.func.jvp(module, (x.detach(),), (tangent,))
    partials = module.jacobian(x.detach())
    torch.testing.assert_close(along, (partials @ tangent.unsqueeze(-1)).squeeze(-1), rtol=1e-4, atol=1e-4)


def test_compiled_graphs_hold_the_derivative(module: Surrogate, program: Layered) -> None:
    torch._dynamo.reset()
    compiled = torch.compile(lambda x: module(x).square().sum(), fullgraph=True, backend="aot_eager")
    x = torch.randn(5, program.n_in, requires_grad=True)
    (want,) = torch.autograd.grad(module(x).square().sum(), x)
    (got,) = torch.autograd.grad(compiled(x), x)
    torch.testing.assert_close(got, want)


def test_it_travels_in_a_pickle_and_takes_no_other_width(module: Surrogate, program: Layered) -> None:
    again = pickle.loads(pickle.dumps(module))
    x = torch.randn(3, program.n_in)
    assert torch.equal(again(x), module(x))
    with pytest.raises(SymcError, match=f"takes {program.n_in} values"):
        module(torch.randn(3, program.n_in + 1))


def test_numba_alone_serves_too(tmp_path: Path) -> None:
    """Without functions, for which Numba takes longest."""
    block = compressed(equations=("z0*z1 - 0.5*z2", "z0^2"))
    loaded = symc.load(symc.build(block, out=tmp_path, name="only", target="numba").path)
    program = loaded.package.program
    assert isinstance(program, Layered)
    x = torch.randn(70, program.n_in)
    assert loaded(x).numpy().tobytes() == evaluate(program, x.numpy()).tobytes()
    tracked = x.clone().requires_grad_()
    (got,) = torch.autograd.grad(loaded(tracked).sum(), tracked)
    want = along(program, "vjp").values(x.numpy(), np.ones((70, program.n_out), np.float32))
    assert got.numpy().tobytes() == want[:, program.n_out :].tobytes()
