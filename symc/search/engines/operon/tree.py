"""Operon's trees read into our grammar, node by node: its printed constants lose digits."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from symc.errors import SymcError
from symc.ir.evaluate import evaluate_real
from symc.ir.ops import OPERATORS
from symc.ir.program import Builder
from symc.search.engines.protocol import Candidate

Array = NDArray[np.float64]

# Our operator -> Operon's node type. Negation and scaling need none: every variable carries a weight.
NODES = {
    "add": "Add",
    "sub": "Sub",
    "mul": "Mul",
    "div": "Div",
    "aq": "Aq",
    "min": "Fmin",
    "max": "Fmax",
    "pow": "Pow",
    "pow_abs": "Powabs",
    "abs": "Abs",
    "floor": "Floor",
    "ceil": "Ceil",
    "square": "Square",
    "sqrt": "Sqrt",
    "sqrt_abs": "Sqrtabs",
    "cbrt": "Cbrt",
    "exp": "Exp",
    "log": "Log",
    "log_abs": "Logabs",
    "log1p": "Log1p",
    "sin": "Sin",
    "cos": "Cos",
    "tan": "Tan",
    "asin": "Asin",
    "acos": "Acos",
    "atan": "Atan",
    "sinh": "Sinh",
    "cosh": "Cosh",
    "tanh": "Tanh",
}


@cache
def node_types() -> dict[str, str]:
    """NODES by what the installed pyoperon computes: 0.6.2 calls its minimum Fmax and its maximum Fmin."""
    import pyoperon as op

    # The dataset looks into this array without owning it.
    rows = np.zeros((1, 1), np.float32, order="F")
    data = op.Dataset(rows)
    tree = op.Tree([op.Node.Constant(1.0), op.Node.Constant(2.0), op.Node(op.NodeType.Fmin)])
    tree.UpdateNodes()
    lesser = float(np.ravel(op.Evaluate(tree, data, op.Range(0, 1)))[0])
    return NODES if lesser == 1.0 else NODES | {"min": "Fmax", "max": "Fmin"}


@cache
def _operators() -> dict[str, str]:
    return {node: name for name, node in node_types().items()}


class Problem:
    """Samples of one output, scaled so that single precision suffices."""

    def __init__(self, x: Array, y: Array, features: tuple[str, ...]) -> None:
        self.x, self.y, self.features = x, y, features
        self.middle, self.spread = float(y.mean()), float(y.std()) or 1.0
        # As close as a search in single precision comes; our own fit does the rest.
        self.enough = self.spread**2 * 1e-11

    def columns(self, standardised: bool) -> tuple[Array, Array, Array]:
        """(shift, scale, (x - shift) / scale), where a column that never changes keeps a scale of 1."""
        deviation = self.x.std(axis=0)
        shift = self.x.mean(axis=0) if standardised else np.zeros(self.x.shape[1])
        # A power of two keeps short constants short.
        root = np.exp2(np.round(np.log2(np.maximum(np.sqrt(np.mean(self.x**2, axis=0)), 1e-30))))
        scale = np.where(deviation > 0.0, deviation if standardised else root, 1.0)
        return shift, scale, (self.x - shift) / scale


class Tree:
    """One tree of Operon's: nodes in postfix order, each operator after its operands, the first operand last."""

    def __init__(self, nodes: Sequence[Any], index: dict[int, int], shift: Array, scale: Array) -> None:
        self.nodes, self.index, self.shift, self.scale = nodes, index, shift, scale

    def candidate(self, problem: Problem) -> Candidate | None:
        """The tree in our grammar with the best scale and offset; None when it is not finite on the samples."""
        builder = Builder(problem.features)

        def variable(column: int, weight: float, offset: float) -> int:
            scaled = builder.op("mul", builder.const(weight), builder.input(column))
            return builder.op("add", scaled, builder.const(offset))

        def apply(name: str, *args: int) -> int:
            expansion = OPERATORS[name].expansion
            return builder.op(name, *args) if expansion is None else expansion(builder, args)

        try:
            result = self._fold(builder.const, variable, apply)
            values = evaluate_real(builder.finish(["y"], [result]), problem.x)[:, 0]
        except SymcError:
            return None
        with np.errstate(all="ignore"):
            deviation = values - values.mean()
            power = float(np.mean(deviation**2))
            slope = float(np.mean(deviation * (problem.y - problem.middle))) / power if power > 0.0 else 0.0
            loss = float(np.mean((slope * deviation - (problem.y - problem.middle)) ** 2))
        if not (math.isfinite(loss) and math.isfinite(slope) and slope != 0.0):
            return None
        offset = problem.middle - slope * float(values.mean())
        text = self._fold(_number, lambda k, w, b: _weighted(problem.features[k], w, b), _call)
        return Candidate(f"{_number(offset)} + {_number(slope)}*({text})", len(self.nodes), loss)

    def _fold(
        self, constant: Callable[[float], Any], variable: Callable[[int, float, float], Any], apply: Callable[..., Any]
    ) -> Any:
        stack: list[Any] = []
        for node in self.nodes:
            value = float(node.Value)
            if node.IsVariable:
                column = self.index[node.HashValue]
                weight = value / self.scale[column]
                stack.append(variable(column, weight, -weight * self.shift[column]))
            elif node.IsConstant:
                stack.append(constant(value))
            else:
                name = _operators()[node.Type.name]
                args = [stack.pop() for _ in range(node.Arity)]
                # A difference or quotient of more than two takes them from the left.
                result = args[0] if len(args) > 1 else apply(name, args[0])
                for other in args[1:]:
                    result = apply(name, result, other)
                stack.append(result)
        return stack.pop()


def _number(value: float) -> str:
    return f"({float(value)!r})" if value < 0 else repr(float(value))


def _weighted(feature: str, weight: float, offset: float) -> str:
    return f"({_number(weight)}*{feature} + {_number(offset)})" if offset else f"({_number(weight)}*{feature})"


def _call(name: str, *args: str) -> str:
    symbol = OPERATORS[name].symbol
    return f"({args[0]} {symbol} {args[1]})" if symbol else f"{name}({', '.join(args)})"
