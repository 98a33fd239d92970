"""A graph network that learns accelerations, and what its answers say about each pair of bodies."""

from __future__ import annotations

import torch
from systems import Pairs, Systems, pairs
from torch import Tensor, nn


def _perceptron(n_in: int, n_out: int, width: int = 64) -> nn.Sequential:
    return nn.Sequential(nn.Linear(n_in, width), nn.SiLU(), nn.Linear(width, width), nn.SiLU(), nn.Linear(width, n_out))


class GraphNetwork(nn.Module):
    """Positions (n, bodies, 2) and masses (n, bodies) -> accelerations (n, bodies, 2).

    Every body gets a message from each other one, adds them up, and computes its acceleration from its mass and the
    sum (Battaglia et al. 2018, arXiv:1806.01261). It is told nothing of forces.
    """

    def __init__(self) -> None:
        super().__init__()
        self.edge = _perceptron(5, 2)  # displacement x and y, distance, own mass, the other's mass -> message
        self.node = _perceptron(3, 2)  # own mass, sum of the messages -> acceleration

    def forward(self, positions: Tensor, masses: Tensor) -> Tensor:
        return self._update(masses, self.messages(pairs(positions, masses)).sum(dim=2))

    def messages(self, p: Pairs) -> Tensor:
        """What every body hears from each other one: (n, bodies, bodies - 1, 2)."""
        return self.edge(torch.cat([p.displacement, p.scalars], dim=-1))

    def left_out(self, p: Pairs) -> Tensor:
        """Share of each pair in the acceleration, (n, bodies, bodies - 1): what is missing without its message.

        A factor or a rotation of all messages, which the node network undoes, does not change this. A constant added
        to all of them does: a body that hears one message less is then one that training never showed.
        """
        messages = self.messages(p)
        return self._towards(p, messages, messages)

    def mirrored(self, p: Pairs) -> Tensor:
        """Share of each pair in the acceleration, (n, bodies, bodies - 1): half of what a change of sides changes.

        When the other body goes to the opposite side, as far away, its pull turns round and all else stays. Every body
        hears as many messages as in training, so that a constant in them, even one that depends on the masses, cancels.
        """
        messages = self.messages(p)
        return self._towards(p, messages, messages - self.messages(p.mirrored())) / 2

    def _towards(self, p: Pairs, messages: Tensor, less: Tensor) -> Tensor:
        """How much acceleration towards the other body goes when the sum of the messages is smaller by `less`."""
        total = messages.sum(dim=2, keepdim=True)
        change = self._update(p.own_mass, total.expand_as(messages)) - self._update(p.own_mass, total - less)
        return (change * p.direction).sum(dim=-1)

    def _update(self, masses: Tensor, heard: Tensor) -> Tensor:
        return self.node(torch.cat([masses[..., None], heard], dim=-1))


def train(systems: Systems, *, steps: int, seed: int, batch: int = 256) -> GraphNetwork:
    """Adam on the mean absolute error of the accelerations; the rate falls linearly after the first third."""
    torch.manual_seed(seed)
    network = GraphNetwork()
    optimizer = torch.optim.Adam(network.parameters(), lr=3e-3)
    schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: min(1.0, 1.5 * (1 - step / steps)))
    for _ in range(steps):
        chosen = torch.randint(len(systems.masses), (batch,))
        predicted = network(systems.positions[chosen], systems.masses[chosen])
        loss = (predicted - systems.accelerations[chosen]).abs().mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        schedule.step()
    return network.eval()
