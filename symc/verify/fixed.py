"""Running fixed-point code on this machine and comparing its mantissas with the integer oracle's."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

import numpy as np

from symc.bundle.fixed import fixed_of
from symc.errors import CheckFailed
from symc.fixed.evaluate import I32, evaluate, outside, quantized
from symc.fixed.program import FixedProgram
from symc.load.fixed import FixedFunction
from symc.verify.subject import Subject


def fixed_checks(subject: Subject) -> dict[str, Callable[[], str]]:
    """The self-test, and both functions at the subject's inputs, at corners of the domain and at any integers."""
    fixed = fixed_of(subject.manifest)
    assert fixed is not None
    code = cache(lambda: FixedFunction(subject.package, fixed.bits))
    rows = fixed_rows(subject, fixed)

    def passed() -> str:
        code().selftest()
        return "rebuilt from the bundle's sources, passed"

    return {
        "self-test": passed,
        "value": lambda: _compared(subject, fixed, rows, *code().rows(rows)),
        "batch": lambda: _batch(subject, fixed, rows, *code().batch(rows)),
    }


def fixed_rows(subject: Subject, fixed: FixedProgram) -> I32:
    """(n, n_in) mantissas: the subject's inputs that are finite, ends of the bounds and beside them, any integers."""
    x = subject.inputs[np.isfinite(subject.inputs).all(axis=1)]
    generator = np.random.Generator(np.random.PCG64(1))
    count = max(len(subject.inputs) // 4, 64)
    ends = np.array(fixed.bounds, np.int64).reshape(-1, 2)
    picked = np.take_along_axis(ends[None], generator.integers(0, 2, (count, fixed.program.n_in, 1)), axis=2)[..., 0]
    lowest, beyond = -(2 ** (fixed.bits - 1)), 2 ** (fixed.bits - 1)
    beside = np.clip(picked + generator.integers(-1, 2, picked.shape), lowest, beyond - 1)
    raw = generator.integers(lowest, beyond, (count, fixed.program.n_in))
    return np.concatenate([quantized(fixed, x), beside.astype(np.int32), raw.astype(np.int32)])


def _compared(subject: Subject, fixed: FixedProgram, rows: I32, flags: np.ndarray, y: I32) -> str:
    names = subject.manifest.program.outputs
    expected = evaluate(fixed, rows)
    for what, found, wanted in ((names, y, expected), (["what is returned"], flags, outside(fixed, rows)[:, None])):
        different = found != wanted
        if different.any():
            row, column = np.argwhere(different)[0]
            raise CheckFailed(
                f"{int(different.any(axis=1).sum())} of {len(rows)} inputs give other bits; the first: "
                f"{what[column]} at {rows[row].tolist()} is {found[row, column]}, the oracle says {wanted[row, column]}"
            )
    return f"{len(rows)} inputs bit-equal to the integer oracle"


def _batch(subject: Subject, fixed: FixedProgram, rows: I32, flag: int, y: I32) -> str:
    flags = outside(fixed, rows)
    if flag != int(np.bitwise_or.reduce(flags)):
        raise CheckFailed(f"a call of {len(rows)} rows returns {flag:#x}, the oracle says other bits")
    return _compared(subject, fixed, rows, flags[:, None], y)
