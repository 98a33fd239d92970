"""From a dataset to what is distilled from it: the search as it was asked for, and the record of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from torch import nn

from symc.capture.dataset import Dataset
from symc.capture.derivatives import derivatives_of
from symc.capture.layout import Layout
from symc.module.saved import ONE_TENSOR, Distilled, Provenance
from symc.search.engines.protocol import DEFAULT_EVALUATIONS
from symc.search.engines.registry import choose
from symc.search.operators import check_operators
from symc.search.task import settings_of

if TYPE_CHECKING:
    from symc.search.run import SearchResult


@dataclass(frozen=True)
class Request:
    """What to search for, how long and where; every field as symc.search.run.search has it.

    Raises SymcError for an unknown engine or operator: before a network runs, which takes longer.
    """

    engine: str = "auto"
    evaluations: int | Mapping[str, int] | None = None
    time_budget: float | None = None
    seed: int = 0
    operators: Sequence[str] | Mapping[str, Sequence[str]] | None = None
    max_complexity: int | Mapping[str, int] | None = None
    workers: int | None = None
    executor: str | None = None
    keep: str | Path | None = None

    def __post_init__(self) -> None:
        if self.engine != "auto":
            choose(self.engine)
        for names in self.operators.values() if isinstance(self.operators, Mapping) else (self.operators,):
            check_operators(names)

    def distil(
        self,
        dataset: Dataset,
        source: str,
        layout: Layout = ONE_TENSOR,
        output_dims: tuple[int, ...] = (),
        block: nn.Module | Callable[..., Any] | None = None,
    ) -> tuple[SearchResult, Distilled]:
        """Search every output of `dataset`, and ask `block` for derivatives there. Raises as search does."""
        from symc.search.run import search
        from symc.version import __version__

        evaluations = DEFAULT_EVALUATIONS if self.evaluations is None else self.evaluations
        settings = settings_of(dataset.outputs, self.operators, evaluations, self.max_complexity)
        result = search(
            dataset,
            engine=self.engine,
            evaluations=self.evaluations,
            time_budget=self.time_budget,
            seed=self.seed,
            operators=self.operators,
            workers=self.workers,
            executor=self.executor,
            keep=self.keep,
            max_complexity=self.max_complexity,
            slopes=None if block is None else derivatives_of(block, dataset, layout, output_dims),
        )
        alike = len(set(settings)) == 1
        provenance = Provenance(
            source=source,
            engine=result.engine,
            engine_version=result.engine_version,
            seed=dataset.seed,
            evaluations=result.evaluations,
            stopped_by=result.stopped_by,
            evaluations_budget=settings[0].evaluations if alike and self.evaluations is not None else None,
            time_budget=None if self.time_budget is None else float(self.time_budget),
            operators=tuple(dict.fromkeys(name for one in settings for name in one.operators)),
            symc_version=__version__,
            max_complexity=settings[0].max_complexity if alike else None,
            by_output=() if alike else settings,
        )
        return result, Distilled(dataset, tuple(result.fronts), provenance, None, layout, output_dims)
