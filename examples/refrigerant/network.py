"""The network of the example: two hidden layers, with the scaling inside so that it speaks physical units."""

from __future__ import annotations

import torch
from torch import Tensor, nn


class PropertyNetwork(nn.Module):
    """x (n, 2) in bar and K -> (n, 3) in K, kJ/kg and kg/m3."""

    def __init__(self, x: Tensor, y: Tensor, width: int = 32) -> None:
        super().__init__()
        for name, values in (("x", x), ("y", y)):
            self.register_buffer(f"{name}_mean", values.mean(dim=0))
            self.register_buffer(f"{name}_std", values.std(dim=0))
        self.layers = nn.Sequential(
            nn.Linear(x.shape[1], width), nn.Tanh(), nn.Linear(width, width), nn.Tanh(), nn.Linear(width, y.shape[1])
        )

    def forward(self, x: Tensor) -> Tensor:
        return self.layers((x - self.x_mean) / self.x_std) * self.y_std + self.y_mean


def train(x: Tensor, y: Tensor, *, seed: int, iterations: int) -> PropertyNetwork:
    """Fit by full-batch L-BFGS on x (n, 2) and y (n, 3), float32; the same seed gives the same network on a machine."""
    torch.manual_seed(seed)
    network = PropertyNetwork(x, y)
    inputs, targets = (x - network.x_mean) / network.x_std, (y - network.y_mean) / network.y_std
    optimizer = torch.optim.LBFGS(
        network.layers.parameters(),
        max_iter=iterations,
        history_size=20,
        line_search_fn="strong_wolfe",
        tolerance_grad=1e-9,
        tolerance_change=1e-12,
    )

    def loss() -> Tensor:
        optimizer.zero_grad()
        value = (network.layers(inputs) - targets).square().mean()
        value.backward()
        return value

    optimizer.step(loss)
    return network.eval()
