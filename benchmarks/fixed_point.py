"""What fixed-point code costs beside float32 code of the same equations, on cores without floating point.

    python benchmarks/fixed_point.py [--json]

Each equation is built with --numbers fixed, fixed16 and float (the profile INT, which such cores get), and all are
measured by `symc cost`: instructions (AVR: cycles) of a call in the median of 128 points of the domain, and at the
worst that a search finds. The distance from the equation is the proved bound over the domain. Everything is counted, so
that other work on the machine changes no figure; a program in an emulator is given up after an hour.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from statistics import geometric_mean

from _laws import FEYNMAN
from _record import Rows, arguments, report

import symc
from symc.evidence.device import Cost, measure
from symc.toolchain.emulators import BOARDS, Board, missing_tools

WORDS = ("fixed", "fixed16")
BOARD_NAMES = ("cortex-m0", "atmega2560")
# Float32 code takes so many times as long, in the geometric mean.
LIMIT = 3.0
# A crashed program on the ATmega waits for a debugger, without end.
_TIMEOUT_S = 3600.0
LAW_NAMES = ("I.12.1", "I.13.4", "I.14.4", "I.16.6", "I.18.4", "I.18.12", "I.8.14", "I.6.2a", "I.27.6")


@dataclass(frozen=True)
class Case:
    name: str
    text: str
    domain: str


def cases() -> list[Case]:
    """The solutions and laws of the examples, a controller's polynomial, and laws of physics."""
    own = [
        Case("heat, the rod's solution", "y = exp(-1.97392088*t)*sin(3.14159265*x)", "0:1,0:1"),
        Case("arithmetic, a + b", "y = a + b", "0:99,0:99"),
        Case("particles, a spring's force", "y = 1.5*(1 - 1/sqrt(x^2 + z^2 + 0.25))*x", "-2:2,-2:2"),
        Case("a sensor's cubic", "y = 0.7 + x*(1.2 + x*(-0.35 + 0.08*x))", "-4:4"),
    ]
    laws = {law.name: law for law in FEYNMAN}
    picked = [laws[name] for name in LAW_NAMES]
    return own + [
        Case(
            f"Feynman {law.name}",
            f"y = {law.expression}",
            ",".join(f"{low:g}:{high:g}" for low, high in zip(law.low, law.high, strict=True)),
        )
        for law in picked
    ]


def rows_of(case: Case, boards: Sequence[Board], folder: Path) -> Rows:
    """One for each board and word."""
    bundles = {
        kind: symc.build(
            equation=case.text, domain=case.domain, numbers=kind, name="law", out=folder / kind, replace=True
        )
        for kind in (*WORDS, "float")
    }
    rows: Rows = []
    for board in boards:
        costs = {kind: measure(board, made.path, made.manifest, timeout_s=_TIMEOUT_S) for kind, made in bundles.items()}
        for word in WORDS:
            fixed = bundles[word].manifest.fixed
            assert fixed
            rows.append(_row(case, board, word, costs[word], costs["float"]) | {"proved": fixed.outputs[0].error})
    return rows


def _row(case: Case, board: Board, word: str, of: Cost, single: Cost) -> dict[str, object]:
    assert of.time is not None and single.time is not None
    return {
        "equation": case.name,
        "core": board.name,
        "numbers": word,
        "unit": of.time.unit,
        "fixed": of.time.typical,
        "float": single.time.typical,
        "times": single.time.typical / of.time.typical,
        "fixed worst": of.time.worst,
        "float worst": single.time.worst,
        "times worst": single.time.worst / of.time.worst,
        "fixed flash": of.flash,
        "float flash": single.flash,
    }


def main() -> None:
    options = arguments(__doc__.splitlines()[0])
    boards = [BOARDS[name] for name in BOARD_NAMES]
    if absent := {tool for board in boards for tool in missing_tools(board)}:
        raise SystemExit(f"needs {', '.join(sorted(absent))}")
    rows: Rows = []
    with tempfile.TemporaryDirectory() as name:
        for case in cases():
            print(case.name, file=sys.stderr)
            rows += rows_of(case, boards, Path(name))
    rows.sort(key=lambda row: BOARD_NAMES.index(row["core"]))
    summary: Rows = []
    for board, word in product(boards, WORDS):
        here = [r for r in rows if r["core"] == board.name and r["numbers"] == word]
        typical, worst = (geometric_mean([r[key] for r in here]) for key in ("times", "times worst"))
        summary.append({
            "core": board.name, "numbers": word, "times": typical, "times worst": worst, "limit": LIMIT,
            "within": "yes" if typical >= LIMIT else "NO", "within, worst": "yes" if worst >= LIMIT else "NO",
        })  # fmt: skip
    report("fixed_point", {"equations": rows, "together": summary}, options.json)


if __name__ == "__main__":
    main()
