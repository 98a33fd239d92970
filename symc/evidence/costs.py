"""What a bundle's NAME_eval costs on a microcontroller: flash, RAM and stack, measured before anything is flashed."""

from __future__ import annotations

import re
import subprocess
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from symc.bundle import Manifest
from symc.bundle.files import refuse_package
from symc.bundle.opened import read_manifest
from symc.errors import CheckFailed, MissingTool, SymcError
from symc.meaning.points import inside
from symc.tables import table
from symc.toolchain.emulators import BOARDS, Board, build, missing_tools, run

_FLAGS = ("-std=c99", "-Os", "-ffp-contract=off")
_ROWS = 64
_UNITS = {"": 1, "b": 1, "k": 1024, "kb": 1024, "kib": 1024, "m": 1024**2, "mb": 1024**2, "mib": 1024**2}
MEASURES = ("flash", "ram", "stack")


@dataclass(frozen=True)
class Cost:
    """On one core, in bytes: what a program grows by when it calls NAME_eval, and what calls of it take of the stack.

    flash: code, constants and initial values, the compiler's own helpers included. ram: static variables. stack: the
    deepest that `rows` calls reached, 32 where it was no more.
    """

    core: str
    compiler: str
    flash: int
    ram: int
    stack: int
    rows: int


@dataclass(frozen=True)
class Costs:
    """A row for each core, and the cores that were left out with the reason; prints as a table."""

    rows: tuple[Cost, ...]
    left_out: Mapping[str, str]

    def to_json(self) -> dict[str, Any]:
        return {"cores": [asdict(row) for row in self.rows], "left_out": dict(self.left_out)}

    def __str__(self) -> str:
        rows = [(c.core, str(c.flash), str(c.ram), str(c.stack), c.compiler) for c in self.rows]
        lines = [table(("core", "flash, bytes", "RAM", "stack", "compiler, -Os"), rows)] if rows else []
        return "\n".join([*lines, *(f"{core}: {why}" for core, why in self.left_out.items())])


def cost(bundle: str | Path, *, core: Sequence[str] | str = (), limit: str | None = None) -> Costs:
    """Compile and run the bundle's C for each core, in its emulator, and say what it takes there.

    core: names of cores (symc doctor lists them); by default all whose compiler and emulator are installed. limit: what
    none of them may exceed, "flash=2k,ram=64,stack=256". The stack is what calls at corners, zeros and inner points of
    the domain reached, painted before and looked at after; up to 32 bytes of it may be the caller's own.
    Raises SymcError for a folder that is no bundle or has no C, an unknown core, or a limit that cannot be read;
    MissingTool where a core is named whose tools are not installed; CheckFailed where a limit is exceeded.
    """
    folder = Path(bundle)
    refuse_package(folder)
    manifest = read_manifest(folder)
    if "c" not in manifest.targets:
        raise SymcError("the bundle holds no C", where=str(folder), hint="Build it with --target c.")
    limits = _limits(limit)
    named = [core] if isinstance(core, str) else list(core)
    boards = [BOARDS[name] for name in named] if named else [b for _, b in BOARDS.items() if _is_core(b)]
    rows, left_out = [], {}
    for board in boards:
        missing = missing_tools(board)
        if missing and named:
            raise MissingTool(f"{board.name} needs {' and '.join(missing)}", hint=f"apt install {board.packages}")
        if missing:
            left_out[board.name] = f"needs {' and '.join(missing)} (apt install {board.packages})"
        else:
            rows.append(_cost(board, folder, manifest))
    found = Costs(tuple(rows), left_out)
    _check(found.rows, limits)
    return found


def _is_core(board: Board) -> bool:
    """Whether it runs without an operating system."""
    return "hosted.c" not in board.support and "i386_linux.c" not in board.support


def _limits(text: str | None) -> dict[str, int]:
    limits = {}
    for part in (text or "").split(","):
        match = re.fullmatch(r"\s*(\w+)\s*=\s*(\d+(?:\.\d+)?)\s*([A-Za-z]*)\s*", part)
        if not part.strip():
            continue
        if match is None or match[1] not in MEASURES or match[3].lower() not in _UNITS:
            hint = "Such as flash=2k,ram=64,stack=256: bytes, or k for 1024 of them."
            raise SymcError(f"{part.strip()!r} is no limit", where="--limit", hint=hint)
        limits[match[1]] = int(float(match[2]) * _UNITS[match[3].lower()])
    return limits


def _check(rows: Iterable[Cost], limits: Mapping[str, int]) -> None:
    beyond = [
        f"{name} on {row.core} is {value} bytes, {value - most} more than {most}"
        for row in rows
        for name, most in limits.items()
        if (value := getattr(row, name)) > most
    ]
    if beyond:
        raise CheckFailed("; ".join(beyond), hint="Choose a smaller equation (--complexity, --select cheapest:TOL).")


def _cost(board: Board, bundle: Path, manifest: Manifest) -> Cost:
    includes = [bundle / "include", bundle / "src"]
    source = bundle / "src" / f"{manifest.name}.c"
    with tempfile.TemporaryDirectory(prefix="symc-") as temporary:
        folder = Path(temporary)
        sizes = []
        for kind in ("without", "with"):
            main = folder / f"{kind}.c"
            main.write_text(_sized(manifest, calls=kind == "with"))
            program = build(board, [main, source], includes, _FLAGS, folder / f"{kind}.elf")
            sizes.append(_sizes(board, program))
        probe = folder / "probe.c"
        probe.write_text(_probing(manifest))
        stack = int(run(board, [probe, source], includes, _FLAGS).split()[-1])
    (flash, ram), (flash_with, ram_with) = sizes
    # Alignment of what stands beside it may take a few bytes back.
    return Cost(board.name, _version(board), flash_with - flash, max(ram_with - ram, 0), stack, _ROWS)


def _sizes(board: Board, program: Path) -> tuple[int, int]:
    """Bytes of flash and of RAM: text and data, data and bss."""
    command = [re.sub(r"g?cc$|clang$", "size", board.compiler), str(program)]
    printed = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    text, data, bss = map(int, printed.splitlines()[1].split()[:3])
    return text + data, data + bss


def _version(board: Board) -> str:
    done = subprocess.run([board.compiler, "--version"], capture_output=True, text=True, check=True)
    return done.stdout.splitlines()[0]


def _sized(manifest: Manifest, calls: bool) -> str:
    name, macro = manifest.name, manifest.name.upper()
    call = f"    {name}_eval(x, y);\n" if calls else ""
    return f"""#include "{name}.h"
static volatile float in[{macro}_N_IN], out[{macro}_N_OUT];
int main(void)
{{
    float x[{macro}_N_IN], y[{macro}_N_OUT] = {{0}};
    int k;
    for (k = 0; k < {macro}_N_IN; k++) x[k] = in[k];
{call}    for (k = 0; k < {macro}_N_OUT; k++) out[k] = y[k];
    return 0;
}}
"""


def _probing(manifest: Manifest) -> str:
    """Paint the stack below a function, call, and look how far down the paint is gone."""
    name, macro = manifest.name, manifest.name.upper()
    program = manifest.program
    points = inside(manifest.domain or [(-10.0, 10.0)] * program.n_in, program.n_in, _ROWS)[-_ROWS:]
    rows = ",\n".join("{" + ", ".join(f"{float(v).hex()}F" for v in row) + "}" for row in points)
    return f"""#include "board.h"
#include "{name}.h"
enum {{ DEEP = 2048, OWN = 32, PAINT = 0xA5 }};
static const float rows[][{macro}_N_IN] = {{
{rows}
}};
static float x[{macro}_N_IN];
static float y[{macro}_N_OUT];
static volatile float sink;
static __attribute__((noinline)) unsigned depth(void)
{{
    volatile unsigned char mark = 0;
    volatile unsigned char *top = &mark;
    volatile unsigned char *p;
    for (p = top - DEEP; p < top - OWN; p++) *p = PAINT;
    {name}_eval(x, y);
    for (p = top - DEEP; p < top - OWN && *p == PAINT; p++) {{ }}
    return (unsigned)(top - p);
}}
int main(void)
{{
    unsigned most = 0, used;
    size_t row;
    int k;
    char text[8];
    for (row = 0; row < sizeof rows / sizeof rows[0]; row++) {{
        for (k = 0; k < {macro}_N_IN; k++) x[k] = rows[row][k];
        used = depth();
        if (used > most) most = used;
        sink = y[0];
    }}
    for (k = 6, text[7] = 0; k >= 0; k--, most /= 10U) text[k] = (char)('0' + most % 10U);
    board_put(text);
    board_put("\\n");
    return 0;
}}
"""
