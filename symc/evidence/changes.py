"""What changes where one bundle takes another's place: every output, bounded over the domain, and the rest."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from symc.analysis.findings import Ranges
from symc.analysis.ranges import analyse
from symc.analysis.rewrites import rewritten
from symc.analysis.roundoff import Source
from symc.arithmetic import usual
from symc.bundle import Manifest, read_manifest
from symc.errors import SymcError
from symc.ir.evaluate import evaluate
from symc.ir.formats import FLOAT32
from symc.ir.layered import Layered
from symc.ir.program import Builder, Program
from symc.meaning.points import Box, inside
from symc.tables import table

_POINTS = 4096


@dataclass(frozen=True)
class Change:
    """Of one output: |new - old| is at most `bound` for every float32 input of both domains, None where not proved.

    largest: the greatest at the points looked at, at the input `at`. old, new: the equations' texts.
    """

    output: str
    bound: float | None
    largest: float
    at: dict[str, float]
    old: str
    new: str


@dataclass(frozen=True)
class Changes:
    """Every output that both have, in the new order, and what else differs, in sentences."""

    outputs: tuple[Change, ...]
    others: tuple[str, ...]

    def to_json(self) -> dict[str, Any]:
        return {"outputs": [asdict(change) for change in self.outputs], "others": list(self.others)}

    def __str__(self) -> str:
        parts = []
        if self.outputs:
            rows = [(c.output, _bound(c.bound), f"{c.largest:.4g}", _place(c.at), c.new) for c in self.outputs]
            parts.append(table(("output", "changes at most", "largest found", "at", "now"), rows))
        return "\n".join([*parts, *self.others]) or "nothing changes"


@usual
def diff(old: str | Path, new: str | Path) -> Changes:
    """What changes where bundle `new` takes the place of bundle `old`, over the inputs that lie in both domains.

    Raises SymcError where one is no bundle, their inputs differ, they have no domain in common, or one is of a
    compressed block; CheckFailed where a manifest was changed after the build.
    """
    before, after = read_manifest(old), read_manifest(new)
    first, second = before.program, after.program
    if isinstance(first, Layered) or isinstance(second, Layered):
        raise SymcError("compressed blocks cannot be compared", where=f"{old}, {new}")
    if any(program.format != FLOAT32 for program in (first, second)):
        what = "changes are bounded for float32 code, and one of these is in double precision"
        raise SymcError(what, where=f"{old}, {new}")
    if first.inputs != second.inputs:
        what = f"({', '.join(second.inputs)}) instead of ({', '.join(first.inputs)})"
        raise SymcError(f"takes other inputs: {what}", where=str(new))
    box = _both(before, after)
    shared = [name for name in second.outputs if name in first.outputs]
    difference = _difference(first, second, shared)
    bounds = _bounds(first, second, difference, box)
    points = inside(box, difference.n_in, _POINTS)
    with np.errstate(all="ignore"):
        sizes = np.abs(evaluate(difference, points).astype(np.float64))
    sizes = np.where(np.isnan(sizes), -1.0, sizes)
    changes = []
    for k, name in enumerate(shared):
        row = int(sizes[:, k].argmax())
        place = dict(zip(second.inputs, points[row].tolist(), strict=True))
        texts = [dict(zip(m.program.outputs, m.texts, strict=True))[name] for m in (before, after)]
        largest = max(float(sizes[row, k]), 0.0)
        changes.append(Change(name, bounds[name] if np.isfinite(bounds[name]) else None, largest, place, *texts))
    return Changes(tuple(changes), tuple(_others(before, after)))


def _both(before: Manifest, after: Manifest) -> Box:
    if before.domain is None or after.domain is None:
        raise SymcError("has no domain over which to compare", where=(after if before.domain else before).name)
    box = [(max(a[0], b[0]), min(a[1], b[1])) for a, b in zip(before.domain, after.domain, strict=True)]
    apart = [name for name, (low, high) in zip(before.program.inputs, box, strict=True) if low > high]
    if apart:
        raise SymcError(f"the two domains have no value of {apart[0]} in common", where=after.name)
    return box


def _difference(first: Program, second: Program, shared: Sequence[str]) -> Program:
    """new - old of the outputs in both; parts that are equal in both are computed once, so that what is equal is 0."""
    builder = Builder(first.inputs)
    old, new = builder.include(first), builder.include(second)
    pairs = [(new[second.results[second.outputs.index(n)]], old[first.results[first.outputs.index(n)]]) for n in shared]
    return builder.finish(shared, [builder.op("sub", a, b) for a, b in pairs])


def _bounds(first: Program, second: Program, difference: Program, box: Box) -> dict[str, float]:
    """Output -> a bound of |new - old| over the box, the lesser of two.

    That of the difference of the codes, in which a part of both does not cancel; and that of the difference of the real
    functions, where it does, with what rounding adds in each.
    """
    direct, simple = analyse(difference, box), _simplified(difference)
    real = _exactly(simple, box)
    rounding = [_exactly(program, box).errors for program in (first, second)]
    found = {}
    for name in difference.outputs:
        between = max(map(abs, real.outputs[name])) + real.errors[name] + sum(errors[name] for errors in rounding)
        found[name] = min(max(map(abs, direct.outputs[name])), between)
    return found


def _exactly(program: Program, box: Box) -> Ranges:
    """What a program is proved to give, and how far it is from the real function of its constants as they are."""
    constants = frozenset(program.constants)
    return analyse(program, box, source=Source(program, constants, constants))


def _simplified(program: Program) -> Program:
    """The same real function by identities that save work, such as (a + b) - a."""
    while True:
        cheaper = [other for other in rewritten(program) if other.cost < program.cost]
        if not cheaper:
            return program
        program = min(cheaper, key=lambda p: (p.cost, str(p)))


def _others(before: Manifest, after: Manifest) -> list[str]:
    found = []
    for what, names in (
        ("gone", [n for n in before.program.outputs if n not in after.program.outputs]),
        ("new", [n for n in after.program.outputs if n not in before.program.outputs]),
    ):
        if names:
            found.append(f"outputs {what}: {', '.join(names)}")
    if before.domain != after.domain:
        pairs = zip(before.program.inputs, before.domain or (), after.domain or (), strict=True)
        moved = [f"{n} {a[0]:g}..{a[1]:g} -> {b[0]:g}..{b[1]:g}" for n, a, b in pairs if a != b]
        found.append(f"the domain: {', '.join(moved)}")
    if before.targets != after.targets:
        found.append(f"targets: {', '.join(before.targets)} -> {', '.join(after.targets)}")
    return found


def _bound(bound: float | None) -> str:
    return "not proved" if bound is None else f"{bound:.4g}"


def _place(at: dict[str, float]) -> str:
    return ", ".join(f"{name} = {np.float32(value)}" for name, value in list(at.items())[:4])
