"""The README's own examples, run as they stand."""

from __future__ import annotations

import re
import subprocess
from contextlib import chdir
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.docs.pages import ROOT, blocks, run_page
from tests.tools import require

README = (ROOT / "README.md").read_text()


@pytest.fixture(scope="module")
def shown(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, Any]]:
    """The folder where the README's Python and commands have run, and the names that they gave."""
    require("gcc")
    require("g++")
    folder = tmp_path_factory.mktemp("readme")
    with chdir(folder):
        return folder, run_page(README)


def test_the_network_became_code(shown: tuple[Path, dict[str, Any]]) -> None:
    folder, names = shown
    x = names["torch"].rand(3, 2)
    assert names["f"](x).shape == (3, 1) and names["y"].shape == (1024, 1)
    for name in ("block.pt", "out/block/src/block.c", "out/block/cuda/block.cu", "out/block/numba/block.py"):
        assert (folder / name).is_file(), name
    assert list((folder / "out/arduino").rglob("library.properties"))


def test_the_equation_and_the_data_became_code(shown: tuple[Path, dict[str, Any]]) -> None:
    folder, names = shown
    x = np.array([[0.5, -1.5], [2.0, 1.0]], np.float32)
    equation = names["symc"].load(folder / "out/y")
    # The inputs are x0 and x3, in this order.
    assert equation(x)[:, 0] == pytest.approx(2.5 * np.cos(x[:, 1]) + x[:, 0] ** 2, rel=1e-6)
    law = names["symc"].load(folder / "out/decay")
    assert law(x[:, :1])[:, 0] == pytest.approx(2 * np.exp(-0.5 * x[:, 0]), rel=1e-5)


def test_c_example(shown: tuple[Path, dict[str, Any]]) -> None:
    folder, _ = shown
    (source,) = (block.text for block in blocks(README) if block.language == "c")
    include, body = source.split("\n", 1)
    (folder / "use.c").write_text(f"{include}\nint main(void)\n{{\n{body}\nreturn y[0] != y[0];\n}}\n")
    sources = [str(p) for p in sorted((folder / "out/block/src").glob("*.c"))]
    flags = ["-std=c99", "-Wall", "-Werror", "-ffp-contract=off", "-Iout/block/include", "-Iout/block/src"]
    subprocess.run(["gcc", *flags, "use.c", *sources, "-o", "use"], cwd=folder, check=True)
    subprocess.run(["./use"], cwd=folder, check=True)


def test_links_lead_to_files() -> None:
    links = [link for link in re.findall(r"\]\(([^)#]+)", README) if not link.startswith("https:")]
    assert len(links) > 20
    assert not [link for link in links if not (ROOT / link).exists()]
