"""symc doctor's rows."""

from __future__ import annotations

import json
import platform
import subprocess
import sys
from pathlib import Path

import pytest

from symc.toolchain import doctor
from tests.tools import require


def test_every_row_says_what_it_is_for() -> None:
    rows = {row.name: row for row in doctor.report()}
    assert rows["python"].version == platform.python_version()
    assert rows["torch"].found
    for name in ("C compiler", "clang", "nvcc", "NVRTC", "GPU", "cmake", "julia", "pysr", "operon", "numba"):
        assert rows[name].needed_for
        assert rows[name].found or rows[name].hint
    json.dumps([row.to_json() for row in rows.values()])


def test_the_compiler_is_reported_with_its_version() -> None:
    path = require("cc")
    row = next(r for r in doctor.report() if r.name == "C compiler")
    assert row.found
    assert row.path == path
    assert any(character.isdigit() for character in row.version)


def test_absent_programs_are_rows_too(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("CC", raising=False)
    rows = {row.name: row for row in doctor.report()}
    assert not rows["C compiler"].found
    assert not rows["cmake"].found
    assert rows["python"].found


def test_a_program_that_fails_does_not_break_the_report(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("cmake", "nvidia-smi", "cc"):
        (tmp_path / name).write_text("#!/bin/sh\nexit 1\n")
        (tmp_path / name).chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("CC", raising=False)
    rows = {row.name: row for row in doctor.report()}
    assert rows["cmake"].found
    assert rows["cmake"].version == ""
    assert not rows["GPU"].found
    assert not rows["C compiler"].found


def test_the_report_imports_nothing_heavy() -> None:
    code = (
        "import sys; from symc.toolchain import doctor; doctor.report();"
        "print([m for m in ('torch', 'numba', 'sympy', 'pysr', 'pyoperon') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
