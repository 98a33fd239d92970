"""What NAME_guarded does with inputs outside the domain and results outside their proved range, and its oracle."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from symc.backends.domain import expected_check
from symc.backends.names import decimal
from symc.backends.unit import F32, Unit
from symc.errors import SymcError
from symc.ir.evaluate import evaluate
from symc.ir.layered import Layered
from symc.ir.program import Program

# What becomes of the results of a row that is not trusted: those of the nearest point of the domain, NaN, or what y
# held before the call.
POLICIES = ("clamp", "nan", "hold")
OUTSIDE, NOT_FINITE, BEYOND = 1, 2, 4
_LARGEST = float(np.finfo(np.float32).max)


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
    return {
        "policy": unit.outside,
        "proved": [None if bound is None else tuple(map(decimal, bound)) for bound in unit.bounds],
        "trusted": [tuple(map(decimal, bound)) for bound in _trusted(unit)],
        "largest": decimal(_LARGEST),
    }


def _trusted(unit: Unit) -> list[tuple[float, float]]:
    """Per output its proved bounds, or those of finite numbers."""
    return [bound or (-_LARGEST, _LARGEST) for bound in unit.bounds or (None,) * unit.program.n_out]


def expected_guarded(unit: Unit, x: F32) -> tuple[npt.NDArray[np.uint32], F32]:
    """What NAME_guarded returns and leaves in y, (n,) and (n, n_out), row after row over one y that begins as zeros."""
    assert unit.domain is not None and unit.outside is not None and isinstance(unit.program, Program)
    flags = np.where(expected_check(unit.domain, x) != 0, np.uint32(OUTSIDE), np.uint32(0))
    low, high = np.array(unit.domain, np.float32).T
    if unit.outside == "clamp":
        # A NaN stays; the bounds' own zeros are taken only where x is beyond them.
        x = np.where(x < low, low, np.where(x > high, high, x))
    y = evaluate(unit.program, x)
    least, most = np.array(_trusted(unit), np.float32).T
    finite, trusted = np.isfinite(y).all(axis=1), ((y >= least) & (y <= most)).all(axis=1)
    flags = flags | np.where(finite, np.where(trusted, np.uint32(0), np.uint32(BEYOND)), np.uint32(NOT_FINITE))
    if unit.outside == "nan":
        y[flags != 0] = np.uint32(0x7FC00000).view(np.float32)
    elif unit.outside == "hold":
        # The last row that was trusted, zeros before the first.
        last = np.maximum.accumulate(np.where(flags == 0, np.arange(1, len(y) + 1), 0))
        y = np.concatenate([np.zeros_like(y[:1]), y])[last]
    return flags.astype(np.uint32), y
