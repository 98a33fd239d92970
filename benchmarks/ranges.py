"""How long proving ranges takes, how much stays undecided, and how close the proved ranges are, beside Gappa.

    python benchmarks/ranges.py [--json]

Equations are those of tests/meaning/published.py (drawn by seed, shaped like published fronts) over random boxes, and
random programs of 300 operations over 8 inputs. How close bounds are is told on equations that use +, -, *, / and sqrt
alone, which is what Gappa (Debian's package gappa) knows: the width of the proved range over that of what a million
samples reach, for symc, for the same interval arithmetic over the undivided box and for Gappa; and the bound of
|float32 - real| over the largest that the samples reach (symc's also covers that each constant may be rounded).
"""

from __future__ import annotations

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
from symc.ir.evaluate import evaluate, evaluate_real
from symc.ir.program import Builder, Program
from symc.meaning.compile import program_of
from tests.analysis.gappa import OPERATORS, Box, gappa_error, gappa_range
from tests.meaning.published import FEATURES, equation

_EQUATIONS, _GAPPA, _LARGE = 400, 40, 10
_SAMPLES = 1_000_000
# Of the operations of a random program.
_SHARES = {"add": 0.2, "sub": 0.2, "mul": 0.2, "sin": 0.1, "cos": 0.1, "tanh": 0.1, "div": 0.05, "sqrt": 0.05}


def main() -> None:
    save = arguments(__doc__.splitlines()[0]).json
    if shutil.which("gappa") is None:
        raise SystemExit("gappa was not found (Debian: apt-get install gappa)")
    version = subprocess.run(["gappa", "--version"], capture_output=True, text=True).stdout.split()[-1]
    tables = {"verdicts": [_published(), _large()], **_beside_gappa()}
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


def _expressible(seed: int) -> tuple[Program, Box] | None:
    """An equation that Gappa can express, safe in its box; or None."""
    box = _box(np.random.default_rng(seed), len(FEATURES))
    try:
        program = program_of([equation(seed)], FEATURES, ["y"], box)
    except SymcError:
        return None
    if not program.operators <= OPERATORS or len(program.operators) < 2 or analyse(program, box).findings:
        return None
    return program, box


def _beside_gappa() -> dict[str, list[dict[str, Any]]]:
    ranges: dict[str, list[float]] = {"symc": [], "symc, one box": [], "gappa": []}
    errors: dict[str, list[float]] = {"symc": [], "gappa": []}
    seed = 0
    while len(ranges["symc"]) < _GAPPA:
        seed += 1
        given = _expressible(seed)
        if given is None:
            continue
        program, box = given
        width, error = _reached(program, box)
        if width == 0.0 or error == 0.0:
            continue
        found = analyse(program, box)
        plain = analyse(program, box, work=1).outputs["y"]
        theirs = gappa_range(program, box)
        for name, pair in (("symc", found.outputs["y"]), ("symc, one box", plain), ("gappa", theirs)):
            if pair is not None and np.isfinite(pair).all():
                ranges[name].append((pair[1] - pair[0]) / width)
        for name, bound in (("symc", found.errors["y"]), ("gappa", gappa_error(program, box))):
            if bound is not None and np.isfinite(bound):
                errors[name].append(bound / error)
    return {"ranges": _ratios("width / reached", ranges), "errors": _ratios("bound / reached", errors)}


def _ratios(what: str, found: dict[str, list[float]]) -> list[dict[str, Any]]:
    return [
        {
            "prover": name,
            "equations": len(ratios),
            "no bound": _GAPPA - len(ratios),
            f"geometric mean of {what}": float(np.exp(np.log(np.maximum(ratios, 1e-12)).mean())),
            "largest": float(max(ratios)),
        }
        for name, ratios in found.items()
    ]


def _reached(program: Program, box: Box) -> tuple[float, float]:
    """The width of the values at a million samples, and the largest distance from float64 among them."""
    low, high = np.float32(box).T
    rng = np.random.default_rng(0)
    x = (low + rng.random((_SAMPLES, len(box))) * (high - low)).astype(np.float32).clip(low, high)
    # A sample of the inside never meets the corners, where most extremes are.
    corners = np.stack(np.meshgrid(*np.float32(box), indexing="ij"), axis=-1).reshape(-1, len(box))
    x = np.concatenate([x, corners])
    y = evaluate(program, x)[:, 0].astype(np.float64)
    error = np.abs(y - evaluate_real(program, x.astype(np.float64))[:, 0])
    return float(y.max() - y.min()), float(error.max())


if __name__ == "__main__":
    print(f"work {WORK} instructions times boxes")
    main()
