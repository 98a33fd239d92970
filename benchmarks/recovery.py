"""How many known laws come out of their values: 117 Feynman equations, 14 Strogatz right-hand sides, 20 of textbooks.

    python benchmarks/recovery.py --part 1/1 [--seconds 60] [--noise 0 0.001 0.01] [--json]
    python benchmarks/recovery.py --names I.6.2a,I.12.1 --noise 0 --seconds 10
    python benchmarks/recovery.py [--json]          # the table of what was measured before
    python benchmarks/recovery.py --networks --part 1/2      # 40 networks trained on laws, see _networks.py

Each law gives 1000 rows drawn uniformly from its ranges; the noise is Gaussian, as a share of the root mean square of
the target. symc and pyoperon's own regressor fit them with the same cap in seconds and all else at their defaults, each
in one process with one thread. Both defaults have a limit of evaluations too, which is often reached first;
`--engines symc-long` has ten times symc's. symc's cap is on the search alone: the seconds in the table have what comes
after too, which can be as long. pyoperon's default is + - * / and constants that only evolve, so that
`--engines pyoperon-functions` gives it symc's functions and five steps of fitting the constants.

Judged is the equation that the regressor predicts with. R2 is on fresh rows without noise, from the same box and
from one twice as wide; what counts as recovered is written in _recovered.py. A fit that fails or crashes its process
counts as not recovered, and its row says why. Finished rows are kept (with --json in results/recovery.json, else in
out/recovery.json) and are not measured again, so that parts may run one after the other, at once, or on after an
interrupt. Delete the file to start anew. The searches alone take up to 7 hours for each engine at 60 s on all laws and
noises; parts that run at once need a core each.

Published for 117 of these equations at zero noise: QDSR 91.6 % (arXiv 2503.19043), which is given the physical
dimension of every variable; by its authors, more than 20 percentage points above all methods before it. Neither symc
nor Operon knows dimensions here.
"""

from __future__ import annotations

import argparse
import multiprocessing
import signal
import statistics
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict
from functools import partial
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import numpy as np
from _kept_rows import KeptRows
from _laws import LAWS, Array, Law
from _networks import NETWORK_LAWS, measure_network, summary, told
from _record import RESULTS, Rows, add_options, report
from _recovered import judge

from symc.ir.parse import complexity
from symc.search.engines.protocol import DEFAULT_EVALUATIONS

ROWS = 1000
_SEED = 2024
_TRIALS = Path(__file__).resolve().parents[1] / "out"
# A fit that goes on for long after its budget hangs.
_PATIENCE, _GRACE = 5.0, 300.0


def symc_equation(x: Array, y: Array, seconds: float, evaluations: int = DEFAULT_EVALUATIONS) -> Callable[[], str]:
    from symc.regressor import SymbolicRegressor

    model = SymbolicRegressor(engine="operon", evaluations=evaluations, time_budget=seconds, workers=1)
    return lambda: model.fit(x, y).equations_[0]


def pyoperon_equation(x: Array, y: Array, seconds: float, **settings: Any) -> Callable[[], str]:
    from pyoperon.sklearn import SymbolicRegressor

    model = SymbolicRegressor(max_time=round(seconds), random_state=0, **settings)
    names = [f"x{k}" for k in range(x.shape[1])]
    digits = 17
    return lambda: model.fit(x, y).get_model_string(model.model_, digits, names)


def pyoperon_functions_equation(x: Array, y: Array, seconds: float) -> Callable[[], str]:
    symbols = "add,sub,mul,div,square,sqrt,exp,log,sin,cos,tanh,constant,variable"
    return pyoperon_equation(x, y, seconds, allowed_symbols=symbols, optimizer_iterations=5)


# Each returns the fit to be timed, so that imports are not.
ENGINES = {
    "symc": symc_equation,
    "symc-long": partial(symc_equation, evaluations=10 * DEFAULT_EVALUATIONS),
    "pyoperon": pyoperon_equation,
    "pyoperon-functions": pyoperon_functions_equation,
}


def key(row: dict[str, Any]) -> tuple[Any, ...]:
    return row["law"], row["noise"], row["engine"], row["budget s"]


def measure(law: Law, noise: float, engine: str, seconds: float) -> dict[str, Any]:
    """One row, measured in a process of its own, which may crash or hang."""
    row = {"law": law.name, "noise": noise, "engine": engine, "budget s": seconds}
    failed = {"recovered": False, "by": "", "r2": 0.0, "r2_wide": 0.0, "deviation": None, "nodes": None, "s": None}
    context = multiprocessing.get_context("fork")
    receiver, sender = context.Pipe(duplex=False)
    child = context.Process(target=_fit_and_judge, args=(sender, law, noise, engine, seconds), daemon=True)
    start = time.perf_counter()
    child.start()
    sender.close()
    try:
        if receiver.poll(_PATIENCE * seconds + _GRACE):
            found = receiver.recv()
        else:
            found = {"error": f"no end after {time.perf_counter() - start:.0f} s"}
    except EOFError:
        child.join()
        found = {"error": f"the process ended with {child.exitcode}"}
    finally:
        child.kill()
    return row | {"law nodes": complexity(law.expression)} | failed | {"equation": "", "error": ""} | found


def _fit_and_judge(sender: Connection, law: Law, noise: float, engine: str, seconds: float) -> None:
    # Ctrl-C is the parent's, which ends this process.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    found: dict[str, Any] = {}
    try:
        x, y = samples(law, noise)
        fit = ENGINES[engine](x, y, seconds)
        start = time.perf_counter()
        found["equation"] = fit()
        found["s"] = time.perf_counter() - start
        verdict = judge(found["equation"], law, noise)
        found |= asdict(verdict) | {"recovered": verdict.recovered}
        if not np.isfinite(verdict.deviation):
            found["deviation"] = None  # JSON has no infinity
    except Exception as error:
        found["error"] = f"{type(error).__name__}: {error}"
    sender.send(found)


def samples(law: Law, noise: float) -> tuple[Array, Array]:
    """(ROWS, n_in), (ROWS,): the same rows for every engine and every noise."""
    generator = np.random.default_rng([_SEED, *law.name.encode()])
    x = law.draw(ROWS, generator)
    y = law.values(x)
    return x, y + noise * np.sqrt(np.mean(y**2)) * generator.standard_normal(ROWS)


def summarise(rows: Rows) -> Rows:
    """One row for each set of laws, budget, noise and engine."""
    groups: dict[tuple[Any, ...], Rows] = {}
    for row in rows:
        laws = next((name for name in ("Strogatz", "textbook") if row["law"].startswith(name.lower())), "Feynman")
        groups.setdefault((laws, row["budget s"], row["noise"], row["engine"]), []).append(row)
    return [_summary(*group, groups[group]) for group in sorted(groups)]


def _summary(laws: str, seconds: float, noise: float, engine: str, rows: Rows) -> dict[str, Any]:
    def median(name: str) -> float:
        there = [row[name] for row in rows if row[name] is not None]
        return float(statistics.median(there)) if there else float("nan")

    recovered = [row for row in rows if row["recovered"]]
    return {
        "laws": laws,
        "budget s": seconds,
        "noise": noise,
        "engine": engine,
        "measured": len(rows),
        "recovered": len(recovered),
        "share %": 100 * len(recovered) / len(rows),
        "by numbers alone": sum(row["by"] == "numbers" for row in recovered),
        "median R2": f"{median('r2'):.6f}",
        "median R2 wide": f"{median('r2_wide'):.6f}",
        "median nodes": median("nodes"),
        "of the laws": median("law nodes"),
        "median s": median("s"),
        "failed": sum(bool(row["error"]) for row in rows),
    }


def options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    add_options(parser)
    parser.add_argument("--networks", action="store_true", help="laws behind trained networks instead of tables")
    parser.add_argument("--part", help="K/N: every N-th law, from the K-th on")
    parser.add_argument("--names", help="these laws instead, with commas between")
    parser.add_argument("--seconds", type=float, default=60.0, help="cap on each fit (default 60)")
    parser.add_argument("--noise", type=float, nargs="+", default=[0.0, 0.001, 0.01], help="default 0 0.001 0.01")
    parser.add_argument(
        "--engines", nargs="+", choices=ENGINES, default=["symc", "pyoperon"], help="default symc pyoperon"
    )
    chosen = parser.parse_args()
    try:
        chosen.laws = selected(chosen.part, chosen.names, NETWORK_LAWS if chosen.networks else LAWS)
    except ValueError as error:
        parser.error(str(error))
    return chosen


def selected(part: str | None, names: str | None, laws: Sequence[Law]) -> list[Law]:
    """The laws asked for, none by default: all take hours. Raises ValueError for what there is not."""
    if names is not None:
        by_name = {law.name: law for law in laws}
        unknown = [name for name in names.split(",") if name not in by_name]
        if unknown:
            raise ValueError(f"no law is called {', '.join(unknown)}")
        return [by_name[name] for name in names.split(",")]
    if part is None:
        return []
    k, slash, n = part.partition("/")
    if not (slash and k.isdigit() and n.isdigit() and 1 <= int(k) <= int(n)):
        raise ValueError(f"--part is {part}, must be as 1/2")
    return list(laws[int(k) - 1 :: int(n)])


def missing(chosen: argparse.Namespace, done: set[tuple[Any, ...]]) -> Iterator[tuple[Law, float, str, float]]:
    for law in chosen.laws:
        for noise in chosen.noise:
            for engine in chosen.engines:
                if (law.name, noise, engine, chosen.seconds) not in done:
                    yield law, noise, engine, chosen.seconds


def measure_networks(chosen: argparse.Namespace) -> None:
    """The networks of the laws asked for, and the table of all that were measured."""
    folder = RESULTS if chosen.json else _TRIALS
    kept = KeptRows(folder / "recovery_networks.json", lambda row: (row["law"], row["budget s"]), summary)
    for law in chosen.laws:
        if (law.name, chosen.seconds) not in kept.done():
            row = measure_network(law, chosen.seconds)
            kept.add(row)
            print(told(row), file=sys.stderr, flush=True)
    if rows := kept.rows():
        report("recovery_networks", summary(rows), save=False)
    else:
        print(f"nothing measured yet in {kept.path}: choose laws with --part 1/1 or --names")


def main() -> None:
    chosen = options()
    if chosen.networks:
        measure_networks(chosen)
        return
    kept = KeptRows((RESULTS if chosen.json else _TRIALS) / "recovery.json", key, summarise)
    try:
        for task in missing(chosen, kept.done()):
            row = measure(*task)
            kept.add(row)
            outcome = row["error"] or f"{row['by'] or 'not recovered'}  R2 {row['r2']:.6f}  {row['s']:.1f} s"
            print(f"{row['law']}  noise {row['noise']:g}  {row['engine']}: {outcome}", file=sys.stderr, flush=True)
    except KeyboardInterrupt:
        print("stopped; the same command goes on from here", file=sys.stderr)
    if rows := kept.rows():
        report("recovery", summarise(rows), save=False)
    else:
        print(f"nothing measured yet in {kept.path}: choose laws with --part 1/1 or --names")


if __name__ == "__main__":
    main()
