"""What was counted of a block that runs, in Python or on devices: one shape for both, and as Prometheus takes it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from symc.errors import MissingTool

if TYPE_CHECKING:
    from prometheus_client.core import Metric

REASONS = ("outside", "not_finite", "beyond")


@dataclass(frozen=True)
class Counts:
    """Rows of a block, and why its equations were not trusted with some.

    rows: those that reached it. guarded: those with a reason. reasons: rows by reason, in the order of REASONS; a row
    may have several. inputs: rows with that input outside, where it was counted by input. compared: rows on which
    network and equations both answered; largest: the largest difference there, by output. rolled_back: why the block
    went back to the network, None while it did not.
    """

    rows: int = 0
    guarded: int = 0
    reasons: tuple[int, ...] = (0,) * len(REASONS)
    inputs: Mapping[str, int] = field(default_factory=dict)
    compared: int = 0
    largest: tuple[float, ...] = ()
    rolled_back: str | None = None

    @property
    def guard_rate(self) -> float:
        """Share of the rows that had a reason; 0 before any."""
        return self.guarded / max(self.rows, 1)

    def __add__(self, other: Counts) -> Counts:
        """Both together: those of a module and of the devices, for example."""
        width = max(len(self.largest), len(other.largest))
        pairs = zip(_filled(self.largest, width), _filled(other.largest, width), strict=True)
        names = dict.fromkeys([*self.inputs, *other.inputs])
        return Counts(
            self.rows + other.rows,
            self.guarded + other.guarded,
            tuple(a + b for a, b in zip(self.reasons, other.reasons, strict=True)),
            {name: self.inputs.get(name, 0) + other.inputs.get(name, 0) for name in names},
            self.compared + other.compared,
            # A NaN stays: it is a difference that nobody can state.
            tuple(float(np.maximum(a, b)) for a, b in pairs),
            self.rolled_back or other.rolled_back,
        )

    def to_json(self) -> dict[str, Any]:
        """A dict of numbers, lists and text, which json.dumps takes."""
        return {
            "rows": self.rows,
            "guarded": self.guarded,
            "guard_rate": self.guard_rate,
            "reasons": dict(zip(REASONS, self.reasons, strict=True)),
            "inputs": dict(self.inputs),
            "rolled_back": self.rolled_back,
            "compared": self.compared,
            "largest_difference": [v if np.isfinite(v) else str(v) for v in self.largest],
        }


def prometheus(blocks: Mapping[str, Counts], lines: Mapping[str, int] | None = None) -> str:
    """Counts in Prometheus' text format, with the label block; `lines`: how many of a log there were of each kind.

    Raises MissingTool without prometheus_client (the extra symc[prometheus]).
    """
    try:
        from prometheus_client import CollectorRegistry, generate_latest
    except ImportError:
        raise MissingTool(
            "prometheus_client is not installed", hint="pip install 'symc[prometheus]', or take JSON."
        ) from None
    registry = CollectorRegistry()
    registry.register(_Collector(blocks, lines))
    return generate_latest(registry).decode()


@dataclass(frozen=True, eq=False)
class _Collector:
    """Its metrics have no time of creation: that would be the time at which they are printed."""

    blocks: Mapping[str, Counts]
    lines: Mapping[str, int] | None

    def collect(self) -> Iterator[Metric]:
        from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily

        rows = CounterMetricFamily("symc_rows", "rows that reached the guarded block", labels=["block"])
        guarded = CounterMetricFamily(
            "symc_guarded_rows", "rows on which the equations were not trusted", labels=["block"]
        )
        reasons = CounterMetricFamily(
            "symc_guard_reasons", "why they were not; a row may have several", labels=["block", "reason"]
        )
        inputs = CounterMetricFamily(
            "symc_outside_inputs", "rows with this input outside, on devices", labels=["block", "input"]
        )
        compared = CounterMetricFamily("symc_compared_rows", "rows on which both answered", labels=["block"])
        largest = GaugeMetricFamily(
            "symc_largest_difference", "largest |network - equation|", labels=["block", "output"]
        )
        rolled = GaugeMetricFamily(
            "symc_rolled_back", "1 after the block went back to the network", labels=["block"]
        )
        for block, counts in self.blocks.items():
            for metric, value in ((rows, counts.rows), (guarded, counts.guarded), (compared, counts.compared)):
                metric.add_metric([block], value)
            rolled.add_metric([block], float(counts.rolled_back is not None))
            for reason, value in zip(REASONS, counts.reasons, strict=True):
                reasons.add_metric([block, reason], value)
            for name, value in counts.inputs.items():
                inputs.add_metric([block, name], value)
            for k, difference in enumerate(counts.largest):
                largest.add_metric([block, str(k)], difference)
        yield from (rows, guarded, reasons, inputs, compared, largest, rolled)
        if self.lines is not None:
            read = CounterMetricFamily("symc_log_lines", "lines of the logs, by what became of them", labels=["kind"])
            for kind, value in self.lines.items():
                read.add_metric([kind], value)
            yield read


def _filled(values: tuple[float, ...], width: int) -> tuple[float, ...]:
    return values + (0.0,) * (width - len(values))
