"""How long proving ranges takes, how much stays undecided, and how close the proved ranges are, beside Gappa.

    python benchmarks/ranges.py [--json]

Equations are those of tests/meaning/published.py (drawn by seed, shaped like published fronts) over random boxes, and
random programs of 300 operations over 8 inputs. Tightness is the width of the proved range over the width of what a
million samples reach: symc's, that of the same interval arithmetic over the undivided box, and that of Gappa (Debian's
package gappa) on those equations that use +, -, *, / and sqrt alone, which is what its float32 model knows.
"""

from __future__ import annotations

import re
import shutil
import statistics
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
from _record import arguments, report

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from symc.analysis.ranges import WORK, analyse
from symc.errors import SymcError
from symc.ir.evaluate import evaluate
from symc.ir.program import Builder, Program
from symc.meaning.compile import program_of
from tests.meaning.published import FEATURES, equation

_EQUATIONS, _GAPPA, _LARGE = 400, 40, 10
_SAMPLES = 1_000_000
_GAPPA_OPERATORS = frozenset({"add", "sub", "mul", "div", "sqrt", "neg"})
_SYMBOL = {"add": "+", "sub": "-", "mul": "*", "div": "/"}
# Of the operations of a random program.
_SHARES = {"add": 0.2, "sub": 0.2, "mul": 0.2, "sin": 0.1, "cos": 0.1, "tanh": 0.1, "div": 0.05, "sqrt": 0.05}
Box = list[tuple[float, float]]


def main() -> None:
    save = arguments(__doc__.splitlines()[0]).json
    if shutil.which("gappa") is None:
        raise SystemExit("gappa was not found (Debian: apt-get install gappa)")
    version = subprocess.run(["gappa", "--version"], capture_output=True, text=True).stdout.split()[-1]
    tables = {"verdicts": [_published(), _large()], "tightness": _beside_gappa()}
    report("ranges", tables, save, {"gappa": version})


def _box(rng: np.random.Generator, n_in: int) -> Box:
    size = 10.0 ** rng.uniform(-1.0, 1.5)
    middle = rng.uniform(-size, size, n_in)
    return [(float(np.float32(m - size / 2)), float(np.float32(m + size / 2))) for m in middle]


def _published() -> dict[str, Any]:
    programs = []
    for seed in range(_EQUATIONS):
        box = _box(np.random.default_rng(seed), len(FEATURES))
        try:
            programs.append((program_of([equation(seed)], FEATURES, ["y"], box), box))
        except SymcError:
            continue
    return _verdicts("published equations", programs)


def _large() -> dict[str, Any]:
    return _verdicts("300 operations, 8 inputs", [_random_program(seed) for seed in range(_LARGE)])


def _verdicts(name: str, programs: list[tuple[Program, Box]]) -> dict[str, Any]:
    seconds, kinds, shares = [], [], []
    for program, box in programs:
        start = time.perf_counter()
        found = analyse(program, box)
        seconds.append(time.perf_counter() - start)
        kinds.append("unsafe" if found.unsafe else "undecided" if found.undecided else "proved")
        shares.append(max((f.share for f in found.undecided), default=0.0))
    return {
        "programs": name,
        "count": len(programs),
        "median instructions": statistics.median(len(p.instructions) for p, _ in programs),
        "proved finite": kinds.count("proved"),
        "unsafe, with a witness": kinds.count("unsafe"),
        "undecided": kinds.count("undecided"),
        "largest undecided share": max(shares),
        "median s": statistics.median(seconds),
        "longest s": max(seconds),
    }


def _random_program(seed: int) -> tuple[Program, Box]:
    """300 operations, of which a tenth divides by or takes a root of a value that may reach zero."""
    rng = np.random.default_rng(1000 + seed)
    builder = Builder([f"x{k}" for k in range(8)])
    values = [builder.input(k) for k in range(8)]
    count = 0
    while count < 300:
        a, b = (int(v) for v in rng.choice(values[-24:], 2))
        op = rng.choice(list(_SHARES), p=list(_SHARES.values()))
        if op in ("div", "sqrt"):
            b = builder.op("add", builder.op("mul", b, b), builder.const(0.25))
            count += 2
        elif op == "mul":
            # Bounded, as the terms of a fitted equation are.
            b = builder.op("tanh", b)
            count += 1
        values.append(builder.op(str(op), *((a, b) if op in ("add", "sub", "mul", "div") else (b,))))
        count += 1
    return builder.finish(["y"], [values[-1]]), [(-2.0, 2.0)] * 8


def _beside_gappa() -> list[dict[str, Any]]:
    ratios: dict[str, list[float]] = {"symc": [], "one box": [], "gappa": []}
    nothing = 0
    seed = 0
    while len(ratios["symc"]) < _GAPPA:
        seed += 1
        box = _box(np.random.default_rng(seed), len(FEATURES))
        try:
            program = program_of([equation(seed)], FEATURES, ["y"], box)
        except SymcError:
            continue
        if not program.operators <= _GAPPA_OPERATORS or len(program.operators) < 2:
            continue
        found = analyse(program, box)
        if found.findings:
            continue
        reached = _reached(program, box)
        if reached == 0.0:
            continue
        low, high = found.outputs["y"]
        ratios["symc"].append((high - low) / reached)
        plain = analyse(program, box, work=1).outputs["y"]
        bounds = _gappa(program, box)
        if bounds is None:
            nothing += 1
        for name, pair in (("one box", plain), ("gappa", bounds)):
            if pair is not None and np.isfinite(pair).all():
                ratios[name].append((pair[1] - pair[0]) / reached)
    rows = []
    for name, found_ratios in ratios.items():
        logs = np.log(np.maximum(found_ratios, 1e-12))
        rows.append(
            {
                "range": name,
                "equations": len(found_ratios),
                "no bound": _GAPPA - len(found_ratios),
                "geometric mean of width / reached": float(np.exp(logs.mean())),
                "largest": float(max(found_ratios)),
            }
        )
    return rows


def _reached(program: Program, box: Box) -> float:
    low, high = np.float32(box).T
    rng = np.random.default_rng(0)
    x = (low + rng.random((_SAMPLES, len(box))) * (high - low)).astype(np.float32).clip(low, high)
    # A sample of the inside never meets the corners, where most extremes are.
    corners = np.stack(np.meshgrid(*np.float32(box), indexing="ij"), axis=-1).reshape(-1, len(box))
    y = evaluate(program, np.concatenate([x, corners]))[:, 0]
    return float(y.max()) - float(y.min())


def _gappa(program: Program, box: Box) -> tuple[float, float] | None:
    """Gappa's range of the program's float32 value over the box, or None where it finds none."""
    lines = ["@rnd = float<ieee_32,ne>;"]
    for k, step in enumerate(program.instructions):
        if step.op == "input":
            lines.append(f"v{k} = rnd(a{step.index});")
        elif step.op == "const":
            lines.append(f"v{k} = {step.value!r};")
        elif step.op == "neg":
            lines.append(f"v{k} = -v{step.args[0]};")
        elif step.op == "sqrt":
            lines.append(f"v{k} rnd= sqrt(v{step.args[0]});")
        else:
            lines.append(f"v{k} rnd= v{step.args[0]} {_SYMBOL[step.op]} v{step.args[1]};")
    used = sorted({s.index for s in program.instructions if s.op == "input"})
    given = " /\\ ".join(f"a{k} in [{box[k][0]!r},{box[k][1]!r}]" for k in used)
    lines.append(f"{{ {given} -> v{program.results[0]} in ? }}")
    done = subprocess.run(["gappa"], input="\n".join(lines), capture_output=True, text=True, timeout=120)
    match = re.search(r" in \[(.*)\]", done.stdout + done.stderr)
    if match is None:
        return None
    # Gappa writes 11184811b-25 {0.333333, 2^(-1.58496)}: an integer times a power of two.
    numbers = re.findall(r"(-?\d+)(?:b(-?\d+))?(?: \{[^}]*\})?", match.group(1))
    low, high = (float(int(mantissa)) * 2.0 ** int(exponent or 0) for mantissa, exponent in numbers)
    return low, high


if __name__ == "__main__":
    print(f"work {WORK} instructions times boxes")
    main()
