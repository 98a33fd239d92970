"""Equations by symbolic regression: of principal components, as the literature compresses a block (the control that
every other form must beat), and of what an affine map of low rank leaves."""

from __future__ import annotations

import math

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from symc.compression import bases
from symc.compression.bases import Site
from symc.compression.forms import Bottleneck, Form
from symc.compression.inner import Found, names
from symc.errors import SymcError
from symc.ir.evaluate import evaluate_real
from symc.ir.lower import lower
from symc.ir.parse import parse
from symc.search.engines.operon.engine import Operon
from symc.search.engines.protocol import Budget
from symc.search.operators import DEFAULT_OPERATORS

Array = NDArray[np.float64]

# The literature fits on about as many tokens.
_ROWS = 6000
# Proposals come with the least loss first; so many of them are judged on rows that the search has not seen.
_JUDGED = 12
# Budget of the search for what one coordinate of a low-rank map leaves.
_RESIDUAL_EVALUATIONS = 4000


def pca_equations(site: Site, k_in: int, k_out: int, evaluations: int, seed: int) -> Form:
    """One searched equation for each of `k_out` principal components of the output, in `k_in` of the input.

    evaluations: budget of the search for each equation. The equation closest on rows held out from it is taken.
    """
    site = site.unweighted()
    project, offset = bases.of_unit_spread(site, bases.principal_inputs(site, k_in))
    expand, read = bases.outputs(site, k_out, site.identity)
    z, u = _some_rows(site, project, offset, read, seed)
    spread = u.std(dim=0).clamp_min(1e-30)
    texts = [_search(z, target.numpy(), evaluations, seed + k) for k, target in enumerate((u / spread).T)]
    return Bottleneck(
        f"PCA {k_in}/{k_out} + search", (project, offset), Found(texts, k_in), (expand * spread, site.mean_y)
    )


def residual_equations(site: Site, rank: int, seed: int) -> Form:
    """An affine map of low rank (reduced-rank regression), and a searched equation for what each coordinate leaves."""
    expand, read = bases.outputs(site, rank, site.fisher, explained=True)
    reads = read @ site.slope
    project, offset = bases.of_unit_spread(site, reads)
    spread = ((reads @ site.covariance_x) * reads).sum(dim=1).sqrt().clamp_min(1e-30)
    z, u = _some_rows(site, project, offset, read, seed)
    left = (u / spread).numpy() - z
    texts = [f"z{k} + ({_search(z, left[:, k], _RESIDUAL_EVALUATIONS, seed + k)})" for k in range(rank)]
    return Bottleneck(f"searched {rank}", (project, offset), Found(texts, rank), (expand * spread, site.mean_y))


def _some_rows(site: Site, project: Tensor, offset: Tensor, read: Tensor, seed: int) -> tuple[Array, Tensor]:
    """Coordinates (n, n_in) and readings of the output (n, n_out) of rows drawn by seed."""
    draw = torch.Generator().manual_seed(seed)
    rows = torch.randperm(len(site.samples.x), generator=draw)[:_ROWS]
    z = (site.samples.x[rows].double() @ project.T + offset).numpy()
    return z, (site.samples.y[rows].double() - site.mean_y) @ read.T


def _search(z: Array, u: Array, evaluations: int, seed: int) -> str:
    features, fit = names("z", z.shape[1]), 4 * len(z) // 5
    x, y = z[:fit].astype("float32"), u[:fit].astype("float32")
    found = Operon().fit(x, y, features, Budget(evaluations), seed, DEFAULT_OPERATORS).candidates[:_JUDGED]
    if not found:
        raise SymcError("the search proposed no equation", hint="Search longer.")

    def error(text: str) -> float:
        value = evaluate_real(lower([parse(text, features)], features, ["u"]), z[fit:])[:, 0]
        squares = float(((value - u[fit:]) ** 2).mean())
        return squares if math.isfinite(squares) else math.inf

    return min((candidate.equation for candidate in found), key=error)
