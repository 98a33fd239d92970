"""compress: replace blocks of a network by cheap equations between matrices, chosen by the network's own metric."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import torch
from numpy.typing import ArrayLike
from torch import nn

from symc.arithmetic import usual
from symc.capture.dataset import check_seed
from symc.capture.inputs import as_inputs
from symc.capture.record import evaluating, record
from symc.compression.bases import Site
from symc.compression.choose import Limits
from symc.compression.classes import Classes
from symc.compression.distance import Distance, distance_of
from symc.compression.fitting import Metric, Task, fit, multiply_adds
from symc.compression.forms import Form
from symc.compression.methods import METHODS, affine, mean, through_block, zero
from symc.compression.result import Compression, Control
from symc.compression.samples import batches_of, first_rows, replaced, running_order
from symc.compression.symbolic import pca_equations
from symc.errors import SymcError
from symc.models.layers import find_layer

# Components of the input and of the output that the literature keeps.
_PCA = (32, 8)


@usual
def compress(
    network: nn.Module,
    blocks: str | Sequence[str],
    x: Any,
    *,
    metric: Metric,
    held_out: Metric | None = None,
    classify: Any = None,
    labels: ArrayLike | None = None,
    distance: str | Distance = "squared",
    tolerance: float | None = None,
    budget: int | None = None,
    methods: Sequence[str] = ("low_rank", "quadratic"),
    finetune: int = 0,
    search_evaluations: int = 0,
    rows: int = 32768,
    batch: int = 16,
    seed: int = 0,
) -> Compression:
    """Find, for each block, a form of few multiply-adds that leaves the network's metric alone.

    Zero, the mean and the affine map are always candidates; further ones come from `methods`, a few of each between
    cheap and dear. What is measured is the whole network with the form in place. Several blocks are taken in the order
    in which the network runs them, each fitted to what comes through those compressed before it.

    Parameters
    ----------
    blocks: names in named_modules() of blocks that map one tensor (..., n_in) to one (..., n_out), row by row.
    x: inputs to fit on, as SymbolicModule.distill takes them; cut into batches of `batch` along their first dimension.
        The network's outputs for all of them are kept in memory.
    metric: the network with replaced blocks -> a number, the lower the better; on rows that x does not hold.
    held_out: the same on a third set of rows, which nothing was chosen by; the table gives its figures. By default
        those of `metric`.
    classify: inputs that x does not hold, of a network that decides for the largest of its last dimension; the table
        then says on how many of these rows it decides as before. labels: their classes; the table then says how often
        it is right.
    distance: how outputs of the network are compared in fitting: "squared", "kl" for logits, or a Distance.
    tolerance: the most that the metric may rise. The cheapest form within it is taken; where there is none, the block
        stays. Of n blocks the first k together may use k/n of it.
    budget: the most multiply-adds of one block. Without a tolerance, the least damaging form within it is taken.
    methods: of "low_rank", "quadratic", "ramps" and "searched" (symc.compression.methods says what they are). Ramps are
        found by gradient descent, and searched equations by symbolic regression; both take longer than all else.
    finetune: steps of Adam over the forms' matrices and constants, one batch each: for the finalists of a single block,
        and for the chosen forms of several blocks together.
    search_evaluations: budget of a symbolic regression of each principal component of a block's output, for the row
        "PCA + search" of the table; 0 leaves it out.
    rows: the most rows of each block that are recorded.

    The network is left as it was; `apply` of the result changes it. Raises SymcError for an unknown block, method or
    distance, a network whose output is no tensor, a block that is not row by row, and a metric that is not finite.
    """
    names = [blocks] if isinstance(blocks, str) else list(blocks)
    _check(names, methods, tolerance, budget)
    if labels is not None and classify is None:
        raise SymcError("labels are given without the rows that they are of", hint="Pass classify=, the inputs.")
    check_seed(seed)
    compared = distance_of(distance)
    chosen_methods = tuple(method for name in methods for method in METHODS[name])
    with evaluating(network), torch.no_grad():
        given = as_inputs(x)
        batches = tuple(batches_of(network, given, batch))
        for name in names:
            # What no form could stand in for is refused here, with what is wrong with it.
            record(network, find_layer(network, name), first_rows(given, batch))
        order = running_order(network, names, batches[0])
        base = _finite(metric, network)
        classes = None if classify is None else Classes(network, classify, labels, batch)
        limits = Limits(tolerance, budget)
        task = Task(network, order, metric, base, compared, chosen_methods, limits, finetune, rows, seed, batches)
        found = fit(task)
        judge = held_out or metric
        counted = None if classes is None else classes.count(network)
        start = _finite(judge, network)
        table = [Control("original", sum(b.multiply_adds for b in found), start, 0.0, counted)]
        kept = sum(b.multiply_adds for b in found if b.form is None)
        chosen = {b.name: b.form for b in found if b.form is not None}
        for label, forms in [*_controls(task, search_evaluations), ("chosen", chosen)]:
            with replaced(network, forms):
                value = float(judge(network))
                counted = None if classes is None else classes.count(network)
            spent = sum(form.multiply_adds() for form in forms.values()) + (kept if label == "chosen" else 0)
            table.append(Control(label, spent, value, value - start, counted))
    return Compression(network, tuple(found), tuple(table), {"distance": type(compared).__name__, "seed": str(seed)})


def _controls(task: Task, search_evaluations: int) -> Iterator[tuple[str, Mapping[str, Form]]]:
    """What any compression must beat, in the places of all blocks, each fitted to the network as it was."""
    sites = task.sites(task.names, {})
    plain = {name: site.unweighted() for name, site in sites.items()}
    for label, trivial in (("zero", zero), ("mean", mean), ("affine", affine)):
        yield label, {name: trivial(site) for name, site in plain.items()}
    sizes = {name: (min(_PCA[0], site.n_in), min(_PCA[1], site.n_out)) for name, site in plain.items()}

    def through(name: str, site: Site) -> Form:
        block = task.network.get_submodule(name)
        return through_block(site, block, *sizes[name], multiply_adds(block, site.samples.x[:1]))

    yield "PCA + block", {name: through(name, site) for name, site in plain.items()}
    if search_evaluations:
        yield (
            "PCA + search",
            {name: pca_equations(site, *sizes[name], search_evaluations, task.seed) for name, site in plain.items()},
        )


def _check(names: Sequence[str], methods: Sequence[str], tolerance: float | None, budget: int | None) -> None:
    if tolerance is None and budget is None:
        raise SymcError("neither a tolerance nor a budget is given", hint="Say how much the metric may rise.")
    if not names:
        raise SymcError("no block is named", hint="symc.scan shows which are worth it.")
    for method in methods:
        if method not in METHODS:
            raise SymcError(f"unknown method {method!r}", hint=f"The methods are: {', '.join(METHODS)}.")


def _finite(metric: Metric, network: nn.Module) -> float:
    value = float(metric(network))
    if not math.isfinite(value):
        raise SymcError(f"the metric of the original network is {value}", hint="It must be a finite number.")
    return value
