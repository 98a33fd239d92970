"""`pip install .` gives a working symc: the wheel holds everything, and runs far from the checkout."""

from __future__ import annotations

import hashlib
import zipfile
from pathlib import Path

from tests.packaging.conftest import Run

VERBS = ("build", "distill", "inspect", "verify", "pack", "doctor")
SHIPPED = {
    "templates": "symc/_templates",
    "runtime/include": "symc/_runtime/include",
    "runtime/numba": "symc/_runtime/numba",
}

HALL_OF_FAME = "Complexity,Loss,Equation\n1,0.5,x0\n6,1.0e-6,2.5 * sin(x0) + x1\n"


def snapshot(folder: Path) -> dict[str, str]:
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in folder.rglob("*")
        if path.is_file()
    }


def test_wheel_holds_every_template_and_runtime_file(wheel: Path, root: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
        for folder, inside in SHIPPED.items():
            sources = [p for p in (root / folder).rglob("*") if p.is_file() and "__pycache__" not in p.parts]
            assert sources, f"{folder} is empty"
            for source in sources:
                name = f"{inside}/{source.relative_to(root / folder).as_posix()}"
                assert name in names, f"{name} is not in the wheel"
                assert archive.read(name) == source.read_bytes()
        assert any(name.endswith("licenses/LICENSE") for name in names)
        assert not [name for name in names if name.split("/")[0] not in {"symc"} and ".dist-info/" not in name]


def test_help_lists_the_verbs_from_another_folder(python: Run) -> None:
    done = python("-m", "symc.cli", "--help")
    assert done.returncode == 0, done.stderr
    for verb in VERBS:
        assert verb in done.stdout


def test_console_script_is_installed(site: Path, python: Run) -> None:
    done = python(str(site / "bin" / "symc"), "--version")
    assert done.returncode == 0, done.stderr
    assert done.stdout.split()[-1] == "0.1.0"


def test_installed_copy_is_the_one_that_runs(site: Path, python: Run) -> None:
    code = "import symc, symc.resources as r; print(symc.__file__, r.templates(), r.runtime(), sep='\\n')"
    lines = python("-c", code).stdout.splitlines()
    assert [Path(line).is_relative_to(site) for line in lines] == [True] * 3


def test_installed_copy_builds_and_is_left_untouched(site: Path, python: Run, tmp_path: Path) -> None:
    before = snapshot(site)
    fame = tmp_path / "hall_of_fame.csv"
    fame.write_text(HALL_OF_FAME)
    targets = ("--target", "c", "--target", "numba", "--target", "cuda")
    done = python("-m", "symc.cli", "build", str(fame), "-o", str(tmp_path / "out"), "--name", "law", *targets)
    assert done.returncode == 0, done.stderr
    for path in ("manifest.json", "src/law.c", "include/law.h", "numba/law.py", "cuda/law.cu"):
        assert (tmp_path / "out" / "law" / path).is_file(), path
    assert snapshot(site) == before


def test_import_loads_nothing_heavy(python: Run) -> None:
    heavy = ("torch", "numba", "sympy", "scipy", "pyoperon", "pysr", "juliacall", "pandas")
    done = python("-c", f"import sys, symc; print([m for m in {heavy} if m in sys.modules])")
    assert done.stdout.strip() == "[]", done.stdout + done.stderr
