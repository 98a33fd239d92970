"""All reductions of a law to fewer variables, one after the other."""

from __future__ import annotations

from collections.abc import Collection

from symc.search.refit import Samples
from symc.search.structure.greedy import EXACT, one_group, one_scaling, one_wave
from symc.search.structure.symmetry import Reduction, scaled, shifted
from symc.search.watch import pulse


def reductions(samples: Samples, error: float = EXACT, operators: Collection[str] = ()) -> list[Reduction]:
    """Reductions that hold, one step after the other; the last ones leave the fewest variables.

    `error` is what the samples themselves are wrong by, relative: fewer variables need not tell the output better.
    A scaling is written in every way, for each variable that may stand before the rest: the law of one may be simpler.
    A cosine or sine in `operators` may take the place of what it is of.
    """
    found: list[Reduction] = []
    current = Reduction(samples, samples.features)
    while current.samples.features:
        pulse()
        steps = _steps(current.samples, error, operators)
        if not steps:
            break
        found += [_composed(current, step) for step in reversed(steps)]
        current = found[-1]
    return found


def _steps(samples: Samples, error: float, operators: Collection[str]) -> list[Reduction]:
    """One step in several ways, the simplest first."""
    shift = shifted(samples, error)
    if shift is not None:
        return [shift]
    steps = scaled(samples, error)
    # Derivatives that were asked of a network show all there is.
    if steps or samples.slopes is not None:
        return steps
    step = one_group(samples) or one_wave(samples, operators) or one_scaling(samples)
    return [] if step is None else [step]


def _composed(outer: Reduction, inner: Reduction) -> Reduction:
    definitions = tuple(outer.over_inputs(d) for d in inner.definitions)
    inner_factor = outer.over_inputs(inner.prefactor) if inner.prefactor else ""
    factors = [f for f in (outer.prefactor, inner_factor) if f]
    return Reduction(inner.samples, definitions, "*".join(f"({f})" for f in factors))
