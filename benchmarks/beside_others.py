"""The C of four examples on microcontrollers, beside what else one would flash: flash, RAM, stack, time, error.

    python benchmarks/beside_others.py [--json] [--examples DIR] [BOARD ...]

- symc: the bundle's C, every function correctly rounded;
- sympy: the same equations as sympy prints them (C99, float, common subexpressions taken out), with the C library's
  functions;
- network: the network that the equations were distilled from, as constant arrays and loops, with the C library's
  functions; of `particles` it is one message alone, of which an answer like the equation's takes two;
- emlearn: the same network as emlearn writes it, where emlearn is installed and has the activation.

All with -Os, the peers with the compiler's own rules for the rest (it may fuse products and sums). Boards are emulated;
each figure is measured as `symc cost` measures it: flash is what a program grows by when it calls the function, time
the median of up to 128 rows of the kind met in use, stack the deepest that these reached. The error of the equations is
to the network as it was recorded, that of a network's C to the same network in double; RMSE over the range of the worst
output. Examples are run where DIR does not hold their bundles yet.
"""

from __future__ import annotations

import argparse
import dataclasses
import statistics
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from _examples import FOUR, Example, Network
from _peers_c import by_emlearn, by_sympy, emlearn_headers, plain, printed, write
from _record import Rows, add_options, report
from device_cost import LIBRARY, versions

from symc.bundle import Manifest
from symc.bundle.opened import read_manifest
from symc.bundle.parity import PARITY_FILE, Recording
from symc.evidence.device import FLAGS, sizes, usual_rows
from symc.evidence.probes import most_rows, sized, stacked, timed
from symc.meaning.points import F32
from symc.toolchain.emulators import BOARDS, Board, build, counts, missing_tools, run

BOARD_NAMES = ("cortex-m0", "cortex-m3", "cortex-m4f", "rv32imac", "atmega2560")
# Of sympy's time on cores with and without floats in hardware; of the network's flash.
HARD, SOFT, FLASH = 1.1, 1 / 3, 1 / 5


@dataclass(frozen=True)
class Subject:
    """One way to the function: its source, where headers lie, flags, and rows with what it should answer."""

    way: str
    source: Path
    includes: Sequence[Path]
    flags: Sequence[str]
    rows: F32
    truth: F32


def subjects(example: Example, bundle: Path, manifest: Manifest, network: Network, folder: Path) -> list[Subject]:
    """Every way to an example's function that there is."""
    recorded = Recording.from_bytes((bundle / PARITY_FILE).read_bytes(), manifest.program)
    rows, _ = usual_rows(bundle, manifest, ())
    step = -(-len(recorded.x) // len(rows))
    truth = recorded.y[::step]
    if not np.array_equal(recorded.x[::step], rows):
        raise SystemExit(f"{example.name}: the rows of the measurement are not every {step}th that was recorded")
    source = bundle / "src" / f"{manifest.name}.c"
    found = [Subject("symc", source, [bundle / "include", bundle / "src"], FLAGS, rows, truth)]
    headers = emlearn_headers()
    sources = {"sympy": by_sympy(manifest), "network": plain(manifest, network)}
    if headers is not None and (text := by_emlearn(manifest, network)) is not None:
        sources["emlearn"] = text
    for way, text in sources.items():
        at, answers = (rows, truth) if way == "sympy" else (network.rows, network(network.rows))
        place = folder / example.name / way
        write(place, manifest, at.shape[1], answers.shape[1], text)
        includes = [place / "include", *([headers] if headers is not None else [])]
        found.append(Subject(way, place / "src" / f"{manifest.name}.c", includes, ("-Os",), at, answers))
    return found


def measure(board: Board, manifest: Manifest, subject: Subject, folder: Path) -> dict[str, float]:
    """What a subject takes on a board, and how far its answers are from what they should be."""
    board = dataclasses.replace(board, link=(*board.link, "-lm"))
    rows = subject.rows[: most_rows(manifest, board)]

    def made(name: str, text: str) -> Path:
        main = folder / f"{name}.c"
        main.write_text(text)
        return build(board, [main, subject.source], subject.includes, subject.flags, folder / f"{name}.elf")

    (flash, ram), (flash_with, ram_with) = (
        sizes(board, made(f"size{calls:d}", sized(manifest, calls))) for calls in (False, True)
    )

    def output(text: str) -> str:
        (folder / "probe.c").write_text(text)
        return run(board, [folder / "probe.c", subject.source], subject.includes, subject.flags, timeout_s=600)

    empty, *calls = counts(board, made("time", timed(manifest, rows)))
    bits = [int(word, 16) for word in output(printed(manifest, rows)).split()]
    answers = np.array(bits, np.uint32).view(np.float32).astype(np.float64).reshape(len(rows), -1)
    truth = subject.truth[: len(rows)].astype(np.float64)
    rmse = np.sqrt(((answers - truth) ** 2).mean(axis=0))
    return {
        "flash": flash_with - flash,
        "RAM": max(ram_with - ram, 0),
        "stack": int(output(stacked(manifest, rows, board)).split()[-1]),
        "time": statistics.median(call - empty for call in calls),
        "error": float((rmse / np.ptp(truth, axis=0)).max()),
    }


def compared(example: Example, text: str, board: Board, found: dict[str, dict[str, float]]) -> Rows:
    """A row for each way on a board, with symc's figures over its own."""
    rows: Rows = []
    ours = found["symc"]
    for way, cost in found.items():
        limit = kept = ""
        if way == "sympy":
            hard = board.name == "cortex-m4f"
            limit = f"time {HARD if hard else SOFT:.3g}"
            kept = "yes" if ours["time"] <= (HARD if hard else SOFT) * cost["time"] else "NO"
        elif way != "symc":
            limit = f"flash {FLASH:.3g}"
            kept = "yes" if ours["flash"] <= FLASH * cost["flash"] else "NO"
        rows.append(
            {
                "example": example.name,
                "board": board.name,
                "way": f"{way} {text}" if way in ("network", "emlearn") else way,
                "library": "none" if way == "symc" else LIBRARY.get(board.name, "newlib"),
                "flash": int(cost["flash"]),
                "RAM": int(cost["RAM"]),
                "stack": int(cost["stack"]),
                "time": round(cost["time"]),
                "in": board.counts,
                "error": float(f"{cost['error']:.3g}"),
                "symc / its flash": float(f"{ours['flash'] / cost['flash']:.3g}"),
                "symc / its time": float(f"{ours['time'] / cost['time']:.3g}"),
                "limit": limit,
                "within": kept,
            }
        )
    return rows


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    add_options(parser)
    parser.add_argument("--examples", type=Path, default=Path("build/examples"), help="where the examples' bundles go")
    parser.add_argument("boards", nargs="*", help=f"default: {' '.join(BOARD_NAMES)}")
    options = parser.parse_args()
    if unknown := set(options.boards) - set(BOARD_NAMES):
        parser.error(f"no such board: {' '.join(sorted(unknown))}")
    boards = []
    for name in options.boards or BOARD_NAMES:
        if missing := missing_tools(BOARDS[name]):
            print(f"{name} left out: it needs {' and '.join(missing)} (apt install {BOARDS[name].packages})")
        else:
            boards.append(BOARDS[name])
    if emlearn_headers() is None:
        print("emlearn left out: it is not installed (pip install emlearn)")
    if not boards:
        raise SystemExit(0 if not options.boards else 1)
    torch.set_num_threads(1)
    rows: Rows = []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for example in FOUR:
            bundle = example.built(options.examples)
            manifest, network = read_manifest(bundle), example.network()
            ways = subjects(example, bundle, manifest, network, folder)
            for board in boards:
                found = {way.way: measure(board, manifest, way, folder) for way in ways}
                rows += compared(example, network.text, board, found)
    save = options.json and not options.boards
    report("beside_others", {"beside others": rows}, save, versions(boards))


if __name__ == "__main__":
    main()
