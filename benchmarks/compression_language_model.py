"""What replacing the MLPs of the example's language model costs on held-out text: one middle layer, and all four.

    python benchmarks/compression_language_model.py [--json] [--windows N] [--finetune STEPS] [--search-evaluations N]

Needs the package tokenizers. Every control is in the same network, on the same text; `ratio` is to PCA to 32 and from 8
components with equations searched by Operon between them, and the budget of each block is what that would take with
affine equations (5376 multiply-adds). The bars are 0.6 for one layer and 0.4 for all.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from _record import Rows, add_options, report

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "examples" / "language_model"))

from model import LAYERS, load_weights
from run import BUDGET, compress, read_texts, speeds

import symc

_BARS = {"one": 0.6, "all": 0.4}


def rows_of(found: symc.Compression, bar: float) -> Rows:
    control = found.row("PCA + search").damage
    rows = []
    for row in found.table:
        ours = row.form == "chosen"
        label = ", ".join(block.chosen.label for block in found.blocks if block.chosen) if ours else row.form
        rows.append(
            {
                "in place of the MLPs": label,
                "multiply-adds": row.multiply_adds,
                "nats per token": row.metric,
                "rise, mnat": 1000 * row.damage,
                "ratio": row.damage / control,
                "bar": ("met" if row.damage <= bar * control else "MISSED") if ours else "",
            }
        )
    return rows


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    add_options(parser)
    parser.add_argument("--layer", type=int, default=2)
    parser.add_argument("--windows", type=int, default=160)
    parser.add_argument("--finetune", type=int, default=100)
    parser.add_argument("--search-evaluations", type=int, default=20_000)
    options = parser.parse_args()
    model = load_weights()
    texts = read_texts(options.windows, options.windows // 3, options.windows, 0)
    tables = {}
    for name, layers in (("one", [options.layer]), ("all", list(range(LAYERS)))):
        found = compress(
            model,
            layers,
            texts,
            finetune=options.finetune,
            search_evaluations=options.search_evaluations,
            seed=0,
        )
        print(found, flush=True)
        tables[f"{name}, at most {BUDGET} multiply-adds each"] = rows_of(found, _BARS[name])
    measured = speeds(model, found, texts.held_out)
    base = measured["original"][0]
    tables["speed, all MLPs"] = [
        {"MLPs": kind, "tokens/s": rate, "ratio": rate / base, "ms for one window": ms}
        for kind, (rate, ms) in measured.items()
    ]
    report("compression_language_model", tables, options.json)


if __name__ == "__main__":
    main()
