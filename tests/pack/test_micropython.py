"""The module for MicroPython: made by MicroPython's own build system, run by its own interpreter."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import symc
from symc.bundle import read_manifest
from symc.compression.saved import save_compressed
from symc.ir.evaluate import evaluate
from tests.distilled import compressed
from tests.pack.conftest import expected
from tests.targets import building
from tests.targets.building import NUMERIC, ONE_SET, Build
from tests.tools import require, require_source

# Writes the bits of what each function gives for the rows in a file.
MAIN = """
from array import array
import micropython, pump, fan
with open("x", "rb") as file:
    x = array("f", file.read())
n = len(x) // 2
for name, model in (("pump", pump), ("fan", fan)):
    y, J, guarded = (array("f", bytes(4 * width * n)) for width in (2, 4, 2))
    # Neither allocates.
    micropython.heap_lock()
    model.eval_into(x, y)
    model.jacobian_into(x, J)
    micropython.heap_unlock()
    for row in range(n):
        one = memoryview(x)[2 * row : 2 * row + 2]
        flags = model.guarded_into(one, memoryview(guarded)[2 * row : 2 * row + 2])
        assert flags & 1 == (model.check(one) != 0)
        # As objects: a list of floats in, a tuple out.
        assert bytes(array("f", model.eval(list(one)))) == bytes(y[2 * row : 2 * row + 2]), row
        if row % 50 == 0:
            slopes = array("f", [slope for of in model.jacobian(tuple(one)) for slope in of])
            assert bytes(slopes) == bytes(J[4 * row : 4 * row + 4])
    for part, values in (("eval", y), ("jacobian", J), ("guarded", guarded)):
        with open(name + "." + part, "wb") as file:
            file.write(values)
    print(model.N_IN, model.N_OUT, model.inputs(), model.outputs(), model.domain(), model.selftest())
"""
# What each wrong call says; the arrays are as they were.
WRONG = """
from array import array
import pump
x, y = array("f", [1, 2, 3, 4]), array("f", [7] * 4)
calls = (
    lambda: pump.eval([1]), lambda: pump.eval(x), lambda: pump.eval(1), lambda: pump.eval(b"12345678"),
    lambda: pump.eval(["1", 2]), lambda: pump.eval_into(x, [0] * 4), lambda: pump.eval_into(x, array("d", y)),
    lambda: pump.eval_into(x, y[:3]), lambda: pump.eval_into(x[:3], y), lambda: pump.eval_into(x, bytes(16)),
    lambda: pump.eval_into(x, x), lambda: pump.eval_into(memoryview(x)[:2], memoryview(x)[1:3]),
    lambda: pump.jacobian_into(x, y), lambda: pump.guarded_into(x, y), lambda: pump.check([1, 2, 3]),
)
for call in calls:
    try:
        call()
        print("passed")
    except (TypeError, ValueError) as error:
        print(type(error).__name__)
print(list(x) == [1, 2, 3, 4] and list(y) == [7] * 4)
pump.eval_into(x[:0], y[:0])
pump.eval_into(memoryview(x)[:2], memoryview(x)[2:])
"""


@pytest.fixture(scope="module")
def packages(bundles: dict[str, Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the packages of both models, as USER_C_MODULES takes it."""
    out = tmp_path_factory.mktemp("modules")
    for bundle in bundles.values():
        symc.pack(bundle, format="micropython", out=out)
    return out


def native(package: Path, folder: Path, arch: str, *words: str) -> Path:
    """NAME.mpy in `folder`, made as the README says."""
    source = require_source("micropython", "py/dynruntime.mk")
    for module in ("elftools", "ar"):
        require(module, module=True)
    makefile = package / "natmod" / "Makefile"
    settings = [f"MPY_DIR={source}", f"ARCH={arch}", f"PYTHON={sys.executable}", *words]
    building.run([require("make"), "-f", makefile, *settings], cwd=folder)
    return folder / f"{package.name}.mpy"


@pytest.fixture(scope="module")
def board(packages: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with both as .mpy files for this computer, and the inputs."""
    if building.MACHINE != "x86_64":
        pytest.skip("MicroPython loads native files for Linux on x86-64 alone")
    require("micropython")
    folder = tmp_path_factory.mktemp("board")
    for package in sorted(packages.iterdir()):
        native(package, folder, "x64")
    return folder


def _run(folder: Path, code: str, interpreter: str | Path = "micropython") -> str:
    """What MicroPython prints in `folder`, where imports find its files."""
    (folder / "main_test.py").write_text(code)
    return building.run([interpreter, "main_test.py"], cwd=folder).stdout


def the_bits_are_the_oracles(
    folder: Path, bundles: dict[str, Path], x: np.ndarray, interpreter: str | Path = "micropython"
) -> None:
    """All functions of both models, called in MicroPython: the oracle's bits, the C's bits, the equations' values."""
    x.tofile(folder / "x")
    told = _run(folder, MAIN, interpreter).splitlines()
    assert told == ["2 2 ('x0', 'x1') ('y0', 'y1') ((-2.0, 2.0), (-2.0, 2.0)) 0"] * 2
    for name, bundle in bundles.items():
        library = building.c_library(bundle, Build("gcc", (*ONE_SET, *NUMERIC)), folder / f"{name}.so")
        for part, width in (("eval", 2), ("jacobian", 4), ("guarded", 2)):
            bits = building.call_single(library, f"{name}_{part}", x, width).view(np.uint32)
            np.testing.assert_array_equal(np.fromfile(folder / f"{name}.{part}", np.uint32).reshape(-1, width), bits)
        made = np.fromfile(folder / f"{name}.eval", np.float32).reshape(-1, 2)
        oracle = evaluate(read_manifest(bundle).program, x)
        np.testing.assert_array_equal(made.view(np.uint32), oracle.view(np.uint32))
        np.testing.assert_allclose(made[:1500], expected(name, x[:1500]), rtol=3e-6, atol=3e-5)


def test_the_bits_of_native_modules_are_the_oracles(board: Path, bundles: dict[str, Path], inputs: np.ndarray) -> None:
    require("gcc")
    the_bits_are_the_oracles(board, bundles, inputs)


def test_wrong_calls_raise_and_change_nothing(board: Path) -> None:
    *raised, kept = _run(board, WRONG).split()
    sequence = ["ValueError"] * 2 + ["TypeError"] * 3
    arrays = ["TypeError"] * 2 + ["ValueError"] * 2 + ["TypeError"] + ["ValueError"] * 2
    assert raised == [*sequence, *arrays, *["ValueError"] * 3] and kept == "True"


def test_the_example_and_the_readmes_lines_run(board: Path, packages: Path) -> None:
    printed = _run(board, (packages / "pump" / "example.py").read_text()).splitlines()
    values = [float(line.split(" = ")[1]) for line in printed[:2]]
    np.testing.assert_allclose(values, expected("pump", np.array([[0.5, 0.5]]))[0], atol=2e-6)
    assert printed[2] == "pump: self-test passed (0)"
    (lines,) = re.findall(r"```python\n(.*?)```", (packages / "pump" / "README.md").read_text(), re.S)
    told = _run(board, lines + "print(len(results), results[0] == y[0], results[199] == y[1])")
    assert told == "200 True True\n"


def test_making_it_leaves_the_package_as_it_was(board: Path, bundles: dict[str, Path], packages: Path) -> None:
    assert symc.pack(bundles["pump"], format="micropython", out=packages).path == packages / "pump"


def test_a_row_outside_holds_the_row_before(tmp_path: Path) -> None:
    require("micropython")
    domain = {"domain": "0:2", "outside": "hold", "features": ["x0"], "name": "law"}
    symc.build("x0*x0", out=tmp_path / "out", pack="micropython", **domain)
    native(tmp_path / "out" / "micropython" / "law", tmp_path, "x64")
    code = """
from array import array
import law
y = array("f", [-1])
print([(law.guarded_into([x], y), y[0]) for x in (9, 1.5, 3, 2)], law.eval([1.5]), law.jacobian([1.5]))
"""
    assert _run(tmp_path, code) == "[(5, -1.0), (0, 2.25), (5, 2.25), (0, 4.0)] 2.25 (3.0,)\n"


def test_a_compressed_block_has_no_derivatives(tmp_path: Path) -> None:
    require("micropython")
    save_compressed(compressed(), tmp_path / "block.pt")
    bundle = symc.build(tmp_path / "block.pt", out=tmp_path / "out", name="block", pack="micropython").path
    native(tmp_path / "out" / "micropython" / "block", tmp_path, "x64")
    x = np.linspace(-1, 1, 6, dtype=np.float32)
    x.tofile(tmp_path / "x")
    code = """
from array import array
import block
with open("x", "rb") as file:
    y = array("f", block.eval(array("f", file.read())))
with open("y", "wb") as file:
    file.write(y)
print(hasattr(block, "jacobian"), hasattr(block, "domain"), block.selftest())
"""
    assert _run(tmp_path, code) == "False True 0\n"
    oracle = evaluate(read_manifest(bundle).program, x[None])[0]
    np.testing.assert_array_equal(np.fromfile(tmp_path / "y", np.uint32), oracle.view(np.uint32))


# The architectures of MicroPython whose compilers Debian has, and their numbers in sys.implementation._mpy. What runs
# on armv7m is in test_micropython_device.py.
ARCHITECTURES = {
    "armv6m": ("arm-none-eabi-gcc", 4),
    "armv7emsp": ("arm-none-eabi-gcc", 7),
    "armv7emdp": ("arm-none-eabi-gcc", 8),
    "rv32imc": ("riscv64-unknown-elf-gcc", 11),
}


@pytest.mark.long
@pytest.mark.parametrize("arch", ARCHITECTURES)
def test_native_modules_of_other_processors_are_linked(arch: str, packages: Path, tmp_path: Path) -> None:
    compiler, number = ARCHITECTURES[arch]
    require(compiler)
    version = (require_source("micropython", "py/dynruntime.mk") / "py" / "mpconfig.h").read_text()
    minor = re.search(r"MICROPY_VERSION_MINOR (\d+)", version)
    if arch == "armv6m" and minor and int(minor[1]) < 26:
        pytest.skip("MicroPython before 1.26 links no library's absolute addresses on armv6m")
    header = native(packages / "pump", tmp_path, arch).read_bytes()[:4]
    assert header[:2] == b"M\x06" and header[2] >> 2 & 15 == number
    readme = (packages / "pump" / "README.md").read_text()
    assert f"| {number} | {arch} |" in readme


def _compiled(package: Path, folder: Path, *flags: str) -> str:
    """What gcc says of the module, compiled with the headers and the warnings of a firmware; "" when it is content."""
    source = require_source("micropython", "py/dynruntime.mk")
    (folder / "genhdr").mkdir(exist_ok=True)
    code = package / f"{package.name}_module.c"
    names = sorted({"", *re.findall(r"MP_QSTR_(\w+)", code.read_text())})
    entries = [f'QDEF1(MP_QSTR_{name}, 0, {len(name)}, "{name}")' for name in names if name]
    (folder / "genhdr" / "qstrdefs.generated.h").write_text("\n".join(['QDEF0(MP_QSTRnull, 0, 0, "")', *entries]))
    (folder / "genhdr" / "root_pointers.h").write_text("")
    (folder / "mpconfigport.h").write_text(
        "#include <stdint.h>\n#include <alloca.h>\ntypedef intptr_t mp_int_t;\ntypedef uintptr_t mp_uint_t;\n"
        "typedef long mp_off_t;\n#define MICROPY_PY_ARRAY (1)\n#define MP_STATE_PORT MP_STATE_VM\n"
    )
    warnings = ["-Wall", "-Wextra", "-Wno-unused-parameter", "-Wpointer-arith", "-Wdouble-promotion",
                "-Wfloat-conversion", "-Werror"]  # fmt: skip
    command = [require("gcc"), "-std=gnu99", *warnings, f"-I{folder}", f"-I{source}", f"-I{package}/include",
               *flags, "-c", code, "-o", folder / "module.o"]  # fmt: skip
    done = subprocess.run([str(word) for word in command], capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode == 0) == (done.stderr == "")
    return done.stderr


@pytest.mark.parametrize("floats", ["FLOAT", "DOUBLE"])
def test_it_compiles_as_a_part_of_a_firmware(floats: str, packages: Path, tmp_path: Path) -> None:
    assert _compiled(packages / "pump", tmp_path, f"-DMICROPY_FLOAT_IMPL=MICROPY_FLOAT_IMPL_{floats}") == ""


def test_a_firmware_that_loses_bits_is_stopped(packages: Path, tmp_path: Path) -> None:
    cut = ("-m32", "-DMICROPY_FLOAT_IMPL=MICROPY_FLOAT_IMPL_FLOAT", "-DMICROPY_OBJ_REPR=MICROPY_OBJ_REPR_C")
    assert "define PUMP_ARRAYS_ONLY for the functions of arrays alone" in _compiled(packages / "pump", tmp_path, *cut)
    assert "this firmware has no floats" in _compiled(packages / "pump", tmp_path)
    assert _compiled(packages / "pump", tmp_path, *cut, "-DPUMP_ARRAYS_ONLY") == ""


def test_cmake_reads_what_belongs_to_each(packages: Path, tmp_path: Path) -> None:
    """As ports do that CMake builds: a library "usermod" takes in what the files that are included name."""
    require("cmake")
    lines = ["cmake_minimum_required(VERSION 3.16)", "project(port C)", "add_library(usermod INTERFACE)"]
    lines += [f"include({packages / name}/micropython.cmake)" for name in ("pump", "fan")]
    for of in ("SOURCES", "INCLUDE_DIRECTORIES"):
        lines += [f"get_target_property(all usermod_pump INTERFACE_{of})", f'message(STATUS "{of} ${{all}}")']
    (tmp_path / "CMakeLists.txt").write_text("\n".join(lines))
    told = building.run(["cmake", "-S", tmp_path, "-B", tmp_path / "build"]).stdout
    root = packages / "pump"
    sources = {root / "pump_module.c", *(root / "src").glob("*.c")}
    (listed,) = re.findall(r"-- SOURCES (.*)", told)
    assert {Path(source).resolve() for source in listed.split(";")} == {source.resolve() for source in sources}
    assert f"-- INCLUDE_DIRECTORIES {root}/include;{root}/src\n" in told
