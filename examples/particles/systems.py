"""Bodies in the plane that act on one another in pairs: random systems, and the laws that move them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import torch
from torch import Tensor

HALF_WIDTH = 2.0  # positions are uniform in a square of twice this side
CLOSEST = 0.3  # no two bodies are nearer: the gravity of a close pair would drown all others
LOG_MASS = 0.8  # masses are exp of a uniform number between plus and minus this: 0.45 to 2.2


@dataclass(frozen=True)
class Law:
    """A central force between two bodies; positive attracts."""

    force_text: str
    acceleration_text: str  # of the first body: the force over its mass
    force: Callable[[Tensor, Tensor, Tensor], Tensor]  # of the distance and the masses of both bodies


LAWS = {
    "springs": Law("2 (r - 1)", "2 (r - 1) / m1", lambda r, m1, m2: 2 * (r - 1)),
    "gravity": Law("m1 m2 / r^2", "m2 / r^2", lambda r, m1, m2: m1 * m2 / r.square()),
}


@dataclass(frozen=True)
class Systems:
    """Systems of some bodies each: positions (n, bodies, 2), masses (n, bodies), accelerations (n, bodies, 2)."""

    positions: Tensor
    masses: Tensor
    accelerations: Tensor

    @property
    def pairs(self) -> Pairs:
        return pairs(self.positions, self.masses)


@dataclass(frozen=True)
class Pairs:
    """Every body beside each other one of its system.

    `displacement` (n, bodies, bodies - 1, 2) points from the body to the other one; `distance`, `own_mass` and
    `other_mass` are (n, bodies, bodies - 1).
    """

    displacement: Tensor
    distance: Tensor
    own_mass: Tensor
    other_mass: Tensor

    @property
    def direction(self) -> Tensor:
        return self.displacement / self.distance[..., None]

    @property
    def scalars(self) -> Tensor:
        """Distance, own mass and the other's, (n, bodies, bodies - 1, 3): all that a law can depend on."""
        return torch.stack([self.distance, self.own_mass, self.other_mass], dim=-1)

    def mirrored(self) -> Pairs:
        """The other body on the opposite side, as far away."""
        return replace(self, displacement=-self.displacement)


def pairs(positions: Tensor, masses: Tensor) -> Pairs:
    """positions (n, bodies, 2) and masses (n, bodies) as Pairs."""
    bodies = masses.shape[1]
    others = torch.tensor([[j for j in range(bodies) if j != i] for i in range(bodies)])
    displacement = positions[:, others] - positions[:, :, None]
    other_mass = masses[:, others]
    return Pairs(displacement, displacement.norm(dim=-1), masses[:, :, None].expand_as(other_mass), other_mass)


def sample(law: Law, n: int, seed: int, bodies: int = 4) -> Systems:
    """n systems of `bodies` bodies, none of them nearer than CLOSEST to another."""
    generator = torch.Generator().manual_seed(seed)
    kept: list[Tensor] = []
    while sum(map(len, kept)) < n:
        tried = (2 * torch.rand(n, bodies, 2, generator=generator) - 1) * HALF_WIDTH
        kept.append(tried[pairs(tried, torch.ones(n, bodies)).distance.amin(dim=(1, 2)) > CLOSEST])
    positions = torch.cat(kept)[:n]
    masses = torch.exp((2 * torch.rand(n, bodies, generator=generator) - 1) * LOG_MASS)
    return Systems(positions, masses, accelerations(law.force, positions, masses))


def accelerations(force: Callable[[Tensor, Tensor, Tensor], Tensor], positions: Tensor, masses: Tensor) -> Tensor:
    """What a central `force` does to every body: (n, bodies, 2)."""
    p = pairs(positions, masses)
    strength = force(p.distance, p.own_mass, p.other_mass)
    return (strength[..., None] * p.direction).sum(dim=2) / masses[..., None]
