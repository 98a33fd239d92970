"""Text that every Python installation has: the sources of the standard library and the topics of its help()."""

from __future__ import annotations

import sysconfig
import zlib
from pathlib import Path
from typing import Literal

import numpy as np
import torch
from numpy.typing import NDArray
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
from torch import Tensor

HERE = Path(__file__).resolve().parent
TOKENIZER = HERE / "tokenizer.json"
Split = Literal["train", "calibration", "held_out"]

# Tests and demos repeat themselves, encodings are tables, and not every installation has the last three.
_LEFT_OUT = ("test", "tests", "encodings", "idlelib", "lib2to3", "turtledemo", "site-packages", "dist-packages")


def split_of(name: str) -> Split:
    """A document belongs to one split by its name alone, so whole modules are held out, in every installation."""
    place = zlib.crc32(name.encode()) % 20
    return "held_out" if place < 2 else "calibration" if place == 2 else "train"


def documents(split: Split) -> list[str]:
    """The texts of one split, in the order of their names."""
    from pydoc_data.topics import topics

    library = Path(sysconfig.get_paths()["stdlib"])
    found = {f"topic {name}": text for name, text in topics.items()}
    for path in library.rglob("*.py"):
        name = path.relative_to(library)
        if not set(name.parts) & set(_LEFT_OUT) and name.parts[0] != "pydoc_data":
            found[name.as_posix()] = path.read_text("utf-8", errors="replace")
    return [found[name] for name in sorted(found) if split_of(name) == split]


def train_tokenizer(vocabulary: int) -> Tokenizer:
    """Byte-level byte-pair encoding of the training split (Sennrich, Haddow and Birch 2016)."""
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=vocabulary,
        special_tokens=["<end>"],
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    tokenizer.train_from_iterator(documents("train"), trainer)
    return tokenizer


def tokens(split: Split, tokenizer: Tokenizer) -> NDArray[np.int64]:
    """All documents of a split in a row, each ended by token 0."""
    encoded = tokenizer.encode_batch(documents(split))
    return np.concatenate([np.array([*one.ids, 0], np.int64) for one in encoded])


def windows(split: Split, tokenizer: Tokenizer, count: int, length: int, seed: int = 0) -> Tensor:
    """`count` pieces of `length` tokens each, without overlap, drawn with a seed: (count, length)."""
    stream = tokens(split, tokenizer)
    rows = stream[: len(stream) // length * length].reshape(-1, length)
    return torch.from_numpy(rows[np.random.default_rng(seed).permutation(len(rows))[:count]])
