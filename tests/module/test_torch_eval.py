"""Programs as torch modules: every operator, any shape and precision, gradients, compile and export."""

from __future__ import annotations

import copy
import pickle

import numpy as np
import pytest
import torch
from torch.utils.flop_counter import FlopCounterMode

from symc.errors import SymcError
from symc.ir.evaluate import evaluate
from symc.ir.lower import lower
from symc.ir.ops import OPERATORS, PRIMITIVES
from symc.ir.parse import parse
from symc.ir.program import Builder, Program
from symc.module.few_rows import MOST_ROWS
from symc.module.torch_eval import IMPLEMENTED, Equations

FEATURES = ("p", "q")


def program(*texts: str) -> Program:
    return lower([parse(t, FEATURES) for t in texts], FEATURES, [f"y{k}" for k in range(len(texts))])


MIXED = program("sin(3.14*p)*exp(-1.98*q)", "min(p, 0.5) + max(2, q) - abs(p)/2", "2.5", "q")


def test_every_primitive_is_implemented():
    assert frozenset(PRIMITIVES) == IMPLEMENTED


CASES = [
    (op, operands)
    for op in PRIMITIVES
    for operands in ("columns", "constants", "column, constant", "constant, column")[: 2 * OPERATORS[op].arity]
]


@pytest.mark.parametrize(("op", "operands"), CASES)
def test_every_primitive_agrees_with_the_oracle(op, operands):
    b = Builder(FEATURES)
    choices = {
        "columns": [b.input(0), b.input(1), b.input(0)],
        "column, constant": [b.input(0), b.const(0.75), b.input(1)],
        "constant, column": [b.const(0.75), b.input(0), b.const(1.5)],
        "constants": [b.const(0.75), b.const(1.5), b.const(-2.5)],
    }
    built = b.finish(["y"], [b.op(op, *choices[operands][: OPERATORS[op].arity])])
    special = [0.0, -0.0, 1.0, -1.0, 0.75, 1.5, np.inf, -np.inf, np.nan, 1e-40, 2.5, -2.5, 100.0]
    x = np.array([(a, c) for a in special for c in special], dtype=np.float32)
    equations, want = Equations(built), evaluate(built, x)
    got = equations(torch.from_numpy(x)).numpy()
    # torch's functions are good to a few ulp, so a few parts in 10^7.
    np.testing.assert_allclose(got, want, rtol=5e-7, atol=1e-44)
    # One row, which is evaluated with numpy's scalars, and torch's own operators, on which gradients are recorded.
    rows = np.stack([equations(row).numpy() for row in torch.from_numpy(x)])
    np.testing.assert_allclose(rows, want, rtol=5e-7, atol=1e-44)
    recorded = equations(torch.from_numpy(x).requires_grad_()).detach().numpy()
    np.testing.assert_allclose(recorded, want, rtol=5e-7, atol=1e-44)


@pytest.mark.parametrize("shape", [(2,), (7, 2), (3, 5, 2), (2, 3, 4, 2), (0, 2), (4, 0, 2)])
def test_leading_dimensions_are_kept(shape):
    x = torch.rand(shape)
    y = Equations(MIXED)(x)
    assert y.shape == (*shape[:-1], 4)
    if x.numel():
        np.testing.assert_allclose(y.reshape(-1, 4).numpy(), evaluate(MIXED, x.reshape(-1, 2).numpy()), rtol=1e-6)


def test_a_view_that_is_not_contiguous():
    x = torch.rand(2, 9).T[::2]
    np.testing.assert_array_equal(Equations(MIXED)(x), Equations(MIXED)(x.contiguous()))


def test_a_few_rows_and_many_agree():
    equations = Equations(MIXED)
    x = torch.rand(MOST_ROWS + 1, 2)
    for rows in (1, 2, MOST_ROWS, MOST_ROWS + 1):
        torch.testing.assert_close(equations(x[:rows]), equations.graph(x[:rows]), rtol=5e-7, atol=0.0)


def test_what_watches_the_numbers_sees_torch_operators():
    equations, x = Equations(MIXED), torch.rand(3, 2)
    want = equations.graph(x)
    with FlopCounterMode(display=False):
        assert torch.equal(equations(x), want)
    assert torch.equal(torch.func.vmap(equations)(x), want)
    assert torch.equal(torch.jit.trace(equations, x)(x + 1.0), equations.graph(x + 1.0))
    with torch.no_grad():
        assert not equations(x.requires_grad_()).requires_grad


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16, torch.float32, torch.float64])
def test_precision_of_the_input_is_kept(dtype):
    x = torch.rand(50, 2).to(dtype)
    y = Equations(MIXED)(x)
    assert y.dtype == dtype
    exact = Equations(MIXED)(x.double())
    epsilon = torch.finfo(dtype).eps if dtype != torch.float64 else 0
    assert ((y.double() - exact).abs() <= 4 * epsilon * exact.abs().clamp(min=1)).all()


def test_whole_numbers_give_single_precision():
    assert Equations(MIXED)(torch.ones(3, 2, dtype=torch.int64)).dtype == torch.float32


def test_gradients_flow_to_the_input():
    x = torch.rand(6, 2, dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradcheck(Equations(program("p^1.5*log(q) + tanh(p/q)", "sqrt(p) - tan(q)")), x)


def test_wrong_width_names_the_inputs():
    with pytest.raises(SymcError, match=r"shape \(5, 3\), the equations need \(..., 2\).*p, q"):
        Equations(MIXED)(torch.rand(5, 3))
    with pytest.raises(SymcError, match=r"shape \(\)"):
        Equations(MIXED)(torch.tensor(1.0))


def test_copies_and_pickles():
    equations = Equations(MIXED).eval()
    x = torch.rand(5, 2)
    for other in (copy.deepcopy(equations), pickle.loads(pickle.dumps(equations))):
        assert torch.equal(other(x), equations(x)) and not other.training
    assert list(equations.parameters()) == [] and list(equations.state_dict()) == []


def test_compiles_and_exports_whole():
    equations = Equations(MIXED)
    x = torch.rand(8, 2)
    compiled = torch.compile(equations, fullgraph=True, backend="eager")
    assert torch.equal(compiled(x), equations.graph(x))
    exported = torch.export.export(equations, (x,), dynamic_shapes=({0: torch.export.Dim("n")},))
    y = torch.rand(19, 2)
    assert torch.equal(exported.module()(y), equations.graph(y))
