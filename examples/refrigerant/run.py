"""Refrigerant properties for a controller: CoolProp -> network -> equations -> verified C, with the figures printed.

python examples/refrigerant/run.py [-o DIR] [--seed N] [--evaluations N] [--samples N] [--iterations N]
"""

from __future__ import annotations

import argparse
import sys
import textwrap
from pathlib import Path

import torch

import symc
from symc.tables import table

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from common import Clock, Polynomial, equation, largest, measure_c, rmse, size_table, speed_table
from network import train
from properties import FEATURES, FLUID, OUTPUTS, UNITS, domain, library_version, sample

NAME = "r290"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("-o", "--out", type=Path, default=Path("out/refrigerant"), help="where the bundle goes")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--samples", type=int, default=2048, help="rows sampled from CoolProp (a power of two)")
    parser.add_argument("--iterations", type=int, default=2000, help="of the network's training")
    parser.add_argument("--evaluations", type=int, default=240_000, help="budget of the search per output")
    parser.add_argument("--select", default="cheapest:1", help="how equations are chosen (see symc build)")
    return run(parser.parse_args())


def run(options: argparse.Namespace) -> int:
    say = Clock()
    torch.set_num_threads(1)

    x, y = sample(options.samples, options.seed)
    fresh_x, fresh_y = sample(1024, options.seed + 1)
    say(f"sampled {options.samples} states of {FLUID} from CoolProp {library_version()}, and 1024 more to judge by")

    network = train(torch.from_numpy(x), torch.from_numpy(y), seed=options.seed, iterations=options.iterations)
    say(f"trained a network of {sum(p.numel() for p in network.parameters())} weights; searching equations ...")

    block = symc.wrap(network)
    block.distill(
        torch.from_numpy(x),
        features=FEATURES,
        outputs=OUTPUTS,
        domain=domain(),
        evaluations=options.evaluations,
        seed=options.seed,
    )
    options.out.mkdir(parents=True, exist_ok=True)
    block.save(options.out / "model.pt")
    say(f"distilled it into equations ({options.evaluations} evaluations per output)")

    bundle = symc.build(block, target=("c", "numba"), out=options.out, name=NAME, select=options.select)
    say("built C and Numba")
    report = symc.verify(bundle.path)
    say("verified the bundle")

    compiled = symc.load(bundle.path)
    with torch.no_grad():
        by_network = network(torch.from_numpy(fresh_x)).numpy()
    by_equation = compiled(fresh_x)

    box = ", ".join(f"{name} {low:.4g} to {high:.4g}" for name, (low, high) in zip(FEATURES, domain(), strict=True))
    print(f"\nEquations, valid for {box} (bar, K)\n")
    for row in bundle.manifest.equations:
        print(equation(row.output, row.text))

    def cells(a, b) -> list[str]:
        return [f"{mean:.3g} ({worst:.3g})" for mean, worst in zip(rmse(a, b), largest(a, b), strict=True)]

    print("\nRMSE and (largest error) on the 1024 fresh states, computed by the compiled C\n")
    rows = [
        ["equation to network", *cells(by_equation, by_network)],
        ["equation to CoolProp", *cells(by_equation, fresh_y)],
        ["network to CoolProp", *cells(by_network, fresh_y)],
    ]
    for label, degree in (("mean", 0), ("affine map", 1), ("cubic polynomial", 3)):
        rows.append([f"{label} to CoolProp", *cells(Polynomial.fit(x, y, degree)(fresh_x), fresh_y)])
    header = ["", *(f"{name} {unit}" for name, unit in zip(OUTPUTS, UNITS, strict=True))]
    print(table(header, rows))

    print("\nSpeed on one core, microseconds\n")
    c = measure_c(Path(bundle.path), NAME, x, len(OUTPUTS))
    print(speed_table(network, compiled, c, x))
    print(f"\nSize on this machine\n\n{size_table(network, c, NAME)}")
    print(f"\nsymc verify\n\n{textwrap.indent(str(report), '  ')}")
    print(f"\nBundle: {bundle.path}\nDone in {say.seconds:.0f} s")
    return 0 if report.ok else 1


if __name__ == "__main__":
    sys.exit(main())
