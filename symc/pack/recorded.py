"""Rows with the bits that the oracle gives for them, for the tests that packages bring along."""

from __future__ import annotations

import numpy as np

from symc.backends.fixedtest import points as fixed_points
from symc.backends.selftest import plan, points
from symc.backends.spelling import format_of
from symc.bundle import Manifest
from symc.bundle.fixed import fixed_of
from symc.fixed.evaluate import evaluate as evaluate_fixed
from symc.fixed.program import FixedProgram
from symc.ir.evaluate import Real, evaluate
from symc.ir.formats import FLOAT32, FLOAT64

_MOST_ROWS = 24
# Rows of one value each: a NaN with a payload, an infinity, the least number, the other zero.
_ODD: dict[str, Real] = {
    FLOAT32.name: np.array([0xFFC12345, 0x7F800000, 0x00000001, 0x80000000], np.uint32).view(np.float32),
    FLOAT64.name: np.array([0xFFF8000012345678, 0x7FF << 52, 1, 1 << 63], np.uint64).view(np.float64),
}
_MOST_VALUES = 4096
# Of the points' own numbering: blocks of this many rows lie inside the domain and anywhere by turns.
_BLOCK = 4


def recorded_rows(manifest: Manifest) -> tuple[tuple[str, str], ...]:
    """The bits of the inputs and of the outputs of 6 to 28 rows, hexadecimal, with commas between them.

    The rows lie inside the domain, on its ends and beyond it; the last four are all NaN, infinite, subnormal and zero.
    They are the same for each manifest; a model of very many inputs has fewer.
    """
    program = manifest.program
    if (fixed := fixed_of(manifest)) is not None:
        return _integers(fixed)
    rows = max(2, min(_MOST_ROWS, _MOST_VALUES // (program.n_in + program.n_out)))
    format = format_of(program)
    drawn = points(plan(program.n_in, manifest.domain, _BLOCK, format=format), seed=0)[:rows]
    x = np.concatenate([drawn, np.repeat(_ODD[format.name][:, None], program.n_in, axis=1)])
    return tuple(zip(_bits(x), _bits(evaluate(program, x)), strict=True))


def _integers(fixed: FixedProgram) -> tuple[tuple[str, str], ...]:
    """The mantissas instead, decimal: of the rows that the self-test begins with, which lie in the same places."""
    x = fixed_points(fixed)[: max(4, min(_MOST_ROWS, _MOST_VALUES // (fixed.program.n_in + fixed.program.n_out)))]
    y = evaluate_fixed(fixed, x)
    return tuple((", ".join(map(str, a)), ", ".join(map(str, b))) for a, b in zip(x.tolist(), y.tolist(), strict=True))


def _bits(values: Real) -> list[str]:
    digits = 2 * values.dtype.itemsize
    words = np.ascontiguousarray(values).view(f"uint{4 * digits}")
    return [", ".join(f"0x{word:0{digits}x}" for word in row) for row in words.tolist()]
