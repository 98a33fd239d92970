"""What the runtime's tests share: where it lies, compilers, warnings, and the list of its functions."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

RUNTIME = Path(__file__).resolve().parents[2] / "runtime"
INCLUDE = RUNTIME / "include"

sys.path.insert(0, str(RUNTIME / "proof"))
import prove  # noqa: E402

HEADERS = tuple(sorted(str(p.relative_to(INCLUDE / "symc").with_suffix("")) for p in INCLUDE.rglob("*.h")))
UNARY = tuple(prove.FUNCTIONS)
SLOW_PATH = (*(f.name for f in prove.FUNCTIONS.values() if f.fast), "pow")
# Exact operations and comparisons.
EXACT_UNARY = ("neg", "abs", "relu", "canonical", "floor", "ceil", "round", "trunc", "sign")
EXACT_BINARY = ("min", "max", "lt", "le", "gt", "ge", "eq", "ne", "mod")
PROFILES = ("-DSYMC_PROFILE_F64", "-DSYMC_PROFILE_INT")
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
    """Source text that includes every header that a user includes; config.h chooses the profile."""
    return "".join(f'#include "symc/{name}.h"\n' for name in HEADERS if "/" not in name)


def batch_loops(standard: str = "c") -> str:
    """Source text with one loop per function over restrict pointers: `batch_NAME`, the form that bundles use."""
    restrict = "restrict" if standard == "c" else "__restrict"
    lines = ["#include <stddef.h>", all_headers()]
    unary, binary = (*UNARY, *EXACT_UNARY), ("pow", *EXACT_BINARY, "add", "sub", "mul", "div")
    for name in (*unary, *binary):
        operands = ("x",) if name in unary else ("x", "y")
        pointers = ", ".join(f"const float *{restrict} {v}" for v in operands) + f", float *{restrict} z, size_t n"
        elements = ", ".join(f"{v}[i]" for v in operands)
        if name not in SLOW_PATH:
            lines.append(
                f"void batch_{name}({pointers});\nvoid batch_{name}({pointers})\n"
                f"{{ for (size_t i = 0; i < n; ++i) {{ z[i] = symc_{name}({elements}); }} }} /* loop {name} */"
            )
            continue
        values = ", ".join(f"float {v}" for v in operands)
        lines.append(
            f"uint32_t batch_{name}({pointers});\nuint32_t batch_{name}({pointers})\n{{ uint32_t slow = 0u;\n"
            f"for (size_t i = 0; i < n; ++i) {{ z[i] = symc_{name}_fast({elements}, &slow); }} /* loop {name} */\n"
            f"return slow; }}\nfloat full_{name}({values});\n"
            f"float full_{name}({values}) {{ return symc_{name}({', '.join(operands)}); }}"
        )
    return "\n".join(lines) + "\n"
