"""What is generated is decided by the templates alone."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

BUILD = "import sys; from pathlib import Path; from symc.backends.render import render; " + (
    "print(render('page.jinja', Path(sys.argv[1]), x=1).decode())"
)


def test_no_code_of_a_template_is_left_in_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SYMC_CACHE_DIR", str(tmp_path / "cache"))
    folder = tmp_path / "templates"
    folder.mkdir()
    (folder / "page.jinja").write_text("{{ x }} is one")
    found = subprocess.run([sys.executable, "-c", BUILD, str(folder)], capture_output=True, text=True, check=True)
    assert found.stdout == "1 is one\n"
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == [folder / "page.jinja"]
