"""The oracle of fixed-point programs: what their mantissas are, in numpy's integers."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike, NDArray

from symc.errors import SymcError
from symc.fixed import functions, functions16
from symc.fixed.functions import I64, down, nearest, wrapped
from symc.fixed.program import FixedProgram
from symc.ir.program import Instruction

I32 = NDArray[np.int32]

# Those of each word.
_FUNCTIONS = {32: functions.FUNCTIONS, 16: functions16.FUNCTIONS}

_COMPARED: dict[str, Callable[[I64, I64], NDArray[np.bool_]]] = {
    "lt": np.less,
    "le": np.less_equal,
    "gt": np.greater,
    "ge": np.greater_equal,
    "eq": np.equal,
    "ne": np.not_equal,
}


def evaluate(fixed: FixedProgram, x: ArrayLike) -> I32:
    """x: (n, n_in) int32 mantissas, each moved into its bounds -> (n, n_out) int32 mantissas of the outputs."""
    rows = np.asarray(x, dtype=np.int32)
    if rows.ndim != 2 or rows.shape[1] != fixed.program.n_in:
        raise SymcError(f"inputs have shape {rows.shape}, the program needs (n, {fixed.program.n_in})")
    values: list[I64] = []
    for position, step in enumerate(fixed.program.instructions):
        if step.op == "input":
            low, high = fixed.bounds[step.index]
            values.append(np.clip(rows[:, step.index].astype(np.int64), low, high))
        elif step.op == "const":
            values.append(np.full(len(rows), fixed.mantissa(position, fixed.formats[position]), np.int64))
        else:
            values.append(wrapped(_apply(fixed, position, step, values), fixed.bits))
    return np.stack([values[r] for r in fixed.program.results], axis=1).astype(np.int32)


def outside(fixed: FixedProgram, x: ArrayLike) -> NDArray[np.uint32]:
    """(n,): what NAME_fixed_eval returns, bit i for input i that is beyond its bounds, bit 31 for any from 31 on."""
    low, high = np.array(fixed.bounds, np.int64).reshape(-1, 2).T
    rows = np.asarray(x, np.int32)
    bits = np.minimum(np.arange(rows.shape[1]), 31).astype(np.uint32)
    beyond = (rows < low) | (rows > high)
    return np.bitwise_or.reduce(np.where(beyond, np.uint32(1) << bits, np.uint32(0)), axis=1)


def quantized(fixed: FixedProgram, x: ArrayLike, to_domain: bool = True) -> I32:
    """Real inputs (n, n_in) to the nearest mantissas, ties upward, those beyond the bounds to the bounds.

    With `to_domain` False only what no word holds is moved, to its end.
    """
    scaled = np.asarray(x, np.float64) * np.exp2(np.array(fixed.inputs, np.float64))
    low, high = np.array(fixed.bounds, np.float64).reshape(-1, 2).T
    if not to_domain:
        low, high = np.full_like(low, -fixed.word.largest - 1), np.full_like(high, fixed.word.largest)
    below = np.floor(scaled)
    with np.errstate(invalid="ignore"):
        nearest = np.where(scaled - below >= 0.5, below + 1.0, below)
    return np.clip(nearest, low, high).astype(np.int32)


def real(fixed: FixedProgram, y: ArrayLike) -> NDArray[np.float64]:
    """Mantissas of the outputs (n, n_out) as the numbers they stand for."""
    return np.asarray(y, np.float64) * np.exp2(-np.array(fixed.outputs, np.float64))


def _apply(fixed: FixedProgram, position: int, step: Instruction, values: list[I64]) -> I64:
    result, program = fixed.formats[position], fixed.program
    brought = fixed.operands(position)
    given: list[I64] = []
    for argument, point in zip(step.args, brought, strict=True):
        source = program.instructions[argument]
        if source.op == "const":
            given.append(np.full_like(values[argument], fixed.mantissa(argument, point)))
        else:
            given.append(_brought(values[argument], fixed.formats[argument], point, fixed.bits))
    if (function := _FUNCTIONS[fixed.bits].get(step.op)) is not None:
        return function(given[0], brought[0], result)
    if step.op in _COMPARED:
        return _COMPARED[step.op](given[0], given[1]).astype(np.int64) << result
    if step.op in fixed.word.taken:
        return _whole(step.op, given[0], brought[0]) << result
    return _PLAIN[step.op](given, brought, result)


def _brought(m: I64, point: int, to: int, bits: int) -> I64:
    if to >= point:
        return wrapped(m << min(to - point, bits), bits)
    return down(m, min(point - to, bits + 1))


def _whole(op: str, m: I64, point: int) -> I64:
    if point <= 0:
        return m << -point
    unit = np.int64(1) << point
    below, rest = m >> point, m & (unit - 1)
    if op == "floor":
        return below
    if op == "ceil":
        return below + (rest > 0)
    if op == "trunc":
        return below + ((rest > 0) & (m < 0))
    return below + ((2 * rest > unit) | ((2 * rest == unit) & (below & 1 == 1)))


def _div(given: list[I64], brought: tuple[int, ...], result: int) -> I64:
    a, b = given
    divisor = np.where(b == 0, 1, np.abs(b))
    dividend = np.where(b < 0, -a, a) << (result + brought[1] - brought[0])
    return np.where(b == 0, 0, nearest(dividend, divisor))


def _mul(given: list[I64], brought: tuple[int, ...], result: int) -> I64:
    return down(given[0] * given[1], sum(brought) - result)


_PLAIN: dict[str, Callable[[list[I64], tuple[int, ...], int], I64]] = {
    "add": lambda m, f, r: m[0] + m[1],
    "sub": lambda m, f, r: m[0] - m[1],
    "mul": _mul,
    "div": _div,
    "neg": lambda m, f, r: -m[0],
    "abs": lambda m, f, r: np.abs(m[0]),
    "min": lambda m, f, r: np.minimum(m[0], m[1]),
    "max": lambda m, f, r: np.maximum(m[0], m[1]),
    "relu": lambda m, f, r: np.maximum(m[0], 0),
    "select": lambda m, f, r: np.where(m[0] > 0, m[1], m[2]),
    "sign": lambda m, f, r: np.sign(m[0]) << r,
}
