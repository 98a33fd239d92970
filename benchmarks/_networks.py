"""Laws behind trained networks: how many come out when a network of them is distilled.

The laws are two fixed lists: of the 82 Feynman laws of at most four inputs every fourth in their published order, the
first 19 of these, and 1.3*b/(1 + a^2), on which the limits of the search were chosen; and every fourth from the third
on, the first 20, on which nothing was.

Each network has two layers of 32 tanh and is trained on 2000 rows until its error on rows that it has not seen is a
thousandth of the target's deviation, or training ends; its row says what it reached. Networks are kept in
build/networks. `symc.wrap(net).distill(x)` gets 2048 other rows, all else at its defaults but the cap in seconds.

A law counts as recovered when the equation that "best" picks

1. is within a hundredth of the law in the box of the samples (of its own size plus the law's median size),
2. is the law within 1e-6 in a box twice as wide, once its constants are fitted to the law itself, starting from where
   they are: nothing but constants was wrong, and
3. has no constant that this fit moves by more than a hundredth of itself: a term of the network's error, which the fit
   makes zero, is no part of the law.
"""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import numpy as np
import torch
from _laws import FEYNMAN, Law, values
from _record import Rows
from _recovered import IDENTICAL, ROWS, aligned, deviation_of, fitted, r2_of

from symc.ir.parse import complexity, parse

_NAMES = (
    "I.6.2a", "I.10.7", "I.12.5", "I.15.3x", "I.18.4", "I.25.13", "I.30.3", "I.34.14", "I.39.1", "I.43.31", "I.50.26",
    "II.6.15b", "II.11.27", "II.13.34", "II.27.16", "II.34.11", "II.38.14", "III.8.54", "III.15.12",
)  # fmt: skip
FRESH = (
    "I.6.2b", "I.12.2", "I.14.3", "I.15.1", "I.18.14", "I.29.4", "I.34.8", "I.37.4", "I.39.22", "I.47.23", "II.4.23",
    "II.8.31", "II.13.17", "II.15.5", "II.34.2a", "II.37.1", "III.4.33", "III.12.43", "III.15.27", "test_5",
)  # fmt: skip
_CASE = Law("case", "1.3*b/(1 + a^2)", ("a", "b"), (-2.0, -2.0), (2.0, 2.0))
NETWORK_LAWS = (*(law for law in FEYNMAN if law.name in (*_NAMES, *FRESH)), _CASE)

CONSTANTS = 1e-2
_ERROR = 1e-3
_WIDTH, _TRAINING_ROWS, _SAMPLES = 32, 2000, 2048
_ADAM_STEPS, _LBFGS_ROUNDS, _ROUND = 400, 100, 20
_KEPT = Path(__file__).resolve().parents[1] / "build" / "networks"


class Network(torch.nn.Module):
    """(n, n_in) -> (n, 1): a network between the scales of its inputs and of its output."""

    def __init__(self, n_in: int) -> None:
        super().__init__()
        self.inner = torch.nn.Sequential(
            torch.nn.Linear(n_in, _WIDTH), torch.nn.Tanh(), torch.nn.Linear(_WIDTH, _WIDTH), torch.nn.Tanh(),
            torch.nn.Linear(_WIDTH, 1),
        )  # fmt: skip
        for name, size in (("middle", n_in), ("width", n_in), ("shift", 1), ("scale", 1)):
            self.register_buffer(name, torch.zeros(size))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.inner((x - self.middle) / self.width) * self.scale + self.shift


def network_of(law: Law) -> Network:
    """The trained network of a law, in float32; made where none is kept."""
    path = _KEPT / f"{law.name}.pt"
    net = Network(len(law.variables))
    if path.exists():
        net.load_state_dict(torch.load(path, weights_only=True))
        return net
    net = _trained(law)
    _KEPT.mkdir(parents=True, exist_ok=True)
    torch.save(net.state_dict(), path)
    return net


def _trained(law: Law) -> Network:
    torch.manual_seed(0)
    net = Network(len(law.variables)).double()
    generator = np.random.default_rng([1, *law.name.encode()])
    x = torch.from_numpy(law.draw(_TRAINING_ROWS, generator))
    y = torch.from_numpy(law.values(x.numpy()).copy())[:, None]
    net.middle, net.width, net.shift, net.scale = x.mean(0), x.std(0), y.mean(0), y.std(0)

    def loss() -> torch.Tensor:
        return ((net(x) - y) / net.scale).square().mean()

    adam = torch.optim.Adam(net.parameters(), lr=5e-3)
    for _ in range(_ADAM_STEPS):
        adam.zero_grad()
        loss().backward()
        adam.step()
    lbfgs = torch.optim.LBFGS(net.parameters(), max_iter=_ROUND, history_size=50, line_search_fn="strong_wolfe")

    def closure() -> torch.Tensor:
        lbfgs.zero_grad()
        value = loss()
        value.backward()
        return value

    for _ in range(_LBFGS_ROUNDS):
        lbfgs.step(closure)
        if error_of(net, law) <= _ERROR:
            break
    return net.float()


def error_of(net: Network, law: Law) -> float:
    """Root mean square of net - law on rows that it was not trained on, as a share of the law's deviation."""
    x = law.draw(ROWS, np.random.default_rng(3))
    y = law.values(x)
    with torch.no_grad():
        found = net(torch.from_numpy(x).to(net.middle.dtype)).double().numpy()[:, 0]
    return float(np.sqrt(np.mean((found - y) ** 2)) / y.std())


def measure_network(law: Law, seconds: float) -> dict[str, Any]:
    """One row of the table."""
    import symc

    net = network_of(law)
    row = {"law": law.name, "inputs": len(law.variables), "budget s": seconds, "network error": error_of(net, law)}
    x = law.draw(_SAMPLES, np.random.default_rng([2, *law.name.encode()])).astype(np.float32)
    start = time.perf_counter()
    try:
        result = symc.wrap(net).distill(x, time_budget=seconds)
        equation = result.fronts[0].pick("best").equation
    except Exception as error:
        return row | {"recovered": False, "r2": 0.0, "r2_wide": 0.0, "nodes": None, "s": None} | {
            "law nodes": complexity(law.expression), "equation": "", "error": f"{type(error).__name__}: {error}",
        }  # fmt: skip
    taken = time.perf_counter() - start
    recovered, r2, r2_wide = verdict(equation, law)
    return row | {
        "recovered": recovered, "r2": r2, "r2_wide": r2_wide, "nodes": complexity(parse(equation, law.inputs)),
        "s": taken, "law nodes": complexity(law.expression), "equation": equation, "error": "",
    }  # fmt: skip


def verdict(equation: str, law: Law) -> tuple[bool, float, float]:
    """Whether it is the law, by the rule above, and its R2 in the box of the samples and in the wide one."""
    expression = parse(equation, law.inputs)
    generator = np.random.default_rng(7)
    inside, wide = law.draw(ROWS, generator), law.draw(ROWS, generator, wide=True)
    true, true_wide = law.values(inside), law.values(wide)
    found = values(expression, law.inputs, inside)
    scores = r2_of(found, true), r2_of(values(expression, law.inputs, wide), true_wide)
    if deviation_of(found, true) > CONSTANTS:
        return False, *scores
    exact, moved = fitted(expression, law, inside, true)
    same = aligned(values(exact, law.inputs, wide), true_wide)[2] <= IDENTICAL
    return bool(same and moved <= CONSTANTS), *scores


def summary(rows: Rows) -> Rows:
    """A row for each list."""
    lists = {
        "limits chosen on them": [row for row in rows if row["law"] not in FRESH],
        "fresh": [row for row in rows if row["law"] in FRESH],
    }
    return [_summary(name, chosen) for name, chosen in lists.items() if chosen]


def _summary(name: str, rows: Rows) -> dict[str, Any]:
    def median(column: str) -> float:
        return float(np.median([row[column] for row in rows if row[column] is not None]))

    return {
        "laws": name,
        "networks": len(rows),
        "recovered": sum(row["recovered"] for row in rows),
        "median network error": median("network error"),
        "median R2": f"{median('r2'):.6f}",
        "median R2 wide": f"{median('r2_wide'):.6f}",
        "median nodes": median("nodes"),
        "of the laws": median("law nodes"),
        "median s": median("s"),
        "failed": sum(bool(row["error"]) for row in rows),
    }


def told(row: dict[str, Any]) -> str:
    """A measured row as a line of progress."""
    outcome = row["error"] or ("recovered" if row["recovered"] else "not recovered")
    return f"{row['law']}  network error {row['network error']:.1e}: {outcome}  {row['equation']}"


