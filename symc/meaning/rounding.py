"""How far a format's arithmetic can take a Program from its real value: first-order error terms, point by point.

Wilkinson's running error analysis: every instruction adds half a unit in its last place and passes its operands'
errors on by its derivatives (Higham, "Accuracy and Stability of Numerical Algorithms", 2002, chapter 3.3). Where an
error is so large that the first order says nothing, or an operand is within its error of a step, the bound is infinite.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from symc.ir.correct_rounding import FUNCTIONS
from symc.ir.derive import active_values, local_partials
from symc.ir.evaluate import evaluate_real
from symc.ir.formats import FLOAT32, Format
from symc.ir.program import Builder, Instruction, Program

F64 = NDArray[np.float64]

# What is allowed of the bound: first-order terms in the order of the text, and as much for other orders of it.
MARGIN = 4.0
# A function of binary64 is within one unit, where binary32's are within half of one.
_FUNCTIONS_LOSE = 2.0
_COMPARISONS = frozenset({"lt", "le", "gt", "ge", "eq", "ne"})
_EXACT = _COMPARISONS | {"input", "neg", "abs", "min", "max", "relu", "select", "sign"}
# Of these the first order says all.
_LINEAR = frozenset({"input", "const", "neg", "abs", "min", "max", "relu", "add", "sub", "mul"})
# An operand's error beyond this share of itself, or of a radian or an exponent, is no small one.
_SMALL = 0.05
_BY_SIZE = frozenset({"div", "pow", "sqrt", "cbrt", "log", "log2", "log10", "asinh", "acosh", "atan", "gamma", "mod"})


def rounding_bound(program: Program, x: NDArray[np.floating]) -> F64:
    """(n, n_out): what rounding can move each output by at x (n, n_in) finite inputs; inf where that cannot be told."""
    format = program.format
    half = {op: _FUNCTIONS_LOSE if format != FLOAT32 else 1.0 for op in FUNCTIONS}
    values, partials = _values_and_partials(program, x)
    errors: list[F64] = []
    with np.errstate(all="ignore"):
        for step, value, slopes in zip(program.instructions, values, partials, strict=True):
            size = np.abs(value)
            error = 0.0 if step.op in _EXACT else half.get(step.op, 1.0) * (format.half_unit * size + format.least)
            for operand, slope in zip(step.args, slopes, strict=True):
                if slope is not None:
                    error = error + np.abs(slope) * errors[operand]
            # What overflows is no rounding error; of float32 the values here go on.
            unknown = (size > format.largest) | ~np.isfinite(error)
            if step.op not in _LINEAR:
                unknown |= _beyond_first_order(step, [values[a] for a in step.args], [errors[a] for a in step.args])
            errors.append(np.where(unknown, np.inf, error))
    return np.stack([errors[r] for r in program.results], axis=1)


def unit(real: F64, format: Format = FLOAT32) -> F64:
    """The unit in the last place of the format at a real value; of the smallest normal number below it."""
    # The exponent, exactly: a logarithm next to a power of two is rounded.
    exponent = np.frexp(np.maximum(np.abs(real), format.smallest))[1] - 1
    return np.ldexp(1.0, exponent - (format.digits - 1))


def _values_and_partials(program: Program, x: NDArray[np.floating]) -> tuple[list[F64], list[list[F64 | None]]]:
    """Every instruction's value and its derivatives by its operands, in float64."""
    builder = Builder(program.inputs, program.format)
    place = builder.include(program)
    # Constants are rounded too.
    partials = local_partials(program, builder, place, [True] * len(active_values(program)))
    wanted = [*place, *(p for row in partials for p in row if p is not None)]
    names = [f"v{k}" for k in range(len(wanted))]
    columns = iter(evaluate_real(builder.finish(names, wanted), x.astype(np.float64)).T)
    values = [next(columns) for _ in place]
    slopes: list[list[F64 | None]] = []
    for step, row in zip(program.instructions, partials, strict=True):
        filled = row or (None,) * len(step.args)
        slopes.append([None if p is None else next(columns) for p in filled])
    return values, slopes


def _beyond_first_order(step: Instruction, operands: list[F64], errors: list[F64]) -> NDArray[np.bool_]:
    if step.op in _COMPARISONS:
        return np.abs(operands[0] - operands[1]) <= errors[0] + errors[1]
    if step.op in ("select", "sign"):
        return (np.abs(operands[0]) <= errors[0]) & (errors[0] > 0.0)
    if step.op in ("floor", "ceil", "trunc", "round"):
        shift = 0.5 if step.op == "round" else 0.0
        return (np.abs(operands[0] - shift - np.rint(operands[0] - shift)) <= errors[0]) & (errors[0] > 0.0)
    if step.op == "mod":
        ratio = operands[0] / operands[1]
        off = np.abs(ratio) * (errors[0] / np.abs(operands[0]) + errors[1] / np.abs(operands[1]))
        return (np.abs(ratio - np.rint(ratio)) <= off) & (off > 0.0)
    limits = [np.abs(o) if step.op in _BY_SIZE else np.ones_like(o) for o in operands]
    lost = np.zeros(len(operands[0]), dtype=np.bool_)
    for error, limit in zip(errors, limits, strict=True):
        lost |= error > _SMALL * limit
    return lost
