"""What a compressed block gives anywhere in a box of inputs: through its matrices, and its equations over what reaches
them.

A matrix takes up its products in column order, each rounded; rounding keeps the order of numbers, so that the sums of
the least and the greatest products enclose every sum, and are reached at corners of the box. The coordinates between
the matrices are taken to be anything in their own box: what happens only there is undecided, until inputs are found
that lead to it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from symc.analysis.findings import Finding, Ranges
from symc.analysis.interval import Real
from symc.analysis.passing import half_unit
from symc.analysis.ranges import WORK, analyse
from symc.analysis.trace import Boxes, Trace, trace
from symc.analysis.wording import expression_at
from symc.ir.evaluate import evaluate
from symc.ir.layered import Layered
from symc.meaning.points import Box, inside

F64 = NDArray[np.float64]

_POINTS = 512
_SLACK = 1.0 + 1e-12


@dataclass(frozen=True)
class Columns:
    """Values between `low` and `high`, (n, columns) float32, each at most `error` (columns,) from its real value."""

    low: Real
    high: Real
    error: F64


def analyse_layered(program: Layered, domain: Box, work: int = WORK) -> Ranges:
    """Prove what `program` gives in the box; see symc.analysis.ranges.analyse.

    The bound of the error is that against the equations' text between the matrices as they are stored. A finding that
    is undecided names coordinates, the inputs of the equations, and no share.
    """
    low, high = np.array(domain, dtype=np.float32).reshape(-1, 2).T
    x = Columns(low[None], high[None], np.zeros(len(low)))
    z = _sums(program.project.bias, (program.project.weight, x))
    points = _points(program, domain, low, high)
    results = evaluate(program, points)
    found = _Found(program, points, results)
    if not _finite(z).all():
        names = np.array(program.equations.inputs)[~_finite(z)]
        findings = tuple(found.overflow(f"the sum of {name}", program.outputs) for name in names)
        nothing = dict.fromkeys(program.outputs, (-np.inf, np.inf))
        return Ranges(nothing, dict.fromkeys(program.outputs, np.inf), findings, len(names))
    box = list(zip(z.low[0].tolist(), z.high[0].tolist(), strict=True))
    core = analyse(program.equations, box, work, inputs=z.error)
    reached = _sums(program.project.bias, (program.project.weight, Columns(points, points, x.error))).low
    findings = found.of_equations(core, trace(program.equations, Boxes.of(reached)))
    ranges, errors, sums = _expanded(program, core, x)
    return Ranges(ranges, errors, (*findings, *(found.overflow(f"the sum of {n}", (n,)) for n in sums)), core.sites)


def _expanded(
    program: Layered, core: Ranges, x: Columns
) -> tuple[dict[str, tuple[float, float]], dict[str, float], list[str]]:
    """Ranges and errors of the outputs, and the outputs whose own sum may overflow."""
    bounds = np.array([core.outputs[name] for name in program.equations.outputs])
    proved = np.isfinite(bounds).all(axis=1)
    bounds = np.where(proved[:, None], bounds, 0.0).astype(np.float32)
    error = np.array([core.errors[name] for name in program.equations.outputs])
    h = Columns(bounds[None, :, 0], bounds[None, :, 1], np.where(proved, error, np.inf))
    parts = [(program.expand.weight, h)] + ([] if program.direct is None else [(program.direct, x)])
    y = _sums(program.expand.bias, *parts)
    known = ~((program.expand.weight != 0.0) & ~proved).any(axis=1)
    ranges, errors, sums = {}, {}, []
    for k, name in enumerate(program.outputs):
        finite = bool(_finite(y)[k])
        ranges[name] = (float(y.low[0, k]), float(y.high[0, k])) if known[k] and finite else (-np.inf, np.inf)
        errors[name] = float(y.error[k]) if known[k] and finite else np.inf
        sums += [name] * (not finite)
    return ranges, errors, sums


def _sums(bias: Real, *parts: tuple[Real, Columns]) -> Columns:
    """bias plus the products of each weight (n_out, n) with its n columns, in the order of the code."""
    n = len(parts[0][1].low)
    low, high = np.tile(bias, (n, 1)), np.tile(bias, (n, 1))
    error = np.zeros(len(bias))
    with np.errstate(all="ignore"):
        for weight, columns in parts:
            for k in range(weight.shape[1]):
                factor = weight[:, k]
                ends = columns.low[:, k, None] * factor, columns.high[:, k, None] * factor
                least, most = np.minimum(*ends), np.maximum(*ends)
                low, high = low + least, high + most
                # A product with 0 is exact and changes no sum; elsewhere it and the sum are rounded.
                own = _half_units(least, most) + _half_units(low, high)
                passed = np.abs(factor.astype(np.float64)) * columns.error[k]
                error = (error + np.where(factor == 0.0, 0.0, own + passed)) * _SLACK
    return Columns(low, high, np.where(np.isnan(error), np.inf, error))


def _half_units(low: Real, high: Real) -> F64:
    return half_unit(np.maximum(np.abs(low), np.abs(high)).max(axis=0).astype(np.float64))


def _finite(columns: Columns) -> NDArray[np.bool_]:
    return np.asarray((np.isfinite(columns.low) & np.isfinite(columns.high)).all(axis=0))


def _points(program: Layered, domain: Box, low: Real, high: Real) -> Real:
    """Points that fill the box, and those at which each coordinate is least and greatest."""
    rises = program.project.weight >= 0.0
    return np.concatenate(
        [inside(domain, program.n_in, _POINTS), np.where(rises, high, low), np.where(rises, low, high)]
    )


@dataclass(frozen=True)
class _Found:
    """Findings as they are of the whole block; `results` are what it gives at the `points` of its inputs."""

    program: Layered
    points: Real
    results: Real

    def overflow(self, site: str, outputs: Sequence[str]) -> Finding:
        """Of a sum that may be too large: unsafe where a result is not finite at a point."""
        columns = [self.program.outputs.index(name) for name in outputs]
        wrong = np.flatnonzero(~np.isfinite(self.results[:, columns]).all(axis=1))
        if len(wrong):
            return Finding(site, "overflow", "unsafe", tuple(outputs), self._place(int(wrong[0])))
        return Finding(site, "overflow", "undecided", tuple(outputs))

    def of_equations(self, core: Ranges, at_points: Trace) -> tuple[Finding, ...]:
        """What was found of the equations, with the inputs that lead to it where such are known."""
        rows: dict[tuple[str, str], int] = {}
        for position, masks in at_points.dangers.items():
            site = expression_at(self.program.equations, position)
            for kind, mask in masks.items():
                wrong = mask if kind != "overflow" else mask & ~np.isfinite(self.results).all(axis=1)
                if wrong.any():
                    rows.setdefault((site, kind), int(wrong.argmax()))
        return tuple(self._whole(f, rows) for f in core.findings)

    def _whole(self, finding: Finding, rows: dict[tuple[str, str], int]) -> Finding:
        values = [self.program.equations.outputs.index(name) for name in finding.outputs]
        reached = (self.program.expand.weight[:, values] != 0.0).any(axis=1)
        outputs = tuple(name for name, does in zip(self.program.outputs, reached, strict=True) if does)
        finding = replace(finding, outputs=outputs, share=0.0)
        row = rows.get((finding.site, finding.kind))
        if finding.verdict == "absorbed":
            return finding
        if row is not None:
            return replace(finding, verdict="unsafe", place=self._place(row), beside=False, part={})
        part = finding.part or {name: (value, value) for name, value in finding.place.items()}
        return replace(finding, verdict="undecided", place={}, beside=False, part=part)

    def _place(self, row: int) -> dict[str, float]:
        return dict(zip(self.program.inputs, self.points[row].tolist(), strict=True))
