"""What the runtime's tests share: where it lies, compilers, warnings, and the list of its functions."""

from __future__ import annotations

import subprocess
from pathlib import Path

RUNTIME = Path(__file__).resolve().parents[2] / "runtime"
INCLUDE = RUNTIME / "include"
HEADERS = tuple(sorted(path.stem for path in (INCLUDE / "symc").glob("*.h")))
UNARY = ("exp", "log", "sin", "cos", "tan", "tanh", "sqrt")
SLOW_PATH = ("sin", "cos", "tan", "pow")
WARNINGS = (
    "-Wall", "-Wextra", "-Wpedantic", "-Wconversion", "-Wsign-conversion", "-Wdouble-promotion", "-Wfloat-equal",
    "-Wshadow", "-Wundef", "-Wcast-align", "-Wcast-qual", "-Werror",
)  # fmt: skip
HOST_FLAGS = ("-O3", "-ffp-contract=off", "-fno-math-errno", "-fno-trapping-math")


def compile_with(compiler: str, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
    """Run a compiler with the runtime on its include path; the result, whatever its exit code."""
    command = [compiler, f"-I{INCLUDE}", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, timeout=120)


def all_headers() -> str:
    """Source text that includes every header."""
    return "".join(f'#include "symc/{name}.h"\n' for name in HEADERS)


def batch_loops(standard: str = "c") -> str:
    """Source text with one loop per function over restrict pointers: `batch_NAME`, the form that bundles use."""
    restrict = "restrict" if standard == "c" else "__restrict"
    lines = ["#include <stddef.h>", all_headers()]
    for name in ("exp", "log", "tanh", "sqrt", "relu", "abs", "neg"):
        lines.append(
            f"void batch_{name}(const float *{restrict} x, float *{restrict} y, size_t n);\n"
            f"void batch_{name}(const float *{restrict} x, float *{restrict} y, size_t n)\n"
            f"{{ for (size_t i = 0; i < n; ++i) {{ y[i] = symc_{name}(x[i]); }} }} /* loop {name} */"
        )
    for name in ("min", "max", "lt", "le", "gt", "ge", "eq", "ne", "add", "mul", "div"):
        lines.append(
            f"void batch_{name}(const float *{restrict} x, const float *{restrict} y, float *{restrict} z, size_t n);\n"
            f"void batch_{name}(const float *{restrict} x, const float *{restrict} y, float *{restrict} z, size_t n)\n"
            f"{{ for (size_t i = 0; i < n; ++i) {{ z[i] = symc_{name}(x[i], y[i]); }} }} /* loop {name} */"
        )
    for name in ("sin", "cos", "tan"):
        lines.append(
            f"uint32_t batch_{name}(const float *{restrict} x, float *{restrict} y, size_t n);\n"
            f"uint32_t batch_{name}(const float *{restrict} x, float *{restrict} y, size_t n)\n{{ uint32_t slow = 0u;\n"
            f"for (size_t i = 0; i < n; ++i) {{ y[i] = symc_{name}_fast(x[i], &slow); }} /* loop {name} */\n"
            f"return slow; }}\n"
            f"float full_{name}(float x);\nfloat full_{name}(float x) {{ return symc_{name}(x); }}"
        )
    lines.append(
        f"uint32_t batch_pow(const float *{restrict} x, const float *{restrict} y, float *{restrict} z, size_t n);\n"
        f"uint32_t batch_pow(const float *{restrict} x, const float *{restrict} y, float *{restrict} z, size_t n)\n"
        f"{{ uint32_t slow = 0u;\n"
        f"for (size_t i = 0; i < n; ++i) {{ z[i] = symc_pow_fast(x[i], y[i], &slow); }} /* loop pow */\n"
        f"return slow; }}\n"
        f"float full_pow(float x, float y);\nfloat full_pow(float x, float y) {{ return symc_pow(x, y); }}"
    )
    return "\n".join(lines) + "\n"
