"""A decoder of Qwen2's shape with random weights, whose MLPs can be taken out, and blocks to put in their place."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

import symc
from symc.capture.dataset import Dataset
from symc.compression.saved import Compressed
from symc.ir.evaluate import evaluate
from symc.ir.layered import Affine, Layered
from symc.ir.lower import lower
from symc.ir.parse import parse

_TERMS = 3


@dataclass(frozen=True)
class Shape:
    """What makes the size of a decoder. hidden: of the MLPs; heads share `groups` keys and values."""

    name: str
    layers: int
    width: int
    hidden: int
    heads: int
    groups: int
    vocabulary: int
    rank: int

    @property
    def head(self) -> int:
        return self.width // self.heads


# Qwen2.5-1.5B (https://arxiv.org/abs/2412.15115, table 1), and the same proportions for a CPU.
QWEN = Shape("Qwen2.5-1.5B", 28, 1536, 8960, 12, 2, 151_936, 32)
SMALL = Shape("a quarter of its width, 8 layers", 8, 384, 2240, 6, 1, 2048, 16)


class Attention(nn.Module):
    """Grouped-query attention with rotary positions, over a cache of keys and values."""

    def __init__(self, shape: Shape, length: int) -> None:
        super().__init__()
        self.shape = shape
        self.queries = nn.Linear(shape.width, shape.width)
        self.keys_values = nn.Linear(shape.width, 2 * shape.groups * shape.head)
        self.out = nn.Linear(shape.width, shape.width, bias=False)
        self.register_buffer("cache", torch.zeros(2, 1, shape.groups, length, shape.head))

    def forward(self, x: Tensor, turn: tuple[Tensor, Tensor], begin: int) -> Tensor:
        length, end = x.shape[1], begin + x.shape[1]
        queries = self.queries(x).view(1, length, self.shape.heads, -1).transpose(1, 2)
        keys, values = self.keys_values(x).view(1, length, 2, self.shape.groups, -1).permute(2, 0, 3, 1, 4)
        self.cache[0, :, :, begin:end] = _turned(keys, turn)
        self.cache[1, :, :, begin:end] = values
        seen = self.cache[:, :, :, :end]
        mixed = F.scaled_dot_product_attention(
            _turned(queries, turn), seen[0], seen[1], is_causal=length > 1, enable_gqa=True
        )
        return self.out(mixed.transpose(1, 2).reshape(1, length, -1))


def _turned(x: Tensor, turn: tuple[Tensor, Tensor]) -> Tensor:
    cos, sin = turn
    first, second = x.chunk(2, -1)
    return torch.cat([first * cos - second * sin, second * cos + first * sin], -1)


class MLP(nn.Module):
    """SwiGLU."""

    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self.gate = nn.Linear(shape.width, shape.hidden, bias=False)
        self.up = nn.Linear(shape.width, shape.hidden, bias=False)
        self.down = nn.Linear(shape.hidden, shape.width, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        return self.down(F.silu(self.gate(x)) * self.up(x))


class Layer(nn.Module):
    """Attention and `mlp`; None deletes that, its norm and its sum."""

    def __init__(self, shape: Shape, length: int) -> None:
        super().__init__()
        self.norm_attention, self.norm_mlp = nn.RMSNorm(shape.width), nn.RMSNorm(shape.width)
        self.attention = Attention(shape, length)
        self.mlp: nn.Module | None = MLP(shape)

    def forward(self, x: Tensor, turn: tuple[Tensor, Tensor], begin: int) -> Tensor:
        x = x + self.attention(self.norm_attention(x), turn, begin)
        return x if self.mlp is None else x + self.mlp(self.norm_mlp(x))


class Decoder(nn.Module):
    """Tokens (1, n) at positions begin ... begin + n -> logits (1, vocabulary) of the token after the last."""

    def __init__(self, shape: Shape, length: int) -> None:
        super().__init__()
        self.tokens = nn.Embedding(shape.vocabulary, shape.width)
        self.layers = nn.ModuleList(Layer(shape, length) for _ in range(shape.layers))
        self.norm = nn.RMSNorm(shape.width)
        angles = torch.outer(torch.arange(length), 1e6 ** -torch.linspace(0, 1, shape.head // 2 + 1)[:-1])
        self.register_buffer("cos", angles.cos())
        self.register_buffer("sin", angles.sin())

    def forward(self, tokens: Tensor, begin: int = 0) -> Tensor:
        end = begin + tokens.shape[1]
        turn = self.cos[begin:end], self.sin[begin:end]
        x = self.tokens(tokens)
        for layer in self.layers:
            x = layer(x, turn, begin)
        return F.linear(self.norm(x[:, -1]), self.tokens.weight)


def blocks_for(shape: Shape, count: int, targets: tuple[str, ...], out: Path) -> list[symc.Surrogate]:
    """Compiled blocks for `count` MLPs: `rank` coordinates, as many quadratic equations, and back to the width.

    They are one block, opened as so many: each has tables of its own in a GPU's memory, as different ones would.
    """
    package = _block(shape, targets, out).package
    others = [replace(package, files={**package.files, f"numba/{k}": b""}) for k in range(count)]
    return [symc.Surrogate(other) for other in others]


def _block(shape: Shape, targets: tuple[str, ...], out: Path) -> symc.Surrogate:
    draw = np.random.default_rng(0)
    width, rank = shape.width, shape.rank
    z, h = [f"z{k}" for k in range(rank)], [f"h{k}" for k in range(rank)]
    texts = []
    for k in range(rank):
        pairs = draw.integers(0, rank, (_TERMS, 2))
        texts.append(" + ".join([f"z{k}", *(f"{draw.uniform(0.1, 1):.3f}*z{i}*z{j}" for i, j in pairs)]))
    program = Layered(
        tuple(f"x{k}" for k in range(width)),
        tuple(f"y{k}" for k in range(width)),
        Affine(draw.normal(size=(rank, width)) / width**0.5, draw.normal(size=rank)),
        lower([parse(text, z) for text in texts], z, h),
        Affine(0.01 * draw.normal(size=(width, rank)), 0.01 * draw.normal(size=width)),
    ).check()
    x = draw.normal(size=(2 * width + 2, width)).astype(np.float32)
    compressed = Compressed(program, tuple(texts), Dataset.from_samples(x, evaluate(program, x)))
    return symc.load(symc.build(compressed, out=out, target=list(targets), name="block").path)
