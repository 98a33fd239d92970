"""The equations as a person would write them in C, by gcc with -Ofast, which calls the SIMD functions of libmvec."""

from __future__ import annotations

import ctypes
import platform
import shutil
import subprocess
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from symc.ir.parse import parse, symbol


def vector_c(equations: Sequence[str], n_in: int, folder: Path) -> Callable[[np.ndarray], np.ndarray] | None:
    """x (n, n_in) -> y (n, n_out), float32, rows in C order; None where there is no gcc for x86-64 with glibc."""
    if platform.machine() not in ("x86_64", "AMD64") or platform.libc_ver()[0] != "glibc" or not shutil.which("gcc"):
        return None
    path = folder / "vector_c.c"
    path.write_text(_source(equations, n_in))
    library = path.with_suffix(".so")
    compiled = path.with_suffix(".o")
    subprocess.run(["gcc", "-Ofast", "-march=native", "-fPIC", "-c", str(path), "-o", str(compiled)], check=True)
    # Linked without -Ofast, which would have the library flush subnormal numbers in the whole process.
    subprocess.run(["gcc", "-shared", str(compiled), "-o", str(library), "-lm"], check=True)
    run = ctypes.CDLL(str(library)).run
    run.argtypes = (ctypes.c_void_p, ctypes.c_void_p, ctypes.c_size_t)
    run.restype = None

    def evaluate(x: np.ndarray) -> np.ndarray:
        y = np.empty((len(x), len(equations)), np.float32)
        run(x.ctypes.data, y.ctypes.data, len(x))
        return y

    return evaluate


def _source(equations: Sequence[str], n_in: int) -> str:
    """One loop over the rows; sympy prints the equations in float, with its common subexpressions."""
    import sympy
    from sympy.codegen.ast import float32, real
    from sympy.printing.c import C99CodePrinter

    features = [f"x{k}" for k in range(n_in)]
    printer = C99CodePrinter({"type_aliases": {real: float32}, "math_macros": {}})
    shared, results = sympy.cse([parse(text, features) for text in equations])
    inputs = {symbol(name): f"x[{n_in} * i + {k}]" for k, name in enumerate(features)}
    used = set().union(*(e.free_symbols for e in (*(v for _, v in shared), *results)))
    lines = [f"const float {printer.doprint(s)} = {inputs[s]};" for s in inputs if s in used]
    lines += [f"const float {printer.doprint(name)} = {printer.doprint(value)};" for name, value in shared]
    lines += [f"y[{len(results)} * i + {k}] = {printer.doprint(value)};" for k, value in enumerate(results)]
    body = "\n        ".join(lines)
    return f"""#include <math.h>
#include <stddef.h>
void run(const float *restrict x, float *restrict y, size_t n)
{{
    for (size_t i = 0; i < n; i++) {{
        {body}
    }}
}}
"""
