"""Limits on a surrogate's errors, as text or as a dict, and which of them do not hold."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping, Sequence

from symc.bundle.manifest import Parity
from symc.errors import CheckFailed, SymcError
from symc.tables import shortened

Limits = Mapping[str, float]
# Slice -> output -> measure -> value, None where it is not defined.
Figures = Mapping[str, Mapping[str, Mapping[str, float | None]]]

PARITY_MEASURES = ("rmse", "relative_rmse", "largest", "r2")
_HELD_OUT = "held-out"
_AT_LEAST = frozenset({"r2"})
_TEXT = re.compile(r"\s*(?P<name>[^<>=]*[^<>=\s])\s*(?P<relation><=|>=)\s*(?P<bound>\S+)\s*\Z")


def read_limits(required: Limits | Sequence[str] | str, measures: Sequence[str] | None = None) -> dict[str, float]:
    """Name of a limit -> its bound, from such a dict or from texts such as "rmse<=0.01" and "r2>=0.99".

    Raises SymcError for text that is no limit, a bound that is not a number or on the wrong side, and where `measures`
    are given for a limit on anything else.
    """
    pairs: Sequence[tuple[str, object]]
    if isinstance(required, Mapping):
        pairs = list(required.items())
    else:
        pairs = [_read(text) for text in ([required] if isinstance(required, str) else required)]
    limits = {}
    for name, value in pairs:
        if measures is not None and _split(name)[2] not in measures:
            raise SymcError(f"there is no limit {name!r}", hint=f"A limit is {_either(measures)}.")
        bound = _number(value)
        if math.isnan(bound):
            raise SymcError(f"the bound of {name!r} is {value!r}, which is not a number")
        limits[name] = bound
    return limits


def write_limits(limits: Limits) -> tuple[str, ...]:
    """The texts that read_limits reads."""
    return tuple(f"{name}{_relation(_split(name)[2])}{bound!r}" for name, bound in limits.items())


def check_parity(parity: Sequence[Parity], limits: Limits) -> None:
    """Raise CheckFailed naming every limit that the parity of a build does not keep, and by how much.

    A limit is [SPLIT/][OUTPUT.]MEASURE: rmse, relative_rmse or largest from above, r2 from below, of every output on
    the held-out samples unless it says otherwise. Raises SymcError for a limit that nothing was measured for.
    """
    if limits and not parity:
        raise SymcError(
            "there is nothing to measure the limits on: the model holds no recorded outputs of a network",
            hint="Build a module that symc distilled, or leave the limits out.",
        )
    figures: dict[str, dict[str, dict[str, float | None]]] = {}
    for p in parity:
        values = (p.rmse, p.relative_rmse, p.max_error, p.r2)
        figures.setdefault(p.split, {})[p.output] = dict(zip(PARITY_MEASURES, values, strict=True))
    raise_for(
        broken(limits, figures, _HELD_OUT),
        hint="No bundle was written. Search longer, choose by --select accuracy, or accept more.",
    )


def broken(limits: Limits, figures: Figures, default: str) -> list[str]:
    """One line for every output that does not keep a limit; `default` is the slice of limits that name none.

    Raises SymcError for a limit that nothing was measured for.
    """
    findings = []
    for name, bound in limits.items():
        part, output, measure = _split(name)
        chosen = {of: m for of, m in figures.get(part or default, {}).items() if output in ("", of) and measure in m}
        if not chosen:
            raise SymcError(f"there is no limit {name!r}", hint=_known(figures))
        for of, measures in chosen.items():
            value = measures[measure]
            if value is None or not _holds(measure, value, bound):
                findings.append(f"{part or default}, {of}: {_finding(measure, value, bound)}")
    return findings


def raise_for(findings: Sequence[str], hint: str | None = None) -> None:
    """CheckFailed with the lines that broken returned, if there are any."""
    if findings:
        raise CheckFailed("the surrogate is not good enough:\n  " + "\n  ".join(findings), hint=hint)


def _read(text: str) -> tuple[str, str]:
    # Runs of blanks would take time with their square.
    text = " ".join(text.split())
    found = _TEXT.match(text)
    if not found:
        raise SymcError(f"{shortened(text)!r} is not a limit", hint='Write it as "rmse<=0.01" or "r2>=0.99".')
    name, relation = found["name"], found["relation"]
    if relation != _relation(_split(name)[2]):
        raise SymcError(f"{text!r} bounds {name} from the wrong side", hint=f"Write {_relation(_split(name)[2])}.")
    return name, found["bound"]


def _number(value: object) -> float:
    try:
        return float(value)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        return math.nan


def _split(name: str) -> tuple[str, str, str]:
    """(slice, output, measure), the first two "" where the name has none."""
    part, _, rest = name.rpartition("/")
    output, _, measure = rest.rpartition(".")
    return part, output, measure


def _relation(measure: str) -> str:
    return ">=" if measure in _AT_LEAST else "<="


def _holds(measure: str, value: float, bound: float) -> bool:
    return value >= bound if measure in _AT_LEAST else value <= bound


def _finding(measure: str, value: float | None, bound: float) -> str:
    if value is None:
        return f"{measure} is not defined, limit {bound:g}"
    side = "under" if measure in _AT_LEAST else "over"
    return f"{measure} is {value:g}, limit {bound:g}, {abs(value - bound):.3g} {side} it"


def _known(figures: Figures) -> str:
    outputs = next(iter(figures.values()))
    measures = next(iter(outputs.values()))
    return (
        f"A limit is {_either(measures)}, of one output as {next(iter(outputs))}.rmse, "
        f"behind one of: {', '.join(f'{part}/' for part in figures)}."
    )


def _either(names: Iterable[str]) -> str:
    *first, last = names
    return f"{', '.join(first)} or {last}"
