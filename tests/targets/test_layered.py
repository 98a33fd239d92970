"""Layered programs on every backend: the bits of the oracle, clean C, loops that vectorise, what a header says."""

from __future__ import annotations

import ctypes
import re
import shutil
import tempfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from symc.backends import Unit, sources
from symc.backends.batches import ROWS
from symc.backends.derived import OF_LAYERED
from symc.backends.names import decimal
from symc.ir.evaluate import evaluate
from symc.ir.layered import Affine, Layered
from symc.toolchain.cuda import device_code
from tests.targets import building
from tests.targets.building import NUMERIC, ONE_SET, STRICT, WARNING, Build
from tests.targets.programs import differences, hard_inputs, layered_program, unit_of
from tests.targets.test_coverage_program import C_BUILDS, SHIM_BUILDS
from tests.tools import require

FAST = Build("gcc", ("-std=c99", "-O3", "-march=native", *NUMERIC))
WIDE = 128
RANK = 20
WIDE_TEXTS = tuple(f"z{k} + 0.25*z{k}*z{(k + 3) % RANK} - 0.125*z{(k + 7) % RANK}^2" for k in range(RANK))
# What a compiler could make calls of memcpy or memset of: values passed on, values that depend on nothing.
UNITS = {
    "block": unit_of(layered_program(), "block", domain=[(-3.0, 3.0)] * 5, further=OF_LAYERED),
    "bare": unit_of(layered_program(direct=False), "bare"),
    "wide": unit_of(layered_program(WIDE, WIDE, WIDE_TEXTS, direct=False), "wide", WIDE_TEXTS, [(-3.0, 3.0)] * WIDE),
    # Few coordinates and few outputs: the rows are vectorised, of eight inputs at a time and of those that remain.
    "few": unit_of(layered_program(19, 3, ("z0 - 0.5*z1*z2",)), "few", domain=[(-3.0, 3.0)] * 19, further=OF_LAYERED),
    "passed": unit_of(layered_program(7, 3, ("z0", "z1"), direct=False), "passed"),
    "thin": unit_of(layered_program(1, 1, ("z0",)), "thin"),
    "still": unit_of(layered_program(2, 2, ("0", "0")), "still"),
}


@pytest.fixture(scope="module")
def bundles(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("layered")
    return {name: building.write(folder, unit, ["c", "cuda", "numba"]) for name, unit in UNITS.items()}


@pytest.fixture(scope="module")
def expected() -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """Inputs and the oracle's outputs."""
    x = {name: hard_inputs(unit.program.n_in, random=300) for name, unit in UNITS.items()}
    return {name: (x[name], evaluate(unit.program, x[name])) for name, unit in UNITS.items()}


def _check_c(unit: Unit, library: ctypes.CDLL, x: np.ndarray, want: np.ndarray) -> None:
    program = unit.program
    single = building.call_single(library, f"{unit.name}_eval", x, program.n_out)
    assert not differences(single, want, x, program.outputs)
    for n in (0, 1, ROWS - 1, ROWS + 1, len(x)):
        batch = building.call_batch(library, f"{unit.name}_eval_batch", x[:n], program.n_out)
        assert not differences(batch, want[:n], x, program.outputs)
    assert getattr(library, f"{unit.name}_selftest")() == 0


@pytest.mark.parametrize("build", C_BUILDS, ids=str)
def test_c_gives_the_bits_of_the_oracle(bundles, expected, build: Build, tmp_path: Path):
    require(build.command)
    library = building.c_library(bundles["block"], build, tmp_path / "block.so")
    _check_c(UNITS["block"], library, *expected["block"])


@pytest.mark.parametrize("command", ["gcc", "clang"])
@pytest.mark.parametrize("name", [name for name in UNITS if name != "block"])
def test_c_of_every_shape_gives_the_bits_of_the_oracle(bundles, expected, name: str, command: str, tmp_path: Path):
    require(command)
    library = building.c_library(bundles[name], Build(command, FAST.flags), tmp_path / f"{name}.so")
    _check_c(UNITS[name], library, *expected[name])


@pytest.mark.parametrize("build", SHIM_BUILDS, ids=str)
def test_device_arithmetic_gives_the_bits_of_the_oracle(bundles, expected, build: Build, tmp_path: Path):
    require(build.command)
    for name in ("block", "wide"):
        library = building.shim_library(bundles[name], build, tmp_path / f"{name}.so")
        x, want = expected[name]
        got = building.call_batch(library, f"{name}_shim_batch", x, want.shape[1])
        assert not differences(got, want, x, UNITS[name].program.outputs)


@pytest.mark.parametrize("name", ["block", "wide", "still"])
def test_numba_gives_the_bits_of_the_oracle(bundles, expected, name: str):
    x, want = expected[name]
    module = building.python_module(bundles[name] / "numba" / f"{name}.py")
    assert not differences(module.eval_batch(x), want, x, UNITS[name].program.outputs)
    doubles = module.eval_batch(x[-100:].astype(np.float64))
    assert not differences(doubles, want[-100:], x[-100:], UNITS[name].program.outputs)


@st.composite
def random_layered(draw: st.DrawFn) -> Layered:
    """Matrices of any small shape, weights of very different sizes, arithmetic and a function or two between them."""
    n_in, n_z, n_h, n_out = (draw(st.integers(1, 9)) for _ in range(4))
    forms = ("{a}*{b} - {a}", "{a} + 0.3*{b}", "exp({a})", "tanh({a})*{b}", "max({a}, {b})", "{a}", "{a}/({b}^2 + 1)")
    coordinate = st.integers(0, n_z - 1).map("z{}".format)
    texts = [draw(st.sampled_from(forms)).format(a=draw(coordinate), b=draw(coordinate)) for _ in range(n_h)]
    rng = np.random.Generator(np.random.PCG64(draw(st.integers(0, 2**32 - 1))))
    shape = layered_program(n_in, n_out, (*texts, f"z{n_z - 1}"), direct=draw(st.booleans()))

    def weights(like: np.ndarray) -> np.ndarray:
        return rng.normal(size=like.shape) * np.exp2(rng.integers(-12, 4, like.shape))

    project = Affine(weights(shape.project.weight), weights(shape.project.bias))
    expand = Affine(weights(shape.expand.weight), weights(shape.expand.bias))
    direct = None if shape.direct is None else weights(shape.direct)
    return Layered(shape.inputs, shape.outputs, project, shape.equations, expand, direct).check()


@settings(
    max_examples=1,
    deadline=None,
    database=None,
    derandomize=True,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)
@given(st.lists(random_layered(), min_size=8, max_size=8))
def test_random_layered_programs_on_c_and_on_the_device(programs: list[Layered]):
    require("gcc")
    require("g++")
    with tempfile.TemporaryDirectory() as scratch:
        for k, program in enumerate(programs):
            x = hard_inputs(program.n_in, random=100)
            want = evaluate(program, x)
            assert np.isfinite(want).all(axis=1).sum() > 100  # The comparison is not of NaNs alone.
            unit = unit_of(program, f"random{k}")
            root = building.write(Path(scratch), unit, ["c", "cuda"])
            _check_c(unit, building.c_library(root, FAST, root / "c.so"), x, want)
            shim = building.shim_library(root, Build("g++", ("-std=c++17", "-O1")), root / "shim.so")
            got = building.call_batch(shim, f"{unit.name}_shim_batch", x, program.n_out)
            assert not differences(got, want, x, program.outputs)


@pytest.mark.parametrize("name", ["block", "wide", "still"])
@pytest.mark.parametrize("compiler", WARNING)
def test_sources_compile_without_a_warning(bundles, name: str, compiler: str, tmp_path: Path):
    command, *standard = compiler.split()
    require(command)
    root = bundles[name]
    for source in sorted((root / "src").glob("*.c")):
        flags = [*standard, "-O2", *STRICT, f"-I{root}/include", f"-I{root}/src"]
        building.run([command, *flags, "-c", source, "-o", tmp_path / "object.o"])


@pytest.mark.parametrize("flags", ["-O0", "-O2", "-O3 -march=native", "-Os"])
@pytest.mark.parametrize("command", ["gcc", "clang"])
def test_nothing_is_left_undefined(bundles, flags: str, command: str, tmp_path: Path):
    require(command)
    require("nm")
    for name, root in bundles.items():
        include = ["-fno-stack-protector", f"-I{root}/include", f"-I{root}/src"]
        building.run([command, *flags.split(), *include, "-c", root / "src" / f"{name}.c", "-o", tmp_path / "o.o"])
        assert building.undefined_symbols(tmp_path / "o.o") == []


def _inner_loops(root: Path, form: str = "for (size_t j = 0") -> set[int]:
    """Lines of symc/affine.h with the loops over the sums."""
    lines = (root / "src" / "symc" / "affine.h").read_text().splitlines()
    return {number for number, line in enumerate(lines, 1) if form in line}


@pytest.mark.parametrize(
    ("command", "report", "form"),
    [
        ("gcc", "-fopt-info-vec-optimized", r"affine\.h:(\d+):\d+: optimized: loop vectorized"),
        ("clang", "-Rpass=loop-vectorize", r"affine\.h:(\d+):\d+: remark: vectorized loop"),
    ],
)
def test_the_loops_over_the_sums_vectorise(bundles, command: str, report: str, form: str, tmp_path: Path):
    require(command)
    unit = unit_of(layered_program(WIDE, WIDE, WIDE_TEXTS), "wide", WIDE_TEXTS, further=OF_LAYERED)
    root = building.write(tmp_path, unit, ["c"])
    flags = ["-std=c99", "-O3", *NUMERIC, f"-I{root}/include", f"-I{root}/src", report, "-c"]
    files = [root / "src" / f"wide{kind}.c" for kind in ("", "_vjp", "_jvp")]
    printed = [building.run([command, *flags, file, "-o", tmp_path / "wide.o"]).stderr for file in files]
    loops = _inner_loops(root)
    assert len(loops) == 4
    found = {int(line) for text in printed for line in re.findall(form, text)}
    assert found >= loops
    # Of few sums too: the loop that takes up four inputs, and the one of what remains.
    root = building.write(tmp_path, UNITS["few"], ["c"])
    flags = [*flags[:-4], f"-I{root}/include", f"-I{root}/src", *flags[-2:]]
    printed = [building.run([command, *flags, root / "src" / "few.c", "-o", tmp_path / "few.o"]).stderr]
    rows = _inner_loops(root, "for (size_t i = 0; i < SYMC_AFFINE_ROWS; i++) {")
    assert len(rows) == 4
    found = {int(line) for text in printed for line in re.findall(form, text)}
    assert command == "clang" or len(found & rows) >= 2


def test_the_stack_is_what_the_header_says(bundles, tmp_path: Path):
    require("gcc")
    root = bundles["wide"]
    flags = ["-std=c99", "-O2", *NUMERIC, "-fstack-usage", f"-I{root}/include", f"-I{root}/src", "-c"]
    building.run(["gcc", *flags, root / "src" / "wide.c", "-o", tmp_path / "wide.o"])
    rows = [line.split("\t") for line in (tmp_path / "wide.su").read_text().splitlines()]
    used = {place.rsplit(":", 1)[-1]: int(size) for place, size, _ in rows}
    header = (root / "include" / "wide.h").read_text()
    pattern = r"Stack: arrays of (\d+) bytes(?:(?!Stack:).)*?void (\w+)\("
    stated = {function: int(size) for size, function in re.findall(pattern, header, re.S)}
    # Beside the arrays there are saved registers and the addresses of callers.
    assert used["wide_eval"] <= stated["wide_eval"] + 256
    # Backwards through the matrices, with and without functions of many rows.
    root = bundles["block"]
    flags = [*flags[:-3], f"-I{root}/include", f"-I{root}/src", "-c"]
    building.run(["gcc", *flags, root / "src" / "block_vjp.c", "-o", tmp_path / "block.o"])
    rows = [line.split("\t") for line in (tmp_path / "block.su").read_text().splitlines()]
    # One of the versions for several CPUs runs: NAME.avx2.1 and the like.
    back: dict[str, int] = {}
    for place, size, _ in rows:
        function = place.rsplit(":", 1)[-1].split(".")[0]
        back[function] = max(back.get(function, 0), int(size))
    stated |= {f: int(size) for size, f in re.findall(pattern, (root / "include" / "block.h").read_text(), re.S)}
    assert stated["block_vjp"] <= back["block_vjp"] <= stated["block_vjp"] + 256
    batch = sum(size for function, size in back.items() if function != "block_vjp")
    assert stated["block_vjp_batch"] <= batch <= stated["block_vjp_batch"] + 768
    # What eval_batch calls is inlined into it or counted for itself.
    batch = sum(used.get(name, 0) for name in ("wide_eval_batch", "wide_eval_rows", "wide_equations_rows"))
    assert stated["wide_eval_batch"] <= batch <= stated["wide_eval_batch"] + 512
    # With the columns that few sums are computed in.
    root = bundles["few"]
    flags = [*flags[:-3], f"-I{root}/include", f"-I{root}/src", "-c"]
    building.run(["gcc", *flags, root / "src" / "few.c", "-o", tmp_path / "few.o"])
    rows = [line.split("\t") for line in (tmp_path / "few.su").read_text().splitlines()]
    stated = {f: int(size) for size, f in re.findall(pattern, (root / "include" / "few.h").read_text(), re.S)}
    few: dict[str, int] = {}
    for place, size, _ in rows:
        function = place.rsplit(":", 1)[-1].split(".")[0]
        few[function] = max(few.get(function, 0), int(size))
    batch = sum(few.get(name, 0) for name in ("few_eval_batch", "few_eval_rows", "few_equations_rows"))
    assert 2048 < batch <= stated["few_eval_batch"] + 768


def test_a_wide_header_names_no_single_inputs(bundles):
    text = (bundles["wide"] / "include" / "wide.h").read_text()
    assert "WIDE_IN_" not in text and "WIDE_MIN_" not in text and "WIDE_OUT_" not in text
    assert "#define WIDE_DOMAIN {" in text and "x holds x0 ... x127" in text
    assert "BLOCK_IN_X0" in (bundles["block"] / "include" / "block.h").read_text()


def test_check_knows_the_domain(bundles, tmp_path: Path):
    require("gcc")
    library = building.c_library(bundles["wide"], Build("gcc", ONE_SET), tmp_path / "wide.so")
    library.wide_check.restype = ctypes.c_uint32
    for column, bit in ((0, 0), (30, 30), (31, 31), (WIDE - 1, 31)):
        row = np.zeros(WIDE, np.float32)
        row[column] = 3.0
        assert library.wide_check(ctypes.c_void_p(row.ctypes.data)) == 0
        row[column] = np.nextafter(np.float32(3), np.float32(4))
        assert library.wide_check(ctypes.c_void_p(row.ctypes.data)) == 1 << bit


def test_the_self_test_finds_a_weight_that_is_one_bit_off(bundles, tmp_path: Path):
    require("gcc")
    copy = Path(shutil.copytree(bundles["wide"], tmp_path / "wide"))
    source = copy / "src" / "wide.c"
    weight = re.search(r"wide_expand\[.*?\{\n +(-?[\d.]+F)", source.read_text(), re.S)
    assert weight is not None
    changed = np.nextafter(np.float32(weight[1][:-1]), np.float32(9))
    source.write_text(source.read_text().replace(weight[1], f"{decimal(changed)}F"))
    assert building.c_library(copy, FAST, tmp_path / "wide.so").wide_selftest() > 0


def test_weights_that_the_flash_of_avr_cannot_hold_are_refused(bundles):
    big = unit_of(layered_program(200, 200, ("z0",)), "big")
    made = sources(big, ["c"])
    assert b'#error "big: the tables take 162404 bytes' in made["src/big.c"]
    assert '#error "wide: the tables' not in (bundles["wide"] / "src" / "wide.c").read_text()


def test_nvrtc_compiles_the_kernel_to_a_cubin():
    require("cuda", module=True)
    for unit in (UNITS["block"], UNITS["wide"]):
        code = device_code(sources(unit, ["cuda"]), f"cuda/{unit.name}.cu", ["cuda"], arch="sm_80", compiler="nvrtc")
        assert code[:4] == b"\x7fELF" and f"{unit.name}_kernel".encode() in code


@pytest.mark.parametrize("flag", ["--fmad=false", "--use_fast_math"])
def test_ptx_keeps_products_and_sums_apart(bundles, flag: str, tmp_path: Path):
    nvcc = require("nvcc")
    source, output = bundles["wide"] / "cuda" / "wide.cu", tmp_path / "wide.ptx"
    building.run([nvcc, "--ptx", "-arch=sm_80", f"-I{source.parent}", flag, source, "-o", output])
    ptx = output.read_text()
    assert re.search(r"\bmul\.rn\.f32", ptx) and re.search(r"\badd\.rn\.f32", ptx)
    # The equations of this block have no function that fuses on purpose.
    assert not re.findall(r"\b(?:fma|mad)\.\S*f32|\S*\.ftz\S*", ptx)


def test_the_same_unit_gives_the_same_bytes():
    again = unit_of(layered_program(), "block", domain=[(-3.0, 3.0)] * 5, further=OF_LAYERED)
    targets = ("c", "cuda", "numba")
    assert sources(again, targets) == sources(UNITS["block"], targets)
