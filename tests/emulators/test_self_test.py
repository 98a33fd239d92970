"""A bundle's own self-test on every board, built from the generated sources as its users build them."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from symc.backends import Unit
from symc.toolchain.emulators import BOARDS, Board, build, execute
from tests.targets import building
from tests.targets.programs import unit_from_text
from tests.tools import DISTINCT, require_board

# What the frameworks give the compiler, as far as it changes code or makes warnings errors; none of them knows of symc.
FRAMEWORKS = {
    "default": "-O2",
    "contracting": "-O3 -ffp-contract=fast",
    "arduino": "-Os -std=gnu11 -ffunction-sections -fdata-sections -fno-lto",
    "arduino-lto": "-Os -std=gnu11 -ffunction-sections -fdata-sections -flto -fno-fat-lto-objects",
    "arduino-c++": (
        "-x c++ -Os -std=gnu++17 -fpermissive -fno-exceptions -fno-rtti -fno-threadsafe-statics -ffunction-sections "
        "-fdata-sections -fno-lto"
    ),
    "zephyr": (
        "-Os -std=c11 -ffreestanding -fno-common -fno-strict-aliasing -fno-strict-overflow -fno-reorder-functions "
        "-fno-defer-pop -fno-asynchronous-unwind-tables -fno-pic -ffunction-sections -fdata-sections "
        "-Wall -Wformat -Wformat-security -Wdouble-promotion -Wpointer-arith -Wexpansion-to-defined -Werror"
    ),
    "esp-idf": (
        "-Og -std=gnu17 -ffunction-sections -fdata-sections -fno-strict-aliasing -freorder-blocks "
        "-fstrict-volatile-bitfields -fno-jump-tables -fno-tree-switch-conversion -Wall -Wextra -Werror"
    ),
    "stm32cube": "-O0 -std=gnu11 -ffunction-sections -fdata-sections -Wall",
}
# Machines with an operating system have no frameworks.
HOSTED = {name for name in DISTINCT if "qemu-system" not in "".join(BOARDS[name].emulator[:1])}
HOSTED -= {"atmega2560"}
# Who compiles for what: machines with an operating system have no frameworks, and only Arduino has this AVR.
TAKEN = {name: ("default", "contracting") for name in HOSTED}
TAKEN["atmega2560"] = ("default", "contracting", "arduino", "arduino-lto")
CASES = [(name, framework) for name in DISTINCT for framework in TAKEN.get(name, tuple(FRAMEWORKS))]


def _marked(case: tuple[str, str]) -> Any:
    """Every framework on one core, and one on every core; the others are left to make test-long."""
    name, framework = case
    seldom = framework != "default" and name != ("atmega2560" if "arduino" in framework else "cortex-m4f")
    return pytest.param(*case, marks=pytest.mark.long if seldom else ())


MAIN = """
#include "board.h"
#include "orbit.h"

int main(void)
{
    const int result = orbit_selftest();
    const float x[ORBIT_N_IN] = {0.25f, 1.5f};
    float y[ORBIT_N_OUT];
    orbit_eval(x, y);
    board_put(result == 0 ? "passed" : "FAILED");
    board_put(orbit_check(x) == 0 ? " inside" : " outside");
    return result == 0 ? 0 : 1;
}
"""


def _unit() -> Unit:
    return unit_from_text(
        ["3.14*sin(2*phase)/(1 + exp(-time)) - 0.5*tanh(time)", "log(1 + phase*phase)*time + sqrt(time)*cos(phase)"],
        ["phase", "time"], ["radius", "speed"], "orbit", [(-2.0, 2.0), (0.0, 3.0)],
    )  # fmt: skip


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return building.write(tmp_path_factory.mktemp("bundle"), _unit(), ["c"])


@pytest.fixture(scope="module")
def full_bundle(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return building.write(tmp_path_factory.mktemp("full"), replace(_unit(), selftest="full"), ["c"])


def _objects(board: Board, bundle: Path, flags: str, folder: Path) -> list[Path]:
    """The bundle compiled as a framework does it: every source alone, includes by -I."""
    objects = []
    for source in sorted((bundle / "src").glob("*.c")):
        objects.append(folder / f"{source.stem}.o")
        includes = [f"-I{bundle}/include", f"-I{bundle}/src"]
        building.run([board.compiler, *board.flags, *flags.split(), *includes, "-c", source, "-o", objects[-1]])
    return objects


def _outcome(board: Board, bundle: Path, flags: str, folder: Path) -> tuple[str, int]:
    main = folder / "main.c"
    main.write_text(MAIN)
    objects = _objects(board, bundle, flags, folder)
    linking = [flag for flag in flags.split() if flag.startswith(("-flto", "-O"))]
    program = build(board, [main, *objects], [bundle / "include"], linking, folder / "program.elf")
    done = execute(board, program)
    return done.output.strip(), done.status


@pytest.mark.parametrize(("name", "framework"), [*map(_marked, CASES)])
def test_passes_as_frameworks_compile_it(name: str, framework: str, bundle: Path, tmp_path: Path):
    assert _outcome(require_board(name), bundle, FRAMEWORKS[framework], tmp_path) == ("passed inside", 0)


@pytest.mark.parametrize("name", DISTINCT)
def test_the_full_form_passes(name: str, full_bundle: Path, tmp_path: Path):
    assert _outcome(require_board(name), full_bundle, "-Os", tmp_path) == ("passed inside", 0)


@pytest.mark.parametrize("name", DISTINCT)
def test_a_wrong_derivative_is_found(name: str, bundle: Path, tmp_path: Path):
    copy = Path(shutil.copytree(bundle, tmp_path / "orbit"))
    path = copy / "src" / "orbit_jacobian.c"
    path.write_text(path.read_text().replace("3.14F", "3.14000034F"))
    output, status = _outcome(require_board(name), copy, "-O2", tmp_path)
    assert (output, status) == ("FAILED inside", 1)
