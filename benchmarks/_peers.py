"""Ways to compute a function over a batch of floats in C: symc's headers, glibc, libmvec and SLEEF."""

from __future__ import annotations

import ctypes
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from _functions import Measured

from symc.backends.batches import ROWS
from symc.toolchain.compilers import NUMERIC_FLAGS, TUNING

INCLUDE = Path(__file__).resolve().parents[1] / "runtime" / "include"

_SYMC = """
#include <stddef.h>
#include "symc/{header}.h"

static __attribute__((noinline)) void rows(const float *restrict x, const float *restrict y, float *restrict z)
{{
    uint32_t slow = 0;
    (void)y;
    for (size_t i = 0; i < {rows}; i++) {{
        z[i] = {quick};
    }}
    for (size_t i = 0; slow != 0 && i < {rows}; i++) {{
        z[i] = {full};
    }}
}}

void batch(const float *x, const float *y, float *z, size_t n)
{{
    for (size_t i = 0; i + {rows} <= n; i += {rows}) {{
        rows(x + i, y + i, z + i);
    }}
}}
"""

_SCALAR = """
#include <math.h>
#include <stddef.h>

void batch(const float *x, const float *y, float *z, size_t n)
{{
    (void)y;
    for (size_t i = 0; i < n; i++) {{
        z[i] = {call};
    }}
}}
"""

_VECTOR = """
#include <immintrin.h>
#include <stddef.h>
{declarations}

void batch(const float *x, const float *y, float *z, size_t n)
{{
    (void)y;
    for (size_t i = 0; i + {width} <= n; i += {width}) {{
        _mm{bits}_storeu_ps(z + i, {call});
    }}
}}
"""


@dataclass(frozen=True)
class Way:
    """One way to compute a function; `source` gives the text to compile, None where the way has no such function."""

    name: str
    compiler: str
    flags: tuple[str, ...]
    libraries: tuple[str, ...]
    source: Callable[[Measured], str | None]

    @property
    def is_symc(self) -> bool:
        return self.source is _symc


def _symc(f: Measured) -> str | None:
    header = f.header or f.name
    paths = [INCLUDE / "symc" / folder / f"{header}.h" for folder in (".", "f64")]
    text = "".join(path.read_text() for path in paths if path.exists())
    if f"symc_{f.name}(" not in text:
        return None
    arguments = "x[i]" if f.second is None else "x[i], y[i]"
    full = f"symc_{f.name}({arguments})"
    quick = f"symc_{f.name}_fast({arguments}, &slow)" if f"symc_{f.name}_fast(" in text else full
    return _SYMC.format(header=header, rows=ROWS, quick=quick, full=full)


def _glibc(f: Measured) -> str:
    return _SCALAR.format(call=f"{f.glibc or f.name}f({'x[i]' if f.second is None else 'x[i], y[i]'})")


def _loads(f: Measured, bits: str) -> str:
    return ", ".join(f"_mm{bits}_loadu_ps({a} + i)" for a in ("x", "y")[: 1 if f.second is None else 2])


def _libmvec(width: int) -> Callable[[Measured], str | None]:
    bits, letter = ("512", "e") if width == 16 else ("256", "d")

    def source(f: Measured) -> str | None:
        if not f.libmvec:
            return None
        name = f"_ZGV{letter}N{width}v{'' if f.second is None else 'v'}_{f.name}f"
        parameters = ", ".join(["__m" + bits] * (1 if f.second is None else 2))
        return _VECTOR.format(
            declarations=f"__m{bits} {name}({parameters});", width=width, bits=bits, call=f"{name}({_loads(f, bits)})"
        )

    return source


def _sleef(family: str, width: int, extension: str) -> Callable[[Measured], str | None]:
    bits = "512" if width == 16 else "256"

    def source(f: Measured) -> str | None:
        error = f.sleef if f.sleef.startswith("u") else "u05" if f.name == "sqrt" else "u10"
        base = f.name if f.sleef in ("", error) else f.sleef
        call = f"Sleef_{family}{base}f{width}_{error}{extension}({_loads(f, bits)})"
        return _VECTOR.format(declarations="#include <sleef.h>", width=width, bits=bits, call=call)

    return source


def ways(features: set[str]) -> list[Way]:
    """Every way that this machine offers; symc's first."""
    found = []
    sets = [("AVX2 FMA", ("-mavx2", "-mfma")), ("AVX2", ("-mavx2", "-mno-fma"))]
    if "avx512f" in features:
        sets.append(("AVX-512", ("-march=native", "-mprefer-vector-width=512")))
    common = ("-O3", "-mtune=native", "-std=c99", *NUMERIC_FLAGS)
    for kind in ("gcc", "clang"):
        if not shutil.which(kind):
            continue
        for name, flags in sets:
            found.append(Way(f"{kind} {name}", kind, (*common, *flags, *TUNING.get(kind, ())), (), _symc))
    avx2 = ("-O2", "-mavx2", "-mfma")
    found.append(Way("glibc", "gcc", ("-O2",), ("-lm",), _glibc))
    found.append(Way("libmvec", "gcc", avx2, ("-lmvec", "-lm"), _libmvec(8)))
    if _has_sleef():
        found.append(Way("SLEEF u10", "gcc", avx2, ("-lsleef",), _sleef("", 8, "avx2")))
        found.append(Way("SLEEF cinz", "gcc", avx2, ("-lsleef",), _sleef("cinz_", 8, "avx")))
    if "avx512f" in features:
        avx512 = ("-O2", "-march=native")
        found.append(Way("libmvec AVX-512", "gcc", avx512, ("-lmvec", "-lm"), _libmvec(16)))
        if _has_sleef():
            found.append(Way("SLEEF u10 AVX-512", "gcc", avx512, ("-lsleef",), _sleef("", 16, "avx512f")))
            found.append(Way("SLEEF cinz AVX-512", "gcc", avx512, ("-lsleef",), _sleef("cinz_", 16, "avx512fnofma")))
    return found


def _has_sleef() -> bool:
    test = subprocess.run(
        ["gcc", "-x", "c", "-", "-fsyntax-only"], input="#include <sleef.h>\n", capture_output=True, text=True
    )
    return test.returncode == 0


def build(way: Way, f: Measured, folder: Path) -> Any:
    """The compiled batch function, or None where the way has none."""
    source = way.source(f)
    if source is None:
        return None
    stem = f"{f.name}_{way.name.replace(' ', '_')}"
    path = folder / f"{stem}.c"
    path.write_text(source)
    library = folder / f"{stem}.so"
    command = [way.compiler, *way.flags, f"-I{INCLUDE}", "-fPIC", "-shared", str(path), *way.libraries]
    done = subprocess.run([*command, "-o", str(library)], capture_output=True, text=True)
    if done.returncode != 0:
        if way.is_symc:
            raise SystemExit(done.stderr)
        return None
    try:
        return ctypes.CDLL(str(library)).batch
    except OSError:  # this version of the library has no such function
        return None


def version(compiler: str) -> str:
    if not shutil.which(compiler):
        return "not installed"
    return subprocess.run([compiler, "--version"], capture_output=True, text=True).stdout.splitlines()[0]


def sleef_version() -> str:
    text = "#include <sleef.h>\nSLEEF_VERSION_MAJOR SLEEF_VERSION_MINOR SLEEF_VERSION_PATCHLEVEL\n"
    done = subprocess.run(["gcc", "-x", "c", "-", "-E", "-P"], input=text, capture_output=True, text=True)
    return ".".join(done.stdout.split()[-3:]) if done.returncode == 0 else "not installed"
