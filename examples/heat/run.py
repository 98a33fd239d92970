"""The solution of the heat equation in closed form, from a physics-informed network that never saw it, to verified C.

    python examples/heat/run.py [-o DIR] [--seed N] [--steps N] [--evaluations N] [--operators A,B,..]
        [--bar RATIO]

Exit code 1 when the network's mean square error to the exact solution is less than three times the equation's, or a
check of the bundle fails.
"""

from __future__ import annotations

import argparse
import math
import sys
import textwrap
from pathlib import Path

import torch
from torch import Tensor

import symc
from symc.tables import table

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from common import Clock, Polynomial, equation, measure_c, size_table, speed_table
from pinn import DIFFUSIVITY, exact, points, train

NAME = "rod"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("-o", "--out", type=Path, default=Path("out/heat"), help="where the bundle goes")
    parser.add_argument("--seed", type=int, default=0, help="of the training, the points and the search")
    parser.add_argument("--steps", type=int, default=3000, help="of the training")
    parser.add_argument("--evaluations", type=int, default=240_000, help="budget of the search")
    parser.add_argument("--operators", default="add,sub,mul,div,sin,exp", help="that equations may use")
    parser.add_argument("--bar", type=float, default=3.0, help="least ratio of the network's error to the equation's")
    return run(parser.parse_args())


def run(options: argparse.Namespace) -> int:
    say = Clock()
    torch.set_num_threads(1)

    network = train(steps=options.steps, seed=options.seed)
    say(f"trained a physics-informed network for {options.steps} steps; searching ...")

    block = symc.wrap(network)
    block.distill(
        domain=[(0, 1), (0, 1)],
        features=["x", "t"],
        outputs=["u"],
        operators=options.operators.split(","),
        evaluations=options.evaluations,
        seed=options.seed,
    )
    options.out.mkdir(parents=True, exist_ok=True)
    block.save(options.out / "model.pt")
    say(f"distilled it ({options.evaluations} evaluations)")

    # The step after which more terms gain little: from there on an equation follows the network's own errors.
    bundle = symc.build(block, target=("c", "numba"), out=options.out, name=NAME, select="score")
    report = symc.verify(bundle.path)
    say("built C and Numba, and verified the bundle")

    print("\nEquation\n")
    print(equation("u", bundle.manifest.equations[0].text))
    print("\nExact solution\n")
    print(equation("u", f"exp(-{math.pi**2 * DIFFUSIVITY:.5f}*t)*sin({math.pi:.5f}*x)"))

    compiled = symc.load(bundle.path)
    inside, later = points(4000, options.seed + 1), points(4000, options.seed + 2, times=(1.0, 2.0))

    def errors(u: Tensor, at: Tensor) -> float:
        return float((u.double() - exact(at.double())).square().mean())

    with torch.no_grad():
        cubic = Polynomial.fit(inside, network(inside), 3)
        answers = {
            "network": (network(inside), network(later)),
            "equation (compiled C)": (compiled(inside), compiled(later)),
            "cubic polynomial": (torch.from_numpy(cubic(inside)), torch.from_numpy(cubic(later))),
        }
    found = {label: (errors(near, inside), errors(far, later)) for label, (near, far) in answers.items()}
    rows = [[label, *(f"{error:.2g}" for error in pair)] for label, pair in found.items()]
    print("\nMean square error to the exact solution on 4000 fresh points (training saw t from 0 to 1)\n")
    print(table(["", "t 0 to 1", "t 1 to 2"], rows))

    ratio = found["network"][0] / found["equation (compiled C)"][0]
    held = ratio >= options.bar
    verdict = f"at least {options.bar:g}: {'held' if held else 'MISSED'}"
    print(f"\nNetwork to equation, ratio of the errors: {ratio:.1f}; {verdict}")

    print("\nSpeed on one core, microseconds\n")
    c = measure_c(Path(bundle.path), NAME, inside.numpy(), 1)
    print(speed_table(network, compiled, c, inside.numpy()))
    print(f"\nSize on this machine\n\n{size_table(network, c, NAME)}")
    print(f"\nsymc verify\n\n{textwrap.indent(str(report), '  ')}")
    print(f"\nBundle: {bundle.path}\nDone in {say.seconds:.0f} s")
    return 0 if held and report.ok else 1


if __name__ == "__main__":
    sys.exit(main())
