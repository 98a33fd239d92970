"""The Zephyr module: module.yml by Zephyr's schema, Kconfig by its parser, CMake by a stand-in of its functions."""

from __future__ import annotations

import struct
from pathlib import Path

import msgspec
import numpy as np
import pytest

import symc
from tests.pack.conftest import both, expected
from tests.targets import building
from tests.tools import require


class Settings(msgspec.Struct, forbid_unknown_fields=True):
    board_root: str | None = None
    dts_root: str | None = None
    soc_root: str | None = None
    arch_root: str | None = None
    module_ext_root: str | None = None
    sca_root: str | None = None


class Build(msgspec.Struct, forbid_unknown_fields=True, rename="kebab"):
    cmake: str
    kconfig: str
    cmake_ext: bool = False
    kconfig_ext: bool = False
    depends: tuple[str, ...] = ()
    settings: Settings | None = None


class Module(msgspec.Struct, forbid_unknown_fields=True):
    """https://docs.zephyrproject.org/latest/develop/modules.html, without blobs and sysbuild."""

    name: str
    build: Build
    tests: tuple[str, ...] = ()
    samples: tuple[str, ...] = ()
    boards: tuple[str, ...] = ()


ZEPHYR = """
cmake_minimum_required(VERSION 3.20)
project(app C)
add_library(zephyr_interface INTERFACE)
target_compile_options(zephyr_interface INTERFACE
  -Os -std=c11 -fno-common -fno-strict-aliasing -Wall -Wformat-security -Wdouble-promotion -Wpointer-arith -Werror)
function(zephyr_library_named name)
  add_library(${name} STATIC "")
  target_link_libraries(${name} PUBLIC zephyr_interface)
  set(ZEPHYR_CURRENT_LIBRARY ${name} PARENT_SCOPE)
endfunction()
function(zephyr_library_sources)
  target_sources(${ZEPHYR_CURRENT_LIBRARY} PRIVATE ${ARGN})
endfunction()
function(zephyr_library_include_directories)
  target_include_directories(${ZEPHYR_CURRENT_LIBRARY} PRIVATE ${ARGN})
endfunction()
function(zephyr_include_directories)
  target_include_directories(zephyr_interface INTERFACE ${ARGN})
endfunction()
"""


@pytest.fixture(scope="module")
def modules(bundles: dict[str, Path], tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    out = tmp_path_factory.mktemp("zephyr")
    return {name: symc.pack(path, format="zephyr", out=out).path for name, path in bundles.items()}


def test_module_yml(modules: dict[str, Path]) -> None:
    root = modules["pump"]
    module = msgspec.yaml.decode((root / "zephyr" / "module.yml").read_bytes(), type=Module)
    assert module.name == "pump"
    assert (root / module.build.cmake / "CMakeLists.txt").is_file() and (root / module.build.kconfig).is_file()
    (samples,) = module.samples
    sample = msgspec.yaml.decode((root / samples / "pump" / "sample.yaml").read_bytes())
    assert sample["sample"] == {"name": "pump"} and set(sample) == {"sample", "common", "tests"}
    # A test's name ends in the folders that it lies in.
    assert list(sample["tests"]) == ["sample.symc.pump"]


def test_kconfig(modules: dict[str, Path], tmp_path: Path) -> None:
    require("kconfiglib", module=True)
    import kconfiglib

    # As Zephyr takes several modules in.
    (tmp_path / "Kconfig").write_text("".join(f'osource "{root}/zephyr/Kconfig"\n' for root in modules.values()))
    parsed = kconfiglib.Kconfig(str(tmp_path / "Kconfig"), warn_to_stderr=False)
    assert parsed.warnings == []
    values = {symbol.name: symbol.str_value for symbol in parsed.unique_defined_syms}
    assert values == {"SYMC_PUMP": "n", "SYMC_FAN": "n"}
    settings = (modules["pump"] / "samples" / "pump" / "prj.conf").read_text().splitlines()
    (tmp_path / "prj.conf").write_text("".join(f"{line}\n" for line in settings if "STACK" not in line))
    parsed.load_config(str(tmp_path / "prj.conf"))
    assert parsed.warnings == [] and parsed.syms["SYMC_PUMP"].str_value == "y"


def _build(modules: dict[str, Path], folder: Path, config: str, rest: str) -> Path:
    (folder / "CMakeLists.txt").write_text(
        ZEPHYR
        + config
        + "".join(f"add_subdirectory({root}/zephyr {name})\n" for name, root in modules.items())
        + rest
    )
    building.run(["cmake", "-S", folder, "-B", folder / "build"])
    building.run(["cmake", "--build", folder / "build"])
    return folder / "build"


def test_two_modules_in_one_application(modules: dict[str, Path], tmp_path: Path) -> None:
    require("cmake")
    (tmp_path / "both.c").write_text(both())
    for header, text in {"kernel.h": "", "sys/printk.h": "#include <stdio.h>\n#define printk printf\n"}.items():
        (tmp_path / "zephyr" / header).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "zephyr" / header).write_text(text)
    sample = modules["pump"] / "samples" / "pump" / "src" / "main.c"
    rest = (
        "add_executable(both both.c)\ntarget_link_libraries(both symc_pump symc_fan)\n"
        f"add_executable(sample {sample})\ntarget_include_directories(sample PRIVATE {tmp_path})\n"
        "target_link_libraries(sample symc_pump)\n"
    )
    build = _build(modules, tmp_path, "set(CONFIG_SYMC_PUMP y)\nset(CONFIG_SYMC_FAN y)\n", rest)
    building.run([build / "both"])
    first, second, verdict = building.run([build / "sample"]).stdout.splitlines()
    assert verdict == "pump: self-test passed (0)"
    bits = [int(line.partition(" = ")[2], 16) for line in (first, second)]
    values = [struct.unpack("<f", struct.pack("<I", b))[0] for b in bits]
    np.testing.assert_allclose(values, expected("pump", np.array([[0.5, 0.5]]))[0], rtol=1e-6)


def test_a_module_that_is_off_adds_nothing(modules: dict[str, Path], tmp_path: Path) -> None:
    require("cmake")
    rest = "if(TARGET symc_pump OR NOT TARGET symc_fan)\n  message(FATAL_ERROR wrong)\nendif()\n"
    _build(modules, tmp_path, "set(CONFIG_SYMC_FAN y)\n", rest)
