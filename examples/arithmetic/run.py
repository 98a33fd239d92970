"""What a small transformer computes while it learns to add and to multiply: networks -> equations -> verified C.

python examples/arithmetic/run.py [-o DIR] [--seed N] [--steps N] [--half N] [--product-steps N] [--evaluations N]
"""

from __future__ import annotations

import argparse
import sys
import textwrap
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

import symc
from symc.tables import table

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from common import Clock, equation
from network import ADDITION, MULTIPLICATION, PAIRS, Transformer, digits, operands, train

NAME = "arithmetic"
# Pairs of operands; no network is trained on any of them.
DISTILLED, JUDGED = 2048, 4096
# Polynomials: with sines and exponentials the search also fits waves to a half-trained network's mistakes.
OPERATORS = ("add", "sub", "mul")


class Answers(nn.Module):
    """What each network answers: operands (n, 2) -> (n, networks), whole numbers that float32 holds exactly."""

    def __init__(self, networks: Sequence[Transformer]) -> None:
        super().__init__()
        self.networks = nn.ModuleList(networks)

    def forward(self, x: Tensor) -> Tensor:
        a, b = x.long().T
        return stacked([network.answer(a, b) for network in self.networks])


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("-o", "--out", type=Path, default=Path("out/arithmetic"), help="where the bundle goes")
    parser.add_argument("--seed", type=int, default=0, help="of the split, the training and the search")
    parser.add_argument("--steps", type=int, default=500, help="of the training of addition")
    parser.add_argument("--half", type=int, default=200, help="the step after which a half-trained copy is kept")
    parser.add_argument("--product-steps", type=int, default=300, help="of the training of multiplication")
    parser.add_argument("--evaluations", type=int, default=40_000, help="budget of the search per equation")
    return run(parser.parse_args())


def run(options: argparse.Namespace) -> int:
    say = Clock()
    torch.set_num_threads(1)

    pairs = torch.from_numpy(np.random.default_rng(options.seed).permutation(PAIRS))
    distilled, judged, trained = pairs.tensor_split((DISTILLED, DISTILLED + JUDGED))
    half, full = train(ADDITION, trained, keep=(options.half, options.steps), seed=options.seed)
    say(f"trained a transformer of {sum(p.numel() for p in full.parameters())} weights to add, {options.steps} steps")
    (product,) = train(MULTIPLICATION, trained, keep=(options.product_steps,), seed=options.seed)
    say(f"trained another to multiply, {options.product_steps} steps; searching equations ...")

    def distil(networks: Sequence[Transformer], outputs: Sequence[str]) -> symc.SymbolicModule:
        block = symc.wrap(Answers(networks))
        block.distill(
            stacked(operands(distilled)),
            features=("a", "b"),
            outputs=outputs,
            domain=[(0, 999), (0, 999)],
            operators=OPERATORS,
            evaluations=options.evaluations,
            seed=options.seed,
        )
        return block

    half_trained, arithmetic = distil([half], ["half_sum"]), distil([full, product], ["sum", "product"])
    say(f"distilled their answers into equations ({options.evaluations} evaluations each)")
    options.out.mkdir(parents=True, exist_ok=True)
    arithmetic.save(options.out / "model.pt")
    bundle = symc.build(arithmetic, target=("c", "numba"), out=options.out, name=NAME, select="best")
    report = symc.verify(bundle.path)
    say("built C and Numba, and verified the bundle")

    x = stacked(operands(judged))
    by_network = torch.cat([half_trained(x), arithmetic(x)], dim=1).long()
    half_trained.switch_to_symbolic(select="best")
    by_equation = torch.cat([half_trained(x), torch.from_numpy(symc.load(bundle.path)(x.numpy()))], dim=1)
    networks = (half, full, product)
    truth = torch.stack([network.operation.of(*operands(judged)) for network in networks], dim=1)
    labels = (f"addition, step {options.half}", f"addition, step {options.steps}", "multiplication")

    print(f"\nShare of {JUDGED} unseen questions that the networks answer right, and of the digits at each place\n")
    print(accuracy_table(labels, networks, by_network, truth))
    print("\nTheir commonest errors, with the share of all answers\n")
    print(error_table(labels, by_network - truth))
    print("\nWhat the half-trained network computes, by length; then the affine map that is closest to it\n")
    print(textwrap.indent(str(half_trained.fronts[0]), "  "))
    slope_a, slope_b, constant = affine_map(x.numpy(), by_network[:, 0].numpy())
    print(f"\n  half_sum = {slope_a:.3f}*a {slope_b:+.3f}*b {constant:+.1f}")
    print("\nWhat the trained networks compute, for a and b from 0 to 999\n")
    for row in bundle.manifest.equations:
        print(equation(row.output, row.text))
    print("\nThe equations on the unseen questions; an answer of theirs is the nearest whole number\n")
    print(equation_table(labels, by_equation.double().numpy(), by_network.double().numpy(), truth.double().numpy()))

    print(f"\nsymc verify\n\n{textwrap.indent(str(report), '  ')}")
    print(f"\nBundle: {bundle.path}\nDone in {say.seconds:.0f} s")
    return 0 if report.ok else 1


def stacked(numbers: Sequence[Tensor]) -> Tensor:
    """The columns (n,) side by side, float32."""
    return torch.stack(list(numbers), dim=1).float()


def affine_map(x: NDArray, y: NDArray) -> NDArray:
    """Slopes and constant of the affine map of x (n, 2) that comes closest to y (n,)."""
    return np.linalg.lstsq(np.column_stack([x.astype(np.float64), np.ones(len(x))]), y, rcond=None)[0]


def accuracy_table(labels: Sequence[str], networks: Sequence[Transformer], answers: Tensor, truth: Tensor) -> str:
    """Shares of right answers, and of right digits from the ones to the highest place; answers and truth (n, k)."""
    places = max(network.operation.digits for network in networks)
    rows = []
    for label, network, answer, true in zip(labels, networks, answers.T, truth.T, strict=True):
        right = digits(answer, network.operation.digits) == digits(true, network.operation.digits)
        shares = [right.all(dim=1).double().mean(), *right.double().mean(dim=0)]
        rows.append([label, *(f"{share:.3f}" for share in shares), *[""] * (places - network.operation.digits)])
    return table(["", "answers", *(f"{10**place}s" for place in range(places))], rows)


def error_table(labels: Sequence[str], errors: Tensor, count: int = 4) -> str:
    """The commonest errors, (n, k), of each of the k networks, with their shares of all answers."""
    rows = []
    for label, error in zip(labels, errors.T, strict=True):
        values, times = error[error != 0].unique(return_counts=True)
        order = times.argsort(descending=True)[:count].tolist()
        found = [f"{values[i].item():+d}: {times[i] / len(error):.3f}" for i in order]
        rows.append([label, *found, *["none"] * (count - len(found))])
    return table(["", *(f"{k + 1}." for k in range(count))], rows)


def equation_table(labels: Sequence[str], answers: NDArray, networks: NDArray, truth: NDArray) -> str:
    """How the equations' answers compare with the networks' and with the truth, all (n, k)."""
    rows = []
    for label, answer, network, true in zip(labels, answers.T, networks.T, truth.T, strict=True):
        r2 = 1 - ((answer - network) ** 2).mean() / network.var()
        same, right = (np.rint(answer) == network).mean(), (np.rint(answer) == true).mean()
        rows.append([label, f"{r2:.4f}", f"{same:.3f}", f"{right:.3f}", f"{(network == true).mean():.3f}"])
    return table(["", "R2 to network", "same answer", "right", "network right"], rows)


if __name__ == "__main__":
    sys.exit(main())
