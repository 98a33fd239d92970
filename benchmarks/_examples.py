"""The examples that a microcontroller can hold: their bundles, and the networks that these were distilled from."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from importlib import import_module
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from symc.meaning.points import F32

EXAMPLES = Path(__file__).resolve().parents[1] / "examples"


@dataclass(frozen=True)
class Layer:
    """activation(weights @ x + bias): weights (n_out, n_in), bias (n_out,), activation tanh, silu or identity."""

    weights: F32
    bias: F32
    activation: str


@dataclass(frozen=True)
class Network:
    """A perceptron, its scaling folded into its first and its last layer, and rows (n, n_in) that it meets in use."""

    layers: tuple[Layer, ...]
    rows: F32

    @property
    def text(self) -> str:
        return "-".join(map(str, (self.layers[0].weights.shape[1], *(len(layer.bias) for layer in self.layers))))

    def __call__(self, x: F32) -> NDArray[np.float64]:
        """x (n, n_in) -> (n, n_out), in float64: what its C is compared with."""
        value = x.astype(np.float64)
        for layer in self.layers:
            value = value @ layer.weights.T.astype(np.float64) + layer.bias
            if layer.activation == "tanh":
                value = np.tanh(value)
            elif layer.activation == "silu":
                value = value / (1 + np.exp(-value))
        return value


@dataclass(frozen=True)
class Example:
    """name: of its folder. bundle: its place below the output folder. network: how it is trained again."""

    name: str
    bundle: str
    options: tuple[str, ...]
    network: Callable[[], Network]

    def built(self, out: Path) -> Path:
        """Its bundle, after running the example where it is not there yet."""
        folder = out / self.name
        if not (folder / self.bundle / "manifest.json").is_file():
            command = [sys.executable, str(EXAMPLES / self.name / "run.py"), "-o", str(folder), *self.options]
            subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        return folder / self.bundle


def _module(example: str, name: str):
    """A file of an example. The examples' files share names, so each is looked for in its own folder alone."""
    places = [str(EXAMPLES), str(EXAMPLES / example)]
    for shared in ("run", "network", "common"):
        sys.modules.pop(shared, None)
    sys.path[:0] = places
    try:
        return import_module(name)
    finally:
        del sys.path[: len(places)]


def layers(network: nn.Sequential) -> tuple[Layer, ...]:
    """Linear layers with the activations behind them."""
    found: list[Layer] = []
    for part in network:
        if isinstance(part, nn.Linear):
            found.append(Layer(part.weight.detach().numpy(), part.bias.detach().numpy(), "identity"))
        else:
            found[-1] = Layer(found[-1].weights, found[-1].bias, type(part).__name__.lower())
    return tuple(found)


def scaled_layers(network: nn.Module) -> tuple[Layer, ...]:
    """The layers of a network that scales what it is given and what it answers, as one that need not."""
    first, *inner, last = layers(network.layers)
    mean, deviation, y_mean, y_deviation = (
        getattr(network, name).double().numpy() for name in ("x_mean", "x_std", "y_mean", "y_std")
    )
    weights = first.weights / deviation
    first = Layer(weights.astype(np.float32), (first.bias - weights @ mean).astype(np.float32), first.activation)
    weights, bias = last.weights * y_deviation[:, None], last.bias * y_deviation + y_mean
    return (first, *inner, Layer(weights.astype(np.float32), bias.astype(np.float32), last.activation))


def _heat() -> Network:
    pinn = _module("heat", "pinn")
    return Network(layers(pinn.train(steps=3000, seed=0)), pinn.points(128, 1).numpy())


def _refrigerant() -> Network:
    x, y = _module("refrigerant", "properties").sample(2048, 0)
    train = _module("refrigerant", "network").train
    return Network(scaled_layers(train(torch.from_numpy(x), torch.from_numpy(y), seed=0, iterations=2000)), x[::16])


def _diabetes() -> Network:
    run = _module("diabetes", "run")
    x, y = run.patients(0)[:2]
    return Network(scaled_layers(run.train(torch.from_numpy(x), torch.from_numpy(y), seed=0)), x[:128])


def _particles() -> Network:
    """The message between two bodies alone; an answer like the equation's takes it twice, and the node's network."""
    systems = _module("particles", "systems")
    graph = _module("particles", "graph_network")
    sample = partial(systems.sample, systems.LAWS["springs"])
    network = graph.train(sample(20_000, 0), steps=1500, seed=0)
    pairs = sample(16, 1).pairs
    rows = torch.cat([pairs.displacement, pairs.scalars], dim=-1).reshape(-1, 5)[:128]
    return Network(layers(network.edge), rows.numpy())


FOUR = (
    Example("heat", "rod", (), _heat),
    Example("particles", "springs", ("--law", "springs"), _particles),
    Example("diabetes", "diabetes", (), _diabetes),
    Example("refrigerant", "r290", (), _refrigerant),
)
