"""How the time from equations to loaded code grows with the equations: 10 to 10 000 operations.

    python benchmarks/growth.py [--json]

Each model is measured in a process of its own, in seconds of processor time, the compilers' included: a busy machine
changes them little. The exponent is the slope of log time over log operations, from the model of about 1000 operations
to the largest, where fixed costs no longer hide it.
"""

from __future__ import annotations

import json
import math
import os
import random
import resource
import subprocess
import sys
import tempfile
from collections.abc import Callable
from functools import partial
from typing import Any, TypeVar

from _record import Rows, arguments, report

N_IN = 8
SIZES = (10, 100, 1_000, 10_000)
MOST_EXPONENT, MOST_SECONDS, MOST_GB = 1.15, 60.0, 1.5
T = TypeVar("T")


def main() -> None:
    save = arguments(__doc__.splitlines()[0]).json
    growth = [_measured("sums", size) for size in SIZES]
    sines = [_measured("sines", count) for count in (400, 1_600)]
    shared = [_measured("64 outputs", 64)]
    exponent = _slope(growth[-2], growth[-1])
    tables: dict[str, Rows] = {
        "models": growth + sines + shared,
        "limits": [
            _limit("exponent, 1000 to 10 000 operations", exponent, MOST_EXPONENT),
            _limit("exponent, 400 to 1600 sines", _slope(*sines), MOST_EXPONENT),
            _limit("10 000 operations, s", growth[-1]["all s"], MOST_SECONDS),
            _limit("10 000 operations, GB at most", growth[-1]["GB"], MOST_GB),
            _limit("64 outputs of 300 operations, parse and lower, s", shared[0]["parse, lower s"], 10.0),
        ],
    }
    report("growth", tables, save)


def _measured(kind: str, size: int) -> dict[str, Any]:
    with tempfile.TemporaryDirectory() as cache:
        # A cache of its own: nothing was compiled before.
        done = subprocess.run(
            [sys.executable, __file__, "--one", kind, str(size)],
            env={**os.environ, "SYMC_CACHE_DIR": cache},
            check=True,
            capture_output=True,
            text=True,
        )
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def _slope(small: dict[str, Any], large: dict[str, Any]) -> float:
    return math.log(large["all s"] / small["all s"]) / math.log(large["operations"] / small["operations"])


def _limit(what: str, value: float, most: float) -> dict[str, Any]:
    return {"what": what, "value": value, "limit": most, "within": "yes" if value <= most else "NO"}


def _one(kind: str, size: int) -> dict[str, Any]:
    """One model through all stages, each in seconds of processor time."""
    from symc.backends import sources
    from symc.backends.unit import Unit
    from symc.load.host import CFunction
    from symc.load.package import Package
    from symc.meaning.compile import program_of
    from symc.toolchain.compilers import find_c, find_clang

    texts = _texts(kind, size)
    features, outputs = [f"x{k}" for k in range(N_IN)], [f"y{k}" for k in range(len(texts))]
    domain = ((-2.0, 2.0),) * N_IN
    seconds: dict[str, float] = {}
    program = _timed(seconds, "parse, lower s", lambda: program_of(texts, features, outputs, domain))
    unit = Unit("growth", program, None, tuple(texts), domain, (), "", "symc", ())
    files = _timed(seconds, "generate s", lambda: sources(unit, ["c"]))
    source = ["src/growth.c"]
    flags = ("-O2", "-std=c99", "-ffp-contract=off", "-fPIC", "-shared")
    for name, compiler in (("gcc -O2 s", find_c()), ("clang -O2 s", find_clang())):
        build = partial(compiler.shared_library, files, source, ("include", "src"), flags, "growth")
        _timed(seconds, name, build)
    package = Package("growth", program, tuple(texts), domain, files)
    _timed(seconds, "load s", lambda: CFunction(package).selftest())
    most = max(resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    operations = sum(step.op not in ("input", "const") for step in program.instructions)
    return {"model": f"{size} {kind}" if kind == "sines" else kind, "operations": operations, **seconds} | {
        "all s": sum(seconds.values()),
        "GB": most * 1024 / 1e9,
    }


def _timed(seconds: dict[str, float], name: str, run: Callable[[], T]) -> T:
    start = sum(os.times()[:4])
    result = run()
    seconds[name] = round(sum(os.times()[:4]) - start, 3)
    return result


def _texts(kind: str, size: int) -> list[str]:
    draw = random.Random(0)
    if kind == "sines":
        terms = [f"{_c(draw)}*sin({_c(draw)}*x0 + {_c(draw)})" for _ in range(size)]
        return [" + ".join(terms)]
    if kind == "64 outputs":
        return [_sum(draw, 45) for _ in range(size)]
    # Outputs of ten terms, 60 operations each.
    whole, rest = divmod(size, 60)
    return [_sum(draw, 10) for _ in range(whole)] + ([_sum(draw, max(rest // 6, 1))] if rest >= 6 else [])


def _sum(draw: random.Random, terms: int) -> str:
    return " + ".join(_term(draw) for _ in range(terms))


def _term(draw: random.Random) -> str:
    a, b = _c(draw), _c(draw)
    i, j, k = draw.sample(range(N_IN), 3)
    forms = (f"{a}*sin({b}*x{i} + x{j})*x{k}", f"{a}*x{i}*x{j}*exp({b}*x{k})", f"{a}*(x{i} + {b})/(x{j}*x{k} + 5)")
    return draw.choice(forms)


def _c(draw: random.Random) -> str:
    return f"{draw.uniform(0.1, 2.0):.4f}"


if __name__ == "__main__":
    if sys.argv[1:2] == ["--one"]:
        print(json.dumps(_one(sys.argv[2], int(sys.argv[3]))))
    else:
        main()
