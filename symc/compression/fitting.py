"""Fitting: candidates for one block after the other, each to what comes through those compressed before it."""

from __future__ import annotations

import copy
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

import torch
from torch import Tensor, nn
from torch.utils.flop_counter import FlopCounterMode

from symc.compression.bases import Site
from symc.compression.choose import Candidate, Limits, choose, finalists
from symc.compression.distance import Distance
from symc.compression.finetune import tune
from symc.compression.forms import Form
from symc.compression.methods import Method, affine, mean, zero
from symc.compression.result import BlockResult
from symc.compression.samples import Batch, record, replaced

Metric = Callable[[nn.Module], float]

_RUNGS = 6
_FINALISTS = 3


@dataclass(frozen=True, eq=False)
class Task:
    """What stays the same while the blocks are compressed; `names` in the order in which the network runs them."""

    network: nn.Module
    names: tuple[str, ...]
    metric: Metric
    base: float
    distance: Distance
    methods: tuple[Method, ...]
    limits: Limits
    finetune: int
    rows: int
    seed: int
    batches: tuple[Batch, ...]

    def sites(self, names: tuple[str, ...], forms: Mapping[str, Form]) -> dict[str, Site]:
        """Samples of blocks, with `forms` in the places of others."""
        with replaced(self.network, forms):
            found = record(self.network, names, self.batches, self.distance, self.rows, self.seed)
        return {name: Site(samples, on_cpu(self.network.get_submodule(name))) for name, samples in found.items()}

    def measure(self, forms: Mapping[str, Form]) -> tuple[float, float]:
        """The metric with forms in place, and its rise."""
        with replaced(self.network, forms):
            value = float(self.metric(self.network))
        return value, value - self.base if math.isfinite(value) else math.inf


def fit(task: Task) -> list[BlockResult]:
    """Candidates and choices for all blocks; the forms of several are tuned together at last."""
    forms: dict[str, Form] = {}
    found = []
    for k, name in enumerate(task.names):
        tolerance = task.limits.tolerance
        share = None if tolerance is None else tolerance * (k + 1) / len(task.names)
        block = _fit_one(task, name, forms, replace(task.limits, tolerance=share))
        found.append(block)
        if block.form is not None:
            forms[name] = block.form
    if len(forms) > 1 and task.finetune:
        forms = _tuned_together(task, forms)
    return [replace(block, form=forms.get(block.name)) for block in found]


def ladder(least: int, most: int) -> list[int]:
    """Costs to fit at, in multiply-adds: `most`, and halves of it down to `least`, dearest first."""
    return [most >> k for k in range(_RUNGS) if most >> k >= least]


def multiply_adds(block: nn.Module, row: Tensor) -> int:
    """Of the block for one row (1, n_in), as torch counts them."""
    with FlopCounterMode(display=False) as counter:
        on_cpu(block)(row)
    return counter.get_total_flops() // 2


def on_cpu(block: nn.Module) -> Callable[[Tensor], Tensor]:
    """The block as a function of float32 rows on the CPU, wherever it lives."""
    like = next(block.parameters(), torch.zeros(()))
    return lambda rows: block(rows.to(like)).float().cpu()


def _fit_one(task: Task, name: str, forms: Mapping[str, Form], limits: Limits) -> BlockResult:
    site = task.sites((name,), forms)[name]
    block = task.network.get_submodule(name)
    like = next(block.parameters(), torch.zeros(()))
    own = multiply_adds(block, site.samples.x[:1])
    fitted = [zero(site), mean(site), affine(site)]
    for cost in ladder(site.n_in + site.n_out, limits.budget or own // 2):
        made = (method(site, cost, task.seed) for method in task.methods)
        fitted += [form for form in made if form is not None]
    candidates = []
    # Where little may be spent, several ways to spend it come to the same.
    for form in {(form.label, form.multiply_adds()): form for form in fitted}.values():
        form.settle()
        form.to(like.device)
        spent = form.multiply_adds()
        if spent < own:
            candidates.append(Candidate(form, spent, *task.measure({**forms, name: form})))
    # Several blocks are tuned together at last, which takes one tuning instead of several for each.
    for start in finalists(candidates, limits, _FINALISTS) if task.finetune and len(task.names) == 1 else ():
        tuned = copy.deepcopy(start.form)
        with replaced(task.network, forms):
            tune(task.network, {name: tuned}, task.batches, task.distance, task.finetune, task.seed)
        tuned.settle()
        candidates.append(Candidate(tuned, start.multiply_adds, *task.measure({**forms, name: tuned}), tuned=True))
    chosen = choose(candidates, limits)
    found = None if chosen is None else chosen.form
    return BlockResult(name, own, block, site.samples, tuple(candidates), chosen, found)


def _tuned_together(task: Task, forms: Mapping[str, Form]) -> dict[str, Form]:
    """The forms after tuning all of them at once; as they were, where that does not lower the metric."""
    tuned = {name: copy.deepcopy(form) for name, form in forms.items()}
    tune(task.network, tuned, task.batches, task.distance, task.finetune, task.seed)
    for form in tuned.values():
        form.settle()
    return tuned if task.measure(tuned)[0] < task.measure(forms)[0] else dict(forms)
