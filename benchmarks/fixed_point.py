"""What fixed-point code costs beside float32 code of the same equations, on cores without floating point.

    python benchmarks/fixed_point.py [--json]

Each equation is built with --numbers fixed and with --numbers float (the profile INT, which such cores get), and both
are measured by `symc cost`: instructions (AVR: cycles) of a call in the median of 128 points of the domain, and at the
worst that a search finds. The distance from the equation is the proved bound over the domain.
"""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from pathlib import Path
from statistics import geometric_mean

from _laws import FEYNMAN
from _record import Rows, arguments, report

import symc
from symc.evidence.device import measure
from symc.toolchain.emulators import BOARDS, Board, missing_tools

BOARD_NAMES = ("cortex-m0", "atmega2560")
# Float32 code takes so many times as long, in the geometric mean.
LIMIT = 3.0
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


def row(case: Case, board: Board, folder: Path) -> dict[str, object]:
    costs = {}
    bound = 0.0
    for kind in ("fixed", "float"):
        bundle = symc.build(
            equation=case.text, domain=case.domain, numbers=kind, name="law", out=folder / kind, replace=True
        )
        costs[kind] = measure(board, bundle.path, bundle.manifest)
        if bundle.manifest.fixed:
            bound = bundle.manifest.fixed.outputs[0].error
    times = {kind: cost.time for kind, cost in costs.items()}
    fixed, single = times["fixed"], times["float"]
    assert fixed is not None and single is not None
    return {
        "equation": case.name,
        "core": board.name,
        "unit": fixed.unit,
        "fixed": fixed.typical,
        "float": single.typical,
        "times": single.typical / fixed.typical,
        "fixed worst": fixed.worst,
        "float worst": single.worst,
        "times worst": single.worst / fixed.worst,
        "fixed flash": costs["fixed"].flash,
        "float flash": costs["float"].flash,
        "proved": bound,
    }


def main() -> None:
    options = arguments(__doc__.splitlines()[0])
    boards = [BOARDS[name] for name in BOARD_NAMES]
    if absent := {tool for board in boards for tool in missing_tools(board)}:
        raise SystemExit(f"needs {', '.join(sorted(absent))}")
    rows: Rows = []
    with tempfile.TemporaryDirectory() as name:
        for board in boards:
            rows += [row(case, board, Path(name)) for case in cases()]
    summary: Rows = []
    for board in boards:
        here = [r for r in rows if r["core"] == board.name]
        typical, worst = (geometric_mean([r[key] for r in here]) for key in ("times", "times worst"))
        summary.append({
            "core": board.name, "times": typical, "times worst": worst, "limit": LIMIT,
            "within": "yes" if typical >= LIMIT else "NO", "within, worst": "yes" if worst >= LIMIT else "NO",
        })  # fmt: skip
    report("fixed_point", {"equations": rows, "together": summary}, options.json)


if __name__ == "__main__":
    main()
