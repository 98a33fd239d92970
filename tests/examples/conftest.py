"""Runs an example as a person would: a fresh Python, a folder of its own for what it writes."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"


@dataclass(frozen=True)
class Printed:
    """What an example printed, and the folder it wrote to."""

    code: int
    text: str
    errors: str
    out: Path

    def row(self, label: str) -> list[float]:
        """The numbers after `label` in the table row that starts with it."""
        (line,) = [line.strip() for line in self.text.splitlines() if line.strip().startswith(label + "  ")]
        return [float(number) for number in re.findall(r"-?\d+(?:\.\d+)?(?:e[+-]?\d+)?", line.removeprefix(label))]


@pytest.fixture
def example(tmp_path: Path) -> Callable[..., Printed]:
    def run(name: str, *options: str) -> Printed:
        command = [sys.executable, str(EXAMPLES / name / "run.py"), "-o", str(tmp_path / "out"), *options]
        paths = os.pathsep.join(filter(None, (str(EXAMPLES.parent), os.environ.get("PYTHONPATH"))))
        done = subprocess.run(
            command, cwd=tmp_path, env={**os.environ, "PYTHONPATH": paths}, capture_output=True, text=True, check=False
        )
        return Printed(done.returncode, done.stdout, done.stderr, tmp_path / "out")

    return run


@pytest.fixture
def example_folder(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Makes the modules of an example, and what the examples share, importable for one test."""

    def enter(name: str) -> None:
        monkeypatch.syspath_prepend(str(EXAMPLES))
        monkeypatch.syspath_prepend(str(EXAMPLES / name))

    return enter
