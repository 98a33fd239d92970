"""On AVR the runtime's tables stay in flash in every dialect, and are read from there."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import numpy as np
import pytest

from symc.ir.evaluate import evaluate
from symc.ir.program import Builder
from symc.toolchain.emulators import BOARDS, run
from tests.runtime.helpers import INCLUDE
from tests.tools import require_board

DIALECTS = ("-std=c99", "-std=gnu99")
# Tables of 16, 32 and 64 bits; inputs that 32 bits do not decide among them, for which pow needs its last resort.
CALLS = (
    ("exp", 1.0), ("exp", 0.1), ("exp", -3.3), ("sin", 9830.3984375), ("sin", 2.0), ("cos", 1.0e20), ("tan", 1.5),
    ("log", 0.01149684), ("log", 9.4762325), ("pow", 3.0, 2.5), ("pow", 0.7, -1.3), ("pow", 4097.0, 2.0),
    ("pow", 1.0000001, 12345.678),
)  # fmt: skip


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    calls = "".join(
        f"    x = {float(np.float32(x)).hex()}f; y = {float(np.float32(y[0] if y else 0)).hex()}f;\n"
        f"    board_put_hex(symc_bits(symc_{name}({'x, y' if y else 'x'}))); board_put(line);\n"
        for name, x, *y in CALLS
    )
    path = tmp_path_factory.mktemp("tables") / "tables.c"
    path.write_text(
        '#include "board.h"\n#include "symc/exp.h"\n#include "symc/log.h"\n#include "symc/pow.h"\n'
        f'#include "symc/trig.h"\nint main(void)\n{{\n    volatile float x, y;\n    char line[2] = {{10, 0}};\n'
        f"{calls}    (void)y;\n    return 0;\n}}\n"
    )
    return path


def expected() -> list[str]:
    lines = []
    for name, *operands in CALLS:
        builder = Builder(["x", "y"][: len(operands)])
        program = builder.finish(["r"], [builder.op(name, *(builder.input(k) for k in range(len(operands))))])
        bits = evaluate(program, np.array([operands], dtype=np.float32)).view(np.uint32)
        lines.append(f"{int(bits[0, 0]):08x}")
    return lines


@pytest.mark.parametrize("dialect", DIALECTS)
def test_values(dialect: str, source: Path) -> None:
    board = require_board("atmega2560")
    assert run(board, [source], [INCLUDE], [*dialect.split(), "-Os"]).split() == expected()


@pytest.mark.parametrize("dialect", DIALECTS)
def test_no_table_takes_ram(dialect: str, source: Path, tmp_path: Path) -> None:
    require_board("atmega2560")
    board = BOARDS["atmega2560"]
    support = Path(__file__).parents[2] / "symc" / "toolchain" / "emulators" / "support"
    command = [board.compiler, *board.flags, *dialect.split(), "-Os", f"-I{INCLUDE}", f"-I{support}"]
    subprocess.run([*command, "-c", str(source), "-o", str(tmp_path / "tables.o")], check=True)
    listing = subprocess.run(["avr-size", "-A", str(tmp_path / "tables.o")], capture_output=True, text=True, check=True)
    sizes = {name: int(size) for name, size in re.findall(r"^(\.\S+)\s+(\d+)", listing.stdout, re.MULTILINE)}
    # Texts of the program itself are apart.
    kept = {name: size for name, size in sizes.items() if not name.startswith(".rodata.str")}
    assert sum(size for name, size in kept.items() if name.startswith((".data", ".rodata", ".bss"))) == 0
    assert sum(size for name, size in sizes.items() if name.startswith(".progmem")) > 500
