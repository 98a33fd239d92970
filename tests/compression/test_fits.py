"""The parts of a fit where the answer is known: directions, sparse equations, and distances."""

from __future__ import annotations

import pytest
import torch

from symc.compression import bases, methods
from symc.compression.bases import Site
from symc.compression.distance import KullbackLeibler, SquaredError
from symc.compression.quadratic import fit_quadratic
from symc.compression.samples import Samples


def site_of(function, n: int = 4000, n_in: int = 8, cotangent=None) -> Site:
    draw = torch.Generator().manual_seed(0)
    x = torch.randn(n, n_in, generator=draw)
    y = function(x)
    minded = torch.randn(y.shape, generator=draw) if cotangent is None else cotangent(y, draw)
    return Site(Samples(x, y, minded, torch.ones(n)), function)


def aligned(a: torch.Tensor, b: torch.Tensor) -> float:
    """|cosine| between two directions."""
    return float((a.double() @ b.double()).abs() / (a.norm() * b.norm()))


def test_the_active_direction_of_a_ridge_function_is_found() -> None:
    direction = torch.arange(1.0, 9.0)
    # Even in its argument: no affine map sees it, and neither does the variance of the input.
    site = site_of(lambda x: torch.cos(x @ direction[:, None] / 10))
    found = bases.active_inputs(site, 1, site.identity, seed=0)
    assert aligned(found[0], direction) > 0.999


def test_regression_of_low_rank_explains_what_pca_of_the_input_misses() -> None:
    reads, writes = torch.linspace(-1, 1, 8), torch.tensor([1.0, 2.0, -1.0])
    scale = torch.tensor([9.0, 1, 1, 1, 1, 1, 1, 1])
    site = site_of(lambda x: (x * scale) @ (reads / scale**2)[:, None] * writes)
    form = methods.low_rank(site, site.n_in + site.n_out, seed=0)
    assert aligned(form.project.weight[0].detach(), reads / scale) > 0.999
    assert aligned(form.expand.weight[:, 0].detach(), writes) > 0.999
    with torch.no_grad():
        torch.testing.assert_close(form(site.samples.x), site.samples.y, rtol=0.01, atol=0.01)


def test_fishers_metric_turns_to_what_is_minded() -> None:
    quiet_axis = torch.tensor([0.01, 0.01, 1.0])

    def function(x: torch.Tensor) -> torch.Tensor:
        return x[:, :3] * torch.tensor([1.0, 1.0, 0.5])

    site = site_of(function, cotangent=lambda y, draw: torch.randn(y.shape, generator=draw) * quiet_axis)
    by_variance = bases.outputs(site, 1, site.identity)[0]
    by_fisher = bases.outputs(site, 1, site.fisher)[0]
    assert abs(float(by_variance[2, 0])) < 0.1
    assert aligned(by_fisher[:, 0], torch.tensor([0.0, 0.0, 1.0])) > 0.9


def test_sparse_equations_are_recovered() -> None:
    draw = torch.Generator().manual_seed(0)
    z = torch.randn(5000, 6, generator=draw, dtype=torch.float64)
    u = torch.stack([z[:, 0] * z[:, 3] - 0.5 * z[:, 1], 2 * z[:, 2] ** 2 + z[:, 5] + 1], dim=1)
    u = u + 0.01 * torch.randn(u.shape, generator=draw, dtype=torch.float64)
    inner, constants = fit_quadratic(z, u, torch.ones(5000), cost=6)
    inner.settle()
    assert inner.cost() <= 6
    kept = [text.replace("-", "+").split(" + ") for text in inner.texts()]
    assert [len(terms) for terms in kept] == [2, 2]
    with torch.no_grad():
        error = (inner(z.float()) + constants - u).square().mean(dim=0) / u.var(dim=0)
    assert error.max() < 1e-3


@pytest.mark.parametrize("distance", [SquaredError(), KullbackLeibler()])
def test_cotangents_have_the_covariance_of_the_distances_curvature(distance) -> None:
    logits = torch.tensor([[0.3, -1.0, 0.8]])
    exact = torch.autograd.functional.hessian(lambda now: distance.loss(logits, now), logits)[0, :, 0]
    draw = torch.Generator().manual_seed(0)
    drawn = distance.cotangent(logits.expand(200_000, 3), draw)
    covariance = drawn.T @ drawn / len(drawn)
    # Up to a factor, which no choice of directions depends on.
    torch.testing.assert_close(covariance / covariance.trace(), exact / exact.trace(), rtol=0.02, atol=0.01)


def test_distances_are_zero_at_the_original_only() -> None:
    before = torch.randn(7, 4, 3, generator=torch.Generator().manual_seed(1))
    for distance in (SquaredError(), KullbackLeibler()):
        assert float(distance.loss(before, before)) == pytest.approx(0.0, abs=1e-6)
        assert float(distance.loss(before, before.flip(-1))) > 0.1
