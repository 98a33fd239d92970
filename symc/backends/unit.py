"""Unit: everything that a template needs to know about one model; no torch and no file is touched from here on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from symc.backends.origins import OTHER, Origin
from symc.ir.layered import Layered
from symc.ir.program import Program
from symc.meaning.units import Units

if TYPE_CHECKING:
    from symc.fixed.program import FixedProgram

F32 = npt.NDArray[np.float32]


@dataclass(frozen=True)
class FixedOutput:
    """Of one output in fixed point: what it lies in, and its proved and measured distance from the real values."""

    low: float
    high: float
    error: float
    measured: float


@dataclass(frozen=True)
class FixedUnit:
    """What is built in fixed point. numbers: as asked for; points: at how many inputs the distance was measured."""

    numbers: str
    program: FixedProgram
    outputs: tuple[FixedOutput, ...]
    points: int


@dataclass(frozen=True, eq=False)
class Unit:
    """One model on its way into source code.

    name: prefix of every public symbol and of the file names (see `check_name`).
    program: what to compute; jacobian: its derivatives (symc.ir.derive.jacobian), or None to leave them out, as for a
    layered program, whose matrices have derivatives without code of their own.
    equations: one text for people per output of the program, of a layered one per value between the matrices.
    domain: (lo, hi) per input, float32 values, or None when no domain was recorded.
    errors: lines for people, such as "held-out RMSE 1.2e-4 (0.03 % of the output's range)".
    bounds: what each output is proved to lie in for every input of the domain, None where it was not; () for none.
    further: kinds of derivatives beside it (symc.backends.derived.DERIVATIVES), () for a layered program.
    outside: what NAME_guarded does outside the domain (symc.backends.guard.POLICIES), None to leave it out.
    model_sha256: hash of the distilled model; tool: "symc 0.1.0"; options: (name, value) pairs of the build.
    origin: where the equations come from. selftest: its form, "short" or "full" (symc.backends.selftest).
    fixed: the program in fixed point, None where it is built in float32.
    own_names: of the inputs and of the outputs, as people call them; () where they are the program's.
    units: of the inputs and outputs, where they were given. promise: a sentence about the outputs that holds whatever
    the equations give, or "". caution: a sentence about how the equations were found, or "".
    """

    name: str
    program: Program | Layered
    jacobian: Program | None
    equations: tuple[str, ...]
    domain: tuple[tuple[float, float], ...] | None
    errors: tuple[str, ...]
    model_sha256: str
    tool: str
    options: tuple[tuple[str, str], ...]
    origin: Origin = OTHER
    selftest: str = "short"
    bounds: tuple[tuple[float, float] | None, ...] = ()
    outside: str | None = None
    further: tuple[str, ...] = ()
    units: Units | None = None
    promise: str = ""
    caution: str = ""
    own_names: tuple[tuple[str, ...], tuple[str, ...]] | tuple[()] = ()
    fixed: FixedUnit | None = None
