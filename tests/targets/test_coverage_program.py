"""One program with every primitive operator, on every backend, against the oracle: every bit of every output."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

from symc import resources
from symc.backends import Unit, cuda, headers, numba, operations
from symc.ir.evaluate import evaluate
from symc.ir.ops import OPERATORS, PRIMITIVES
from symc.ir.program import Builder
from tests.targets import building
from tests.targets.building import NUMERIC, STRICT, Build
from tests.targets.programs import coverage_program, differences, hard_inputs, unit_of
from tests.tools import require

# One without -march compiles what SIMD makes fast for three instruction sets, and takes three times as long.
C_BUILDS = (
    Build("gcc", ("-std=c99", "-O0")),
    Build("gcc", ("-std=gnu99", "-O2")),
    Build("gcc", ("-std=c11", "-Os")),
    Build("gcc", ("-std=c99", "-O3", "-march=native", *NUMERIC)),
    Build("gcc", ("-std=gnu11", "-O3", "-march=native", "-ffp-contract=fast")),
    Build("g++", ("-x", "c++", "-std=c++17", "-O2", "-march=native")),
    Build("clang", ("-std=c99", "-O0")),
    Build("clang", ("-std=c99", "-O3", "-march=native", *NUMERIC)),
    Build("clang", ("-std=gnu11", "-O3", "-march=native", "-ffp-contract=on")),
    Build("clang++", ("-x", "c++", "-std=c++17", "-O2")),
    # The other profile, in integers.
    Build("gcc", ("-std=c99", "-Os", "-DSYMC_PROFILE_INT")),
    Build("clang", ("-std=c11", "-O2", "-DSYMC_PROFILE_INT")),
)
# gcc and clang use half of the registers' width unless they are told to use all.
_AVX512 = ("-march=x86-64-v4", "-mprefer-vector-width=512")
AVX512_BUILDS = (
    Build("gcc", ("-std=c99", "-O3", *_AVX512, *NUMERIC)),
    Build("gcc", ("-std=gnu11", "-O2", "-ftree-vectorize", *_AVX512, "-ffp-contract=fast")),
    Build("g++", ("-x", "c++", "-std=c++17", "-O3", *_AVX512)),
    Build("clang", ("-std=c99", "-O3", *_AVX512, *NUMERIC)),
    Build("clang", ("-std=c11", "-O3", *_AVX512, "-DSYMC_PROFILE_INT")),
)
SHIM_BUILDS = (
    Build("g++", ("-std=c++17", "-O0")),
    Build("g++", ("-std=c++17", "-O3", "-march=native", *NUMERIC)),
    Build("clang++", ("-std=c++17", "-O2")),
)


@pytest.fixture(scope="module")
def unit() -> Unit:
    return unit_of(coverage_program(), name="every")


@pytest.fixture(scope="module")
def bundle(unit: Unit, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return building.write(tmp_path_factory.mktemp("coverage"), unit, ("c", "cuda"))


@pytest.fixture(scope="module")
def x() -> np.ndarray:
    return hard_inputs(2)


@pytest.mark.parametrize("backend", [operations, cuda, numba], ids=lambda module: module.__name__)
def test_every_primitive_row_has_an_entry_in_every_backend(backend: ModuleType):
    assert sorted(backend.PRINTER.table) == sorted(PRIMITIVES)


@pytest.mark.parametrize("name", PRIMITIVES)
def test_every_primitive_row_has_a_runtime_in_both_profiles_and_in_numba(name: str):
    b = Builder(("x", "y", "z"))
    program = b.finish(("r",), (b.op(name, *(b.input(k) for k in range(OPERATORS[name].arity))),))
    *_, last = headers.stems(program)
    function = next(iter(re.findall(r"symc_\w+", operations.TABLE[name])), None)
    if function is not None:
        # Profiles that differ define it in a header each.
        found = [text.decode() for path, text in headers.closure(headers.direct(program)).items()]
        definition = re.compile(rf"^SYMC_(SLOW_|LARGE_|SHARED_)?FN float {function}\(", re.M)
        definitions = [text for text in found if definition.search(text)]
        selector = (resources.runtime() / "include" / "symc" / f"{last}.h").read_text()
        assert len(definitions) == (2 if "#if SYMC_INT" in selector else 1)
    assert (resources.runtime() / "numba" / numba.RUNTIMES["float32"] / f"{last}.py").is_file()


def test_coverage_program_has_every_primitive():
    assert coverage_program().operators == set(PRIMITIVES)


# For `make test-long`: the native builds that may contract nothing, beside which those that may are harder, and clang's
# integers, of which test_same_bits runs every operator at -O3.
SELDOM = (C_BUILDS[3], C_BUILDS[7], C_BUILDS[11])
OFTEN = [pytest.param(b, id=str(b), marks=[pytest.mark.long] if b in SELDOM else []) for b in C_BUILDS]


@pytest.mark.parametrize("build", OFTEN)
def test_c_gives_the_bits_of_the_oracle(unit: Unit, bundle: Path, x: np.ndarray, build: Build, tmp_path: Path):
    require(build.command)
    assert unit.jacobian is not None
    # Without a warning too: the longest sources that there are need not be compiled again for that.
    library = building.c_library(bundle, Build(build.command, (*build.flags, *STRICT)), tmp_path / "every.so")
    for function, program in (("eval", unit.program), ("jacobian", unit.jacobian)):
        want = evaluate(program, x)
        single = building.call_single(library, f"every_{function}", x, program.n_out)
        batch = building.call_batch(library, f"every_{function}_batch", x, program.n_out)
        assert not differences(single, want, x, program.outputs)
        assert not differences(batch, want, x, program.outputs)
    assert library.every_selftest() == 0


@pytest.mark.parametrize("build", AVX512_BUILDS, ids=str)
def test_wide_registers_give_the_bits_of_the_oracle(unit: Unit, bundle: Path, build: Build, tmp_path: Path):
    require(build.command)
    processor = Path("/proc/cpuinfo")
    if not processor.is_file() or " avx512vl " not in processor.read_text():
        pytest.skip("the processor has no AVX-512")
    library = building.c_library(bundle, build, tmp_path / "every.so")
    assert "%zmm" in building.run([require("objdump"), "-d", tmp_path / "every.so"]).stdout
    x, want = _many(unit)
    batch = building.call_batch(library, "every_eval_batch", x, unit.program.n_out)
    assert not differences(batch, want, x, unit.program.outputs)
    assert library.every_selftest() == 0


@cache
def _many(unit: Unit) -> tuple[np.ndarray, np.ndarray]:
    x = hard_inputs(2, random=100_000)
    return x, evaluate(unit.program, x)


@pytest.mark.parametrize("build", SHIM_BUILDS, ids=str)
def test_device_arithmetic_gives_the_bits_of_the_oracle(
    unit: Unit, bundle: Path, x: np.ndarray, build: Build, tmp_path: Path
):
    require(build.command)
    library = building.shim_library(bundle, build, tmp_path / "shim.so")
    got = building.call_batch(library, "every_shim_batch", x, unit.program.n_out)
    assert not differences(got, evaluate(unit.program, x), x, unit.program.outputs)


@pytest.mark.parametrize("once", [True, pytest.param(False, marks=pytest.mark.long)])
def test_numba_gives_the_bits_of_the_oracle(once: bool, x: np.ndarray, tmp_path: Path):
    """Not of the derivatives, which are made of the same operators: test_numba_module has a short program's.

    A function of one argument is compiled by itself, whether of an input or of an earlier result: once is enough.
    """
    unit = unit_of(coverage_program(once), name="every", derivatives=False)
    module = building.python_module(building.write(tmp_path, unit, ("numba",)) / "numba" / "every.py")
    assert module.N_IN == unit.program.n_in == 2
    assert unit.program.n_out == module.N_OUT
    got = module.eval_batch(x)
    assert got.dtype == np.float32
    assert not differences(got, evaluate(unit.program, x), x, unit.program.outputs)
