"""What scripts write is what they would write: constants, C headers, Numba's modules."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

RUNTIME = Path(__file__).resolve().parents[2] / "runtime"


@pytest.mark.parametrize("script", ["fit.py", "write.py"])
def test_files_are_what_the_script_writes(script: str) -> None:
    command = [sys.executable, str(RUNTIME / "double" / script), "--check"]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
