"""Polynomials of degree 2 with few terms: least squares over all terms, then the least useful ones removed."""

from __future__ import annotations

import torch
from torch import Tensor

from symc.compression.inner import Quadratic, bracket_cost

_RIDGE = 3e-3
# Each round removes half of what is too much, then fits what is left anew.
_LAST_ROUND = 0.05


def fit_quadratic(z: Tensor, u: Tensor, weight: Tensor, cost: int) -> tuple[Quadratic, Tensor]:
    """Equations for u (n, n_out) in coordinates z (n, n_in) that take at most `cost` multiply-adds, and their
    constants (n_out,).

    Terms leave by what their leaving costs when all others are fitted anew: w^2 / (G^-1)_tt (optimal brain surgeon,
    Hassibi and Stork 1993), one ranking for all equations, so that the spread of u must say how much each matters.
    """
    n_in, n_out = z.shape[1], u.shape[1]
    pairs = torch.triu_indices(n_in, n_in).T
    z = z.double()
    terms = torch.cat([z, z[:, pairs[:, 0]] * z[:, pairs[:, 1]]], dim=1)
    scale = weight.double() / len(z)
    centre, middle = scale @ terms, scale @ u.double()
    terms = terms - centre
    normal = (terms * scale[:, None]).T @ terms
    normal += _RIDGE * normal.diagonal().mean() * torch.eye(len(normal), dtype=torch.float64)
    target = (terms * scale[:, None]).T @ (u.double() - middle)
    kept = torch.ones(n_out, len(normal), dtype=torch.bool)
    while True:
        weights, harm = _refit(normal, target, kept)
        excess = bracket_cost(kept, pairs) - cost
        if excess <= 0:
            break
        leaving = excess if excess <= _LAST_ROUND * cost else excess // 2
        limit = harm[kept].sort().values[leaving - 1]
        kept &= harm > limit
    used = kept[:, n_in:].any(dim=0)
    inner = Quadratic(
        weights[:, :n_in],
        pairs[used],
        weights[:, n_in:][:, used],
        torch.cat([kept[:, :n_in], kept[:, n_in:][:, used]], dim=1),
    )
    return inner, middle - weights @ centre


def _refit(normal: Tensor, target: Tensor, kept: Tensor) -> tuple[Tensor, Tensor]:
    """Weights (n_out, terms) of the kept terms of each equation, and what dropping each would cost."""
    weights = torch.zeros(kept.shape, dtype=torch.float64)
    harm = torch.zeros(kept.shape, dtype=torch.float64)
    shared = torch.linalg.inv(normal) if kept.all() else None
    for k, row in enumerate(kept):
        inverse = torch.linalg.inv(normal[row][:, row]) if shared is None else shared
        found = inverse @ target[row, k]
        weights[k, row] = found
        harm[k, row] = found.square() / inverse.diagonal()
    return weights, harm
