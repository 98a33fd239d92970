"""A small decoder transformer that writes the answer of 3-digit arithmetic, digit by digit, the least digit first."""

from __future__ import annotations

import copy
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from operator import add, mul

import torch
from torch import Tensor, nn

OPERAND_DIGITS = 3
PAIRS = 10 ** (2 * OPERAND_DIGITS)  # of operands 0 to 999
SIGN, EQUALS = 10, 11  # the tokens beside the ten digits


@dataclass(frozen=True)
class Operation:
    """What a network is asked to learn."""

    digits: int  # of the largest answer
    of: Callable[[Tensor, Tensor], Tensor]


ADDITION = Operation(4, add)
MULTIPLICATION = Operation(6, mul)


class Transformer(nn.Module):
    """Tokens `a sign b = answer` (n, length) -> logits (n, length, 10) of the digit that follows each token."""

    def __init__(self, operation: Operation, width: int = 64, heads: int = 4, depth: int = 2) -> None:
        super().__init__()
        self.operation = operation
        self.token = nn.Embedding(12, width)
        self.position = nn.Embedding(2 * OPERAND_DIGITS + 2 + operation.digits, width)
        for embedding in (self.token, self.position):
            # At PyTorch's 1.0 the first hundreds of steps go into unlearning them.
            nn.init.normal_(embedding.weight, std=0.1)
        # A decoder that attends to nothing but itself is PyTorch's encoder layer under a causal mask.
        self.layers = nn.ModuleList(
            nn.TransformerEncoderLayer(
                width, heads, 4 * width, dropout=0.0, activation="gelu", batch_first=True, norm_first=True
            )
            for _ in range(depth)
        )
        self.head = nn.Sequential(nn.LayerNorm(width), nn.Linear(width, 10))

    def forward(self, tokens: Tensor) -> Tensor:
        length = tokens.shape[1]
        mask = nn.Transformer.generate_square_subsequent_mask(length)
        x = self.token(tokens) + self.position(torch.arange(length))
        for layer in self.layers:
            x = layer(x, src_mask=mask, is_causal=True)
        return self.head(x)

    @torch.no_grad()
    def answer(self, a: Tensor, b: Tensor) -> Tensor:
        """The number (n,) that the network writes for operands (n,): at every place the digit it thinks likeliest."""
        tokens, places = question(a, b), self.operation.digits
        for _ in range(places):
            tokens = torch.cat([tokens, self(tokens)[:, -1:].argmax(dim=-1)], dim=1)
        return (tokens[:, -places:] * 10 ** torch.arange(places)).sum(dim=1)


def operands(pairs: Tensor) -> tuple[Tensor, Tensor]:
    """The operands a and b, each (n,), of pairs (n,), which are numbered 1000 a + b."""
    return pairs // 10**OPERAND_DIGITS, pairs % 10**OPERAND_DIGITS


def digits(numbers: Tensor, count: int) -> Tensor:
    """numbers (n,) -> (n, count), their decimal digits with the least first."""
    return numbers[:, None] // 10 ** torch.arange(count) % 10


def question(a: Tensor, b: Tensor) -> Tensor:
    """Tokens `a sign b =` (n, 8) of operands (n,), which stand as people write them, the least digit last."""
    sign, equals = (torch.full((len(a), 1), token) for token in (SIGN, EQUALS))
    return torch.cat([digits(a, OPERAND_DIGITS).flip(1), sign, digits(b, OPERAND_DIGITS).flip(1), equals], dim=1)


def train(
    operation: Operation, pairs: Tensor, *, keep: Sequence[int], seed: int, batch: int = 128
) -> list[Transformer]:
    """Teach `operation` on random draws of `pairs`; returns the network as it was after each of the steps in `keep`.

    AdamW, cross-entropy of the answer's digits, a learning rate that rises for a tenth of the steps and falls to 0 at
    the last. The same seed gives the same networks on a machine.
    """
    torch.manual_seed(seed)
    network = Transformer(operation)
    optimizer = torch.optim.AdamW(network.parameters(), betas=(0.9, 0.98))
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimizer, max_lr=3e-3, total_steps=max(keep), pct_start=0.1, anneal_strategy="linear", cycle_momentum=False
    )
    kept = {}
    for step in range(1, max(keep) + 1):
        a, b = operands(pairs[torch.randint(len(pairs), (batch,))])
        answer = digits(operation.of(a, b), operation.digits)
        logits = network(torch.cat([question(a, b), answer[:, :-1]], dim=1))[:, -operation.digits :]
        loss = nn.functional.cross_entropy(logits.flatten(0, 1), answer.flatten())
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        schedule.step()
        if step in keep:
            kept[step] = copy.deepcopy(network).eval()
    return [kept[step] for step in keep]
