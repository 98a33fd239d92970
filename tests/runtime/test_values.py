"""Values: golden hashes under many compilers and in Numba, and an independent oracle (mpmath) on hard inputs."""

from __future__ import annotations

import ctypes
import importlib.util
import platform
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import numba
import numpy as np
import numpy.typing as npt
import pytest

from symc.ir.evaluate import evaluate
from symc.ir.program import Builder
from tests.runtime.helpers import (
    EXACT_BINARY,
    EXACT_UNARY,
    HOST_FLAGS,
    PROFILES,
    RUNTIME,
    SLOW_PATH,
    UNARY,
    WARNINGS,
    all_headers,
    compile_with,
)
from tests.tools import require

F32 = npt.NDArray[np.float32]
U32 = npt.NDArray[np.uint32]
X86 = platform.machine() == "x86_64"
GOLDEN = RUNTIME / "test" / "golden.c"
BINARY = ("pow", *EXACT_BINARY)
IN_NUMBA = {"pow": "pow_", "abs": "abs_", "min": "minimum", "max": "maximum", "round": "round_"}


# The golden program, under many compilers


@pytest.mark.parametrize(
    ("compiler", "flags"),
    [
        ("gcc", "-std=c99 -O3"),
        ("gcc", "-std=gnu11 -O1 -DSYMC_SQRT_SOFT -DSYMC_DIV_SOFT"),
        ("gcc", "-std=c99 -O2 -DSYMC_PROFILE_INT -DSYMC_SQRT_SOFT -DSYMC_SOFT_FLOAT"),
        ("clang", "-std=c11 -O3 -DSYMC_PROFILE_INT"),
        ("g++", "-x c++ -std=c++17 -O1 -DSYMC_PROFILE_INT"),
        ("gcc", "-std=c11 -O3 -march=native"),
        ("g++", "-x c++ -std=c++17 -O2 -march=native"),
        ("clang", "-std=c11 -O3"),
        ("clang", "-std=gnu11 -O2 -march=native"),
    ],
)
def test_golden_hashes(tmp_path: Path, compiler: str, flags: str) -> None:
    binary = tmp_path / "golden"
    built = compile_with(require(compiler), *flags.split(), *WARNINGS, GOLDEN, "-o", binary)
    assert built.returncode == 0, built.stderr
    ran = subprocess.run([binary], capture_output=True, text=True, timeout=60)
    assert (ran.returncode, ran.stdout) == (0, "")


def test_golden_hashes_notice_one_wrong_constant(tmp_path: Path) -> None:
    """The same program with one digit of one coefficient changed reports that function, and no other."""
    shutil.copytree(RUNTIME / "include" / "symc", tmp_path / "symc")
    header = tmp_path / "symc" / "f64" / "exp2.h"
    changed = header.read_text().replace("0x1.62e4", "0x1.62e5", 1)
    assert changed != header.read_text()
    header.write_text(changed)
    binary = tmp_path / "golden"
    subprocess.run([require("gcc"), f"-I{tmp_path}", "-O2", str(GOLDEN), "-o", str(binary)], check=True)
    ran = subprocess.run([binary], capture_output=True, text=True, timeout=60)
    assert ran.returncode == 1
    assert [line.split()[0] for line in ran.stdout.splitlines()] == ["exp2"]


def test_cmake_project_builds_and_passes(tmp_path: Path) -> None:
    cmake = require("cmake")
    for command in (
        [cmake, "-S", str(RUNTIME), "-B", str(tmp_path)],
        [cmake, "--build", str(tmp_path)],
        ["ctest", "--test-dir", str(tmp_path)],
    ):
        done = subprocess.run(command, capture_output=True, text=True, timeout=120)
        assert done.returncode == 0, done.stdout + done.stderr


# Numba


@pytest.fixture(scope="module")
def runtime() -> ModuleType:
    spec = importlib.util.spec_from_file_location("symc_runtime", RUNTIME / "numba" / "symc_runtime" / "__init__.py")
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    sys.modules["symc_runtime"] = module
    spec.loader.exec_module(module)
    return module


def golden_inputs() -> tuple[F32, F32]:
    """The inputs that golden.c describes."""
    source = GOLDEN.read_text()
    listed = re.search(r"special\[32\] = \{(.*?)\}", source, re.DOTALL)
    assert listed
    special = np.array([int(word[:-1], 16) for word in re.findall(r"0x\w+u", listed[1])], dtype=np.uint32)
    i = np.arange(1 << 20, dtype=np.uint32)

    def mapped(u: U32) -> U32:
        exponent = np.uint32(121) + ((u >> np.uint32(23)) & np.uint32(0xFF)) % np.uint32(13)
        return np.where(i & 1, (u & np.uint32(0x807FFFFF)) | (exponent << np.uint32(23)), u)

    x = mapped(i * np.uint32(2654435761))
    u = (i + np.uint32(1)) * np.uint32(2246822507)
    quarters = ((u >> np.uint32(25)).astype(np.int32) - 64).astype(np.float32) * np.float32(0.25)
    x[:1024] = special[i[:1024] >> np.uint32(5)]
    y = np.where(i & 7 == 5, x, np.where(i & 3, mapped(u), quarters.view(np.uint32)))
    y[:1024] = special[i[:1024] & np.uint32(31)]
    return x.view(np.float32), y.astype(np.uint32).view(np.float32)


def golden_table() -> dict[str, int]:
    return {name: int(value, 16) for name, value in re.findall(r'\{"(\w+)", \w+, (0x\w+)u\}', GOLDEN.read_text())}


@numba.njit
def fnv(words: U32) -> int:
    h = np.uint64(0xCBF29CE484222325)
    for word in words:
        h = np.uint64(np.uint64(h ^ np.uint64(word)) * np.uint64(0x100000001B3))
    return h


def batch(function: Callable, operands: int) -> Callable:
    """A compiled loop over `function`, as a bundle's Numba module has it."""
    if operands == 1:

        @numba.njit(fastmath=False, error_model="numpy")
        def loop(x, y, out):
            for i in range(out.size):
                out[i] = function(x[i])

    else:

        @numba.njit(fastmath=False, error_model="numpy")
        def loop(x, y, out):
            for i in range(out.size):
                out[i] = function(x[i], y[i])

    return loop


@pytest.mark.parametrize("name", sorted(set(golden_table()) - {"add", "sub", "mul", "div"}))
def test_numba_gives_the_bits_of_c(runtime: ModuleType, name: str) -> None:
    x, y = golden_inputs()
    out = np.empty_like(x)
    batch(getattr(runtime, IN_NUMBA.get(name, name)), 2 if name in BINARY else 1)(x, y, out)
    bits = out.view(np.uint32).copy()
    bits[np.isnan(out)] = 0x7FC00000
    assert int(fnv(bits)) == golden_table()[name]


@pytest.mark.parametrize("name", SLOW_PATH)
def test_numba_fast_versions_agree_or_say_slow(runtime: ModuleType, name: str) -> None:
    x, y = golden_inputs()
    full, fast = getattr(runtime, IN_NUMBA.get(name, name)), getattr(runtime, f"{name}_fast")
    if name == "pow":

        @numba.njit(error_model="numpy")
        def count(x, y):
            slow = different = 0
            for i in range(x.size):
                r, flag = fast(x[i], y[i])
                slow += flag != 0
                different += (flag == 0) & (runtime_bits(r) != runtime_bits(full(x[i], y[i])))
            return slow, different

    else:

        @numba.njit(error_model="numpy")
        def count(x, y):
            slow = different = 0
            for i in range(x.size):
                r, flag = fast(x[i])
                slow += flag != 0
                different += (flag == 0) & (runtime_bits(r) != runtime_bits(full(x[i])))
            return slow, different

    runtime_bits = runtime.bits
    slow, different = count(x, y)
    assert different == 0
    assert 0 < slow < x.size // 2


def test_numba_functions_stay_float32(runtime: ModuleType) -> None:
    """No float64 leaks out: the result type of every function is float32."""
    for name in (*UNARY, *EXACT_UNARY):
        assert batch_type(getattr(runtime, IN_NUMBA.get(name, name)), 1) == numba.float32, name
    for name in BINARY:
        assert batch_type(getattr(runtime, IN_NUMBA.get(name, name)), 2) == numba.float32, name


def batch_type(function: Callable, operands: int) -> object:
    function(*[np.float32(1.5)] * operands)
    return function.nopython_signatures[-1].return_type


# An oracle that shares nothing with the runtime or its proof: numpy's double, mpmath where that does not decide


@pytest.fixture(scope="module", params=PROFILES)
def library(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> ctypes.CDLL:
    folder = tmp_path_factory.mktemp("library")
    source = folder / "functions.c"
    source.write_text(
        "#include <stddef.h>\n"
        + all_headers()
        + "".join(
            f"void run_{name}(const float *x, float *z, size_t n);\n"
            f"void run_{name}(const float *x, float *z, size_t n)\n"
            f"{{ for (size_t i = 0; i < n; ++i) {{ z[i] = symc_canonical(symc_{name}(x[i])); }} }}\n"
            for name in (*UNARY, *EXACT_UNARY)
        )
        + "".join(
            f"void run_{name}(const float *x, const float *y, float *z, size_t n);\n"
            f"void run_{name}(const float *x, const float *y, float *z, size_t n)\n"
            f"{{ for (size_t i = 0; i < n; ++i) {{ z[i] = symc_{name}(x[i], y[i]); }} }}\n"
            for name in ("pow", *EXACT_BINARY)
        )
    )
    built = compile_with(
        require("gcc"), "-std=c11", *HOST_FLAGS, request.param, "-shared", "-fPIC", source, "-o", folder / "f.so"
    )
    assert built.returncode == 0, built.stderr
    return ctypes.CDLL(str(folder / "f.so"))


def run(library: ctypes.CDLL, name: str, *operands: F32) -> U32:
    out = np.empty_like(operands[0])
    pointers = [ctypes.c_void_p(a.ctypes.data) for a in (*operands, out)]
    getattr(library, f"run_{name}")(*pointers, ctypes.c_size_t(out.size))
    return out.view(np.uint32)


def oracle(name: str, *operands: F32) -> U32:
    builder = Builder(["x", "y"][: len(operands)])
    result = builder.op(name, *(builder.input(k) for k in range(len(operands))))
    return evaluate(builder.finish(["r"], [result]), np.stack(operands, axis=1))[:, 0].view(np.uint32)


@pytest.mark.parametrize("name", [name for name in (*UNARY, *EXACT_UNARY) if name != "canonical"])
def test_unary_against_the_oracle(library: ctypes.CDLL, name: str) -> None:
    """Every 32771st float32."""
    x = np.arange(0, 1 << 32, 32771, dtype=np.uint64).astype(np.uint32).view(np.float32)
    np.testing.assert_array_equal(run(library, name, x), oracle(name, x))


# Inputs whose results lie closest to half-way between two floats, found by the exhaustive runs.
HARDEST = {
    "log": (0x3C413D3A, 0x41178FEB, 0x4C5D65A5, 0x65D890D3, 0x6F31A8EC),
    "sin": (0x46199998, 0xC6199998),
    "cos": (0x5F18B878, 0x6115CB11, 0x7908CD73, 0xDF18B878),
}


@pytest.mark.parametrize("name", HARDEST)
def test_hardest_inputs(library: ctypes.CDLL, name: str) -> None:
    x = np.array(HARDEST[name], dtype=np.uint32).view(np.float32)
    np.testing.assert_array_equal(run(library, name, x), oracle(name, x))


SPECIAL = np.array(
    [0.0, 1e-45, 1.1754944e-38, 0.5, 0.99999994, 1.0, 1.0000001, 2.0, 2.5, 3.0, 4.0, 149.0, 150.0, 8388607.0,
     16777215.0, 16777216.0, 3.4028235e38, np.inf, np.nan], dtype=np.float32,
)  # fmt: skip


def test_pow_special_values(library: ctypes.CDLL) -> None:
    """C99 Annex F on every pair of special values of both signs."""
    values = np.concatenate([SPECIAL, -SPECIAL])
    x, y = (a.ravel().copy() for a in np.meshgrid(values, values))
    np.testing.assert_array_equal(run(library, "pow", x, y), oracle("pow", x, y))
    one, nan = np.float32(1), np.float32(np.nan)
    got = run(library, "pow", np.array([one, nan], dtype=np.float32), np.array([nan, np.float32(0)], dtype=np.float32))
    assert got.tolist() == [0x3F800000, 0x3F800000]


def test_pow_half_way_cases_round_to_even(library: ctypes.CDLL) -> None:
    """Powers that are exactly half-way between two floats: 25-bit squares, cubes, roots of squares, 2^-150."""
    odd = np.arange(4097, 5793, 2, dtype=np.float64)
    cases = [(odd, 2.0), (odd**2, 1.0), (np.arange(257, 322, 2.0), 3.0), (np.arange(65, 76, 2.0), 4.0)]
    cases += [(np.arange(257, 322, 2.0) ** 2, 1.5), (np.arange(17, 25, 2.0) ** 4, 1.25), (np.array([2.0]), -150.0)]
    cases += [(np.array([4.0]), -75.0), (np.array([0.5, 0.25]), 150.0), (np.array([2.0**-100]), 1.5)]
    x = np.concatenate([base * 2.0**shift for base, _ in cases for shift in (0, 4, -8)]).astype(np.float32)
    y = np.concatenate([np.full(base.size, power) for base, power in cases for _ in range(3)]).astype(np.float32)
    got = run(library, "pow", x, y)
    np.testing.assert_array_equal(got, oracle("pow", x, y))
    with np.errstate(over="ignore"):
        exact = x.astype(np.float64) ** y.astype(np.float64)
    half_way = (exact.view(np.uint64) & np.uint64(0x1FFFFFFF)) == np.uint64(0x10000000)
    assert half_way.sum() > 1000
    assert (got[half_way & (exact > 1e-30)] & 1 == 0).all()


def test_pow_random(library: ctypes.CDLL) -> None:
    rng = np.random.default_rng(5)
    x = rng.integers(1, 0x7F800000, 200_000, dtype=np.uint32).view(np.float32)
    y = (rng.uniform(-152, 130, x.size) / np.log2(x.astype(np.float64))).astype(np.float32)
    np.testing.assert_array_equal(run(library, "pow", x, y), oracle("pow", x, y))
