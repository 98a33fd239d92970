"""The headers compile cleanly everywhere, need no library, are never contracted, vectorise, and refuse bad flags."""

from __future__ import annotations

import platform
import re
import subprocess
from pathlib import Path

import pytest

from tests.runtime.helpers import (
    EXACT_UNARY,
    HEADERS,
    HOST_FLAGS,
    PROFILES,
    SLOW_PATH,
    UNARY,
    WARNINGS,
    batch_loops,
    compile_with,
)
from tests.tools import require

X86 = platform.machine() == "x86_64"
x86_only = pytest.mark.skipif(not X86, reason="the flags are those of x86-64")
FUSED_FLOAT = re.compile(r"\bvfn?m(?:add|sub)\w*[sp]s\b")
# The loop over exp and its full version, under the names of C and C++.
EXP = re.compile(
    r"^(?P<name>(?:_Z\d+)?(?:batch|full)_exp(?:PKf\w*|f)?):.*?^\s*\.size\s+(?P=name),", re.MULTILINE | re.DOTALL
)
FUSED_DOUBLE = re.compile(r"\bvfn?m(?:add|sub)\w*[sp]d\b")


@pytest.mark.parametrize("profile", PROFILES)
@pytest.mark.parametrize("optimisation", ["-O0", "-O2"])
@pytest.mark.parametrize(
    ("compiler", "standard"),
    [
        ("gcc", "c99"), ("gcc", "c11"), ("gcc", "gnu11"), ("g++", "c++17"),
        ("clang", "c99"), ("clang", "c11"), ("clang++", "c++17"),
    ],
)  # fmt: skip
def test_clean_and_self_contained(
    tmp_path: Path, compiler: str, standard: str, optimisation: str, profile: str
) -> None:
    """No warning under a long list of them, and no symbol left for a linker to find."""
    language = "c++" if "++" in standard else "c"
    source = tmp_path / f"loops.{'cc' if language == 'c++' else 'c'}"
    source.write_text(batch_loops(language))
    flags = (f"-std={standard}", optimisation, profile, *WARNINGS)
    built = compile_with(require(compiler), *flags, "-c", source, "-o", tmp_path / "loops.o")
    assert built.returncode == 0, built.stderr
    assert undefined_symbols(tmp_path / "loops.o") == []


def undefined_symbols(built: Path) -> list[str]:
    listed = subprocess.run([require("nm"), "-u", str(built)], capture_output=True, text=True, check=True)
    return [line.split()[-1] for line in listed.stdout.splitlines()]


@pytest.mark.parametrize("header", HEADERS)
def test_each_header_stands_alone(tmp_path: Path, header: str) -> None:
    source = tmp_path / "alone.c"
    source.write_text(f'#include "symc/{header}.h"\nint unused;\n')
    # What is in no profile's folder belongs to both.
    profiles = [p for p in PROFILES if p.lower().endswith(header.split("/")[0])] or PROFILES
    for profile in profiles:
        built = compile_with(require("gcc"), "-std=c99", profile, *WARNINGS, "-c", source, "-o", tmp_path / "alone.o")
        assert built.returncode == 0, built.stderr


# With a loop inside; and without AVX2, which brings shifts by different counts and comparisons of 64 bits.
NOT_VECTORISED = {"gamma", "mod"}
NOT_VECTORISED_BY_SSE2 = {*NOT_VECTORISED, "atanh", "ceil", "floor", "log1p", "round", "trunc"}

CONTRACTION = """
float written(float a, float b, float c);
float written(float a, float b, float c) { return a * b + c; }
float called(float a, float b, float c);
float called(float a, float b, float c) { return symc_add(symc_mul(a, b), c); }
"""


@x86_only
@pytest.mark.parametrize(
    ("compiler", "flags"),
    [
        ("gcc", "-std=gnu11 -O2"),
        ("gcc", "-std=gnu11 -O3 -ffp-contract=fast"),
        ("g++", "-std=gnu++17 -O3"),
        ("clang", "-O3"),
        ("clang++", "-O3"),
    ],
)
def test_no_float_operation_is_fused(tmp_path: Path, compiler: str, flags: str) -> None:
    """Without any flag of ours, on a target with FMA: float never fused, the double of SYMC_FMA always."""
    source = tmp_path / ("f.cc" if "++" in compiler else "f.c")
    source.write_text(batch_loops("c++" if "++" in compiler else "c") + CONTRACTION)
    assembly = tmp_path / "f.s"
    built = compile_with(require(compiler), *flags.split(), "-march=haswell", "-S", source, "-o", assembly)
    assert built.returncode == 0, built.stderr
    # The fast exp fuses by itself, and its full version decides where that matters.
    text = EXP.sub("", assembly.read_text())
    assert FUSED_FLOAT.findall(text) == []
    assert len(FUSED_DOUBLE.findall(text)) > 50


@x86_only
def test_the_fusion_test_can_fail(tmp_path: Path) -> None:
    """The same function without the header is fused: the test above looks for the right thing."""
    source = tmp_path / "f.c"
    source.write_text("float written(float a, float b, float c) { return a * b + c; }\n")
    assembly = tmp_path / "f.s"
    built = compile_with(require("gcc"), "-std=gnu11", "-O2", "-march=haswell", "-S", source, "-o", assembly)
    assert built.returncode == 0, built.stderr
    assert FUSED_FLOAT.search(assembly.read_text())


REFUSED = [
    ("-ffast-math", "-ffast-math"),
    ("-Ofast", "-ffast-math"),
    ("-ffinite-math-only", "-ffast-math"),
    ("-funsafe-math-optimizations", "-ffast-math"),
    ("-fsingle-precision-constant", "symc_constants_must_be_double"),
    pytest.param("-mfpmath=387", "-mfpmath=sse", marks=x86_only),
]


@pytest.mark.parametrize(("flag", "sentence"), REFUSED)
@pytest.mark.parametrize("language", ["c", "c++"])
def test_flags_that_break_arithmetic_are_refused(tmp_path: Path, flag: str, sentence: str, language: str) -> None:
    source = tmp_path / ("f.cc" if language == "c++" else "f.c")
    source.write_text('#include "symc/f32.h"\n')
    compiler = require("g++" if language == "c++" else "gcc")
    assert compile_with(compiler, "-O2", "-c", source, "-o", tmp_path / "f.o").returncode == 0
    refused = compile_with(compiler, "-O2", flag, "-c", source, "-o", tmp_path / "f.o")
    assert refused.returncode != 0
    assert sentence in refused.stderr


def test_double_must_be_binary64(tmp_path: Path) -> None:
    """A target whose double is narrower (as on AVR) takes the profile INT, and refuses the other."""
    source = tmp_path / "f.c"
    source.write_text('#include <float.h>\n#undef DBL_MANT_DIG\n#define DBL_MANT_DIG 24\n#include "symc/f32.h"\n')
    assert compile_with(require("gcc"), "-c", source, "-o", tmp_path / "f.o").returncode == 0
    refused = compile_with(require("gcc"), "-DSYMC_PROFILE_F64", "-c", source, "-o", tmp_path / "f.o")
    assert refused.returncode != 0
    assert "do not define SYMC_PROFILE_F64" in refused.stderr


@x86_only
@pytest.mark.parametrize("machine", ["", "-mavx2", "-mavx2 -mfma"])
def test_gcc_vectorises_every_loop(tmp_path: Path, machine: str) -> None:
    gcc = require("gcc")
    version = compile_with(gcc, "-dumpversion").stdout.split(".")[0]
    if int(version) < 12:
        pytest.skip(f"gcc {version}: the report is that of gcc 12 and newer")
    source = tmp_path / "loops.c"
    source.write_text(batch_loops())
    built = compile_with(
        gcc, "-std=c11", *HOST_FLAGS, *machine.split(), "-fopt-info-vec-optimized", "-c", source, "-o", tmp_path / "l.o"
    )
    assert built.returncode == 0, built.stderr
    vectorised = {int(line) for line in re.findall(r"loops\.c:(\d+):\d+: optimized: loop vectorized", built.stderr)}
    lines = source.read_text().splitlines()
    wanted = {match[1]: k for k, line in enumerate(lines, 1) if (match := re.search(r"/\* loop (\w+) \*/", line))}
    assert {*UNARY, *EXACT_UNARY, *SLOW_PATH} <= set(wanted)
    assert {name for name, line in wanted.items() if line not in vectorised} == (
        NOT_VECTORISED if machine else NOT_VECTORISED_BY_SSE2
    )


@pytest.mark.parametrize(
    "target",
    [
        "aarch64-linux-gnu",
        "armv7em-none-eabi -mcpu=cortex-m7 -mfloat-abi=hard",
        "armv7m-none-eabi -mcpu=cortex-m3",
        "riscv64-unknown-elf -march=rv64gc -mabi=lp64d",
        "riscv32-unknown-elf -march=rv32imac -mabi=ilp32",
    ],
)
def test_other_targets_compile(tmp_path: Path, target: str) -> None:
    """Cross-compiled by clang without any C library: clean, and no call into a mathematics library."""
    clang = require("clang")
    if target.split("-")[0].rstrip("0123456789emv") not in compile_with(clang, "--print-targets").stdout:
        pytest.skip(f"this clang has no back end for {target.split()[0]}")
    source = tmp_path / "loops.c"
    source.write_text(batch_loops())
    assembly = tmp_path / "loops.s"
    built = compile_with(
        clang, *f"--target={target}".split(), "-ffreestanding", "-nostdlibinc", "-std=c99", "-O2", *WARNINGS,
        "-S", source, "-o", assembly,
    )  # fmt: skip
    assert built.returncode == 0, built.stderr
    called = set(re.findall(r"\b(?:bl|call|jal)\s+(\w+)", assembly.read_text()))
    assert called & {"fma", "fmod", "fmodf", "sqrtf", "sqrt", *UNARY, "pow"} == set()
