"""Disease progression from ten measurements: a regularised network, the equation distilled from it, both judged on
patients that neither has seen.

    python examples/diabetes/run.py [-o DIR] [--seed N] [--evaluations N] [--margin PERCENT]

Exit code 1 when the equation's held-out RMSE is above the network's by more than the margin.
"""

from __future__ import annotations

import argparse
import sys
import textwrap
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from sklearn.datasets import load_diabetes
from torch import Tensor, nn

import symc
from symc.tables import table

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from common import Clock, Polynomial, equation, measure_c, rmse, size_table, speed_table

NAME = "diabetes"
HELD_OUT = 111  # of 442 patients
# What the network itself is made of. With sines the search finds waves in the noise that nobody could explain.
OPERATORS = ("add", "sub", "mul", "tanh")


class Progression(nn.Module):
    """x (n, 10) in the units of the study -> (n, 1), progression of the disease after a year (25 to 346)."""

    def __init__(self, x: Tensor, y: Tensor, width: int = 16) -> None:
        super().__init__()
        for name, values in (("x", x), ("y", y)):
            self.register_buffer(f"{name}_mean", values.mean(dim=0))
            self.register_buffer(f"{name}_std", values.std(dim=0))
        self.layers = nn.Sequential(
            nn.Linear(x.shape[1], width), nn.Tanh(), nn.Linear(width, width), nn.Tanh(), nn.Linear(width, 1)
        )

    def forward(self, x: Tensor) -> Tensor:
        return self.layers((x - self.x_mean) / self.x_std) * self.y_std + self.y_mean


def train(x: Tensor, y: Tensor, *, seed: int, steps: int = 300, penalty: float = 0.01) -> Progression:
    """Adam on all rows with an L2 penalty on the weight matrices; without it the network learns the noise."""
    torch.manual_seed(seed)
    network = Progression(x, y)
    inputs, targets = (x - network.x_mean) / network.x_std, (y - network.y_mean) / network.y_std
    matrices = [p for p in network.layers.parameters() if p.ndim == 2]
    optimizer = torch.optim.Adam(network.layers.parameters(), lr=3e-3)
    for _ in range(steps):
        loss = (network.layers(inputs) - targets).square().mean() + penalty * sum(p.square().sum() for p in matrices)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    return network.eval()


def patients(seed: int) -> tuple[NDArray[np.float32], ...]:
    """x (n, 10) and y (n, 1) to train on, and of the patients that are held out."""
    data = load_diabetes(scaled=False)
    order = np.random.default_rng(seed).permutation(len(data.data))
    rows, targets = data.data.astype(np.float32)[order], data.target.astype(np.float32)[order, None]
    return rows[HELD_OUT:], targets[HELD_OUT:], rows[:HELD_OUT], targets[:HELD_OUT]


def more_inputs(x: NDArray[np.float32], copies: int, seed: int) -> NDArray[np.float32]:
    """x and `copies` times x moved by a quarter of a standard deviation, kept inside the box that x spans.

    A network answers for any input, so a distillation need not stop at the patients there are.
    """
    noise = np.random.default_rng(seed).normal(0.0, 0.25, (copies, *x.shape)) * x.std(axis=0)
    moved = np.clip(x + noise, x.min(axis=0), x.max(axis=0)).reshape(-1, x.shape[1])
    return np.concatenate([x, moved]).astype(np.float32)


def bootstrap_ratio(y: NDArray, a: NDArray, b: NDArray, seed: int, draws: int = 4000) -> tuple[float, float]:
    """95 % interval of RMSE(a) / RMSE(b) over resampled patients."""
    chosen = np.random.default_rng(seed).integers(0, len(y), (draws, len(y)))
    of_a, of_b = ((p - y)[:, 0][chosen] for p in (a, b))
    ratios = np.sqrt((of_a**2).mean(axis=1) / (of_b**2).mean(axis=1))
    low, high = np.quantile(ratios, [0.025, 0.975])
    return float(low), float(high)


def main() -> int:
    parser = argparse.ArgumentParser(description="Disease progression: network to equation to C.")
    parser.add_argument("-o", "--out", type=Path, default=Path("out/diabetes"), help="where the bundle goes")
    parser.add_argument("--seed", type=int, default=0, help="of the split, the training and the search")
    parser.add_argument("--evaluations", type=int, default=240_000, help="budget of the search")
    parser.add_argument("--margin", type=float, default=5.0, help="percent by which the equation may be worse")
    return run(parser.parse_args())


def run(options: argparse.Namespace) -> int:
    say = Clock()
    torch.set_num_threads(1)

    x, y, heldout_x, heldout_y = patients(options.seed)
    network = train(torch.from_numpy(x), torch.from_numpy(y), seed=options.seed)
    say(f"trained a network on {len(x)} patients; {HELD_OUT} are held out (seed {options.seed}); searching ...")

    block = symc.wrap(network)
    inputs = torch.from_numpy(more_inputs(x, copies=5, seed=options.seed))
    block.distill(
        inputs,
        features=load_diabetes(scaled=False).feature_names,
        outputs=["progression"],
        operators=OPERATORS,
        evaluations=options.evaluations,
        seed=options.seed,
    )
    options.out.mkdir(parents=True, exist_ok=True)
    block.save(options.out / "model.pt")
    say(f"distilled it on {len(inputs)} inputs")

    bundle = symc.build(block, target=("c", "numba"), out=options.out, name=NAME, select="cheapest:0.1")
    report = symc.verify(bundle.path)
    say("built C and Numba, and verified the bundle")

    compiled = symc.load(bundle.path)
    with torch.no_grad():
        by_network = network(torch.from_numpy(heldout_x)).numpy()
    by_equation = compiled(heldout_x)

    print("\nEquation (valid inside the box that the training patients span)\n")
    print(equation("progression", bundle.manifest.equations[0].text))

    spread = float(((heldout_y - heldout_y.mean()) ** 2).mean())
    rows = []
    for label, predicted in (
        ("equation (compiled C)", by_equation),
        ("network", by_network),
        ("mean", Polynomial.fit(x, y, 0)(heldout_x)),
        ("affine map", Polynomial.fit(x, y, 1)(heldout_x)),
        ("cubic polynomial", Polynomial.fit(x, y, 3)(heldout_x)),
    ):
        error = float(rmse(predicted, heldout_y)[0])
        rows.append([label, f"{error:.1f}", f"{1 - error**2 / spread:.2f}", f"{rmse(predicted, by_network)[0]:.1f}"])
    print(f"\nOn the {HELD_OUT} held-out patients (progression runs from 25 to 346)\n")
    print(table(["", "RMSE", "R2", "RMSE to the network"], rows))

    ratio = float(rmse(by_equation, heldout_y)[0] / rmse(by_network, heldout_y)[0])
    low, high = bootstrap_ratio(heldout_y, by_equation, by_network, options.seed)
    passed = ratio <= 1 + options.margin / 100
    print(
        f"\nEquation to network, ratio of RMSE: {ratio:.3f} (95 % of resamples: {low:.3f} to {high:.3f});"
        f" allowed {1 + options.margin / 100:.2f}: {'held' if passed else 'EXCEEDED'}"
    )

    print("\nSpeed on one core, microseconds\n")
    c = measure_c(Path(bundle.path), NAME, x, 1)
    print(speed_table(network, compiled, c, x))
    print(f"\nSize on this machine\n\n{size_table(network, c, NAME)}")
    print(f"\nsymc verify\n\n{textwrap.indent(str(report), '  ')}")
    print(f"\nBundle: {bundle.path}\nDone in {say.seconds:.0f} s")
    return 0 if passed and report.ok else 1


if __name__ == "__main__":
    sys.exit(main())
