"""The README's own examples, run as they stand."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.tools import require

README = (Path(__file__).parents[2] / "README.md").read_text()


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", README, re.DOTALL)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder where the Python example has run."""
    require("gcc")
    here = tmp_path_factory.mktemp("readme")
    source = "\n".join(blocks("python"))
    checked = source + "\nassert report.ok, report\nassert f(torch.rand(3, 2)).shape == (3, 1)"
    run([sys.executable, "-c", checked], here)
    return here


def run(command: list[str], cwd: Path) -> str:
    env = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}
    done = subprocess.run(command, cwd=cwd, env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_python_example(folder: Path) -> None:
    assert (folder / "out/block/src/block.c").is_file() and (folder / "block.pt").is_file()


def test_shell_example(folder: Path) -> None:
    require("g++")
    (source,) = blocks("sh")
    commands = [line.split("#")[0].strip() for line in source.splitlines()]
    printed = [run([sys.executable, "-m", "symc.cli", *line.replace('"', "").split()[1:]], folder) for line in commands]
    assert any("cuda: jacobian" in text for text in printed)
    assert (folder / "evidence/report.html").is_file() and list((folder / "packages").rglob("library.properties"))


def test_c_example(folder: Path) -> None:
    (source,) = blocks("c")
    include, body = source.split("\n", 1)
    (folder / "use.c").write_text(f"{include}\nint main(void)\n{{\n{body}\nreturn y[0] != y[0];\n}}\n")
    sources = [str(p) for p in sorted((folder / "out/block/src").glob("*.c"))]
    place = ["-Iout/block/include", "-Iout/block/src"]
    run(["gcc", "-std=c99", "-Wall", "-Werror", "-ffp-contract=off", *place, "use.c", *sources, "-o", "use"], folder)
    run(["./use"], folder)
