"""A compressed block 128 -> 20 -> 20 -> 128 as compiled C, beside the same in torch and the perceptron it stands for.

    python benchmarks/layered_speed.py [--json]

Twenty equations of one linear and six quadratic terms each, between two matrices; the perceptron is 128-512-128 with
GELU. In torch the block is written as a person would for speed: two linear layers, the products by index, and one
matrix for their coefficients. Eager mode, one thread, without gradients; medians of runs that take turns.
"""

from __future__ import annotations

import tempfile

import numpy as np
import torch
from _record import Rows, arguments, report
from _timing import median_times
from torch import nn

import symc
from symc.capture.dataset import Dataset
from symc.compression.saved import Compressed
from symc.ir.evaluate import evaluate
from symc.ir.layered import Affine, Layered
from symc.ir.lower import lower
from symc.ir.parse import parse
from symc.toolchain.compilers import find_c

WIDTH, HIDDEN, RANK, TERMS = 128, 512, 20, 6
BATCHES = (1, 1024)
C, TORCH, NETWORK = "C by symc.load", "torch, eager", "perceptron, eager"


class InTorch(nn.Module):
    """The block by torch's operators; `first` and `second` are the factors of the products, (RANK, TERMS) each."""

    def __init__(self, program: Layered, first: np.ndarray, second: np.ndarray, weights: np.ndarray) -> None:
        super().__init__()
        self.project = _linear(program.project)
        self.expand = _linear(program.expand)
        pairs, place = np.unique(np.stack([first.ravel(), second.ravel()]), axis=1, return_inverse=True)
        self.first, self.second = (torch.from_numpy(row.copy()) for row in pairs)
        coefficients = np.zeros((pairs.shape[1], RANK), np.float32)
        np.add.at(coefficients, (place.ravel(), np.repeat(np.arange(RANK), TERMS)), weights.ravel())
        self.coefficients = torch.from_numpy(coefficients)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        z = self.project(x)
        return self.expand(z + (z[:, self.first] * z[:, self.second]) @ self.coefficients)


def _linear(part: Affine) -> nn.Linear:
    layer = nn.Linear(part.n_in, part.n_out)
    layer.weight = nn.Parameter(torch.from_numpy(part.weight.copy()))
    layer.bias = nn.Parameter(torch.from_numpy(part.bias.copy()))
    return layer


def block() -> tuple[Compressed, InTorch]:
    """The block as symc saves it, and in torch."""
    draw = np.random.default_rng(0)
    z, h = [f"z{k}" for k in range(RANK)], [f"h{k}" for k in range(RANK)]
    first, second = (draw.integers(0, RANK, (RANK, TERMS)) for _ in range(2))
    weights = draw.normal(size=(RANK, TERMS)).round(3).astype(np.float32)
    texts = []
    for k in range(RANK):
        terms = zip(weights[k], first[k], second[k], strict=True)
        texts.append(" + ".join([f"z{k}", *(f"{w:.3f}*z{i}*z{j}" for w, i, j in terms)]).replace("+ -", "- "))
    program = Layered(
        tuple(f"x{k}" for k in range(WIDTH)),
        tuple(f"y{k}" for k in range(WIDTH)),
        Affine(draw.normal(size=(RANK, WIDTH)) / WIDTH**0.5, draw.normal(size=RANK)),
        lower([parse(text, z) for text in texts], z, h),
        Affine(draw.normal(size=(WIDTH, RANK)) / RANK**0.5, draw.normal(size=WIDTH)),
    ).check()
    x = draw.normal(size=(4 * WIDTH, WIDTH)).astype(np.float32)
    compressed = Compressed(program, tuple(texts), Dataset.from_samples(x, evaluate(program, x)))
    return compressed, InTorch(program, first, second, weights)


def main() -> None:
    save = arguments(__doc__.splitlines()[0]).json
    torch.set_num_threads(1)
    torch.manual_seed(0)
    compressed, in_torch = block()
    with tempfile.TemporaryDirectory() as folder:
        surrogate = symc.load(symc.build(compressed, out=folder, name="block").path)
    network = nn.Sequential(nn.Linear(WIDTH, HIDDEN), nn.GELU(), nn.Linear(HIDDEN, WIDTH))
    ways = {C: surrogate, TORCH: in_torch, NETWORK: network}
    rows: Rows = []
    with torch.no_grad():
        for batch in BATCHES:
            x = torch.randn(batch, WIDTH)
            torch.testing.assert_close(surrogate(x), in_torch(x), rtol=1e-4, atol=1e-4)
            seconds = median_times({name: lambda way=way, x=x: way(x) for name, way in ways.items()})
            for name, value in seconds.items():
                ratio = seconds[C] / value
                within = "" if name == C else "yes" if ratio <= 1 else "NO"
                rows.append({"batch": batch, "way": name, "us": 1e6 * value, "C / this": ratio, "within": within})
    report("layered_speed", rows, save, {"C": find_c().version})


if __name__ == "__main__":
    main()
