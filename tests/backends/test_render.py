"""Templates are compiled once for all processes, and again where their text changed or nothing can be kept."""

from __future__ import annotations

import warnings
from pathlib import Path

import pytest

from symc.backends.render import render


def template(folder: Path, text: str) -> Path:
    folder.mkdir(exist_ok=True)
    (folder / "page.jinja").write_text(text)
    return folder


def test_a_compiled_template_is_kept_and_one_whose_text_changed_is_not_taken(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SYMC_CACHE_DIR", str(tmp_path / "cache"))
    folder = template(tmp_path / "templates", "{{ x }} is one\n")
    assert render("page.jinja", folder, x=1) == b"1 is one\n"
    (kept,) = (tmp_path / "cache").rglob("*.cache")
    before = kept.read_bytes()
    assert render("page.jinja", template(folder, "{{ x }} is another\n"), x=2) == b"2 is another\n"
    assert kept.read_bytes() != before


def test_without_a_folder_of_ones_own_templates_are_compiled_each_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("SYMC_CACHE_DIR", str(tmp_path / "file"))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert render("page.jinja", template(tmp_path / "templates", "{{ x }}"), x=3) == b"3"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["file", "templates"]
