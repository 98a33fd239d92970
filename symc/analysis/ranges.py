"""What a Program gives anywhere in a box of inputs, proved: its range, and every pole, missing value and overflow.

Branch and bound over interval arithmetic (Moore, Kearfott, Cloud, "Introduction to Interval Analysis", 2009): a box in
which something may happen is halved until it cannot, or a point is found at which it does. What is proved holds for
every input of the box and for the code itself, with all its roundings; in float64 under what symc.analysis.enclosures
takes of functions.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from symc.analysis.crossing import crossing, needed_by
from symc.analysis.findings import Finding, Ranges
from symc.analysis.guards import visits
from symc.analysis.interval import Mask, Real
from symc.analysis.roundoff import F64, Source
from symc.analysis.tighten import output_errors, output_ranges
from symc.analysis.trace import Boxes, Trace, trace
from symc.analysis.unbounded import without_overflow
from symc.analysis.wording import expression_at
from symc.ir.evaluate import evaluate, evaluate_real
from symc.ir.formats import FLOAT32
from symc.ir.program import Program
from symc.meaning.points import Box, inside

# Instructions times boxes: what an analysis may cost, about a second of one core.
WORK = 4_000_000
# An eighth of it goes to narrower ranges, and as much to the bounds of errors.
_SHARE_OF_BOUNDS = 8
_BATCH = 512
_POINTS = 512
# Of a result and the same in wider arithmetic, after an overflow on the way: farther apart is another value.
_SAME = 1e-3


def analyse(
    program: Program, domain: Box, work: int = WORK, source: Source | None = None, inputs: F64 | None = None
) -> Ranges:
    """Prove what `program` gives in the box; domain: (low, high) per input, finite.

    The result depends on the arguments alone. `work`, instructions times boxes, bounds the time; what it does not
    suffice for is undecided. source, inputs: see symc.analysis.tighten.output_errors.
    """
    root = _whole(program, domain)
    search = _searched(program, domain, root, work)
    proved, less = search.finite_outputs(), work // _SHARE_OF_BOUNDS
    if program.format != FLOAT32:
        # Its functions take several times as long. Bounds of its errors would be computed with errors of that size.
        ranges = output_ranges(program, root, less // 4, proved)
        return Ranges(ranges, dict.fromkeys(program.outputs, np.inf), search.findings(), len(search.sites))
    ranges = output_ranges(program, root, less, proved)
    errors = output_errors(program, root, less, proved, source, inputs)
    return Ranges(ranges, errors, search.findings(), len(search.sites))


def unsafe_in(program: Program, domain: Box, work: int = WORK) -> tuple[Finding, ...]:
    """`analyse(...).unsafe` alone, without the bounds: where the program is shown not to be finite in the box."""
    return tuple(f for f in _searched(program, domain, _whole(program, domain), work).findings() if f.is_unsafe)


def _whole(program: Program, domain: Box) -> Boxes:
    low, high = np.array(domain, dtype=program.format.dtype).reshape(-1, 2).T
    return Boxes(low[None], high[None])


def _searched(program: Program, domain: Box, root: Boxes, work: int) -> _Search:
    search = _Search(program, root)
    search.sample(inside(domain, program.n_in, _POINTS, program.format))
    search.halve(work)
    return search


@dataclass(frozen=True)
class _Witness:
    kind: str
    point: Real
    beside: bool = False


class _Search:
    """What is known of each instruction in danger: a witness, boxes that are left, or nothing left, which proves it."""

    def __init__(self, program: Program, root: Boxes) -> None:
        self.program = program
        found = trace(program, root)
        # Where an operand may be infinite everywhere, what follows shows only in smaller boxes: all are looked at.
        self.sites = {p for p, masks in found.dangers.items() if any(m.any() for m in masks.values())}
        self.needs = {r: needed_by(program, r) for r in set(program.results)}
        self.witnesses: dict[int, _Witness] = {}
        self.absorbed: set[int] = set()
        self.left = root if self.sites else root[:0]
        self.width = root.half_widths[0]
        self.reach: dict[tuple[int, str], Mask] = {}

    def sample(self, points: Real) -> None:
        """Look for witnesses among points of the box, and for poles between them."""
        if not self.sites:
            return
        found = trace(self.program, Boxes.of(points))
        self._look(found, points)
        for position in sorted(self.sites - set(self.witnesses)):
            place = crossing(self.program, position, found, points)
            if place is not None:
                self.witnesses[position] = _Witness("pole", place, beside=True)

    def halve(self, work: int) -> None:
        """Halve the boxes in which something without a witness may happen: first the oldest, then the nearest."""
        each = visits(self.program)
        rounds = max(work // (each * _BATCH), 4)
        for turn in range(rounds):
            if not len(self.left):
                return
            # Breadth proves; depth finds what no sample met.
            few = slice(0, _BATCH) if turn < rounds // 2 else slice(-_BATCH // 8, None)
            batch, rest = self.left[few], _without(self.left, few)
            found = trace(self.program, batch)
            open_, column = self._open(found, batch)
            self._look(trace(self.program, Boxes.of(batch.middle[open_][:64])), batch.middle[open_][:64])
            split = batch[open_].split(column[open_])
            self.left = rest.join(split) if turn < rounds // 2 else rest.join(self._nearest_last(split))
        self._settle()

    def _open(self, found: Trace, batch: Boxes) -> tuple[Mask, NDArray[np.intp]]:
        """Which boxes need to be split, and across which input: of those that matter, the widest."""
        width = batch.half_widths / np.where(self.width > 0, self.width, 1)
        matters = np.zeros_like(width, dtype=np.bool_)
        for position, masks in found.dangers.items():
            self.sites.add(position)
            if position in self.witnesses:
                continue
            for kind, mask in masks.items():
                matters |= mask[:, None] & self._inputs(position, kind)
            if (found.threatened(position) & found.absorbed).any():
                self.absorbed.add(position)
        ranked = np.where(matters, width, 0.0)
        return (ranked.max(axis=1, initial=0.0) > 0.0) & ~found.absorbed, ranked.argmax(axis=1)

    def _nearest_last(self, boxes: Boxes) -> Boxes:
        """Boxes in the order in which depth takes them: the one whose middle is in most danger last."""
        if not len(boxes):
            return boxes
        found = trace(self.program, Boxes.of(boxes.middle))
        distance = np.full(len(boxes), np.inf)
        for position in self.sites - set(self.witnesses):
            distance = np.minimum(distance, _distance(found, position))
        return boxes[np.argsort(-distance, kind="stable")]

    def _look(self, found: Trace, points: Real) -> None:
        for position, masks in found.dangers.items():
            self.sites.add(position)
            if position in self.witnesses:
                continue
            for kind in ("pole", "undefined"):
                rows = np.flatnonzero(masks[kind])
                if len(rows):
                    self.witnesses.setdefault(position, _Witness(kind, points[rows[0]]))
            rows = np.flatnonzero(masks["overflow"])
            wrong = rows[~self._right(points[rows])] if len(rows) else rows
            if len(wrong):
                self.witnesses.setdefault(position, _Witness("overflow", points[wrong[0]]))
            elif len(rows):
                self.absorbed.add(position)

    def _right(self, points: Real) -> Mask:
        """Whether every result is finite and what arithmetic gives that overflows much later, or never."""
        format = self.program.format
        found = evaluate(self.program, points).astype(np.float64)
        if format == FLOAT32:
            wider = evaluate_real(self.program, points.astype(np.float64))
        else:
            wider = without_overflow(self.program, points)
        with np.errstate(all="ignore"):
            near = np.abs(found - wider) <= _SAME * np.abs(wider) + format.smallest
        return np.asarray((np.isfinite(found) & near).all(axis=1))

    def _settle(self) -> None:
        """Drop what is left where all that may happen has its witness."""
        kept = [self._open(trace(self.program, part), part)[0] for part in _parts(self.left)]
        self.left = self.left[np.concatenate(kept)] if kept else self.left

    def finite_outputs(self) -> tuple[bool, ...]:
        """Per output, whether nothing that it hangs on was left open or is unsafe."""
        wrong = {p for p in self.sites if p in self.witnesses} | set(self._undecided())
        return tuple(not (self.needs[r] & wrong) for r in self.program.results)

    def _undecided(self) -> dict[int, tuple[str, float, int]]:
        """Position -> kind, share of the box, and the smallest box in which the danger is left."""
        open_: dict[int, tuple[str, float, int]] = {}
        start = 0
        volume = self._volume(self.left)
        for part in _parts(self.left):
            found = trace(self.program, part)
            for position, masks in found.dangers.items():
                rows = np.flatnonzero(found.threatened(position) & ~found.absorbed)
                if position in self.witnesses or not len(rows):
                    continue
                kind = next(kind for kind, mask in masks.items() if mask[rows].any())
                least = int(start + rows[np.argmin(volume[start + rows])])
                share = float(volume[start + rows].sum())
                if position in open_:
                    kind, before, other = open_[position]
                    share, least = share + before, min(least, other, key=lambda row: float(volume[row]))
                open_[position] = (kind, share, least)
            start += len(part)
        return open_

    def findings(self) -> tuple[Finding, ...]:
        """In the order of the program."""
        found = []
        undecided = self._undecided()
        for position in sorted(self.sites):
            names = self.program.inputs
            about = (
                expression_at(self.program, position),
                tuple(
                    output
                    for output, r in zip(self.program.outputs, self.program.results, strict=True)
                    if position in self.needs[r]
                ),
            )
            if position in self.witnesses:
                witness = self.witnesses[position]
                used = np.flatnonzero(self._inputs(position, witness.kind)).tolist()
                place = {names[k]: float(witness.point[k]) for k in used}
                found.append(Finding(about[0], witness.kind, "unsafe", about[1], place, witness.beside))
            elif position in undecided:
                kind, share, row = undecided[position]
                used = np.flatnonzero(self._inputs(position, kind)).tolist()
                part = {names[k]: (float(self.left.low[row, k]), float(self.left.high[row, k])) for k in used}
                found.append(Finding(about[0], kind, "undecided", about[1], share=share, part=part))
            elif position in self.absorbed:
                found.append(Finding(about[0], "overflow", "absorbed", about[1]))
        return tuple(found)

    def _inputs(self, position: int, kind: str) -> Mask:
        """(n_in,): on which inputs it hangs whether an instruction is in danger of that kind."""
        if (position, kind) not in self.reach:
            step = self.program.instructions[position]
            # What is divided does not matter to a pole.
            start = step.args[1] if step.op in ("div", "mod") and kind == "pole" else position
            reach = np.zeros(self.program.n_in, np.bool_)
            for index in needed_by(self.program, start):
                if self.program.instructions[index].op == "input":
                    reach[self.program.instructions[index].index] = True
            self.reach[position, kind] = reach
        return self.reach[position, kind]

    def _volume(self, boxes: Boxes) -> NDArray[np.float64]:
        """Each box's share of the whole."""
        moving = self.width > 0
        width = boxes.half_widths[:, moving] / self.width[moving]
        return np.asarray(width.prod(axis=1))


def _distance(found: Trace, position: int) -> NDArray[np.float64]:
    """How far each point is from the instruction's danger, roughly: small is near."""
    step = found.program.instructions[position]
    operand = found.values[step.args[1 if step.op in ("div", "mod") else 0]].low.astype(np.float64)
    result = found.values[position].low.astype(np.float64)
    with np.errstate(all="ignore"):
        if step.op in ("asin", "acos", "atanh"):
            distance = 1.0 - np.abs(operand)
        elif step.op in ("log1p", "acosh"):
            distance = operand + (1.0 if step.op == "log1p" else -1.0)
        elif step.op in ("div", "mod", "pow", "log", "log2", "log10", "sqrt"):
            distance = np.abs(operand)
        else:
            distance = 1.0 / np.abs(result)
    return np.where(found.needed[position] & ~np.isnan(distance), distance, np.inf)


def _without(boxes: Boxes, rows: slice) -> Boxes:
    keep = np.ones(len(boxes), np.bool_)
    keep[rows] = False
    return boxes[keep]


def _parts(boxes: Boxes) -> Sequence[Boxes]:
    return [boxes[start : start + _BATCH] for start in range(0, len(boxes), _BATCH)]
