"""A Program as a torch module: differentiable, on any device; for compile and export it is straight-line code."""

from __future__ import annotations

from typing import Any

import torch
from torch import fx, nn

from symc.errors import SymcError
from symc.ir.program import Program
from symc.module.few_rows import MOST_ROWS, FewRows
from symc.module.recorded import Recorded
from symc.unwatched import numbers, unwatched


def _select(x: torch.Tensor, y: torch.Tensor, z: torch.Tensor) -> torch.Tensor:
    return torch.where(x > 0, y, z)


def _sign(x: torch.Tensor) -> torch.Tensor:
    # torch makes 0 of -0 and of NaN.
    return torch.where(x.abs() > 0, torch.sign(x), x)


def _cbrt(x: torch.Tensor) -> torch.Tensor:
    return torch.copysign(torch.pow(_wide(torch.abs(x)), 1.0 / 3.0).to(x.dtype), x)


def _gamma(x: torch.Tensor) -> torch.Tensor:
    whole = torch.floor(x)
    magnitude = torch.exp(torch.lgamma(_wide(x))).to(x.dtype)
    value = torch.where((x < 0) & (torch.remainder(whole, 2.0) == 1.0), -magnitude, magnitude)
    value = torch.where((x < 0) & (x == whole), torch.nan, value)
    return torch.where(x == 0, 1.0 / x, value)


def _wide(x: torch.Tensor) -> torch.Tensor:
    """In double precision where the device has it: what follows multiplies relative errors."""
    return x if x.device.type == "mps" else x.double()


_FUNCTIONS: dict[str, Any] = {
    "add": torch.add,
    "sub": torch.sub,
    "mul": torch.mul,
    "div": torch.div,
    "neg": torch.neg,
    "abs": torch.abs,
    "min": torch.minimum,
    "max": torch.maximum,
    "relu": torch.relu,
    "select": _select,
    "lt": torch.lt,
    "le": torch.le,
    "gt": torch.gt,
    "ge": torch.ge,
    "eq": torch.eq,
    "ne": torch.ne,
    "floor": torch.floor,
    "ceil": torch.ceil,
    "round": torch.round,
    "trunc": torch.trunc,
    "sign": _sign,
    "mod": torch.remainder,
    "sqrt": torch.sqrt,
    "cbrt": _cbrt,
    "exp": torch.exp,
    "exp2": torch.exp2,
    "expm1": torch.expm1,
    "log": torch.log,
    "log2": torch.log2,
    "log10": torch.log10,
    "log1p": torch.log1p,
    "pow": torch.pow,
    "sin": torch.sin,
    "cos": torch.cos,
    "tan": torch.tan,
    "asin": torch.asin,
    "acos": torch.acos,
    "atan": torch.atan,
    "sinh": torch.sinh,
    "cosh": torch.cosh,
    "tanh": torch.tanh,
    "asinh": torch.asinh,
    "acosh": torch.acosh,
    "atanh": torch.atanh,
    "erf": torch.erf,
    "erfc": torch.erfc,
    "gamma": _gamma,
}
_COMPARISONS = frozenset({"lt", "le", "gt", "ge", "eq", "ne"})
# Functions that take a Python number for one operand, and the positions where they do.
_TAKES_NUMBER = {
    **dict.fromkeys(("add", "mul", "pow"), (0, 1)),
    **dict.fromkeys(("sub", "div", *_COMPARISONS), (1,)),
}
IMPLEMENTED = frozenset(_FUNCTIONS)


class Equations(nn.Module):
    """Evaluates a Program with torch's operators: x (..., n_in) -> (..., n_out), same device, same floating dtype.

    Half precision is computed in float32 and rounded once at the end; float64 is computed in float64; whole numbers
    give float32. The functions are torch's own (up to a few ulp, unlike the compiled code, which is correctly
    rounded). Gradients flow to x. Pickles and deep copies hold the Program alone.

    A few rows of float32 on the CPU take numpy's functions (as good, but a last digit may differ): a call of torch for
    each operator would take longer than the network that the equations replace. Where a gradient is recorded only
    equations without corners and steps do.
    """

    def __init__(self, program: Program) -> None:
        super().__init__()
        self.program = program
        self.graph = fx.GraphModule(nn.Module(), _graph(program))
        self._few_rows = FewRows(program)
        self._recorded = Recorded(program, self._few_rows, self.graph)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        if x.dim() == 0 or x.shape[-1] != self.program.n_in:
            raise SymcError(
                f"the input has shape {tuple(x.shape)}, the equations need (..., {self.program.n_in})",
                hint=f"Their inputs are: {', '.join(self.program.inputs)}.",
            )
        if not torch.compiler.is_compiling() and x.numel() <= MOST_ROWS * self.program.n_in:
            if unwatched(x):
                return torch.from_numpy(self._few_rows(numbers(x)))
            if self._recorded.is_smooth and unwatched(x, recorded=True):
                return self._recorded(x)
        if x.dtype == torch.float32 or x.dtype == torch.float64:
            return self.graph(x)
        y = self.graph(x.to(torch.float32))
        return y.to(x.dtype) if x.is_floating_point() else y

    def __reduce__(self) -> tuple[Any, ...]:
        return _rebuilt, (self.program, self.training)


def _rebuilt(program: Program, training: bool) -> Equations:
    return Equations(program).train(training)


def _graph(program: Program) -> fx.Graph:
    graph = fx.Graph()
    x = graph.placeholder("x")
    columns: dict[int, fx.Node] = {}
    scalars: dict[str, fx.Node] = {}
    values: list[fx.Node | float] = []
    # Values made of constants alone have no rows; they are spread over the rows only where they are a result.
    rowless: set[int] = set()

    def column(index: int) -> fx.Node:
        if index not in columns:
            columns[index] = graph.call_function(torch.select, (x, -1, index))
        return columns[index]

    def scalar(value: float) -> fx.Node:
        # repr keeps -0.0 apart from 0.0.
        if repr(value) not in scalars:
            scalars[repr(value)] = graph.call_method("new_full", (x, (), value))
        return scalars[repr(value)]

    for position, step in enumerate(program.instructions):
        if step.op == "input":
            values.append(column(step.index))
            continue
        if step.op == "const":
            values.append(step.value)
            rowless.add(position)
            continue
        if all(a in rowless for a in step.args):
            rowless.add(position)
        values.append(_call(graph, x, step.op, [values[a] for a in step.args], scalar))
    results = []
    for position in program.results:
        value = values[position]
        if position in rowless:
            like = graph.call_function(torch.zeros_like, (column(0),))
            value = graph.call_function(torch.add, (like, value))
        results.append(value)
    graph.output(graph.call_function(torch.stack, (results,), {"dim": -1}))
    graph.lint()
    return graph


def _call(graph: fx.Graph, x: fx.Node, op: str, args: list[fx.Node | float], scalar: Any) -> fx.Node:
    takes = _TAKES_NUMBER.get(op, ())
    numbers = [k for k, a in enumerate(args) if isinstance(a, float)]
    keep = numbers[:1] if len(args) == 2 and len(numbers) == 1 and numbers[0] in takes else []
    operands = tuple(scalar(a) if isinstance(a, float) and k not in keep else a for k, a in enumerate(args))
    value = graph.call_function(_FUNCTIONS[op], operands)
    return graph.call_method("type_as", (value, x)) if op in _COMPARISONS else value
