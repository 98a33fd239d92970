"""The CMake package: two models at once as subdirectories, installed, found by CMake and by pkg-config.

A single one, FetchContent and cross-compiling: tests/targets/test_cmake.py.
"""

from __future__ import annotations

import shlex
from pathlib import Path

import pytest

import symc
from tests.pack.conftest import both
from tests.targets import building
from tests.tools import require


@pytest.fixture(scope="module")
def packages(bundles: dict[str, Path], tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    out = tmp_path_factory.mktemp("cmake")
    return {name: symc.pack(path, format="cmake", out=out, version="2.1.0").path for name, path in bundles.items()}


@pytest.fixture(scope="module")
def prefix(packages: dict[str, Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where both are installed."""
    require("cmake")
    folder = tmp_path_factory.mktemp("install")
    for name, root in packages.items():
        building.run(["cmake", "-S", root, "-B", folder / name, f"-DCMAKE_INSTALL_PREFIX={folder}/prefix",
                      "-DCMAKE_INSTALL_LIBDIR=lib"])  # fmt: skip
        building.run(["cmake", "--build", folder / name])
        building.run(["ctest", "--test-dir", folder / name, "--no-tests=error"])
        building.run(["cmake", "--install", folder / name])
    return folder / "prefix"


def _run(how: str, folder: Path, *options: object) -> None:
    """Build and run a program that calls both models, which `how` takes in."""
    (folder / "both.c").write_text(both())
    (folder / "CMakeLists.txt").write_text(
        f"cmake_minimum_required(VERSION 3.16)\nproject(app C)\n{how}add_executable(both both.c)\n"
        "target_link_libraries(both PRIVATE symc::pump symc::fan)\n"
    )
    building.run(["cmake", "-S", folder, "-B", folder / "build", *options])
    building.run(["cmake", "--build", folder / "build"])
    building.run([folder / "build" / "both"])


def test_add_subdirectory_and_unity_builds(packages: dict[str, Path], tmp_path: Path) -> None:
    require("cmake")
    how = "".join(f"add_subdirectory({root} {name})\n" for name, root in packages.items())
    _run(how, tmp_path, "-DCMAKE_UNITY_BUILD=ON")


def test_find_package(packages: dict[str, Path], prefix: Path, tmp_path: Path) -> None:
    how = "".join(f"find_package(symc_{name} 2.1 REQUIRED)\n" for name in packages)
    _run(how, tmp_path, f"-DCMAKE_PREFIX_PATH={prefix}")


def test_pkg_config(packages: dict[str, Path], prefix: Path, tmp_path: Path) -> None:
    tool = require("pkg-config")
    (tmp_path / "both.c").write_text(both())
    names = [f"symc_{name}" for name in packages]
    query = ["env", f"PKG_CONFIG_PATH={prefix}/lib/pkgconfig", tool]
    assert building.run([*query, "--modversion", *names]).stdout.split() == ["2.1.0", "2.1.0"]
    flags = shlex.split(building.run([*query, "--cflags", "--libs", *names]).stdout)
    building.run(["gcc", tmp_path / "both.c", *flags, "-o", tmp_path / "both"])
    building.run([tmp_path / "both"])


def test_the_example(packages: dict[str, Path], tmp_path: Path) -> None:
    require("cmake")
    building.run(["cmake", "-S", packages["fan"] / "example", "-B", tmp_path])
    building.run(["cmake", "--build", tmp_path])
    assert building.run([tmp_path / "fan_example"]).stdout.endswith("fan: self-test passed (0)\n")


def test_of_the_same_version_it_is_the_bundles_own(bundles: dict[str, Path], tmp_path: Path) -> None:
    root = symc.pack(bundles["pump"], format="cmake", out=tmp_path).path
    assert (root / "CMakeLists.txt").read_bytes() == (bundles["pump"] / "CMakeLists.txt").read_bytes()
