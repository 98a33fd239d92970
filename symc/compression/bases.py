"""Directions: what of a block's input to keep, and along which axes of its output to answer.

The metric M of the output is the identity, or Fisher's: the covariance of the gradients at the block's output, which
says how much the network's own output minds an error along each axis. All in float64.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import torch
from torch import Tensor

from symc.compression.samples import Samples

_RIDGE = 1e-4
# The gradients are sampled; a tenth of the identity keeps directions that no sample minded from costing nothing.
_FISHER_SHARE = 0.9
_ROWS_OF_JACOBIANS = 8000


@dataclass(frozen=True)
class Site:
    """A block with its samples, and the moments of them that fits in closed form need.

    `block` is the original: rows (n, n_in) -> (n, n_out), differentiable.
    """

    samples: Samples
    block: Callable[[Tensor], Tensor]

    @property
    def n_in(self) -> int:
        return self.samples.x.shape[1]

    @property
    def n_out(self) -> int:
        return self.samples.y.shape[1]

    def unweighted(self) -> Site:
        """The same block, every row counting alike."""
        return Site(self.samples.unweighted(), self.block)

    @cached_property
    def mean_x(self) -> Tensor:
        return self.mean(self.samples.x)

    @cached_property
    def mean_y(self) -> Tensor:
        return self.mean(self.samples.y)

    @cached_property
    def covariance_x(self) -> Tensor:
        """With a small ridge, so that inputs that depend on one another can be told apart."""
        found = self.covariance(self.samples.x, self.samples.x)
        return found + _RIDGE * found.diagonal().mean() * torch.eye(len(found), dtype=torch.float64)

    @cached_property
    def covariance_y(self) -> Tensor:
        return self.covariance(self.samples.y, self.samples.y)

    @cached_property
    def slope(self) -> Tensor:
        """(n_out, n_in) of the best affine map y = mean_y + slope (x - mean_x)."""
        cross = self.covariance(self.samples.x, self.samples.y)
        return torch.linalg.solve(self.covariance_x, cross).T

    @cached_property
    def fisher(self) -> Tensor:
        g = self.samples.cotangent.double()
        found = g.T @ g / len(g)
        scale = found.diagonal().mean().clamp_min(1e-300)
        return _FISHER_SHARE * found / scale + (1 - _FISHER_SHARE) * torch.eye(self.n_out, dtype=torch.float64)

    @cached_property
    def identity(self) -> Tensor:
        return torch.eye(self.n_out, dtype=torch.float64)

    def mean(self, rows: Tensor) -> Tensor:
        """Weighted mean of rows (n, k): (k,)."""
        return (self.samples.weight.double() @ rows.double()) / len(rows)

    def covariance(self, a: Tensor, b: Tensor) -> Tensor:
        """Weighted covariance of rows a (n, i) and b (n, j): (i, j)."""
        left, right = (t.double() - self.mean(t) for t in (a, b))
        return (left * self.samples.weight.double()[:, None]).T @ right / len(left)


def principal_inputs(site: Site, k: int) -> Tensor:
    """(k, n_in): the principal components of the input (PCA)."""
    return _largest(site.covariance_x, k).T


def active_inputs(site: Site, k: int, metric: Tensor, seed: int) -> Tensor:
    """(k, n_in): the directions along which the block's output changes most, in the metric and in units of the spread
    of the input (active subspace, Constantine 2015; E[J' M J] from random cotangents)."""
    draw = torch.Generator().manual_seed(seed)
    half, _ = roots(metric)
    chosen = torch.randperm(len(site.samples.x), generator=draw)[:_ROWS_OF_JACOBIANS]
    change = torch.zeros(site.n_in, site.n_in, dtype=torch.float64)
    for rows in chosen.split(2000):
        with torch.enable_grad():
            x = site.samples.x[rows].requires_grad_()
            cotangent = torch.randn(len(rows), site.n_out, generator=draw) @ half.float()
            (gradient,) = torch.autograd.grad((site.block(x) * cotangent).sum(), x)
        weighted = gradient.double() * site.samples.weight[rows].double()[:, None]
        change += weighted.T @ gradient.double()
    spread, inverse = roots(site.covariance_x)
    return _largest(spread @ change @ spread, k).T @ inverse


def outputs(site: Site, k: int, metric: Tensor, *, explained: bool = False) -> tuple[Tensor, Tensor]:
    """Axes of the output and how to read coordinates along them: (n_out, k) and (k, n_out).

    The largest components of the output in the metric; with `explained`, of what the best affine map explains of it
    (reduced-rank regression, Izenman 1975).
    """
    half, inverse = roots(metric)
    spread = _explained(site, half) if explained else half @ site.covariance_y @ half
    axes = _largest(spread, k)
    return inverse @ axes, axes.T @ half


def of_unit_spread(site: Site, directions: Tensor) -> tuple[Tensor, Tensor]:
    """Directions (k, n_in) scaled so that z = P x + p has mean 0 and variance 1: (P, p)."""
    spread = ((directions @ site.covariance_x) * directions).sum(dim=1).sqrt()
    project = directions / spread[:, None]
    return project, -project @ site.mean_x


def roots(symmetric: Tensor) -> tuple[Tensor, Tensor]:
    """The symmetric square root and its inverse."""
    values, vectors = torch.linalg.eigh(symmetric)
    values = values.clamp_min(1e-6 * values.max()).sqrt()
    return (vectors * values) @ vectors.T, (vectors / values) @ vectors.T


def _explained(site: Site, half: Tensor) -> Tensor:
    reads = half @ site.slope
    return reads @ site.covariance_x @ reads.T


def _largest(symmetric: Tensor, k: int) -> Tensor:
    """Eigenvectors of the k largest eigenvalues, largest first, as columns; each with its largest entry positive."""
    vectors = torch.linalg.eigh((symmetric + symmetric.T) / 2)[1][:, -k:].flip(1)
    places = vectors.abs().argmax(dim=0)
    return vectors * vectors[places, torch.arange(vectors.shape[1])].sign()
