"""Blocks of rows in C read each input they use, and nothing behind the last row, wherever in a row it stands."""

from __future__ import annotations

import subprocess
from pathlib import Path

import numpy as np
import pytest

from symc.ir.formats import FLOAT32, FLOAT64, Format
from symc.ir.program import Builder, Program
from tests.targets import building
from tests.targets.programs import unit_of
from tests.tools import require

# Three blocks, and rows behind them.
ROWS = 3 * 32 + 5
# Name -> inputs, and pairs of them that make an output each.
CASES: dict[str, tuple[int, tuple[tuple[int, int], ...]]] = {
    "over": (5, ((0, 1), (2, 4), (3, 3))),
    "last": (7, ((6, 6),)),
    "gaps": (37, ((0, 1), (36, 5), (9, 12), (20, 33))),
    # Rows of which most are read, long enough to be asked for early.
    "whole": (17, tuple((k, 16 - k) for k in range(9))),
}
FORMATS = {"single": FLOAT32, "double": FLOAT64}
NAMES = [f"{case}_{kind}" for case in CASES for kind in FORMATS]
SANITIZED = ("-fsanitize=address,undefined", "-fno-sanitize-recover=all")
BUILDS = [
    building.Build("gcc", ("-std=gnu99", "-O3", "-march=native", *SANITIZED)),
    building.Build("clang", ("-std=c99", "-O3", "-march=native")),
    # As for a processor without vectors.
    building.Build("gcc", ("-std=c99", "-O1", "-U__SSE2__", *building.STRICT)),
]


def program(n_in: int, pairs: tuple[tuple[int, int], ...], format: Format) -> Program:
    builder = Builder(tuple(f"x{k}" for k in range(n_in)), format)
    results = [builder.op("add", builder.input(a), builder.input(b)) for a, b in pairs]
    return builder.finish([f"y{k}" for k in range(len(pairs))], results)


def main_of(names: list[str]) -> str:
    """A program that reads the rows of every bundle into arrays of their own size, and writes the results."""
    text = "#include <stdio.h>\n#include <stdlib.h>\n" + "".join(f'#include "{name}.h"\n' for name in names)
    text += "int main(void)\n{\n"
    for name in names:
        real, macro = "float" if name.endswith("single") else "double", name.upper()
        text += f"""    {{
        const size_t n_x = {ROWS} * {macro}_N_IN, n_y = {ROWS} * {macro}_N_OUT;
        {real} *x = malloc(n_x * sizeof *x), *y = malloc(n_y * sizeof *y);
        if (x == NULL || y == NULL || fread(x, sizeof *x, n_x, stdin) != n_x) {{ return 1; }}
        {name}_eval_batch(x, y, {ROWS});
        if (fwrite(y, sizeof *y, n_y, stdout) != n_y) {{ return 1; }}
        free(x);
        free(y);
    }}
"""
    return text + "    return 0;\n}\n"


@pytest.fixture(scope="module")
def bundles(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    folder = tmp_path_factory.mktemp("columns")
    (folder / "main.c").write_text(main_of(NAMES))
    units = [unit_of(program(*CASES[case], FORMATS[kind]), f"{case}_{kind}", derivatives=False)
             for case in CASES for kind in FORMATS]  # fmt: skip
    return [building.write(folder, unit, ["c"]) for unit in units]


@pytest.mark.parametrize("build", BUILDS, ids=str)
def test_every_input_comes_from_its_own_place(bundles: list[Path], build: building.Build, tmp_path: Path) -> None:
    require(build.command)
    folder = bundles[0].parent
    includes = [f"-I{root}/{part}" for root in bundles for part in ("include", "src")]
    sources = [root / "src" / f"{root.name}.c" for root in bundles]
    building.run([build.command, *build.flags, *includes, *sources, folder / "main.c", "-o", tmp_path / "program"])
    generator = np.random.default_rng(0)
    given, wanted = b"", b""
    for name in NAMES:
        case, kind = name.split("_")
        n_in, pairs = CASES[case]
        x = generator.standard_normal((ROWS, n_in)).astype(FORMATS[kind].dtype)
        given += x.tobytes()
        wanted += np.stack([x[:, a] + x[:, b] for a, b in pairs], axis=1).tobytes()
    done = subprocess.run([tmp_path / "program"], input=given, capture_output=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr.decode()
    assert done.stdout == wanted
