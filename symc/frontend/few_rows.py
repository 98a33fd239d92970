"""A Program on a few rows, in numpy, where an operation on one row costs a twentieth of what it costs in torch."""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from symc.ir.correct_rounding import FUNCTIONS
from symc.ir.evaluate import real
from symc.ir.program import Program

# With more, torch's operators spread over the cores cost less than numpy's on one.
MOST_ROWS = 1024

F32 = NDArray[np.float32]
# Python's operators reach the arithmetic of numpy's scalars without the set-up of a ufunc.
_DIRECT: dict[str, Callable[..., Any]] = {
    "add": operator.add,
    "sub": operator.sub,
    "mul": operator.mul,
    "div": operator.truediv,
    "neg": operator.neg,
    "abs": operator.abs,
    "sqrt": np.sqrt,
    "floor": np.floor,
    "ceil": np.ceil,
    "round": np.rint,
    "trunc": np.trunc,
    **{name: function for name, function in FUNCTIONS.items() if isinstance(function, np.ufunc)},
}


class FewRows:
    """Evaluates a Program in float32 with numpy's functions (up to a few ulp): x (..., n_in) -> (..., n_out)."""

    def __init__(self, program: Program) -> None:
        steps = list(enumerate(program.instructions))
        self._start: list[Any] = [np.float32(step.value) for _, step in steps]
        self._columns = [(k, step.index) for k, step in steps if step.op == "input"]
        # Operands that an operator does not take are None.
        self._steps: list[tuple[int, Callable[..., Any], tuple[Any, ...]]] = [
            (k, _function(step.op), (*step.args, None, None)[:3])
            for k, step in steps
            if step.op not in ("input", "const")
        ]
        self._results = program.results

    def __call__(self, x: F32) -> F32:
        # The numbers of one row are scalars: with them an addition takes a tenth of what arrays of one number need.
        rows = x.reshape(-1, x.shape[-1])
        columns = list(rows[0]) if len(rows) == 1 else list(rows.T)
        values = self._start.copy()
        for k, index in self._columns:
            values[k] = columns[index]
        with np.errstate(all="ignore"):
            # Most of the time is this loop's own: operands taken one by one cost a fifth of a call with *operands.
            for k, function, (a, b, c) in self._steps:
                if b is None:
                    values[k] = function(values[a])
                elif c is None:
                    values[k] = function(values[a], values[b])
                else:
                    values[k] = function(values[a], values[b], values[c])
        y = np.empty((*x.shape[:-1], len(self._results)), np.float32)
        table = y.reshape(-1, len(self._results))
        for k, position in enumerate(self._results):
            table[:, k] = values[position]
        return y


def _function(op: str) -> Callable[..., Any]:
    return _DIRECT.get(op) or (lambda *args: _float32(real(op, *args)))


def _float32(value: NDArray[Any]) -> Any:
    # [()] makes a scalar of an array without dimensions.
    return value.astype(np.float32)[()]
