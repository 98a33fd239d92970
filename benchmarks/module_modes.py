"""What a switched block costs at batch 1 in each mode, beside the network that it replaces.

    python benchmarks/module_modes.py [--json]

8 equations over 32 inputs stand in for a perceptron 32-64-64-8. Eager mode, one thread; medians of runs that take
turns, each of more calls than a monitor lets wait. Without gradients, but for "symbolic, recorded".
"""

from __future__ import annotations

import tempfile
from pathlib import Path

import numpy as np
import torch
from _record import arguments, report
from _timing import median_time, median_times
from torch import nn

import symc
from symc.capture.dataset import Dataset
from symc.ir.lower import lower
from symc.ir.parse import complexity, parse
from symc.module.saved import Distilled, Provenance
from symc.search.front import Front
from symc.search.member import Member

N_IN, N_OUT = 32, 8
SWITCHES = {
    "neural": lambda block, surrogate: block.switch_to_neural(),
    "symbolic": lambda block, surrogate: block.switch_to_symbolic(),
    "symbolic, compiled": lambda block, surrogate: block.switch_to_symbolic(compiled=surrogate),
    "guarded, compiled": lambda block, surrogate: block.switch_to_guarded(compiled=surrogate),
    "shadow, compiled": lambda block, surrogate: block.switch_to_shadow(compiled=surrogate),
}
# mode -> the most that it may take, as a multiple of the network's time
LIMITS = {
    "symbolic": 1.0,
    "symbolic, compiled": 1.0,
    "guarded, compiled": 1.3,
    "shadow, compiled": 2.2,
    "symbolic, recorded": 2.0,
}


def distilled() -> Distilled:
    """Eight equations of six terms each, on random samples."""
    draw = np.random.default_rng(0)
    x = draw.uniform(-1.0, 1.0, (256, N_IN)).astype(np.float32)
    dataset = Dataset.from_samples(x, x[:, :N_OUT])
    fronts = []
    for output in dataset.outputs:
        i, w = draw.integers(0, N_IN, 6), draw.normal(size=4).round(3)
        text = (
            f"{w[0]}*sin(x{i[0]}) + {w[1]}*x{i[1]}*x{i[2]} + exp({w[2]}*x{i[3]})*tanh(x{i[4]}) + {w[3]}*x{i[5]}"
        ).replace("+ -", "- ")
        expression = parse(text, dataset.features)
        cost = lower([expression], dataset.features, ["y"]).cost
        fronts.append(Front(output, (Member(text, complexity(expression), 0.1, 0.1, cost),)))
    provenance = Provenance("benchmark", "by hand", "1", 0, 0, "evaluations")
    chosen = tuple(front.members[0].complexity for front in fronts)
    return Distilled(dataset, tuple(fronts), provenance, chosen)


def attached(network: nn.Module) -> symc.SymbolicModule:
    block = symc.wrap(network)
    block.attach(distilled())
    return block


def main() -> None:
    save = arguments(__doc__.splitlines()[0]).json
    torch.set_num_threads(1)
    torch.manual_seed(0)
    layers = [nn.Linear(N_IN, 64), nn.Tanh(), nn.Linear(64, 64), nn.Tanh(), nn.Linear(64, N_OUT)]
    network = nn.Sequential(*layers)
    with tempfile.TemporaryDirectory() as folder:
        attached(network).save(Path(folder) / "block.pt")
        surrogate = symc.load(symc.build(Path(folder) / "block.pt", out=folder).path)
    blocks = {name: attached(network) for name in SWITCHES}
    for name, switch in SWITCHES.items():
        switch(blocks[name], surrogate)
    x = torch.from_numpy(np.random.default_rng(1).uniform(-0.9, 0.9, (1, N_IN)).astype(np.float32))
    calls = {"network by itself": lambda: network(x)}
    calls |= {name: lambda block=block: block(x) for name, block in blocks.items()}
    with torch.no_grad():
        seconds = median_times(calls, runs=15, min_run_s=0.15)
    watched = x.clone().requires_grad_()
    seconds["symbolic, recorded"] = median_time(lambda: blocks["symbolic"](watched))
    base = seconds["network by itself"]
    rows = [
        {
            "batch 1": name,
            "us per call": 1e6 * value,
            "ratio to the network": value / base,
            "limit": LIMITS.get(name, ""),
            "within": ("yes" if value <= LIMITS[name] * base else "NO") if name in LIMITS else "",
        }
        for name, value in seconds.items()
    ]
    report("module_modes", rows, save)


if __name__ == "__main__":
    main()
