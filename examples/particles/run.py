"""The law between bodies, from a graph network that learned only how they move, down to verified C.

    python examples/particles/run.py [-o DIR] [--law springs|gravity] [--seed N] [--steps N]
        [--evaluations N] [--operators A,B,..] [--bar R2]

Exit code 1 when the R2 of an equation to the true law on fresh systems is below the bar, or a check of its bundle
fails.
"""

from __future__ import annotations

import argparse
import sys
import textwrap
from pathlib import Path

import pandas as pd
import torch
from torch import Tensor

import symc
from symc.tables import table

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from common import Clock, Polynomial, equation
from graph_network import GraphNetwork, train
from systems import LAWS, Law, Systems, accelerations, sample

STEPS = {"springs": 1500, "gravity": 3000}
FEATURES = ["r", "m1", "m2"]


def r2(predicted: Tensor, true: Tensor) -> float:
    """Coefficient of determination over all rows of the last dimension, its columns together."""
    rows, targets = predicted.double().flatten(0, -2), true.double().flatten(0, -2)
    return float(1 - (rows - targets).square().sum() / (targets - targets.mean(dim=0)).square().sum())


def as_table(scalars: Tensor) -> pd.DataFrame:
    return pd.DataFrame(scalars.reshape(-1, 3).numpy(), columns=FEATURES)


def symbolic_messages(network: GraphNetwork, systems: Systems, options: argparse.Namespace) -> symc.SymbolicModule:
    """Wrap and distill the edge network as it stands, the way of Cranmer et al. 2020 (arXiv:2006.11287)."""
    network.edge = symc.wrap(network.edge)
    network.edge.distill(
        (systems.positions, systems.masses),
        parent=network,
        features=["dx", "dy", *FEATURES],
        outputs=["message_x", "message_y"],
        operators=options.operators.split(","),
        evaluations=options.evaluations,
        seed=options.seed,
    )
    return network.edge


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("-o", "--out", type=Path, default=Path("out/particles"), help="where the bundles go")
    parser.add_argument("--law", choices=sorted(LAWS), action="append", help="one law only (both by default)")
    parser.add_argument("--seed", type=int, default=0, help="of the systems, the training and the search")
    parser.add_argument("--steps", type=int, help=f"of the training (by default {STEPS})")
    parser.add_argument("--evaluations", type=int, default=240_000, help="budget of each search")
    parser.add_argument("--operators", default="add,sub,mul,div", help="that equations may use")
    parser.add_argument("--bar", type=float, default=0.99, help="least R2 of the equation to the true law")
    options = parser.parse_args()
    torch.set_num_threads(1)
    options.out.mkdir(parents=True, exist_ok=True)
    held = [study(name, LAWS[name], options) for name in options.law or LAWS]
    return 0 if all(held) else 1


@torch.no_grad()
def study(name: str, law: Law, options: argparse.Namespace) -> bool:
    """Train, search, build, verify and judge for one law: whether the bar was held and the bundle verified."""
    say = Clock()
    print(f"\n{name}: force {law.force_text}, acceleration {law.acceleration_text}\n")
    seen, searched, fresh, crowded = (
        sample(law, n, seed=4 * options.seed + k, bodies=bodies)
        for k, (n, bodies) in enumerate([(20_000, 4), (500, 4), (2000, 4), (2000, 8)])
    )
    with torch.enable_grad():
        network = train(seen, steps=options.steps or STEPS[name], seed=options.seed)
    say(f"trained a graph network on the accelerations of {len(seen.masses)} systems of 4 bodies; searching ...")

    regressor = symc.SymbolicRegressor(
        select="score",
        operators=options.operators.split(","),
        evaluations=options.evaluations,
        random_state=options.seed,
    )
    regressor.fit(as_table(searched.pairs.scalars), network.mirrored(searched.pairs).flatten().numpy())
    model = options.out / f"{name}.pt"
    regressor.save(model)
    say(f"searched the law in the network's answers on {len(searched.masses)} systems")

    bundle = symc.build(model, target=("c", "numba"), out=options.out, name=name)
    report = symc.verify(bundle.path)
    compiled = symc.load(bundle.path)
    say("built C and Numba, and verified the bundle")

    pairs = fresh.pairs
    force = law.force(pairs.distance, pairs.own_mass, pairs.other_mass)[..., None]
    share, force_vector = force / pairs.own_mass[..., None], force * pairs.direction
    found, messages = compiled(pairs.scalars), network.messages(pairs)
    to_force = Polynomial.fit(messages.reshape(-1, 2), force_vector.reshape(-1, 2), 1)
    mapped = torch.from_numpy(to_force(messages.reshape(-1, 2))).reshape(messages.shape)
    targets = [
        ("messages, best affine map to the force", mapped, force_vector),
        ("network, one message left out", network.left_out(pairs)[..., None], share),
        ("network, one body mirrored", network.mirrored(pairs)[..., None], share),
        ("law found", found, share),
    ]
    print("\nLaw found\n")
    print(equation("acceleration", bundle.manifest.equations[0].text))
    print(
        f"\nWhat each body adds to the acceleration of another in {len(fresh.masses)} fresh systems, R2 to the truth\n"
    )
    print(table(["", "R2"], [[label, f"{r2(ours, truth):.5f}"] for label, ours, truth in targets]))

    moved = [network(s.positions, s.masses) for s in (fresh, crowded)]
    edge = symbolic_messages(network, searched, options)
    edge.switch_to_symbolic()
    print("\nFor comparison, equations for the messages themselves\n")
    for output, text in zip(edge.dataset.outputs, edge.equations, strict=True):
        print(equation(output, text))
    print(f"\nTheir R2 to the messages of the fresh systems: {r2(network.messages(pairs), messages):.4f}")

    def by_law(r: Tensor, m1: Tensor, m2: Tensor) -> Tensor:
        return m1 * compiled(torch.stack([r, m1, m2], dim=-1))[..., 0]

    rows = [
        ["network", *moved],
        ["network with these equations", *(network(s.positions, s.masses) for s in (fresh, crowded))],
        ["law found (compiled C)", *(accelerations(by_law, s.positions, s.masses) for s in (fresh, crowded))],
    ]
    print("\nAccelerations in fresh systems, R2 to the truth (training showed systems of 4 bodies)\n")
    truth = (fresh.accelerations, crowded.accelerations)
    cells = [[label, *(f"{r2(*pair):.4f}" for pair in zip(answers, truth, strict=True))] for label, *answers in rows]
    print(table(["", "4 bodies", "8 bodies"], cells))

    reached = r2(found, share)
    held = reached >= options.bar
    print(f"\nR2 of the law found: {reached:.5f}; at least {options.bar}: {'held' if held else 'MISSED'}")
    print(f"\nsymc verify\n\n{textwrap.indent(str(report), '  ')}")
    print(f"\nBundle: {bundle.path}\nDone in {say.seconds:.0f} s")
    return held and report.ok


if __name__ == "__main__":
    sys.exit(main())
