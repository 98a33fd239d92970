"""The self-test of a bundle: the points that its C makes, and the checksums that the oracle says must come out.

templates/c/NAME_selftest.c.jinja makes the same points by the same steps. A point inside is drawn from the domain; an
odd point has in one input, on average, any bits, a special value, an end of the domain, or a number of moderate size.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from symc.backends import doubletest
from symc.backends.domain import expected_check
from symc.backends.guard import expected_guarded
from symc.backends.machines import Run, simulate
from symc.backends.spelling import format_of
from symc.backends.unit import F32, Unit
from symc.errors import SymcError
from symc.ir.evaluate import evaluate
from symc.ir.formats import FLOAT32, FLOAT64, Format
from symc.ir.layered import Layered
from symc.ir.program import Program

U32 = npt.NDArray[np.uint32]
Real = npt.NDArray[np.floating]

# Form -> how often it goes through all blocks of points.
FORMS = {"short": 1, "full": 16}
# With more inputs than this, the short form draws all from one range: a table of ranges takes 8 bytes an input.
MOST_RANGES = 6
# Numbers that `special` makes all its values of, and the exponents of those between which they lie.
N_SPECIAL = 32
_EXPONENTS = np.array([0, 1, 127, 255], np.uint32)
# All bounds and their neighbours.
_ENDS = np.arange(6, dtype=np.uint32)
_SIGN = np.uint32(0x80000000)
_NAN = np.uint32(0x7FC00000)
_NO_DOMAIN = (-4.0, 4.0)
# Starts of the counter that the points are made from, far apart.
_SEEDS = (0x00000000, 0x40000000, 0x80000000, 0xC0000000)


@dataclass(frozen=True)
class Plan:
    """What the points of a self-test are made of.

    rows: rows of the blocks, which are inside and odd by turns. ranges: (lo, hi) per input, or one for all.
    """

    rows: tuple[int, ...]
    rounds: int
    ranges: tuple[tuple[float, float], ...]
    n_in: int
    format: Format = FLOAT32


def check_form(form: str) -> str:
    """`form`, or SymcError where there is none of that name."""
    if form not in FORMS:
        raise SymcError(f"there is no self-test {form!r}", where="--selftest", hint=f"It is {' or '.join(FORMS)}.")
    return form


def plan(
    n_in: int,
    domain: Sequence[tuple[float, float]] | None,
    block: int,
    form: str = "short",
    format: Format = FLOAT32,
) -> Plan:
    """The points for functions of many rows that take `block` of them at a time.

    Calls have fewer rows than a block, exactly as many and one more, and as many as SIMD registers hold and one less.
    """
    rows = (block + 1, block + 1, block, block + 1, block // 2, block - 1, 8, 17, 4, 7, 1, 3)
    return Plan(rows, FORMS[form], _ranges(domain, form), n_in, format)


def _ranges(domain: Sequence[tuple[float, float]] | None, form: str) -> tuple[tuple[float, float], ...]:
    if domain is None:
        return (_NO_DOMAIN,)
    if form == "short" and len(domain) > MOST_RANGES:
        return ((min(lo for lo, _ in domain), max(hi for _, hi in domain)),)
    return tuple(domain)


def points(made: Plan, seed: int) -> Real:
    """All points, (rows, n_in), in the order in which the self-test makes them; the first is `end_points`' own."""
    rows = np.tile(made.rows, made.rounds)
    is_odd = np.concatenate([[False], np.repeat(np.arange(len(rows)) % 2 == 1, rows)])
    count = len(is_odd) * made.n_in
    v = mixed(np.uint32(seed) + np.arange(count, dtype=np.uint32)).reshape(-1, made.n_in)
    if made.format == FLOAT64:
        with np.errstate(over="ignore"):
            return doubletest.points(v, mixed(v + np.uint32(1)), mixed(~v), is_odd, made.ranges)
    lo, hi = np.broadcast_to(np.array(made.ranges, np.float32), (made.n_in, 2)).T
    u = (v >> np.uint32(9) | np.uint32(0x3F800000)).view(np.float32)
    inside = lo * (np.float32(2) - u) + hi * (u - np.float32(1))
    takes_odd = is_odd[:, None] & (v % np.uint32(made.n_in) == 0)
    return np.where(takes_odd, _odd(mixed(~v), lo, hi), inside)


def _odd(v: U32, lo: F32, hi: F32) -> F32:
    rest = v >> np.uint32(2)
    words = np.choose(v & np.uint32(3), [v, special(rest), _end(lo, hi, rest), moderate(v)])
    return words.astype(np.uint32).view(np.float32)


def _end(lo: F32, hi: F32, k: U32) -> U32:
    """The bits of a bound or of a neighbour of it."""
    return _near(np.where(k % np.uint32(2) == 0, lo, hi).view(np.uint32), k)


def end_points(made: Plan, first: Real) -> Real:
    """Points for the domain check: `first` with each input in turn at, next to and beyond its bounds, and NaN."""
    if made.format == FLOAT64:
        return doubletest.end_points(made.ranges, made.n_in, first)
    rows = np.tile(first, (made.n_in, len(_ENDS) + 1, 1))
    for i, (lo, hi) in enumerate(np.broadcast_to(np.array(made.ranges, np.float32), (made.n_in, 2))):
        rows[i, :, i] = np.append(_end(lo, hi, _ENDS), _NAN).view(np.float32)
    return rows.reshape(-1, made.n_in)


def special(v: U32) -> U32:
    """The bits of zero, the least normal number, one, infinity, or of one next to them, of either sign."""
    return _near(_EXPONENTS[v % np.uint32(4)] << np.uint32(23), v >> np.uint32(2)) ^ (v << np.uint32(27) & _SIGN)


def _near(bits: U32, k: U32) -> U32:
    return bits + k % np.uint32(3) - np.uint32(1)


def moderate(v: U32) -> U32:
    """The bits of a number from 2^-7 to 2^9, of either sign."""
    return (v & np.uint32(0x87FFFFFF)) + np.uint32(0x3C000000)


def mixed(v: U32) -> U32:
    """A bijection of 32 bits after which every bit depends on every bit (the finisher of MurmurHash3)."""
    v = (v ^ v >> np.uint32(16)) * np.uint32(0x85EBCA6B)
    v = (v ^ v >> np.uint32(13)) * np.uint32(0xC2B2AE35)
    return v ^ v >> np.uint32(16)


def checksum(words: Real | U32) -> int:
    """Of 32-bit words in their order. One wrong word always changes it; several fail to once in 2^32."""
    total = 0
    if words.dtype == np.float64:
        words = doubletest.halves(words)
    for word in np.ascontiguousarray(words).view(np.uint32).ravel().tolist():
        total ^= word
        total = (total ^ total >> 16) * 0x85EBCA6B & 0xFFFFFFFF
        total = (total ^ total >> 13) * 0xC2B2AE35 & 0xFFFFFFFF
        total ^= total >> 16
    return total


@dataclass(frozen=True)
class SelfTest:
    """`seed` of the points, and the checksum over the results of each function at all of them."""

    made: Plan
    seed: int
    values: int
    check: int
    derivatives: int | None
    guarded: int | None
    further: tuple[int, ...]

    @property
    def n_points(self) -> int:
        return sum(self.made.rows) * self.made.rounds


def self_test(unit: Unit, block: int, further: Sequence[Callable[[Any, Any], Any]] = ()) -> SelfTest:
    """The self-test of `unit`, whose functions of many rows take `block` of them at a time.

    further: the oracle of each function beside the Jacobian (symc.backends.derived.Derived.values), in their order.
    """
    made = plan(unit.program.n_in, unit.domain, block, unit.selftest, format_of(unit.program))
    seed = choose_seed(unit.program, made)
    first, *_ = drawn = points(made, seed)
    x = drawn[1:]
    return SelfTest(
        made,
        seed,
        values=checksum(evaluate(unit.program, x)),
        check=checksum(expected_check(unit.domain, np.concatenate([end_points(made, first), x]))),
        derivatives=None if unit.jacobian is None else checksum(evaluate(unit.jacobian, x)),
        guarded=None if unit.outside is None else checksum(_guarded_words(unit, x)),
        further=tuple(checksum(values(x, directions(unit.program, x))) for values in further),
    )


def directions(program: Program | Layered, x: Real) -> Real:
    """The directions at points x (n, n_in): their own values in turn, as many as any function takes."""
    return x[:, np.arange(max(program.n_in, program.n_out)) % program.n_in]


def _guarded_words(unit: Unit, x: Real) -> U32:
    """What a row of the guarded function adds to its checksum: its value, then its results."""
    flags, y = expected_guarded(unit, x)
    if y.dtype == np.float64:
        return np.column_stack([flags, doubletest.halves(y).reshape(len(y), -1)])
    return np.column_stack([flags, np.ascontiguousarray(y).view(np.uint32)])


def choose_seed(program: Program | Layered, made: Plan) -> int:
    """The seed, among a few, whose first round of points tells most: see `_reach`."""
    if made.format == FLOAT64:
        return _SEEDS[0]
    first = replace(made, rounds=1)
    return max(_SEEDS, key=lambda seed: _reach(program, points(first, seed)))


def _reach(program: Program | Layered, x: F32) -> tuple[int, int]:
    """How many of two faulty machines give other results at x, and into how many classes operands fall.

    A class is an operand's sign and every eighth power of two, zero, infinity, or NaN: what the branches of the
    runtime's functions tell apart.
    """
    right = simulate(program, x)
    faulty = (simulate(program, x, fuse=True), simulate(program, x, flush=True))
    found = sum(bool((right.results.view(np.uint32) != wrong.results.view(np.uint32)).any()) for wrong in faulty)
    return found, _classes(program, right)


def _classes(program: Program | Layered, run: Run) -> int:
    steps = program.equations.instructions if isinstance(program, Layered) else program.instructions
    operands = {a for step in steps for a in step.args}
    total = 0
    for position in operands:
        value = np.ascontiguousarray(run.values[position], np.float32)
        kinds = np.select([value == 0, np.isinf(value), np.isnan(value)], [1, 2, 3], 0)
        total += int(np.count_nonzero(np.bincount((value.view(np.uint32) >> np.uint32(26)) * 4 + kinds)))
    return total
