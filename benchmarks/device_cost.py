"""What the runtime's functions cost on microcontrollers, beside the board's C library: instructions, cycles, flash.

    python benchmarks/device_cost.py [--json] [BOARD ...]

The boards are emulated (symc/toolchain/emulators), each with the profile that it gets by default. A QEMU plugin
counts instructions exactly; on AVR timers count cycles. Each figure is the mean of 256 calls with inputs
from the range named, less what the call of an empty function costs. Compiled with -O2. Flash is what a program grows by
when it uses the functions, tables and helpers of the compiler's library included.
"""

from __future__ import annotations

import argparse
import platform
import random
import struct
import subprocess
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from _record import Rows, add_options, report

from symc.toolchain.emulators import BOARDS, Board, build, counts, missing_tools

HERE = Path(__file__).resolve().parent
INCLUDE = HERE.parent / "runtime" / "include"
BOARD_NAMES = ("cortex-m0", "cortex-m3", "cortex-m4f", "cortex-m7", "rv32imac", "rv64gc", "atmega2560")
CALLS = 256
FLASH_BOARD = "cortex-m3"
FLASH_LIMIT = 2560
FLASH_TOGETHER = ("exp", "log", "sin", "cos")
LIBRARY = {"rv32imac": "picolibc", "rv64gc": "picolibc", "atmega2560": "avr-libc"}


@dataclass(frozen=True)
class Case:
    """A function over a range of inputs, and for pow of exponents; evenly drawn, or by magnitude where `decades`."""

    function: str
    low: float
    high: float
    second: tuple[float, float] | None = None
    decades: bool = False

    @property
    def text(self) -> str:
        between = f"{self.low:g} to {self.high:g}"
        return between if self.second is None else f"{between} to the {self.second[0]:g} to {self.second[1]:g}"

    @property
    def key(self) -> str:
        return f"{self.function}{'_large' if self.decades else ''}"

    def inputs(self) -> list[tuple[float, float]]:
        generator = random.Random(1)

        def draw(low: float, high: float) -> float:
            return low * (high / low) ** generator.random() if self.decades else generator.uniform(low, high)

        return [(draw(self.low, self.high), draw(*(self.second or (1.0, 2.0)))) for _ in range(CALLS)]


CASES = (
    Case("exp", -10, 10),
    Case("log", 1e-3, 100),
    Case("sin", -10, 10),
    Case("cos", -10, 10),
    Case("tanh", -4, 4),
    Case("pow", 0.1, 10, (-5, 5)),
    Case("sin", 1e6, 1e30, decades=True),
)
HEADERS = {"sin": "trig", "cos": "trig"}
# board -> function -> greatest multiple of the C library's cost
_SOFT = ("exp", "log", "sin", "cos")
LIMITS = {
    "cortex-m0": dict.fromkeys(_SOFT, 1 / 3) | {"sin_large": 1 / 15},
    "cortex-m3": dict.fromkeys(_SOFT, 1 / 8) | {"sin_large": 1 / 15},
    "rv32imac": dict.fromkeys(_SOFT, 1 / 8) | {"sin_large": 1 / 15},
    "cortex-m4f": dict.fromkeys(_SOFT, 1.6),
    "atmega2560": {"exp": 1.5, "log": 2.5, "sin": 2.5, "cos": 2.5, "pow": 2},
}

_PROGRAM = r"""
#include <math.h>

#include "counting.h"
{includes}

#if defined(__AVR__)
#define TABLE static const __flash
#else
#define TABLE static const
#endif
#define APART __attribute__((noinline, noclone))

APART float empty_1(float x) {{ __asm__ volatile(""); return x; }}
APART float empty_2(float x, float y) {{ __asm__ volatile(""); (void)y; return x; }}
{functions}

{tables}

static volatile float sink;

static float value(uint32_t bits)
{{
    union {{ uint32_t bits; float value; }} cast;
    cast.bits = bits;
    return cast.value;
}}

#define COST(call) do {{ \
        board_begin(); \
        for (uint32_t i = 0; i < {calls}; i++) {{ \
            const float x = value(first[i]), y = value(second[i]); \
            (void)y; \
            sink = call; \
        }} \
        board_end(); \
    }} while (0)

{costs}

int main(void)
{{
{runs}
    return 0;
}}
"""


def program(cases: Sequence[Case], empty: bool = True) -> str:
    """A C program that measures, for each case, the empty function, symc's and the library's."""
    names = sorted({case.function for case in cases})
    functions, tables, costs, runs = [], [], [], []
    for name in names:
        two = any(case.second for case in cases if case.function == name)
        head, tail = ("float x, float y", "x, y") if two else ("float x", "x")
        functions.append(f"APART float ours_{name}({head}) {{ return symc_{name}({tail}); }}")
        functions.append(f"APART float theirs_{name}({head}) {{ return {name}f({tail}); }}")
    for case in cases:
        first, second = zip(*case.inputs(), strict=True)
        for label, values in (("first", first), ("second", second)):
            text = ", ".join(f"0x{_bits(v):08x}u" for v in values)
            tables.append(f"TABLE uint32_t {label}_{case.key}[{CALLS}] = {{{text}}};")
        arguments = "x" if case.second is None else "x, y"
        lines = [f"#define first first_{case.key}", f"#define second second_{case.key}"]
        for label in (f"empty_{1 if case.second is None else 2}", f"ours_{case.function}", f"theirs_{case.function}"):
            cost = f"cost_{case.key}_{label}"
            lines.append(f"static APART void {cost}(void) {{ COST({label}({arguments})); }}")
            runs.append(f"    {cost}();")
        costs += [*lines, "#undef first", "#undef second"]
    headers = sorted({HEADERS.get(name, name) for name in names})
    return _PROGRAM.format(
        includes="\n".join(f'#include "symc/{header}.h"' for header in headers),
        functions="\n".join(functions),
        tables="\n".join(tables),
        costs="\n".join(costs),
        runs="\n".join(runs),
        calls=CALLS,
    )


def _bits(value: float) -> int:
    return int(struct.unpack("<I", struct.pack("<f", value))[0])


def measure(board: Board, cases: Sequence[Case], folder: Path) -> Rows:
    """One row per case: what a call costs."""
    source = folder / f"{board.name}.c"
    source.write_text(program(cases))
    built = build(board, [source, Path("-lm")], [INCLUDE], ["-O2"], folder / f"{board.name}.elf")
    totals = counts(board, built)
    if len(totals) != 3 * len(cases):
        raise SystemExit(f"{board.name}: {len(totals)} figures")
    rows: Rows = []
    for case, (empty, ours, theirs) in zip(cases, zip(*[iter(totals)] * 3, strict=True), strict=True):
        mine, library = ((total - empty) / CALLS for total in (ours, theirs))
        limit = LIMITS.get(board.name, {}).get(case.key)
        rows.append(
            {
                "board": board.name,
                "function": case.function,
                "inputs": case.text,
                "unit": board.counts,
                "symc": _shown(mine),
                "library": LIBRARY.get(board.name, "newlib"),
                "its cost": _shown(library),
                "symc / library": mine / library,
                "limit": "" if limit is None else limit,
                "within": "" if limit is None else "yes" if mine <= limit * library else "NO",
            }
        )
    return rows


def _shown(cost: float) -> float | int:
    return round(cost) if cost >= 1000 else round(cost, 1)


def flash(board: Board, folder: Path) -> Rows:
    """Bytes that functions add to a program, for symc and for the C library, at -O2 and -Os."""
    rows: Rows = []
    sets = [(name,) for name in ("exp", "log", "sin", "cos", "tanh", "pow")]
    for names in (*sets, FLASH_TOGETHER):
        row: dict[str, Any] = {"flash, bytes": " + ".join(names), "board": board.name}
        for option in ("-O2", "-Os"):
            base = _size(board, (), "", option, folder)
            row[f"symc {option}"] = _size(board, names, "symc_", option, folder) - base
            row[f"library {option}"] = _size(board, names, "", option, folder) - base
        together = names == FLASH_TOGETHER
        row["limit"] = FLASH_LIMIT if together else ""
        row["within"] = ("yes" if row["symc -O2"] < FLASH_LIMIT else "NO") if together else ""
        rows.append(row)
    return rows


def _size(board: Board, names: Sequence[str], prefix: str, option: str, folder: Path) -> int:
    """text + data of a program that calls the functions once."""
    suffix = "" if prefix else "f"
    calls = [f"    s = {prefix}{n}{suffix}({'s, s' if n == 'pow' else 's'});" for n in names]
    headers = [f'#include "symc/{HEADERS.get(n, n)}.h"' for n in names] if prefix else ["#include <math.h>"]
    source = folder / "size.c"
    lines = [*headers, "volatile float s;", "int main(void)", "{", *calls, "    return 0;", "}"]
    source.write_text("\n".join(lines) + "\n")
    built = build(board, [source, Path("-lm")], [INCLUDE], [option], folder / "size.elf")
    size = board.compiler.removesuffix("gcc") + "size"
    text, data = subprocess.run([size, str(built)], capture_output=True, text=True, check=True).stdout.split()[6:8]
    return int(text) + int(data)


def versions(boards: Sequence[Board]) -> dict[str, str]:
    """Compilers and emulators, from their own first lines."""
    found = {}
    for board in boards:
        for tool in board.tools:
            if tool != "simavr" and tool not in found:
                done = subprocess.run([tool, "--version"], capture_output=True, text=True)
                found[tool] = done.stdout.splitlines()[0]
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    add_options(parser)
    parser.add_argument("boards", nargs="*", help=f"default: {' '.join(BOARD_NAMES)}")
    options = parser.parse_args()
    if unknown := set(options.boards) - set(BOARD_NAMES):
        parser.error(f"no such board: {' '.join(sorted(unknown))}")
    boards = []
    for name in options.boards or BOARD_NAMES:
        board = BOARDS[name]
        if missing := missing_tools(board):
            print(f"{name} left out: it needs {' and '.join(missing)} (apt install {board.packages})")
        else:
            boards.append(board)
    if not boards:
        raise SystemExit(0 if not options.boards else 1)
    rows: Rows = []
    sizes: Rows = []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for board in boards:
            rows += measure(board, CASES, folder)
        if BOARDS[FLASH_BOARD] in boards:
            sizes = flash(BOARDS[FLASH_BOARD], folder)
    tables = {"cost": rows} | ({"flash": sizes} if sizes else {})
    report("device_cost", tables, options.json and not options.boards, versions(boards) | {"host": platform.machine()})


if __name__ == "__main__":
    main()
