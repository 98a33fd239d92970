"""Train the language model of this example and write tokenizer.json and weights.npz.

    python examples/language_model/train.py

About five minutes on two idle cores. The committed weights came from the defaults, with the library of Python 3.11.
"""

from __future__ import annotations

import argparse
import time

import corpus
import numpy as np
import torch
from model import CONTEXT, VOCABULARY, LanguageModel, cross_entropy, save_weights
from torch import Tensor
from torch.nn import functional as F

RATE = 3e-3
MUON_RATE = 0.02


class Muon(torch.optim.Optimizer):
    """Momentum whose matrices are made orthogonal before they are taken as steps (Jordan 2024).

    torch.optim.Muon does the same in bfloat16, which takes twice the time of the whole step on a CPU without it.
    """

    def __init__(self, matrices: list[Tensor], lr: float, momentum: float = 0.95) -> None:
        super().__init__(matrices, {"lr": lr, "momentum": momentum})

    @torch.no_grad()
    def step(self) -> None:
        for group in self.param_groups:
            for weight in group["params"]:
                average = self.state[weight].setdefault("average", torch.zeros_like(weight))
                average.lerp_(weight.grad, 1 - group["momentum"])
                ahead = weight.grad.lerp(average, group["momentum"])
                scale = max(1.0, weight.shape[0] / weight.shape[1]) ** 0.5
                weight.add_(orthogonal(ahead), alpha=-group["lr"] * scale)


def orthogonal(matrix: Tensor) -> Tensor:
    """The nearest matrix whose singular values are about 1, by five Newton-Schulz steps of degree 5."""
    x = matrix / matrix.norm().clamp_min(1e-7)
    tall = len(x) > x.shape[1]
    x = x.T if tall else x
    for _ in range(5):
        square = x @ x.T
        x = 3.4445 * x + (-4.7750 * square + 2.0315 * square @ square) @ x
    return x.T if tall else x


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--steps", type=int, default=1100)
    parser.add_argument("--rows", type=int, default=16, help="rows of a batch, of 128 tokens each")
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    torch.manual_seed(options.seed)
    tokenizer = corpus.train_tokenizer(VOCABULARY)
    tokenizer.save(str(corpus.TOKENIZER))
    stream = torch.from_numpy(corpus.tokens("train", tokenizer))
    check = corpus.windows("calibration", tokenizer, 64, CONTEXT + 1)
    print(f"{len(stream)} training tokens")
    model = LanguageModel()
    matrices = [p for p in model.blocks.parameters() if p.ndim == 2]
    others = [p for name, p in model.named_parameters() if p.ndim < 2 or not name.startswith("blocks.")]
    optimizers = [Muon(matrices, MUON_RATE), torch.optim.AdamW(others, lr=RATE, betas=(0.9, 0.95), weight_decay=0.0)]
    draw = np.random.default_rng(options.seed)
    start = time.perf_counter()
    for number in range(options.steps):
        # Warm-up, constant, then linearly to zero over the last 40 %.
        share = min(1.0, (number + 1) / 50, (options.steps - number) / (0.4 * options.steps))
        for optimizer, rate in zip(optimizers, (MUON_RATE, RATE), strict=True):
            optimizer.param_groups[0]["lr"] = rate * share
        places = draw.integers(0, len(stream) - CONTEXT - 1, options.rows)
        rows = torch.stack([stream[p : p + CONTEXT + 1] for p in places])
        loss = F.cross_entropy(model(rows[:, :-1]).flatten(0, 1), rows[:, 1:].flatten())
        model.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        for optimizer in optimizers:
            optimizer.step()
        if (number + 1) % 100 == 0:
            passed = time.perf_counter() - start
            print(f"step {number + 1}: {cross_entropy(model, check):.4f} nats, {passed:.0f} s", flush=True)
            save_weights(model)


if __name__ == "__main__":
    main()
