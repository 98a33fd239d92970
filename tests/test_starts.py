"""What a command imports before it does its work: no start pays for what it does without."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

import symc

RUN = """
import sys
from symc.cli import main
try:
    main(sys.argv[2:])
except SystemExit as end:
    assert not end.code, end.code
print("imported:", *sorted(set(sys.argv[1].split(",")) & set(sys.modules)))
"""
# Of symc's own: what few builds ask for.
SELDOM = "symc.fixed,symc.pack.contents,symc.toolchain.emulators,symc.analysis.matrices,symc.evidence.budget"


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return symc.build(equation="law = 2.5*sin(x)*exp(-y)", domain="-2:2", out=tmp_path_factory.mktemp("built")).path


def imported(names: str, *arguments: str) -> str:
    """Which of `names` a new Python has imported when the command has run."""
    command = [sys.executable, "-c", RUN, names, *arguments]
    told = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    return told.rpartition("imported:")[2].strip()


def test_help_needs_none_of_what_the_verbs_do() -> None:
    assert imported("numpy,sympy,jinja2,msgspec,rich,torch,multiprocessing", "--help") == ""


def test_nothing_is_searched_for_cycles_as_a_command_ends() -> None:
    # What was registered first runs last.
    code = "import atexit, gc; atexit.register(lambda: print('left alone:', gc.get_freeze_count() > 1000))\n" + RUN
    told = subprocess.run([sys.executable, "-c", code, "", "--version"], capture_output=True, text=True, check=True)
    assert "left alone: True" in told.stdout


def test_a_bundle_is_described_without_what_compiles_equations(bundle: Path) -> None:
    assert imported("sympy,jinja2,torch,numba", "inspect", str(bundle)) == ""


def test_a_package_is_written_without_what_compiles_equations(bundle: Path, tmp_path: Path) -> None:
    assert imported("sympy,torch,numba", "pack", str(bundle), "-f", "arduino", "-o", str(tmp_path)) == ""


def test_an_equation_is_built_without_what_few_builds_ask_for(tmp_path: Path) -> None:
    build = ("build", "--equation", "y = x0^2", "--domain", "0:1", "-q", "-o", str(tmp_path))
    assert imported(f"torch,numba,scipy,{SELDOM}", *build) == ""
