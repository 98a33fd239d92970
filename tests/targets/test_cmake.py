"""The CMake project of a bundle, as a user's project takes it in, and across a (pretended) cross-compilation."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from tests.targets import building
from tests.targets.programs import unit_from_text
from tests.tools import require

APP = """#include <stdio.h>
#include "gain.h"
int main(void)
{
    float x[GAIN_N_IN] = {0.5F}, y[GAIN_N_OUT];
    gain_eval(x, y);
    printf("%.3f\\n", (double)y[0]);
    return gain_selftest();
}
"""


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Path:
    require("cmake")
    # With every source that a bundle can have.
    unit = replace(unit_from_text(["2*exp(x0)"], ["x0"], ["y"], "gain", [(-1.0, 1.0)]), outside="clamp")
    return building.write(tmp_path_factory.mktemp("cmake"), unit, ["c"])


def _app(folder: Path, how: str) -> Path:
    folder.mkdir()
    (folder / "main.c").write_text(APP)
    (folder / "CMakeLists.txt").write_text(
        "cmake_minimum_required(VERSION 3.16)\nproject(app C)\n"
        f"{how}\nadd_executable(app main.c)\ntarget_link_libraries(app PRIVATE symc::gain)\n"
    )
    return folder


def _build(source: Path, build: Path, *options: object) -> None:
    building.run(["cmake", "-S", source, "-B", build, "-DCMAKE_BUILD_TYPE=Release", *options])
    building.run(["cmake", "--build", build])


def test_add_subdirectory(bundle: Path, tmp_path: Path):
    _build(_app(tmp_path / "app", f"add_subdirectory({bundle} gain)"), tmp_path / "build")
    assert building.run([tmp_path / "build" / "app"]).stdout == "3.297\n"
    self_test = tmp_path / "build" / "gain" / "symc_gain.selftest"
    assert not self_test.exists(), "a subproject builds no tests unless asked"


# Names that CMake keeps for targets of its own.
@pytest.mark.parametrize("name", ["test", "all", "install"])
def test_name_may_be_that_of_a_target_of_cmake(name: str, tmp_path: Path):
    require("cmake")
    root = building.write(tmp_path, unit_from_text(["x0 + 1"], ["x0"], ["y"], name), ["c"])
    _build(root, tmp_path / "build")
    building.run(["ctest", "--test-dir", tmp_path / "build", "--no-tests=error"])


def test_fetch_content(bundle: Path, tmp_path: Path):
    how = f"include(FetchContent)\nFetchContent_Declare(gain SOURCE_DIR {bundle})\nFetchContent_MakeAvailable(gain)"
    _build(_app(tmp_path / "app", how), tmp_path / "build", "-DGAIN_BUILD_TESTS=ON")
    assert building.run([tmp_path / "build" / "app"]).stdout == "3.297\n"


@pytest.mark.parametrize("shared", ["OFF", "ON"])
def test_install_and_find_package(bundle: Path, shared: str, tmp_path: Path):
    _build(bundle, tmp_path / "library", f"-DBUILD_SHARED_LIBS={shared}", f"-DCMAKE_INSTALL_PREFIX={tmp_path}/prefix")
    building.run(["ctest", "--test-dir", tmp_path / "library", "--output-on-failure", "--no-tests=error"])
    building.run(["cmake", "--install", tmp_path / "library"])
    app = _app(tmp_path / "app", "find_package(symc_gain 0.1 REQUIRED)")
    _build(app, tmp_path / "build", f"-DCMAKE_PREFIX_PATH={tmp_path}/prefix")
    assert building.run([tmp_path / "build" / "app"]).stdout == "3.297\n"


def test_find_package_refuses_another_major_version(bundle: Path, tmp_path: Path):
    _build(bundle, tmp_path / "library", f"-DCMAKE_INSTALL_PREFIX={tmp_path}/prefix")
    building.run(["cmake", "--install", tmp_path / "library"])
    app = _app(tmp_path / "app", "find_package(symc_gain 7 REQUIRED)")
    with pytest.raises(AssertionError, match=r"compatible with requested\s+version"):
        _build(app, tmp_path / "build", f"-DCMAKE_PREFIX_PATH={tmp_path}/prefix")


def test_self_test_runs_by_the_emulator_when_cross_compiling(bundle: Path, tmp_path: Path):
    emulator = tmp_path / "emulator"
    emulator.write_text('#!/bin/sh\necho "emulated"\nexec "$@"\n')
    emulator.chmod(0o755)
    build = tmp_path / "build"
    _build(bundle, build, "-DCMAKE_SYSTEM_NAME=Linux", f"-DCMAKE_CROSSCOMPILING_EMULATOR={emulator}")
    output = building.run(["ctest", "--test-dir", build, "--verbose", "--no-tests=error"]).stdout
    assert "emulated" in output and "gain: passed" in output


def test_flags_that_keep_the_bits_are_passed(bundle: Path, tmp_path: Path):
    options = ["-DCMAKE_EXPORT_COMPILE_COMMANDS=ON", "-DCMAKE_BUILD_TYPE=Release"]
    building.run(["cmake", "-S", bundle, "-B", tmp_path, *options])
    commands = (tmp_path / "compile_commands.json").read_text()
    for flag in (*building.NUMERIC, "-std=c99"):
        assert flag in commands
