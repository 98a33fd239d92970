"""What derivatives cost, as multiples of the value: NAME_vjp in instructions, PyTorch's second derivatives in time.

    python benchmarks/derivative_cost.py [--json]

Instructions are counted by valgrind, which a busy machine does not disturb: a program calls a function some times and
then twice as often, and the difference is the calls'. Compiled by gcc -O3 -mavx2; of many rows a call takes 64. The
limit is three times the value for any number of inputs. Then PyTorch: a gradient (torch.autograd, with the value it
begins with) and the derivative of the gradient along a direction (torch.func.jvp over grad), one thread, the median of
runs that take turns, over the loaded module's value; limits are four times what is differentiated: 4 and 16.
"""

from __future__ import annotations

import re
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from _models import random_equations
from _record import Rows, arguments, report
from _timing import median_times

import symc
from symc.backends import Unit, sources
from symc.ir.layered import Affine, Layered
from symc.ir.lower import lower
from symc.ir.parse import parse
from symc.ir.program import Program
from symc.load.package import Package
from symc.toolchain.compilers import find_c

LIMIT, GRADIENT_LIMIT, SECOND_LIMIT = 3.0, 4.0, 16.0
ROWS, CALLS = 64, 5
# Inputs and rows: enough for what a call of torch.func takes by itself, a millisecond, to be little.
TORCH_ROWS = {2: 1_000_000, 32: 50_000, 300: 5_000}
FLAGS = ("-O3", "-mavx2", "-std=c99", "-ffp-contract=off", "-fno-math-errno", "-fno-trapping-math")
MAIN = """
#include <stdlib.h>
#include "law.h"
static float x[ROWS * LAW_N_IN], v[ROWS * LAW_N_OUT], y[ROWS * LAW_N_OUT], g[ROWS * LAW_N_IN];
int main(int count, char **arguments)
{
    (void)count;
    for (size_t i = 0; i < ROWS * LAW_N_IN; i++) x[i] = 0.25F + (float)(i * 7919 % 1000) * 1e-3F;
    for (size_t i = 0; i < ROWS * LAW_N_OUT; i++) v[i] = 0.5F + (float)(i * 104729 % 1000) * 1e-3F;
    for (int k = atoi(arguments[1]); k > 0; k--) {
        CALL;
    }
    return y[0] + g[0] == 12345.0F;
}
"""
WAYS = {
    ("one row", "value"): "for (size_t i = 0; i < ROWS; i++) law_eval(&x[LAW_N_IN * i], &y[LAW_N_OUT * i])",
    ("one row", "vjp"): "for (size_t i = 0; i < ROWS; i++) "
    "law_vjp(&x[LAW_N_IN * i], &v[LAW_N_OUT * i], NULL, &g[LAW_N_IN * i])",
    ("many rows", "value"): "law_eval_batch(x, y, ROWS)",
    ("many rows", "vjp"): "law_vjp_batch(x, v, NULL, g, ROWS)",
}


def program_of(texts: Sequence[str], n_in: int) -> Program:
    names = [f"x{k}" for k in range(n_in)]
    return lower([parse(text, names) for text in texts], names, [f"y{k}" for k in range(len(texts))])


def block(width: int, rank: int = 20) -> Layered:
    """A compressed block `width` -> 20 -> 20 -> `width`."""
    draw = np.random.default_rng(0)
    z, h = [f"z{k}" for k in range(rank)], [f"h{k}" for k in range(rank)]
    texts = [f"z{k} + 0.25*z{k}*z{(k + 3) % rank} - 0.125*z{(k + 7) % rank}^2" for k in range(rank)]
    return Layered(
        tuple(f"x{k}" for k in range(width)),
        tuple(f"y{k}" for k in range(width)),
        Affine(draw.normal(size=(rank, width)) / width**0.5, draw.normal(size=rank)),
        lower([parse(text, z) for text in texts], z, h),
        Affine(draw.normal(size=(width, rank)) / rank**0.5, draw.normal(size=width)),
    ).check()


def cases() -> dict[str, Program | Layered]:
    found: dict[str, Program | Layered] = {}
    for n in (2, 32, 300):
        found[f"sin(x0)*x1 + ..., {n} inputs"] = program_of(
            [" + ".join(f"sin(x{k})*x{(k + 1) % n}" for k in range(n))], n
        )
        found[f"x0*x1 + ..., {n} inputs"] = program_of([" + ".join(f"x{k}*x{(k + 1) % n}" for k in range(n))], n)
    found["8 equations, complexity 24, 32 inputs"] = program_of(random_equations(8, 32, 24, seed=1), 32)
    found["64 equations, complexity 24, 32 inputs"] = program_of(random_equations(64, 32, 24, seed=2), 32)
    for width in (32, 300):
        found[f"compressed block {width} -> 20 -> {width}"] = block(width)
    return found


def package_of(program: Program | Layered) -> Package:
    equations = program.equations.outputs if isinstance(program, Layered) else program.outputs
    unit = Unit("law", program, None, tuple(equations), None, (), "0" * 64, "symc", (), further=("vjp",))
    return Package("law", program, unit.equations, None, sources(unit, ["c"]))


def instructions(package: Package, call: str, folder: Path) -> float:
    """Instructions of a row."""
    for path, content in package.files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(content)
    (folder / "main.c").write_text(MAIN.replace("CALL", call).replace("ROWS", str(ROWS)))
    files = [path for path in package.files if path.endswith(".c") and "selftest" not in path and "main" not in path]
    command = ["gcc", *FLAGS, "-Iinclude", "-Isrc", "main.c", *files, "-o", "law"]
    subprocess.run(command, cwd=folder, check=True, capture_output=True)
    counts = [_counted(folder, calls) for calls in (CALLS, 2 * CALLS)]
    return (counts[1] - counts[0]) / CALLS / ROWS


def _counted(folder: Path, calls: int) -> int:
    command = ["valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null", "./law", str(calls)]
    done = subprocess.run(command, cwd=folder, check=True, capture_output=True, text=True)
    found = re.search(r"Collected : (\d+)", done.stderr)
    assert found is not None, done.stderr
    return int(found[1])


def in_instructions() -> Rows:
    rows: Rows = []
    for name, program in cases().items():
        package = package_of(program)
        for many in ("one row", "many rows"):
            with tempfile.TemporaryDirectory() as folder:
                value, vjp = (instructions(package, WAYS[many, way], Path(folder)) for way in ("value", "vjp"))
            ratio = vjp / value
            within = "yes" if ratio <= LIMIT else "NO"
            rows.append({"equations": name, "call": many, "value": value, "vjp": vjp, "ratio": ratio, "within": within})
    return rows


def in_torch() -> Rows:
    rows: Rows = []
    for n, count in TORCH_ROWS.items():
        text = "y = " + " + ".join(f"sin(x{k})*x{(k + 1) % n}" for k in range(n))
        with tempfile.TemporaryDirectory() as folder:
            module = symc.load(symc.build(equation=text, out=folder, name="law", derivatives="vjp").path)
        x, t = torch.rand(count, n), torch.rand(count, n)
        followed = x.clone().requires_grad_()

        def total(given: torch.Tensor, module: torch.nn.Module = module) -> torch.Tensor:
            return module(given).sum()

        slope = torch.func.grad(total)
        seconds = median_times({
            "value": lambda x=x, module=module: module(x),
            "gradient": lambda x=followed, total=total: torch.autograd.grad(total(x), x),
            "of it along a direction": lambda x=x, t=t, f=slope: torch.func.jvp(f, (x,), (t,)),
        }, runs=9)  # fmt: skip
        for name, limit in (("gradient", GRADIENT_LIMIT), ("of it along a direction", SECOND_LIMIT)):
            ratio = seconds[name] / seconds["value"]
            within = "yes" if ratio <= limit else "NO"
            us = 1e6 * seconds[name]
            rows.append({"inputs": n, "rows": count, "derivative": name, "us": us, "ratio": ratio, "within": within})
    return rows


def main() -> None:
    save = arguments(__doc__.splitlines()[0]).json
    torch.set_num_threads(1)
    tables = {"instructions a row": in_instructions(), "PyTorch": in_torch()}
    report("derivative_cost", tables, save, {"C": find_c().version})


if __name__ == "__main__":
    main()
