"""The Makefile's environment: made once, remade when its inputs change, and a clear word when Python is too old."""

from __future__ import annotations

import subprocess
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.tools import require


def make(root: Path, *words: str) -> subprocess.CompletedProcess[str]:
    require("make")
    return subprocess.run(["make", "-C", str(root), *words], capture_output=True, text=True, check=False)


def pins(root: Path) -> dict[str, str]:
    lines = [line for line in (root / "constraints.txt").read_text().splitlines() if line and not line.startswith("#")]
    split = [line.split("==") for line in lines]
    assert all(len(parts) == 2 for parts in split), "a constraint is not an exact version"
    return {canonicalize_name(name): version for name, version in split}


def test_every_requirement_is_pinned_inside_its_range(root: Path) -> None:
    project = tomllib.loads((root / "pyproject.toml").read_text())["project"]
    texts = [*project["dependencies"], *(text for extra in project["optional-dependencies"].values() for text in extra)]
    pinned = pins(root)
    for requirement in map(Requirement, texts):
        version = pinned.get(canonicalize_name(requirement.name))
        assert version is not None, f"{requirement.name} has no pin"
        assert requirement.specifier.contains(version), f"{requirement} does not admit {version}"


def test_environment_is_made_once_and_remade_when_its_inputs_change(root: Path, tmp_path: Path) -> None:
    (tmp_path / ".installed").touch()
    venv = f"VENV={tmp_path}"
    assert make(root, "-q", "venv", venv).returncode == 0
    for changed in ("pyproject.toml", "constraints.txt"):
        assert make(root, "-q", "-W", changed, "venv", venv).returncode == 1
    assert make(root, "-q", "venv", f"VENV={tmp_path / 'new'}").returncode == 1


@pytest.mark.parametrize(
    ("script", "message"),
    [
        ('case "$1" in --version) echo Python 3.9.2;; *) exit 1;; esac', "3.9.2; symc needs Python 3.11 to 3.13"),
        ('case "$2" in *ensurepip*) exit 1;; esac', "apt-get install python3-venv"),
    ],
)
def test_unsuitable_python_is_named_with_what_to_do(root: Path, tmp_path: Path, script: str, message: str) -> None:
    fake = tmp_path / "python3"
    fake.write_text(f"#!/bin/sh\n{script}\n")
    fake.chmod(0o755)
    done = make(root, "venv", f"PYTHON={fake}", f"VENV={tmp_path / 'venv'}")
    assert done.returncode != 0
    assert message in done.stderr
    assert not (tmp_path / "venv").exists()


def test_missing_python_is_named(root: Path, tmp_path: Path) -> None:
    done = make(root, "venv", "PYTHON=no-such-python", f"VENV={tmp_path / 'venv'}")
    assert done.returncode != 0
    assert "no-such-python was not found" in done.stderr
