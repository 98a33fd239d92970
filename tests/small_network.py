"""Small real networks, and a distillation written by hand, for the tests of the front end."""

from __future__ import annotations

import numpy as np
import torch
from torch import nn

from symc.capture.dataset import Dataset
from symc.module.saved import Distilled, Provenance
from symc.search.front import Front
from symc.search.member import Member


class Small(nn.Module):
    """2 -> 3 -> 1, with the names that the tests ask layers by."""

    def __init__(self) -> None:
        super().__init__()
        self.encoder = nn.Linear(2, 3)
        self.act = nn.Tanh()
        self.drop = nn.Dropout(0.5)
        self.head = nn.Linear(3, 1)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.head(self.drop(self.act(self.encoder(x))))


def small(seed: int = 0) -> Small:
    torch.manual_seed(seed)
    return Small()


def samples(n: int = 64, width: int = 2, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).uniform(-1, 1, (n, width)).astype(np.float32)


def distilled(*, chosen: tuple[int, ...] | None = None) -> Distilled:
    """Two outputs over inputs p and q: y = p*q + 0.5 and z = sin(p), with simpler members on each front."""
    x = samples()
    y = np.stack([x[:, 0] * x[:, 1] + 0.5, np.sin(x[:, 0])], axis=1)
    dataset = Dataset.from_samples(x, y, features=["p", "q"], outputs=["y", "z"])
    fronts = (
        Front("y", (Member("0.5", 1, 0.1, 0.11, 0), Member("p*q + 0.5", 5, 1e-9, 1e-9, 2)), (("1/p", "infinite"),)),
        Front("z", (Member("p", 1, 0.01, 0.012, 0), Member("sin(p)", 2, 1e-12, None, 8))),
    )
    provenance = Provenance("Small", "by hand", "1", 0, 10, "evaluations", 10, 2.5, ("add", "mul"), "0.1.0")
    return Distilled(dataset, fronts, provenance, chosen)
