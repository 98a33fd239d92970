"""What NAME_guarded does with inputs outside the domain and results outside their proved range, and its oracle."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from symc.backends.domain import Real, expected_check
from symc.backends.layers import core
from symc.backends.spelling import format_of, spelling_of
from symc.backends.unit import Unit
from symc.errors import SymcError
from symc.ir.correct_rounding import FUNCTIONS
from symc.ir.evaluate import evaluate
from symc.ir.formats import FLOAT32
from symc.ir.layered import Layered
from symc.ir.program import Program

# What becomes of the results of a row that is not trusted: those of the nearest point of the domain, NaN, or what y
# held before the call.
POLICIES = ("clamp", "nan", "hold")
OUTSIDE, NOT_FINITE, BEYOND = 1, 2, 4


def check_policy(
    policy: str | None,
    program: Program | Layered,
    domain: Sequence[tuple[float, float]] | None,
    targets: Sequence[str],
) -> None:
    """Raise SymcError for a policy that there is not, or that this bundle cannot have."""
    if policy is None:
        return
    if policy not in POLICIES:
        raise SymcError(f"there is no policy {policy!r}", where="--outside", hint=f"They are {', '.join(POLICIES)}.")
    if domain is None:
        raise SymcError("no input is outside without a domain", where="--outside", hint="Give --domain as well.")
    if isinstance(program, Layered) or "c" not in targets:
        what = "a compressed block" if isinstance(program, Layered) else "a bundle without C"
        raise SymcError(f"{what} has no guarded function", where="--outside", hint="Leave it out.")


def guard(unit: Unit) -> dict[str, Any]:
    """What the templates know of the guard; `policy` is None where there is none."""
    shows = spelling_of(unit.program).decimal
    return {
        "policy": unit.outside,
        "proved": [None if bound is None else tuple(map(shows, bound)) for bound in unit.bounds],
        "as_tested": rests_on_tests(unit.program),
        "known": known(unit.program),
        "trusted": [tuple(map(shows, bound)) for bound in _trusted(unit)],
        "largest": shows(format_of(unit.program).largest),
    }


def rests_on_tests(program: Program | Layered) -> bool:
    """Whether what is proved of it takes for granted what is only tested: that doubles' functions are within a unit."""
    return format_of(program) != FLOAT32 and bool(core(program).operators & FUNCTIONS.keys())


def known(program: Program | Layered) -> str:
    """How the ranges of its outputs are known."""
    return "found by analysis" if rests_on_tests(program) else "proved"


def _trusted(unit: Unit) -> list[tuple[float, float]]:
    """Per output its proved bounds, or those of finite numbers."""
    largest = format_of(unit.program).largest
    return [bound or (-largest, largest) for bound in unit.bounds or (None,) * unit.program.n_out]


def expected_guarded(unit: Unit, x: Real) -> tuple[npt.NDArray[np.uint32], Real]:
    """What NAME_guarded returns and leaves in y, (n,) and (n, n_out), row after row over one y that begins as zeros."""
    assert unit.domain is not None and unit.outside is not None and isinstance(unit.program, Program)
    flags = np.where(expected_check(unit.domain, x) != 0, np.uint32(OUTSIDE), np.uint32(0))
    format = unit.program.format
    low, high = np.array(unit.domain, format.dtype).T
    if unit.outside == "clamp":
        # A NaN stays; the bounds' own zeros are taken only where x is beyond them.
        x = np.where(x < low, low, np.where(x > high, high, x))
    y = evaluate(unit.program, x)
    least, most = np.array(_trusted(unit), format.dtype).T
    finite, trusted = np.isfinite(y).all(axis=1), ((y >= least) & (y <= most)).all(axis=1)
    flags = flags | np.where(finite, np.where(trusted, np.uint32(0), np.uint32(BEYOND)), np.uint32(NOT_FINITE))
    if unit.outside == "nan":
        y[flags != 0] = format.canonical_nan
    elif unit.outside == "hold":
        # The last row that was trusted, zeros before the first.
        last = np.maximum.accumulate(np.where(flags == 0, np.arange(1, len(y) + 1), 0))
        y = np.concatenate([np.zeros_like(y[:1]), y])[last]
    return flags.astype(np.uint32), y
