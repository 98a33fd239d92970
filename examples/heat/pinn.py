"""A physics-informed network for the heat equation on a rod, and the solution it should find."""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn

DIFFUSIVITY = 0.2  # of u_t = DIFFUSIVITY u_xx on 0 <= x <= 1, 0 <= t <= 1


def exact(points: Tensor) -> Tensor:
    """u (n, 1) of points (n, 2), x and t: exp(-pi^2 DIFFUSIVITY t) sin(pi x)."""
    x, t = points.split(1, dim=-1)
    return torch.exp(-(math.pi**2) * DIFFUSIVITY * t) * torch.sin(math.pi * x)


def points(n: int, seed: int, times: tuple[float, float] = (0.0, 1.0)) -> Tensor:
    """n points (n, 2), uniform in x from 0 to 1 and in t over `times`."""
    x, t = torch.rand(n, 2, generator=torch.Generator().manual_seed(seed)).split(1, dim=-1)
    return torch.cat([x, times[0] + (times[1] - times[0]) * t], dim=-1)


def train(*, steps: int, seed: int) -> nn.Sequential:
    """Adam on the residual of the equation, the initial and the boundary values (Raissi et al. 2019).

    The network (n, 2) -> (n, 1) sees the equation, sin(pi x) at t = 0 and 0 at both ends; never the solution. New
    points are drawn at every step, and the rate falls linearly.
    """
    torch.manual_seed(seed)
    network = nn.Sequential(nn.Linear(2, 32), nn.Tanh(), nn.Linear(32, 32), nn.Tanh(), nn.Linear(32, 1))
    optimizer = torch.optim.Adam(network.parameters(), lr=5e-3)
    schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: 1 - step / steps)
    for _ in range(steps):
        loss = residual(network, torch.rand(256, 2)).square().mean() + 10 * boundary_error(network, 128)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        schedule.step()
    return network.eval()


def residual(u: nn.Module, at: Tensor) -> Tensor:
    """u_t - DIFFUSIVITY u_xx at points (n, 2): (n, 1), 0 where `u` solves the heat equation."""
    x, t = (column.requires_grad_() for column in at.split(1, dim=-1))
    value = u(torch.cat([x, t], dim=-1))
    u_x, u_t = torch.autograd.grad(value.sum(), (x, t), create_graph=True)
    (u_xx,) = torch.autograd.grad(u_x.sum(), x, create_graph=True)
    return u_t - DIFFUSIVITY * u_xx


def boundary_error(u: nn.Module, n: int) -> Tensor:
    """Mean square error of the values that are given, at n random points of the start and n of the ends."""
    x, t = torch.rand(n, 1), torch.rand(n, 1)
    start = torch.cat([x, torch.zeros_like(x)], dim=-1)
    ends = torch.cat([torch.randint(0, 2, (n, 1)).float(), t], dim=-1)
    return (u(start) - torch.sin(math.pi * x)).square().mean() + u(ends).square().mean()
