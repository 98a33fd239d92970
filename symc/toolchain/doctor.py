"""What this machine has: the tools symc can use, their versions and what each is needed for."""

from __future__ import annotations

import importlib.metadata
import os
import platform
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from symc.errors import MissingTool
from symc.toolchain import compilers, cuda
from symc.toolchain.emulators import BOARDS, Board

_TIMEOUT_S = 10


@dataclass(frozen=True)
class Tool:
    """One row of the report. `version` and `path` are empty where unknown; `hint` says how to get an absent tool."""

    name: str
    found: bool
    version: str
    needed_for: str
    path: str = ""
    hint: str = ""

    def to_json(self) -> dict[str, Any]:
        """The row as a dict of plain values."""
        return asdict(self)


def report() -> list[Tool]:
    """One row per tool, in a fixed order. Imports none of the packages it reports and asks every program at once."""
    checks: list[Callable[[], Tool]] = [
        lambda: Tool("python", True, platform.python_version(), "everything", sys.executable),
        lambda: _package("torch", "torch", "capture of networks; symc.load as an nn.Module", "pip install torch"),
        lambda: _package("numba", "numba", "target numba", "pip install numba"),
        lambda: _package("operon", "pyoperon", "the search engine operon", "pip install pyoperon"),
        lambda: _package("pysr", "pysr", "the search engine pysr (with Julia)", "pip install pysr"),
        _julia,
        lambda: _compiler("C compiler", compilers.find_c, "symc.load, symc verify, symc bench"),
        lambda: _compiler("C++ compiler", compilers.find_cxx, "checking that bundles compile as C++"),
        lambda: _compiler("clang", compilers.find_clang, "checking bundles with a second compiler"),
        lambda: _package("ziglang", "ziglang", "packages for npm; sliders in reports", "pip install 'symc[wasm]'"),
        lambda: _program("cmake", "building a bundle by its CMakeLists.txt", "apt install cmake"),
        lambda: _compiler("nvcc", compilers.find_nvcc, "target cuda: compiling device code"),
        _nvrtc,
        _gpu,
        *((lambda row=row: _program(*row)) for row in _emulation()),
    ]
    with ThreadPoolExecutor(max_workers=8) as pool:
        return list(pool.map(lambda check: check(), checks))


def _package(name: str, distribution: str, needed_for: str, hint: str) -> Tool:
    try:
        return Tool(name, True, importlib.metadata.version(distribution), needed_for)
    except importlib.metadata.PackageNotFoundError:
        return Tool(name, False, "", needed_for, hint=hint)


def _compiler(name: str, find: Callable[[], compilers.Compiler], needed_for: str) -> Tool:
    try:
        compiler = find()
        # Its version may be one that was kept; whether it runs is told by it alone.
        compilers.ask(compiler.command)
    except MissingTool as error:
        return Tool(name, False, "", needed_for, hint=error.hint or "")
    release = re.search(r"release ([\d.]+)", compiler.version) if compiler.kind == "nvcc" else None
    version = release.group(1) if release else re.split(r" Target:| \(https?:", compiler.version)[0]
    return Tool(name, True, version, needed_for, compiler.command[0])


def _program(name: str, needed_for: str, hint: str) -> Tool:
    path = shutil.which(name)
    if path is None:
        return Tool(name, False, "", needed_for, hint=hint)
    return Tool(name, True, _number(_ask([path, "--version"])), needed_for, path)


def _emulation() -> list[tuple[str, str, str]]:
    """The rows of what the emulated boards need: each program once, with the boards that need it."""
    boards: dict[str, list[Board]] = {}
    for _, board in BOARDS.items():
        for tool in board.tools:
            # The host's own compilers have their rows already.
            if tool not in ("gcc", "clang"):
                boards.setdefault(tool, []).append(board)
    return [
        (tool, f"running bundles on emulated {', '.join(b.name for b in users)}", f"apt install {users[0].packages}")
        for tool, users in boards.items()
    ]


def _julia() -> Tool:
    needed_for = "the search engine pysr"
    # juliapkg (PySR's way to Julia) keeps one below the environment or the user's depot when it installed one itself.
    depot = Path(os.environ.get("JULIA_DEPOT_PATH", "").split(os.pathsep)[0] or Path.home() / ".julia")
    below = ("environments/pyjuliapkg/pyjuliapkg/install/bin/julia", "juliaup/bin/julia")
    places = [
        os.environ.get("PYTHON_JULIAPKG_EXE"),
        shutil.which("julia"),
        str(Path(sys.prefix, "julia_env", "pyjuliapkg", "install", "bin", "julia")),
        *(str(depot / place) for place in below),
    ]
    for place in places:
        if place and os.access(place, os.X_OK):
            return Tool("julia", True, _number(_ask([place, "--version"])), needed_for, place)
    hint = "https://julialang.org/install (or use the engine operon)"
    return Tool("julia", False, "", needed_for, hint=hint)


def _nvrtc() -> Tool:
    needed_for = "target cuda where there is no nvcc"
    version = _package("NVRTC", "nvidia-cuda-nvrtc", needed_for, "pip install 'symc[cuda]'")
    if version.found and not cuda.has_nvrtc():
        return Tool("NVRTC", False, "", needed_for, hint=version.hint or "pip install 'symc[cuda]'")
    return version


def _gpu() -> Tool:
    needed_for = "symc.load on CUDA tensors"
    path = shutil.which("nvidia-smi")
    answer = _ask([path, "--query-gpu=name,driver_version", "--format=csv,noheader"]) if path else ""
    if not path or not answer.strip():
        return Tool("GPU", False, "", needed_for, hint="an NVIDIA GPU with its driver")
    name, _, driver = answer.strip().splitlines()[0].partition(", ")
    return Tool("GPU", True, f"{name}, driver {driver}", needed_for, path)


def _ask(command: list[str]) -> str:
    """Standard output (else error) of a program that reports on itself; empty when it cannot be run."""
    try:
        done = subprocess.run(
            command, capture_output=True, text=True, errors="replace", timeout=_TIMEOUT_S, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout if done.returncode == 0 and done.stdout.strip() else ""


def _number(text: str) -> str:
    found = re.search(r"\d+(\.\d+)+", text)
    return found.group(0) if found else text.strip().splitlines()[0] if text.strip() else ""
