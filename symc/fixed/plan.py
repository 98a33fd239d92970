"""From a Program and its domain to a FixedProgram whose values fit everywhere in it, and its proved distance."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from symc.analysis.crossing import needed_by
from symc.analysis.tighten import greatest
from symc.analysis.trace import Boxes, Trace, trace
from symc.analysis.wording import expression_at
from symc.errors import SymcError
from symc.fixed.constants import Constants
from symc.fixed.errors import Carried, carry
from symc.fixed.expand import expanded
from symc.fixed.formats import taken
from symc.fixed.program import FIXED, FIXED16, FLOAT, FixedProgram, mantissa
from symc.fixed.word import WORDS, Word
from symc.ir.program import Program

_NAMED = re.compile(r"q(\d+)\.(\d+)\Z")
# The domain in boxes: so many at first, so many where something is undecided, and what bounds may cost.
_FIRST, _MOST, _WORK = 256, 4096, 400_000
# The option that errors are about.
WHERE = "--numbers"


@dataclass(frozen=True)
class Proved:
    """For every input of the domain, per output: what its real and fixed values lie in, their distance at most."""

    low: tuple[float, ...]
    high: tuple[float, ...]
    errors: tuple[float, ...]


@dataclass(frozen=True)
class Numbers:
    """What is asked for: the word of all values, and their one format, None where each has its own."""

    word: Word
    forced: int | None = None


def read_numbers(text: str) -> Numbers:
    """Of "fixed", "fixed16", or one format such as "q15.16" or "q7.8"; SymcError for anything else."""
    if text in (FIXED, FIXED16):
        return Numbers(WORDS[16 if text == FIXED16 else 32])
    match = _NAMED.match(str(text))
    word = None if match is None else WORDS.get(int(match[1]) + int(match[2]) + 1)
    if match is None or word is None:
        formats = "one format for all values, such as q15.16 or q7.8: 31 or 15 bits and the sign"
        hint = f"Give {FLOAT}, float64, {FIXED}, {FIXED16}, or {formats}."
        raise SymcError(f"{text!r} is no kind of numbers", where=WHERE, hint=hint)
    return Numbers(word, int(match[2]))


def plan(
    program: Program, domain: Sequence[tuple[float, float]], constants: Constants, numbers: Numbers
) -> tuple[FixedProgram, Proved]:
    """`program` in fixed point, and what is proved of it.

    domain: (low, high) per input. constants: what is known of those of `program`. SymcError where an operator has no
    fixed-point form, where the range of a value is not decided, and where a format does not hold it, each with the
    place in the equation.
    """
    word, forced = numbers.word, numbers.forced
    wide = expanded(program, constants.numbers(program))
    known = constants.expanded(program)
    meant = known.numbers(wide)
    inputs = [forced if forced is not None else word.finest(max(abs(low), abs(high))) for low, high in domain]
    bounds = _bounds(domain, inputs)
    for name, pair, point in zip(program.inputs, bounds, inputs, strict=True):
        if max(map(abs, pair)) > word.largest:
            raise _too_large(word, name, max(map(abs, pair)) * 2.0**-point, point)
    root = _root(domain)
    boxes = _divided(wide, root, _FIRST)
    found = _decided(word, wide, boxes, inputs, known, forced)
    chosen = carry(word, found, inputs, known, None, forced).formats
    if forced is None:
        chosen = taken(word, wide, chosen, meant)
        inputs = list(chosen[: wide.n_in])
    # With the formats fixed, no branch is taken for anything else than they make of it.
    spare = carry(word, found, inputs, known, chosen, None).spare
    fixed = FixedProgram(wide, chosen, spare, _bounds(domain, inputs), word.bits, meant)
    return fixed, prove(fixed, domain, known, found)


def _bounds(domain: Sequence[tuple[float, float]], inputs: Sequence[int]) -> tuple[tuple[int, int], ...]:
    sides = zip(domain, inputs, strict=True)
    return tuple((mantissa(low, point), mantissa(high, point)) for (low, high), point in sides)


def prove(
    fixed: FixedProgram,
    domain: Sequence[tuple[float, float]],
    known: Constants,
    found: Trace | None = None,
) -> Proved:
    """That every value of `fixed` fits its format in the domain, and how far its outputs are from the text.

    known: what is known of the constants of `fixed.program`, with the numbers that `fixed` takes for them. SymcError
    where a value does not fit, or is not decided.
    """
    program, root = fixed.program, _root(domain)
    if found is None:
        found = _decided(fixed.word, program, _divided(program, root, _FIRST), fixed.inputs, known, None, fixed.formats)
    seen = carry(fixed.word, found, fixed.inputs, known, fixed.formats, None)
    _refuse_open(program, seen, found)
    for position, size in seen.too_large.items():
        raise _too_large(fixed.word, _of(program, position), size, fixed.formats[position])
    for position, spare in enumerate(fixed.spare):
        if spare > seen.spare[position]:
            raise SymcError(f"{_of(program, position)} has fewer bits to spare than recorded", where=WHERE)
    errors, lows, highs = [], [], []
    for k, result in enumerate(program.results):
        one = _only(fixed, k)

        def bound(at: Trace, one: FixedProgram = one) -> NDArray[np.float64]:
            return carry(one.word, at, one.inputs, known, one.formats, None).errors[one.program.results[0]]

        errors.append(greatest(one.program, root, _WORK // program.n_out, bound))
        value, apart = found.values[result], seen.errors[result] + seen.reals[result]
        lows.append(float((value.low - apart).min()))
        highs.append(float((value.high + apart).max()))
    return Proved(tuple(lows), tuple(highs), tuple(errors))


def _only(fixed: FixedProgram, output: int) -> FixedProgram:
    """The inputs, and what one output is computed from."""
    program = fixed.program
    kept = sorted({*range(program.n_in), *needed_by(program, program.results[output])})
    place = {old: new for new, old in enumerate(kept)}
    steps = (program.instructions[p] for p in kept)
    moved = tuple(replace(step, args=tuple(place[a] for a in step.args)) for step in steps)
    one = Program(program.inputs, (program.outputs[output],), moved, (place[program.results[output]],))
    formats, spare = (tuple(of[p] for p in kept) for of in (fixed.formats, fixed.spare))
    return FixedProgram(one, formats, spare, fixed.bounds, fixed.bits, fixed.numbers)


def _root(domain: Sequence[tuple[float, float]]) -> Boxes:
    low, high = np.array(domain, dtype=np.float32).reshape(-1, 2).T
    return Boxes(low[None], high[None])


def _divided(program: Program, boxes: Boxes, count: int) -> Boxes:
    """At least `count` boxes, each halved across the input that is widest in it, as a share of the whole."""
    width = np.where(boxes.high > boxes.low, boxes.high.astype(np.float64) - boxes.low, 1.0)[0]
    while 0 < len(boxes) < count and not boxes.is_point.all():
        sizes = (boxes.high.astype(np.float64) - boxes.low) / width
        boxes = boxes.split(sizes.argmax(axis=1))
    return boxes


def _decided(
    word: Word,
    program: Program,
    boxes: Boxes,
    inputs: Sequence[int],
    known: Constants,
    forced: int | None,
    formats: Sequence[int] | None = None,
) -> Trace:
    """The program over boxes that are halved where something is not bounded."""
    width = np.maximum((boxes.high.max(axis=0).astype(np.float64) - boxes.low.min(axis=0)), 1e-300)
    while True:
        found = trace(program, boxes)
        seen = carry(word, found, inputs, known, formats, forced)
        if not seen.open:
            return found
        open_ = np.logical_or.reduce(list(seen.open.values())) & ~boxes.is_point
        if not open_.any() or len(boxes) > _MOST:
            _refuse_open(program, seen, found)
        part = boxes[open_]
        sizes = (part.high.astype(np.float64) - part.low) / width
        boxes = boxes[~open_].join(part.split(sizes.argmax(axis=1)))


def _refuse_open(program: Program, seen: Carried, found: Trace) -> None:
    if not seen.open:
        return
    position, mask = next(iter(seen.open.items()))
    row = int(np.flatnonzero(mask)[0])
    sides = zip(program.inputs, found.boxes.low[row], found.boxes.high[row], strict=True)
    place = ", ".join(f"{name} = {low}..{high}" for name, low, high in list(sides)[:6])
    raise SymcError(
        f"the range of {_of(program, position)} is not decided, as in {place}",
        where=WHERE,
        hint="Narrow --domain to where the equation has no pole and no edge of an operator's domain, nor comes so "
        "close to one that rounding reaches it.",
    )


def _too_large(word: Word, what: str, size: float, point: int) -> SymcError:
    digits = word.bits - 1
    kept = f"q{digits - point}.{point}" if 0 <= point <= digits else f"a format of {point} fraction bits"
    return SymcError(
        f"{what} may reach {size:.6g} in the domain, which {kept} does not hold: its largest value is "
        f"{math.ldexp(word.largest, -point):.6g}",
        where=WHERE,
        hint=f"Use {WHERE} {FIXED}, which gives each value its own format of 32 bits, or narrow --domain.",
    )


def _of(program: Program, position: int) -> str:
    """An instruction by its place in the equations."""
    used = [o for o, r in zip(program.outputs, program.results, strict=True) if position in needed_by(program, r)]
    return f"{used[0] if used else 'no output'}: {expression_at(program, position)}"
