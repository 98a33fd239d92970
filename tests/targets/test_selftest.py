"""The self-test on a device: it names the function that is wrong, reaches the runtime's branches, and is small."""

from __future__ import annotations

import ctypes
import re
import subprocess
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from symc.backends import Unit
from symc.backends.selftest import MOST_RANGES
from symc.errors import CheckFailed
from symc.load.host import CFunction
from symc.load.package import Package
from tests.targets import building
from tests.targets.building import NUMERIC, ONE_SET, STRICT, Build
from tests.targets.programs import coverage_program, layered_program, unit_from_text, unit_of
from tests.tools import require

EVAL, EVAL_BATCH, CHECK, JACOBIAN, JACOBIAN_BATCH = (1 << k for k in range(5))
FAST = Build("gcc", ("-std=c99", *ONE_SET, *NUMERIC))
FORMS = ("short", "full")


def _pump(form: str) -> Unit:
    unit = unit_from_text(
        ["3.14*sin(2*pressure)/temp - 0.5", "exp(-temp)*sin(2*pressure) + max(temp, 1e-5)"],
        ["pressure", "temp"], ["density", "heat"], "pump", [(0.5, 2.0), (-1.0, 1.0)],
    )  # fmt: skip
    return replace(unit, selftest=form)


def _block(form: str) -> Unit:
    return replace(unit_of(layered_program(), "block", domain=[(-3.0, 3.0)] * 5), selftest=form)


@pytest.fixture(scope="module", params=FORMS)
def bundles(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    require("gcc")
    folder = tmp_path_factory.mktemp(request.param)
    return {unit.name: building.write(folder, unit, ["c"]) for unit in (_pump(request.param), _block(request.param))}


@dataclass(frozen=True)
class Fault:
    """`old` becomes `new` in `file`, in its last place or its first; `found` is what the self-test must return."""

    file: str
    old: str
    new: str
    found: int
    last: bool = False


_PUMP, _JACOBIAN, _BLOCK = "src/pump.c", "src/pump_jacobian.c", "src/block.c"
FAULTS = {
    # Rows that fill no block go to the function of one row.
    "constant of a row": Fault(_PUMP, "3.14F", "3.14000034F", EVAL | EVAL_BATCH),
    "constant of a block": Fault(_PUMP, "3.14F", "3.14000034F", EVAL_BATCH, last=True),
    "function of a block": Fault(_PUMP, "symc_exp_fast(a[i]", "symc_exp_fast(1.00000012F * a[i]", EVAL_BATCH),
    "rare function of a block": Fault(_PUMP, "= symc_exp(a[i]", "= symc_exp(1.00000012F * a[i]", EVAL_BATCH),
    "row left over": Fault(_PUMP, "for (size_t i = 0; i < n;", "for (size_t i = 1; i < n;", EVAL_BATCH, last=True),
    "last row left over": Fault(_PUMP, "i < n;", "i + 1 < n;", EVAL_BATCH, last=True),
    "next block": Fault(_PUMP, "y += (size_t)PUMP_ROWS", "y += (size_t)(PUMP_ROWS - 1)", EVAL_BATCH),
    "sign of a row": Fault(_PUMP, "y[1] = t9;", "y[1] = symc_neg(t9);", EVAL | EVAL_BATCH),
    "another NaN": Fault(_PUMP, "if (symc_odd_nan(", "if (0U * symc_odd_nan(", EVAL | EVAL_BATCH),
    "constant of the Jacobian": Fault(_JACOBIAN, "3.14F", "3.14000034F", JACOBIAN | JACOBIAN_BATCH),
    "constant of its block": Fault(_JACOBIAN, "3.14F", "3.14000034F", JACOBIAN_BATCH, last=True),
    "input that is not checked": Fault(_PUMP, "i < PUMP_N_IN; i++", "i + 1 < PUMP_N_IN; i++", CHECK, last=True),
    "open end of the domain": Fault(_PUMP, "x[i] <= domain", "x[i] < domain", CHECK),
    "NaN inside": Fault(_PUMP, "!(x[i] >= domain[i][0] &&", "(x[i] < domain[i][0] || !", CHECK),
    "end of the domain": Fault(_PUMP, "[2] = PUMP_DOMAIN", "[2] = {{0.5F, 2.00000024F}, {-1.0F, 1.0F}}", CHECK),
    "equations of a compressed row": Fault(_BLOCK, "s(z, h);", "s(z, h); h[0] += 1.0F;", EVAL | EVAL_BATCH),
    "equations of a compressed block": Fault(_BLOCK, "_rows(z, h);", "_rows(z, h); h[0] += 1.0F;", EVAL_BATCH),
    "check of a compressed block": Fault(_BLOCK, "x[i] <= SYMC", "x[i] < SYMC", CHECK),
}  # fmt: skip


def _object(root: Path, source: Path, output: Path) -> Path:
    building.run([FAST.command, *FAST.flags, "-fPIC", f"-I{root}/include", f"-I{root}/src", "-c", source, "-o", output])
    return output


@pytest.fixture(scope="module")
def objects(bundles: dict[str, Path], tmp_path_factory: pytest.TempPathFactory) -> dict[Path, Path]:
    """Each sound source and what it compiles to: a fault is in one of them."""
    folder = tmp_path_factory.mktemp("objects")
    sources = [(root, source) for root in bundles.values() for source in sorted((root / "src").glob("*.c"))]
    return {source: _object(root, source, folder / f"{source.stem}.o") for root, source in sources}


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_is_found_and_its_function_named(
    name: str, bundles: dict[str, Path], objects: dict[Path, Path], tmp_path: Path
):
    fault = FAULTS[name]
    root = bundles["block" if fault.file == _BLOCK else "pump"]
    sound = root / fault.file
    before, found, after = getattr(sound.read_text(), "rpartition" if fault.last else "partition")(fault.old)
    assert found, f"{fault.file} does not hold {fault.old!r}"
    faulty = tmp_path / sound.name
    faulty.write_text(before + fault.new + after)
    others = [output for source, output in objects.items() if source.is_relative_to(root) and source != sound]
    linked = [_object(root, faulty, tmp_path / "faulty.o"), *others]
    building.run([FAST.command, "-shared", *linked, "-o", tmp_path / "faulty.so"])
    library = ctypes.CDLL(str(tmp_path / "faulty.so"))
    assert getattr(library, f"{root.name}_selftest")() == fault.found


@pytest.mark.parametrize("name", ["pump", "block"])
@pytest.mark.parametrize("flags", ["-O0", "-O3 -march=native", "-Os -DSYMC_PROFILE_INT"])
def test_a_sound_build_passes(name: str, flags: str, bundles: dict[str, Path], tmp_path: Path):
    for number, more in enumerate(("", f" -D{name.upper()}_SELFTEST_SINGLE")):
        build = Build("gcc", tuple((flags + more).split()))
        library = building.c_library(bundles[name], build, tmp_path / f"{number}.so")
        assert getattr(library, f"{name}_selftest")() == 0


@pytest.mark.parametrize("compiler", ["gcc -std=c99", "clang -std=c11", "g++ -x c++ -std=c++17"])
def test_the_full_form_compiles_without_a_warning(compiler: str, tmp_path: Path):
    command, *standard = compiler.split()
    require(command)
    root = building.write(tmp_path, replace(unit_of(coverage_program(), "every"), selftest="full"), ["c"])
    for source in (root / "src" / "every_selftest.c", root / "test" / "main.c"):
        flags = [*standard, "-O2", *STRICT, f"-I{root}/include", f"-I{root}/src"]
        building.run([command, *flags, "-c", source, "-o", tmp_path / "object.o"])


def test_the_functions_of_many_rows_can_be_left_out(bundles: dict[str, Path], tmp_path: Path):
    root = bundles["pump"]
    flags = ["-O2", "-std=c99", *STRICT, "-DPUMP_SELFTEST_SINGLE", f"-I{root}/include", f"-I{root}/src"]
    building.run(["gcc", *flags, "-c", root / "src" / "pump_selftest.c", "-o", tmp_path / "selftest.o"])
    assert "batch" not in building.run(["nm", tmp_path / "selftest.o"]).stdout


def test_a_wrong_function_of_the_runtime_is_named(tmp_path: Path):
    require("gcc")
    root = building.write(tmp_path, _pump("full"), ["c"])
    # Of use beyond 393216 alone.
    header = root / "src" / "symc" / "f64" / "trig.h"
    text = header.read_text()
    header.write_text(text.replace("0x4e441529u", "0x4e441528u"))
    assert header.read_text() != text
    library = building.c_library(root, FAST, tmp_path / "pump.so")
    result = library.pump_selftest()
    macros = dict(re.findall(r"#define PUMP_FAULT_(\w+) (\w+)", (root / "include" / "pump.h").read_text()))
    named = {name for name, value in macros.items() if result & int(value, 16)}
    assert {"SIN", "COS"} <= named and "EXP" not in named


def test_the_program_and_loading_name_the_function(tmp_path: Path):
    require("gcc")
    unit = _pump("short")
    root = building.write(tmp_path, unit, ["c"])
    path = root / "src" / "pump_jacobian.c"
    path.write_text(path.read_text().replace("3.14F", "3.14000034F"))
    flags = ["-std=c99", "-O2", f"-I{root}/include", f"-I{root}/src"]
    files = [*sorted((root / "src").glob("*.c")), root / "test" / "main.c"]
    building.run(["gcc", *flags, *files, "-o", tmp_path / "main"])
    done = subprocess.run([tmp_path / "main"], capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert done.stdout.splitlines() == [
        "pump: FAILED, pump_jacobian gives wrong bits",
        "pump: FAILED, pump_jacobian_batch gives wrong bits",
    ]
    code = {p.relative_to(root).as_posix(): p.read_bytes() for p in root.rglob("*") if p.is_file()}
    with pytest.raises(CheckFailed, match="self-test: jacobian, jacobian_batch gives wrong bits"):
        CFunction(Package("pump", unit.program, unit.equations, unit.domain, code)).selftest()


def _wide(n_in: int) -> Unit:
    features = [f"x{k}" for k in range(n_in)]
    domain = [(-1.0 - k, 2.0 + k) for k in range(n_in)]
    return unit_from_text([" + ".join(features), "x0*exp(x1)"], features, ["y", "z"], "wide", domain)


SIZED = {
    "pump": _pump("short"),
    "one": unit_from_text(["x0"], ["x0"], ["y"], "one"),
    "6 inputs": _wide(MOST_RANGES),
    "7 inputs": _wide(MOST_RANGES + 1),
    "40 inputs": _wide(40),
    "128 inputs": unit_of(layered_program(128, 128, ("z0", "z1*z2")), "wide", domain=[(-3.0, 3.0)] * 128),
}


@pytest.mark.parametrize("name", SIZED)
@pytest.mark.parametrize("processor", ["-mcpu=cortex-m4", "-mcpu=cortex-m4 -mfloat-abi=hard -mfpu=fpv4-sp-d16"])
def test_the_short_form_takes_less_than_a_kilobyte_of_flash(name: str, processor: str, tmp_path: Path):
    require("arm-none-eabi-gcc")
    root = building.write(tmp_path, SIZED[name], ["c"])
    flags = ["-Os", "-mthumb", *processor.split(), f"-I{root}/include", f"-I{root}/src"]
    building.run(["arm-none-eabi-gcc", *flags, "-c", root / "src" / f"{root.name}_selftest.c", "-o", tmp_path / "o.o"])
    text, data, bss = building.run(["arm-none-eabi-size", tmp_path / "o.o"]).stdout.splitlines()[1].split()[:3]
    assert int(text) < 1024 and (data, bss) == ("0", "0")


# What no operands are known for: 1^y is decided before; a power as far from half-way as these ask for is not known.
UNREACHED = {
    ("int/exactpow.h", "p = 0u;"),
    ("int/exactpow.h", "f = 0;"),
    ("int/pow.h", "return (uint32_t)(e == -151 && m > UINT64_MAX - SYMC_POW_ERROR);"),
    ("int/pow.h", "return negative != 0u ? 0u : SYMC_INFINITY;"),
}


def _unreached(unit: Unit, profile: str, folder: Path) -> set[tuple[str, str]]:
    """Lines of the runtime's headers that the self-test does not execute, each with its header."""
    root = building.write(folder, unit, ["c"])
    sources = [*sorted((root / "src").glob("*.c")), root / "test" / "main.c"]
    flags = ["-O0", "--coverage", f"-DSYMC_PROFILE_{profile}", f"-I{root}/include", f"-I{root}/src"]
    building.run(["gcc", *flags, *sources, "-o", folder / "main"], cwd=folder)
    building.run([folder / "main"], cwd=folder)
    # A header's functions are counted in every file that includes it.
    reached: dict[tuple[str, str, str], bool] = {}
    for counts in folder.glob("*.gcda"):
        building.run(["gcov", "--preserve-paths", counts.name], cwd=folder)
        for report in folder.glob("*#symc#*.gcov"):
            header = report.name.removesuffix(".gcov").rpartition("#symc#")[2].replace("#", "/")
            for count, number, line in re.findall(r"^ *([\d#]+)\*?: *(\d+):(.*)$", report.read_text(), re.M):
                key = (header, number, line.strip())
                reached[key] = reached.get(key, False) or "#" not in count
            report.unlink()
    assert len(reached) > 50
    return {(header, line) for (header, _, line), hit in reached.items() if not hit}


@pytest.mark.parametrize("profile", ["F64", "INT"])
def test_the_full_form_reaches_every_branch_of_the_runtime(profile: str, tmp_path: Path):
    require("gcc")
    require("gcov")
    every = replace(unit_of(coverage_program(), "every"), selftest="full")
    assert _unreached(every, profile, tmp_path) <= UNREACHED


@pytest.mark.parametrize("profile", ["F64", "INT"])
def test_the_short_form_reaches_what_the_inputs_lead_to(profile: str, tmp_path: Path):
    require("gcc")
    require("gcov")
    unit = unit_from_text(["tan(x) + exp(x)*sin(x)", "cos(x)*tanh(x)"], ["x"], ["y", "z"], "waves", [(-2.0, 2.0)])
    # core.h serves other functions as well.
    assert {header for header, _ in _unreached(unit, profile, tmp_path)} <= {"int/core.h"}
