"""A Program as a torch module: differentiable, on any device; for compile and export it is straight-line code."""

from __future__ import annotations

from typing import Any

import torch
from torch import fx, nn

from symc.errors import SymcError
from symc.ir.program import Program

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
    "lt": torch.lt,
    "le": torch.le,
    "gt": torch.gt,
    "ge": torch.ge,
    "eq": torch.eq,
    "ne": torch.ne,
    "sqrt": torch.sqrt,
    "exp": torch.exp,
    "log": torch.log,
    "sin": torch.sin,
    "cos": torch.cos,
    "tan": torch.tan,
    "tanh": torch.tanh,
    "pow": torch.pow,
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
    """

    def __init__(self, program: Program) -> None:
        super().__init__()
        self.program = program
        self.graph = fx.GraphModule(nn.Module(), _graph(program))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        if x.dim() == 0 or x.shape[-1] != self.program.n_in:
            raise SymcError(
                f"the input has shape {tuple(x.shape)}, the equations need (..., {self.program.n_in})",
                hint=f"Their inputs are: {', '.join(self.program.inputs)}.",
            )
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
