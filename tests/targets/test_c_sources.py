"""What an embedded engineer relies on: no warnings, no undefined symbols, no clashes, a self-test that fires."""

from __future__ import annotations

import ctypes
import re
import shutil
from pathlib import Path

import numpy as np
import pytest

from symc.backends import Unit
from symc.backends.batches import ROWS
from symc.ir.evaluate import evaluate
from tests.targets import building
from tests.targets.building import NUMERIC, ONE_SET, STRICT, WARNING, Build
from tests.targets.programs import bits, coverage_program, differences, hard_inputs, unit_from_text, unit_of
from tests.tools import require

# Names that a careless generator would collide with: keywords, its own variables, macros, library functions.
AWKWARD = (
    *("x", "y", "i", "n", "t0", "slow", "double", "class", "lambda", "linux"),
    *("exp", "y0", "index", "NULL", "T", "t", "symc_exp", "uint8_t"),
)
NAMES = ("wave", "pump", "every", "one", "none")


@pytest.fixture(scope="module")
def wave() -> Unit:
    return unit_from_text(
        ["sin(3.14*phase)*exp(-1.98*time) - 0.5", "log(abs(phase) + 1.0)*sin(3.14*phase)"],
        ["phase", "time"], ["amplitude", "level"], "wave", [(-2.0, 2.0), (0.0, 1.0)],
    )  # fmt: skip


@pytest.fixture(scope="module")
def awkward() -> Unit:
    terms = " + ".join(f"{k + 1}*{name}" for k, name in enumerate(AWKWARD))
    return unit_from_text([f"tanh({terms})", terms], AWKWARD, ["J", "return"], "pump")


@pytest.fixture(scope="module")
def units(wave: Unit, awkward: Unit) -> dict[str, Unit]:
    every = unit_of(coverage_program(), name="every")
    # Copies of one column and stores of one value: what compilers like to replace by memcpy and memset.
    one = unit_from_text(["x0"], ["x0"], ["y"], "one")
    none = unit_from_text(["0"], ["x0"], ["y"], "none")
    return {unit.name: unit for unit in (wave, awkward, every, one, none)}


@pytest.fixture(scope="module")
def bundles(units: dict[str, Unit], tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("bundles")
    return {name: building.write(folder, unit, ["c"]) for name, unit in units.items()}


# The coverage program's sources: see test_coverage_program, which compiles them with the same warnings.
@pytest.mark.parametrize("name", [name for name in NAMES if name != "every"])
@pytest.mark.parametrize("compiler", WARNING)
def test_sources_compile_without_a_warning(bundles: dict[str, Path], name: str, compiler: str, tmp_path: Path):
    command, *standard = compiler.split()
    require(command)
    root = bundles[name]
    for source in (*sorted((root / "src").glob("*.c")), root / "test" / "main.c"):
        flags = [*standard, "-O2", *STRICT, f"-I{root}/include", f"-I{root}/src"]
        building.run([command, *flags, "-c", source, "-o", tmp_path / "object.o"])


# The whole runtime takes gcc long at -O2, for three instruction sets, and clang at -O3: the models alone there.
ALONE = (("gcc", "-O2 -std=c99"), ("clang", "-O3 -march=native"))


@pytest.mark.parametrize(
    ("command", "flags", "name"),
    [
        (command, flags, name)
        for command in ("gcc", "clang")
        for flags in ("-O0", "-O2 -std=c99", "-O3 -march=native", "-Os")
        for name in NAMES
        if name != "every" or (command, flags) not in ALONE
    ],
)
def test_nothing_is_left_undefined(bundles: dict[str, Path], name: str, flags: str, command: str, tmp_path: Path):
    require(command)
    require("nm")
    root = bundles[name]
    objects = []
    for source in sorted((root / "src").glob("*.c")):
        objects.append(tmp_path / f"{source.stem}.o")
        # Some distributions switch the stack protector on, which calls into their C library.
        include = ["-fno-stack-protector", f"-I{root}/include", f"-I{root}/src"]
        building.run([command, *flags.split(), *include, "-c", source, "-o", objects[-1]])
    building.run(["ld", "-r", *objects, "-o", tmp_path / "all.o"])
    assert building.undefined_symbols(tmp_path / "all.o") == []
    symbols = building.run(["nm", "-g", "--defined-only", tmp_path / "all.o"]).stdout.split()[2::3]
    assert all(symbol.startswith(f"{name}_") for symbol in symbols)
    # b, B, d, D: writable data, which would be global state.
    kinds = building.run(["nm", tmp_path / "all.o"]).stdout
    assert not re.findall(r" [bBdDcC] (?!\.)\w+", kinds)


def test_two_bundles_link_and_their_headers_meet(bundles: dict[str, Path], tmp_path: Path):
    require("gcc")
    both = [bundles["wave"], bundles["pump"]]
    main = tmp_path / "main.c"
    main.write_text(
        '#include "wave.h"\n#include "pump.h"\n#include "wave.h"\n'
        "int main(void)\n{\n    return wave_selftest() | pump_selftest();\n}\n"
    )
    objects = [main]
    for root in both:
        for source in sorted((root / "src").glob("*.c")):
            objects.append(tmp_path / f"{source.stem}.o")
            building.run(["gcc", f"-I{root}/include", f"-I{root}/src", "-c", source, "-o", objects[-1]])
    include = [f"-I{root}/include" for root in both]
    building.run(["gcc", "-std=c99", *STRICT, *include, *objects, "-o", tmp_path / "main"])
    building.run([tmp_path / "main"])


@pytest.mark.parametrize("name", [name for name in NAMES if name != "every"])
def test_batches_of_every_size_have_the_bits_of_the_oracle(
    units: dict[str, Unit], bundles: dict[str, Path], name: str, tmp_path: Path
):
    require("gcc")
    library = building.c_library(bundles[name], Build("gcc", ("-O3", *NUMERIC)), tmp_path / f"{name}.so")
    program = units[name].program
    x = hard_inputs(program.n_in, random=100)
    want = evaluate(program, x)
    for n in (0, 1, ROWS - 1, ROWS, ROWS + 1, 3 * ROWS + 5, len(x)):
        got = building.call_batch(library, f"{name}_eval_batch", x[:n], program.n_out)
        assert not differences(got, want[:n], x, program.outputs)


def test_result_may_overwrite_the_input_of_one_row(wave: Unit, bundles: dict[str, Path], tmp_path: Path):
    require("gcc")
    library = building.c_library(bundles["wave"], Build("gcc", ONE_SET), tmp_path / "wave.so")
    row = np.array([0.3, 0.7], np.float32)
    want = evaluate(wave.program, row[None])[0]
    library.wave_eval(ctypes.c_void_p(row.ctypes.data), ctypes.c_void_p(row.ctypes.data))
    assert (bits(row) == bits(want)).all()


def test_check_sets_the_bit_of_each_input_outside(bundles: dict[str, Path], awkward: Unit, tmp_path: Path):
    require("gcc")
    library = building.c_library(bundles["wave"], Build("gcc", ONE_SET), tmp_path / "wave.so")
    library.wave_check.restype = ctypes.c_uint32

    def check(*row: float) -> int:
        return library.wave_check(ctypes.c_void_p(np.array(row, np.float32).ctypes.data))

    assert check(-2.0, 1.0) == 0
    assert check(np.nextafter(np.float32(2), np.float32(3)), 0.5) == 1
    assert check(0.0, -1e-30) == 2
    assert check(np.nan, np.inf) == 3
    # Without a domain only a NaN counts.
    other = building.c_library(bundles["pump"], Build("gcc", ONE_SET), tmp_path / "pump.so")
    row = np.full(len(AWKWARD), np.inf, np.float32)
    other.pump_check.restype = ctypes.c_uint32
    assert other.pump_check(ctypes.c_void_p(row.ctypes.data)) == 0
    row[3] = np.nan
    assert other.pump_check(ctypes.c_void_p(row.ctypes.data)) == 8


def test_check_gathers_the_inputs_from_31_on_in_the_last_bit(tmp_path: Path):
    require("gcc")
    features = [f"x{k}" for k in range(40)]
    unit = unit_from_text([" + ".join(features)], features, ["total"], "wide", [(-1.0, 1.0)] * 40)
    library = building.c_library(building.write(tmp_path, unit, ["c"]), Build("gcc", ONE_SET), tmp_path / "wide.so")
    library.wide_check.restype = ctypes.c_uint32
    for column, expected in ((30, 1 << 30), (31, 1 << 31), (39, 1 << 31)):
        row = np.zeros(40, np.float32)
        row[column] = 2.0
        assert library.wide_check(ctypes.c_void_p(row.ctypes.data)) == expected


def _self_test_without_guards(root: Path, folder: Path, flags: list[str], main: str = "") -> str:
    """Build the self-test with config.h's guards and pragmas taken out, run it, and return what it prints."""
    copy = folder / root.name
    shutil.copytree(root, copy)
    config = copy / "src" / "symc" / "config.h"
    text = config.read_text()
    config.write_text(re.sub(r"^#(error|pragma).*$", "", text, flags=re.M))
    assert config.read_text() != text
    (copy / "test" / "main.c").write_text(main + (copy / "test" / "main.c").read_text())
    sources = [*sorted((copy / "src").glob("*.c")), copy / "test" / "main.c"]
    building.run(["gcc", *flags, f"-I{copy}/include", f"-I{copy}/src", *sources, "-o", folder / "main"])
    done = building.subprocess.run([folder / "main"], capture_output=True, text=True, check=False)
    return f"{done.returncode} {done.stdout}"


_FLUSH = """#include <xmmintrin.h>
__attribute__((constructor)) static void flush(void) { _mm_setcsr(_mm_getcsr() | 0x8040); }
"""


@pytest.mark.skipif(building.MACHINE != "x86_64", reason="the faults are provoked with x86 instructions")
@pytest.mark.parametrize(
    ("flags", "main", "expected"),
    [
        # Without the pragmas, gnu99 fuses in what is compiled for CPUs that can.
        (["-std=gnu99", "-O2", "-ffp-contract=off"], "", "0 wave: passed"),
        (["-std=gnu99", "-O2", "-mfma", "-ffp-contract=fast"], "", "1 wave: FAILED, this build fuses"),
        (["-std=gnu99", "-O2"], _FLUSH, "1 wave: FAILED, this build flushes"),
        (["-std=gnu99", "-O2", "-mfpmath=387", "-ffp-contract=off"], "", "1 wave: FAILED, this build keeps excess"),
    ],
    ids=["sound", "contracted", "flushed", "excess"],
)
def test_self_test_fires(bundles: dict[str, Path], flags: list[str], main: str, expected: str, tmp_path: Path):
    require("gcc")
    assert _self_test_without_guards(bundles["wave"], tmp_path, flags, main).startswith(expected)


@pytest.mark.parametrize("flags", [("-O2", "-march=native"), ("-O3", "-march=native", *NUMERIC)], ids=" ".join)
def test_sums_that_alternate_with_differences_are_not_fused(flags: tuple[str, ...], tmp_path: Path):
    """gcc 12 forms x86's vfmaddsub from them, whatever -ffp-contract says."""
    require("gcc")
    unit = unit_from_text(["x0*x1 - x2", "x1*x2 + x3", "x2*x3 - x0", "x3*x0 + x1"], ["x0", "x1", "x2", "x3"],
                          ["a", "b", "c", "d"], "turns")  # fmt: skip
    library = building.c_library(building.write(tmp_path, unit, ["c"]), Build("gcc", flags), tmp_path / "turns.so")
    x = hard_inputs(4, random=200)
    got = building.call_single(library, "turns_eval", x, 4)
    assert not differences(got, evaluate(unit.program, x), x, unit.program.outputs)


def test_gcc_vectorises_every_loop_over_a_block(bundles: dict[str, Path], tmp_path: Path):
    require("gcc")
    if not building.run(["gcc", "-dumpversion"]).stdout.startswith("12"):
        pytest.skip("the report is read as gcc 12 writes it")
    root = bundles["wave"]
    source = root / "src" / "wave.c"
    flags = ["-std=c99", "-O3", "-mavx2", "-mfma", *NUMERIC, f"-I{root}/include", f"-I{root}/src"]
    report = building.run(["gcc", *flags, "-fopt-info-vec-optimized", "-c", source, "-o", tmp_path / "wave.o"]).stderr
    vectorised = {int(line) for line in re.findall(r"wave\.c:(\d+):\d+: optimized: loop vectorized", report)}
    lines = source.read_text().splitlines()
    # Loops one level in; the deeper ones are the rare second pass of a function.
    start = "    for (size_t i = 0; i < WAVE_ROWS;"
    blocks = {number for number, line in enumerate(lines, 1) if line.startswith(start)}
    assert len(blocks) == 7
    assert blocks <= vectorised
