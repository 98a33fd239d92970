"""Run the whole suite with the lowest and the newest versions of every dependency that pyproject.toml allows.

    python tests/matrix.py [--rows NAME[,NAME]] [--jobs N]     (make matrix)

Each row is an environment of its own, made by uv in build/matrix, and one run of the README's test command in it. The
outcome and the versions go to tests/matrix.json, row by row: what is recorded stays until its row runs again. The
versions that constraints.txt pins are what `make test` itself runs with.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
RECORD = ROOT / "tests" / "matrix.json"
# Name -> Python and how uv chooses among the versions allowed.
ROWS = {
    "3.11 lowest": ("3.11", "lowest-direct"),
    "3.11 newest": ("3.11", "highest"),
    "3.12 newest": ("3.12", "highest"),
    "3.13 newest": ("3.13", "highest"),
}
# Whose versions are told; the environment holds a hundred more.
TOLD = ("numpy", "scipy", "sympy", "torch", "numba", "pyoperon", "python-flint", "pandas", "scikit-learn", "hypothesis")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", default=",".join(ROWS), help="names of rows, comma-separated")
    parser.add_argument("--jobs", type=int, default=2, help="tests at once")
    options = parser.parse_args()
    names = options.rows.split(",")
    unknown = sorted(set(names) - set(ROWS))
    if unknown:
        parser.error(f"no row is called {unknown[0]!r}; there are {', '.join(ROWS)}")
    outcomes = [_run(name, options.jobs) for name in names]
    return 0 if all(outcomes) else 1


def _run(name: str, jobs: int) -> bool:
    python, resolution = ROWS[name]
    place = ROOT / "build" / "matrix" / name.replace(" ", "-")
    uv = [sys.executable, "-m", "uv"]
    subprocess.run([*uv, "venv", "-q", "--seed", "--clear", "--python", python, str(place)], check=True)
    interpreter = place / "bin" / "python"
    install = [*uv, "pip", "install", "-q", "--python", str(interpreter), "--resolution", resolution]
    subprocess.run([*install, "-e", f"{ROOT}[test,examples,lint]"], check=True)
    frozen = subprocess.run(
        [*uv, "pip", "freeze", "--python", str(interpreter)], check=True, capture_output=True, text=True
    ).stdout
    versions = dict(line.split("==") for line in frozen.splitlines() if "==" in line)
    start = time.monotonic()
    command = [str(interpreter), "-m", "pytest", "-q", "-n", str(jobs), "--dist", "loadfile", "--no-loadscope-reorder"]
    command += ["-p", "no:cacheprovider", "-m", "long or not long"]
    environment = {**os.environ, "PATH": f"{place / 'bin'}{os.pathsep}{os.environ['PATH']}"}
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True)
    (place / "pytest.log").write_text(done.stdout + done.stderr)
    summary = done.stdout.strip().splitlines()[-1] if done.stdout.strip() else done.stderr.strip()[-200:]
    _record(
        name,
        {
            "passes": done.returncode == 0,
            "summary": re.sub(r"^=+ | =+$", "", summary),
            "failed": sorted(re.findall(r"^(?:FAILED|ERROR) (\S+)", done.stdout, re.MULTILINE)),
            "seconds": round(time.monotonic() - start),
            "python": _printed(interpreter, "import platform; print(platform.python_version())"),
            "versions": {package: versions[package] for package in TOLD if package in versions},
        },
    )
    print(f"{name}: {summary} (log in {place / 'pytest.log'})", flush=True)
    return done.returncode == 0


def _printed(interpreter: Path, code: str) -> str:
    return subprocess.run([interpreter, "-c", code], check=True, capture_output=True, text=True).stdout.strip()


def _record(name: str, row: dict[str, Any]) -> None:
    rows = json.loads(RECORD.read_text()) if RECORD.exists() else {}
    rows[name] = row
    RECORD.write_text(json.dumps({key: rows[key] for key in ROWS if key in rows}, indent=2) + "\n")


if __name__ == "__main__":
    sys.exit(main())
