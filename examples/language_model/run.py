"""A language model whose MLPs become equations: what it costs in perplexity, what it saves, and the block in C.

    python examples/language_model/run.py [-o DIR] [--layer N] [--finetune STEPS] [--search-evaluations N] [--seed N]

One middle MLP, then all four, in the multiply-adds that PCA to 32 and from 8 components with an affine map between
would take. Exit code 1 when a check of symc verify fails.
"""

from __future__ import annotations

import argparse
import math
import statistics
import sys
import textwrap
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import corpus
import torch
from model import CONTEXT, LAYERS, WIDTH, LanguageModel, cross_entropy, load_weights
from tokenizers import Tokenizer
from torch import Tensor, nn

import symc
from symc.tables import table

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from common import Clock

# Two projections, 32 and 8 wide, and an affine map between them.
BUDGET = (32 + 8) * WIDTH + 32 * 8
_RUNS = 25


@dataclass(frozen=True)
class Texts:
    """Tokens (rows, length): to fit on, to choose by, and to judge by; three sets of modules of the library."""

    fit: Tensor
    calibration: Tensor
    held_out: Tensor


def read_texts(fit: int, calibration: int, held_out: int, seed: int) -> Texts:
    """So many windows of each; the last two have one token more, which is only predicted."""
    tokenizer = Tokenizer.from_file(str(corpus.TOKENIZER))
    return Texts(
        corpus.windows("train", tokenizer, fit, CONTEXT, seed),
        corpus.windows("calibration", tokenizer, calibration, CONTEXT + 1, seed),
        corpus.windows("held_out", tokenizer, held_out, CONTEXT + 1, seed),
    )


def compress(
    model: LanguageModel, layers: list[int], texts: Texts, *, finetune: int, search_evaluations: int, seed: int
) -> symc.Compression:
    """The MLPs of `layers`, each within the budget; the metric is cross-entropy in nats per token."""
    return symc.compress(
        model,
        [f"blocks.{layer}.mlp" for layer in layers],
        texts.fit,
        metric=lambda now: cross_entropy(now, texts.calibration),
        held_out=lambda now: cross_entropy(now, texts.held_out),
        distance="kl",
        budget=BUDGET,
        finetune=finetune,
        search_evaluations=search_evaluations,
        seed=seed,
    )


def share_of_search(found: symc.Compression) -> float:
    """Damage of what was chosen over that of PCA with searched equations."""
    return found.row("chosen").damage / found.row("PCA + search").damage


def control_table(found: symc.Compression) -> str:
    rows = [
        [row.form, str(row.multiply_adds), f"{math.exp(row.metric):.2f}", f"{1000 * row.damage:+.1f}"]
        for row in found.table
    ]
    return table(["in place of the MLPs", "multiply-adds", "perplexity", "rise, mnat/token"], rows)


class Zero(nn.Module):
    """Deleting outright."""

    def forward(self, x: Tensor) -> Tensor:
        return torch.zeros_like(x)


@contextmanager
def mlps(model: LanguageModel, make: Callable[[int], nn.Module] | None) -> Iterator[None]:
    """The model with `make(layer)` in the place of every MLP, until the end."""
    before = [block.mlp for block in model.blocks]
    try:
        for layer, block in enumerate(model.blocks):
            block.mlp = before[layer] if make is None else make(layer)
        yield
    finally:
        for block, mlp in zip(model.blocks, before, strict=True):
            block.mlp = mlp


def speeds(model: LanguageModel, found: symc.Compression, rows: Tensor) -> dict[str, tuple[float, float]]:
    """Tokens per second of 16 windows at once, and milliseconds for one window, with every MLP replaced; medians.

    The kinds take turns, so that other work on the machine slows all of them alike.
    """
    kinds: dict[str, Callable[[int], nn.Module] | None] = {
        "original": None,
        "chosen": lambda layer: found.forms[f"blocks.{layer}.mlp"],
        "deleted": lambda layer: Zero(),
    }
    batch = rows[:16, :CONTEXT]
    taken: dict[str, list[tuple[float, float]]] = {kind: [] for kind in kinds}
    for _ in range(_RUNS):
        for kind, make in kinds.items():
            with mlps(model, make):
                taken[kind].append((seconds(model, batch), seconds(model, batch[:1])))
    medians = {kind: tuple(map(statistics.median, zip(*runs, strict=True))) for kind, runs in taken.items()}
    return {kind: (batch.numel() / many, 1e3 * one) for kind, (many, one) in medians.items()}


def seconds(model: nn.Module, rows: Tensor) -> float:
    """Time of one run, after one to warm up."""
    with torch.no_grad():
        model(rows)
        start = time.perf_counter()
        model(rows)
    return time.perf_counter() - start


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("-o", "--out", type=Path, default=Path("out/language_model"), help="where the bundle goes")
    parser.add_argument("--layer", type=int, default=2, choices=range(LAYERS), help="the MLP to build")
    parser.add_argument("--windows", type=int, default=96, help="of 128 tokens each, to fit on")
    parser.add_argument("--finetune", type=int, default=50, help="steps of fine-tuning")
    parser.add_argument("--search-evaluations", type=int, default=6_000, help="per equation of the control")
    parser.add_argument("--seed", type=int, default=0)
    return run(parser.parse_args())


def run(options: argparse.Namespace) -> int:
    say = Clock()
    model = load_weights()
    texts = read_texts(options.windows, options.windows // 3, options.windows // 2, options.seed)
    perplexity = math.exp(cross_entropy(model, texts.held_out))
    say(f"perplexity {perplexity:.2f} on {texts.held_out[:, 1:].numel()} held-out tokens")
    settings = {"finetune": options.finetune, "search_evaluations": options.search_evaluations, "seed": options.seed}

    one = compress(model, [options.layer], texts, **settings)
    say(f"the MLP of layer {options.layer} replaced: {one.blocks[0].chosen.label}")
    print(f"\n{control_table(one)}\n\nRise over that of PCA + search: {share_of_search(one):.2f}\n")

    every = compress(model, list(range(LAYERS)), texts, **settings)
    say("all MLPs replaced: " + ", ".join(block.chosen.label for block in every.blocks))
    print(f"\n{control_table(every)}\n\nRise over that of PCA + search: {share_of_search(every):.2f}\n")

    torch.set_num_threads(1)
    measured = speeds(model, every, texts.held_out)
    base = measured["original"][0]
    rows = [[kind, f"{rate:.0f}", f"{rate / base:.2f}", f"{ms:.2f}"] for kind, (rate, ms) in measured.items()]
    print("All MLPs in PyTorch on one core\n")
    print(table(["MLPs", "tokens/s", "ratio", "ms for one window"], rows))

    options.out.mkdir(parents=True, exist_ok=True)
    saved = options.out / "block.pt"
    one.save(saved)
    _, equations = one.blocks[0].form.layered()
    print(f"\nThe first of {len(equations)} equations between the matrices\n")
    print(textwrap.fill(f"h0 = {equations[0]}", 110, initial_indent="  ", subsequent_indent="       "))
    bundle = symc.build(saved, target=("c", "numba"), out=options.out, name="mlp")
    report = symc.verify(bundle.path)
    print(f"\nsymc verify\n\n{textwrap.indent(str(report), '  ')}")
    print(f"\nBundle: {bundle.path}\nDone in {say.seconds:.0f} s")
    return 0 if report.ok else 1


if __name__ == "__main__":
    sys.exit(main())
