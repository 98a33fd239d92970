"""Comparing the results of a target with the oracle's, bit by bit, over calls of many sizes."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt

from symc.errors import CheckFailed
from symc.load.host import Batch

Real = npt.NDArray[np.floating]
Words = npt.NDArray[np.floating] | npt.NDArray[np.unsignedinteger]
# x (n, n_in) -> results (n, ...), for any n.
Call = Callable[[Real], Real]

_MANY_INPUTS = 16
# What no function writes: a NaN with another payload than the canonical one.
_UNWRITTEN = {4: np.uint32(0x7FA5A5A5), 8: np.uint64(0x7FF5A5A5A5A5A5A5)}
# Rows beyond the results that are watched: more than any register holds.
_GUARD_ROWS = 32


def row_counts(block: int) -> tuple[int, ...]:
    """Numbers of rows around the widths of SIMD registers and around `block`, the rows of a loop without remainder."""
    return (0, 1, 3, 4, 7, 8, 15, 16, 17, block - 1, block, block + 1, 2 * block + 1)


def calls_of(block: int) -> str:
    """What `in_calls`, and a call for all inputs, were, for people."""
    return f"in calls of 0 to {2 * block + 1} rows and of all"


def in_calls(call: Call, inputs: Real, block: int) -> Real:
    """The results of all inputs, from calls of `row_counts(block)` in turn."""
    parts, start = [], 0
    for count in itertools.cycle(row_counts(block)):
        if start >= len(inputs):
            break
        rows = inputs[start : start + count]
        parts.append(call(rows))
        start += count
    return np.concatenate(parts)


def guarded(batch: Batch, width: int) -> Call:
    """A function that takes addresses as one that takes arrays; CheckFailed where it writes beyond `width` a row."""

    def call(x: Real) -> Real:
        unwritten = _UNWRITTEN[x.dtype.itemsize]
        y = np.full((len(x) + _GUARD_ROWS) * width, unwritten)
        batch(x.ctypes.data, y.ctypes.data, len(x))
        if (y[len(x) * width :] != unwritten).any():
            raise CheckFailed(f"a call for {len(x)} rows writes beyond its results")
        return y[: len(x) * width].view(x.dtype).reshape(len(x), width)

    return call


def compare(result: Words, inputs: Real, expected: Words, names: Sequence[str]) -> str:
    """Raise CheckFailed with the first input whose bits differ; else say how many were equal.

    `result` and `expected`: (n, len(names)), of one dtype of 32 or 64 bits.
    """
    different = _bits(result) != _bits(expected)
    if different.any():
        row, column = np.argwhere(different)[0]
        raise CheckFailed(
            f"{int(different.any(axis=1).sum())} of {len(inputs)} inputs give other bits; the first: "
            f"{names[column]} at {_shown(inputs[row], row)} is {_word(result[row, column])}, "
            f"the oracle says {_word(expected[row, column])}"
        )
    return f"{len(inputs)} inputs bit-equal to the oracle"


def _bits(values: Words) -> npt.NDArray[np.unsignedinteger]:
    return values.view(np.uint32 if values.dtype.itemsize == 4 else np.uint64)


def _word(value: np.floating | np.unsignedinteger) -> str:
    size = value.dtype.itemsize
    bits = f"0x{value.view(np.uint32 if size == 4 else np.uint64):0{2 * size}x}"
    return f"{value!r} ({bits})" if isinstance(value, np.floating) else bits


def _shown(x: Real, row: int) -> str:
    return str(x.tolist()) if len(x) <= _MANY_INPUTS else f"test row {row}"
