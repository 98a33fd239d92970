"""Bundles of two versions of symc: where one would get the runtime of the other, it says so."""

from __future__ import annotations

import re
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from symc import resources
from symc.backends import headers
from symc.errors import SymcError
from symc.toolchain.compilers import write_tree
from symc.toolchain.cuda import device_code
from tests.targets import building
from tests.targets.building import Build
from tests.targets.programs import unit_from_text
from tests.tools import require

TARGETS = ["c", "cuda", "numba"]
COMPILERS = [Build("gcc", ("-std=c99",)), Build("g++", ("-xc++", "-std=c++17"))]
MIXED = r"(fan\w*\.(c|cuh|py)|symc/[\w/]+\.h) is mixed with the runtime of another symc: build all bundles with one"


@pytest.fixture(scope="module")
def pump(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A bundle of this symc, with every target."""
    return building.write(tmp_path_factory.mktemp("ours"), unit_from_text(["exp(x0)"], ["x0"], ["y"], "pump"), TARGETS)


@pytest.fixture(scope="module", params=["same", "other"])
def fan(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A bundle of this symc, or of one whose runtime differs in a comment."""
    folder = tmp_path_factory.mktemp(request.param)
    unit = replace(unit_from_text(["sin(x0)"], ["x0"], ["y"], "fan"), tool=f"symc {request.param}")
    with pytest.MonkeyPatch.context() as patch:
        if request.param == "other":
            runtime = folder / "runtime"
            shutil.copytree(resources.runtime(), runtime, ignore=shutil.ignore_patterns("__pycache__"))
            for path in (runtime / "include" / "symc" / "f32.h", runtime / "numba" / "symc_runtime" / "f32.py"):
                path.write_text(path.read_text() + ("/* Mended. */\n" if path.suffix == ".h" else "# Mended.\n"))
            patch.setattr(resources, "runtime", lambda: runtime)
        return building.write(folder, unit, TARGETS)


def _is_ours(fan: Path) -> bool:
    return "symc same" in (fan / "include" / "fan.h").read_text()


def _run(fan: Path, command: list[object]) -> None:
    """Run; the sentence is expected where `fan` is of another version."""
    if _is_ours(fan):
        building.run(command)
    else:
        with pytest.raises(AssertionError, match=MIXED):
            building.run(command)


@pytest.mark.parametrize("build", COMPILERS, ids=str)
def test_sources_away_from_their_headers(pump: Path, fan: Path, build: Build, tmp_path: Path):
    """With the bundles' headers on one include path, the first folder on it serves all sources."""
    require(build.command)
    sources = [tmp_path / "pump.c", tmp_path / "fan.c", tmp_path / "fan_selftest.c", tmp_path / "fan_jacobian.c"]
    for source in sources:
        shutil.copy((pump if source.stem == "pump" else fan) / "src" / source.name, source)
    include = [f"-I{root}/{folder}" for root in (pump, fan) for folder in ("include", "src")]
    for source in sources[1:]:
        _run(fan, [build.command, *build.flags, *include, "-fsyntax-only", source])
    building.run([build.command, *build.flags, *include, "-fsyntax-only", sources[0]])


@pytest.mark.parametrize("build", COMPILERS, ids=str)
def test_sources_in_one_folder(pump: Path, fan: Path, build: Build, tmp_path: Path):
    """The headers of the one that is copied last replace those of the other."""
    require(build.command)
    for root in (fan, pump):
        shutil.copytree(root / "include", tmp_path, dirs_exist_ok=True)
        shutil.copytree(root / "src", tmp_path, dirs_exist_ok=True)
    flags = [*build.flags, *building.STRICT, f"-I{tmp_path}"]
    _run(fan, [build.command, *flags, "-fsyntax-only", *sorted(tmp_path.glob("*.c"))])


@pytest.mark.parametrize("build", COMPILERS, ids=str)
def test_sources_beside_their_headers(pump: Path, fan: Path, build: Build):
    """A source finds the headers beside it, but those find others by the include path."""
    require(build.command)
    include = [f"-I{root}/{folder}" for root in (pump, fan) for folder in ("include", "src")]
    flags = [*build.flags, *building.STRICT, *include, "-fsyntax-only"]
    building.run([build.command, *flags, *sorted((pump / "src").glob("*.c"))])
    _run(fan, [build.command, *flags, fan / "src" / "fan.c"])
    _run(fan, [build.command, *flags, "-DSYMC_PROFILE_INT", fan / "src" / "fan.c"])


@pytest.mark.parametrize("profile", ["F64", "INT"])
def test_every_header_refuses_another_runtime(profile: str, tmp_path: Path):
    compiler = require("gcc")
    include = resources.runtime() / "include"
    names = [path.relative_to(include).as_posix() for path in include.rglob("*.h")]
    made = headers.closure(names)
    assert len(made) == len(names) > 60
    made["symc/config.h"] = made["symc/config.h"].replace(headers.identity().encode(), b"1")
    write_tree(tmp_path, made)
    main = tmp_path / "main.c"
    main.write_text("".join(f'#include "{name}"\n' for name in names))
    command = [compiler, f"-DSYMC_PROFILE_{profile}", f"-I{tmp_path}", "-E", main, "-o", tmp_path / "main.i"]
    with pytest.raises(AssertionError) as caught:
        building.run(command)
    refused = re.findall(r'#error "(\S+) is mixed with the runtime of another symc', str(caught.value))
    assert {*refused, "symc/config.h"} == set(names)


USER = """#include "pump.cuh"
#include "fan.cuh"
__global__ void mine(float *x)
{
    fan_eval(x, x);
    pump_eval(x, x);
}
"""


def test_device_functions_in_one_file(pump: Path, fan: Path):
    """The guards of the headers that come first keep out those that come second."""
    require("cuda", module=True)
    files = {f"{root.name}/{path.relative_to(root / 'cuda')}": path.read_bytes()
             for root in (pump, fan) for path in (root / "cuda").rglob("*.*h")}  # fmt: skip
    files["mine.cu"] = USER.encode()

    def compile_() -> bytes:
        return device_code(files, "mine.cu", ["pump", "fan"], form="ptx", compiler="nvrtc")

    if _is_ours(fan):
        assert b"mine" in compile_()
    else:
        with pytest.raises(SymcError, match=MIXED):
            compile_()


def test_numba_modules_in_one_folder(pump: Path, fan: Path, tmp_path: Path):
    for root in (fan, pump):
        shutil.copytree(root / "numba", tmp_path, dirs_exist_ok=True)
    x = np.zeros((1, 1), np.float32)
    assert building.python_module(tmp_path / "pump.py").eval_batch(x) == 1
    if _is_ours(fan):
        assert building.python_module(tmp_path / "fan.py").eval_batch(x) == 0
    else:
        with pytest.raises(ImportError, match=MIXED):
            building.python_module(tmp_path / "fan.py")


def test_ends_of_lines_are_no_other_version(pump: Path, tmp_path: Path):
    shutil.copytree(pump / "numba", tmp_path, dirs_exist_ok=True)
    for path in tmp_path.rglob("*.py"):
        path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))
    assert building.python_module(tmp_path / "pump.py").eval_batch(np.zeros((1, 1), np.float32)) == 1
