"""Methods: each fits one form to a block in closed form or nearly so, at most as costly as it is told."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import nn

from symc.compression import bases
from symc.compression.bases import Site
from symc.compression.forms import Bottleneck, Constant, Form, ThroughBlock
from symc.compression.inner import Passing, RidgeFunctions
from symc.compression.quadratic import fit_quadratic
from symc.compression.symbolic import residual_equations

# (block, multiply-adds it may take, seed) -> a form, or None where none is so cheap.
Method = Callable[[Site, int, int], Form | None]

# Share of the multiply-adds that goes to the matrices around quadratic equations.
_SHARES = (0.75, 0.85)
# More coordinates than this make too many products of pairs to solve for.
_MOST_COORDINATES = 40
_STEPS, _RATE, _ROWS = 300, 3e-3, 1024


def zero(site: Site) -> Form:
    return Constant(torch.zeros(site.n_out), "zero")


def mean(site: Site) -> Form:
    return Constant(site.mean_y, "mean")


def affine(site: Site) -> Form:
    """The best affine map of all inputs, written beside a coordinate that is nothing."""
    nothing = torch.zeros(1, site.n_in), torch.zeros(1)
    constant = site.mean_y - site.slope @ site.mean_x
    return Bottleneck("affine", nothing, Passing(1), (torch.zeros(site.n_out, 1), constant), site.slope)


def low_rank(site: Site, cost: int, seed: int) -> Form | None:
    """An affine map of low rank, best in Fisher's metric (reduced-rank regression)."""
    rank = min(cost // (site.n_in + site.n_out), site.n_in, site.n_out)
    if rank < 1:
        return None
    expand, read = bases.outputs(site, rank, site.fisher, explained=True)
    reads = read @ site.slope
    project, offset = bases.of_unit_spread(site, reads)
    spread = ((reads @ site.covariance_x) * reads).sum(dim=1).sqrt()
    return Bottleneck(f"low rank {rank}", (project, offset), Passing(rank), (expand * spread, site.mean_y))


def quadratic(share: float) -> Method:
    """Sparse quadratic equations between supervised coordinates; `share` of the cost goes to the matrices."""

    def fit(site: Site, cost: int, seed: int) -> Form | None:
        k = min(int(share * cost) // (site.n_in + site.n_out), site.n_in, site.n_out, _MOST_COORDINATES)
        if k < 2:
            return None
        left = cost - k * (site.n_in + site.n_out)
        project, offset = bases.of_unit_spread(site, bases.active_inputs(site, k, site.fisher, seed))
        expand, read = bases.outputs(site, k, site.fisher)
        z = site.samples.x.double() @ project.T + offset
        u = (site.samples.y.double() - site.mean_y) @ read.T
        inner, constants = fit_quadratic(z, u, site.samples.weight, left)
        # The coordinates of the output may lean on one another: what they leave out is made up by least squares.
        return Bottleneck(f"quadratic {k}", (project, offset), inner, (expand, site.mean_y + expand @ constants))

    return fit


def ridge_functions(site: Site, cost: int, seed: int) -> Form | None:
    """A low-rank affine map and smooth ramps of other directions, found by gradient descent on the block's output."""
    k = int(0.9 * cost) // (site.n_in + site.n_out)
    passing = 2 * k // 5
    if passing < 1 or k > min(site.n_in, site.n_out):
        return None
    draw = torch.Generator().manual_seed(seed)
    straight = low_rank(site, passing * (site.n_in + site.n_out), seed)
    assert isinstance(straight, Bottleneck)
    directions, offset = bases.of_unit_spread(site, bases.active_inputs(site, k - passing, site.fisher, seed))
    turn = torch.linalg.qr(torch.randn(k - passing, k - passing, generator=draw, dtype=torch.float64))[0]
    offset = turn @ offset + 0.5 * torch.randn(k - passing, generator=draw)
    project = torch.cat([straight.project.weight, turn @ directions]), torch.cat([straight.project.bias, offset])
    expand = torch.cat([straight.expand.weight, torch.zeros(site.n_out, k - passing)], dim=1), straight.expand.bias
    form = Bottleneck(f"ramps {passing}+{k - passing}", project, RidgeFunctions(passing, k - passing), expand)
    _descend(form, site, draw)
    return form


def searched(site: Site, cost: int, seed: int) -> Form | None:
    """A low-rank affine map, and symbolic regression of what it leaves."""
    rank = min(int(0.9 * cost) // (site.n_in + site.n_out), site.n_in, site.n_out)
    return residual_equations(site, rank, seed) if rank >= 1 else None


def through_block(site: Site, block: nn.Module, k_in: int, k_out: int, cost: int) -> Form:
    """PCA on both sides of the original block, as the literature does it."""
    site = site.unweighted()
    reads = bases.principal_inputs(site, k_in)
    back = site.covariance_x @ reads.T @ torch.linalg.inv(reads @ site.covariance_x @ reads.T)
    expand, read = bases.outputs(site, k_out, site.identity)
    keep_in, keep_out = back @ reads, expand @ read
    return ThroughBlock(
        f"PCA {k_in}/{k_out} + block",
        block,
        (keep_in, site.mean_x - keep_in @ site.mean_x),
        (keep_out, site.mean_y - keep_out @ site.mean_y),
        cost,
    )


def _descend(form: Form, site: Site, draw: torch.Generator) -> None:
    """Lower the block's own error in Fisher's metric."""
    half = bases.roots(site.fisher)[0].float()
    optimizer = torch.optim.Adam(form.parameters(), lr=_RATE, betas=(0.9, 0.98))
    s = site.samples
    scale = ((s.y - site.mean_y.float()) @ half).square().sum(dim=1).mean()
    with torch.enable_grad():
        for step in range(_STEPS):
            optimizer.param_groups[0]["lr"] = _RATE * min(1.0, (step + 1) / 20) * (1 - step / _STEPS)
            rows = torch.randint(0, len(s.x), (_ROWS,), generator=draw)
            error = ((s.y[rows] - form(s.x[rows])) @ half).square().sum(dim=1)
            loss = (error * s.weight[rows]).mean() / scale
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()


METHODS: dict[str, tuple[Method, ...]] = {
    "low_rank": (low_rank,),
    "quadratic": tuple(map(quadratic, _SHARES)),
    "ramps": (ridge_functions,),
    "searched": (searched,),
}
