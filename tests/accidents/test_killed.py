"""kill -9 at any moment: the earlier bundle or the new one is whole, kept fits stay, and nothing is left behind."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.tools import require

ROOT = Path(__file__).resolve().parents[2]


def struck(what: str, folder: Path, count: int, seed: int = 1) -> int:
    require("cc")
    command = [sys.executable, "-m", "tests.accidents.killing", what, str(folder), str(count), str(seed)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return int(done.stdout.split()[-1])


@pytest.mark.parametrize("what", ["build", "distil"])
def test_two_blows(what: str, tmp_path: Path) -> None:
    """Of a build, one while it computes and one while it writes; of a distillation, an early and a late one."""
    assert struck(what, tmp_path, 2) > 0


@pytest.mark.long
@pytest.mark.parametrize("what", ["build", "distil"])
def test_a_hundred_blows(what: str, tmp_path: Path) -> None:
    assert struck(what, tmp_path, 100, seed=2) > 50
