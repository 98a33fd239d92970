"""PySR, the reference engine, through its public API. Importing it starts Julia, so it is imported only to search."""

from __future__ import annotations

import contextlib
import re
import sys
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from typing import Any

import numpy as np
from numpy.typing import NDArray

from symc.errors import MissingTool, SymcError
from symc.search.draws import subset
from symc.search.engines.protocol import Budget, Candidate, Proposal
from symc.search.watch import Watch

# Our operator -> how PySR takes it: what Julia and SymbolicRegression.jl define and PySR can read back.
BINARY = {
    "add": "+",
    "sub": "-",
    "mul": "*",
    "div": "/",
    "pow": "^",
    "min": "min",
    "max": "max",
    "mod": "mod",
    "lt": "less",
    "le": "less_equal",
    "gt": "greater",
    "ge": "greater_equal",
    "cond": "cond",
    "logical_or": "logical_or",
    "logical_and": "logical_and",
}
UNARY = {
    "neg": "neg",
    "abs": "abs",
    "relu": "relu",
    "sign": "sign",
    "floor": "floor",
    "ceil": "ceil",
    "round": "round",
    "sqrt": "sqrt",
    "cbrt": "cbrt",
    "exp": "exp",
    "log": "log",
    "log2": "log2",
    "log10": "log10",
    "log1p": "log1p",
    "sin": "sin",
    "cos": "cos",
    "tan": "tan",
    "asin": "asin",
    "acos": "acos",
    "atan": "atan",
    "sinh": "sinh",
    "cosh": "cosh",
    "tanh": "tanh",
    "asinh": "asinh",
    "acosh": "acosh",
    "atanh": "atanh",
    "atanh_clip": "atanh_clip",
    "erf": "erf",
    "erfc": "erfc",
    "gamma": "gamma",
    "square": "square",
    "cube": "cube",
    "inverse": "inv",
}
TERNARY = {"fma": "muladd", "clamp": "clamp"}
_BY_ARITY = {1: UNARY, 2: BINARY, 3: TERNARY}

# What PySR 2.7 and SymbolicRegression.jl state in their juliapkg.json.
_JULIA = "=1.10.0, 1.10.3"
_INSTALL = (
    "Install Julia 1.10.3 or newer (https://julialang.org/downloads, or the juliaup installer) so that `julia` is on "
    "the PATH, and run `python -c 'import pysr'` once; or search with --engine operon, which needs no Julia."
)
_ROWS = 1000
_MAX_SIZE = 30
# PySR refuses less.
_LEAST_MAX_SIZE = 7
_INDEXED = re.compile(r"(?<![A-Za-z0-9_.])x(\d+)(?![A-Za-z0-9_(])")


def julia_is_ready() -> bool:
    """Whether PySR could start now: its Julia and Julia packages are in place, with nothing to download.

    Asks juliapkg's record of what it set up; imports neither PySR nor Julia, and downloads nothing.
    """
    try:
        version("pysr")
        from juliapkg.deps import can_skip_resolve

        with contextlib.redirect_stdout(sys.stderr):
            return bool(can_skip_resolve())
    # Another version of juliapkg, a broken record, a Julia that does not start: all mean no.
    except Exception:
        return False


@dataclass(frozen=True)
class PySR:
    """The engine; holds nothing."""

    name: str = "pysr"

    @property
    def version(self) -> str:
        return version("pysr")

    def ready(self) -> bool:
        return julia_is_ready()

    def check(self, operators: Sequence[str]) -> None:
        """Raise SymcError for an operator that PySR does not have, MissingTool without PySR or a Julia."""
        for name in operators:
            if not any(name in table for table in _BY_ARITY.values()):
                raise SymcError(
                    f"the engine pysr cannot search with operator {name!r}",
                    hint=f"It has: {', '.join([*BINARY, *UNARY, *TERNARY])}.",
                )
        try:
            version("pysr")
        except PackageNotFoundError:
            raise MissingTool("the engine pysr is not installed", hint=f"Run `pip install pysr`. {_INSTALL}") from None
        if not julia_is_ready() and not _julia_on_path():
            raise MissingTool("the engine pysr needs Julia, and none is found", hint=_INSTALL)

    def fit(
        self,
        x: NDArray[np.float32],
        y: NDArray[np.float32],
        features: Sequence[str],
        budget: Budget,
        seed: int,
        operators: Sequence[str],
        weights: NDArray[np.float32] | None = None,
        max_complexity: int | None = None,
        watch: Watch | None = None,
    ) -> Proposal:
        """Search for y (n,) over x (n, n_in), seeded and serial, so that it repeats.

        PySR does not say how many evaluations it spent: the budget is reported, an upper bound when time ran out. Nor
        does Julia look up while it searches: `watch` is not asked, and an interrupt ends nothing before its budget.
        """
        self.check(operators)
        regressor = _import_pysr().PySRRegressor(**settings(budget, seed, operators, max_complexity))
        rows = subset(len(x), _ROWS, seed)
        began = time.monotonic()
        # Features keep PySR's own names x0, x1, ...: it refuses names such as E that sympy knows.
        regressor.fit(x[rows], y[rows], weights=None if weights is None else weights[rows])
        out_of_time = budget.seconds is not None and time.monotonic() - began >= budget.seconds
        table = regressor.equations_[["complexity", "loss", "equation"]]
        found = candidates(table.itertuples(index=False), features)
        return Proposal(found, budget.evaluations, "time" if out_of_time else "evaluations")


def settings(
    budget: Budget, seed: int, operators: Sequence[str], max_complexity: int | None = None
) -> dict[str, Any]:
    """The constructor's arguments of PySRRegressor for a search that repeats and leaves no files behind."""
    asked = {n: [table[name] for name in operators if name in table] for n, table in _BY_ARITY.items()}
    return {
        # PySR before 2.0 has no argument for operators of three operands.
        **({"operators": asked} if asked[3] else {"binary_operators": asked[2], "unary_operators": asked[1]}),
        "niterations": 10**9,
        "max_evals": budget.evaluations,
        "timeout_in_seconds": budget.seconds,
        "maxsize": _MAX_SIZE if max_complexity is None else max(max_complexity, _LEAST_MAX_SIZE),
        "random_state": seed,
        "deterministic": True,
        "parallelism": "serial",
        "temp_equation_file": True,
        "input_stream": "devnull",
        "progress": False,
        "verbosity": 0,
    }


def candidates(rows: Iterable[Sequence[Any]], features: Sequence[str]) -> tuple[Candidate, ...]:
    """PySR's rows (complexity, loss, equation over x0, x1, ...) as proposals over the named features."""
    found = []
    for complexity, loss, equation in rows:
        text = _INDEXED.sub(lambda match: features[int(match[1])], str(equation))
        found.append(Candidate(text, int(complexity), float(loss)))
    return tuple(found)


def _julia_on_path() -> bool:
    """Whether juliapkg finds a Julia of the right version without installing one."""
    try:
        from juliapkg.compat import Compat
        from juliapkg.find_julia import find_julia
        from juliapkg.state import STATE

        with contextlib.redirect_stdout(sys.stderr):
            return bool(find_julia(compat=Compat.parse(_JULIA), prefix=STATE["install"], install=False))
    # juliapkg says "not found" with a plain Exception.
    except Exception:
        return False


def _import_pysr() -> Any:
    try:
        # juliapkg reports what it does on stdout, which belongs to the caller's output.
        with contextlib.redirect_stdout(sys.stderr):
            import pysr
    # Without a working Julia, importing PySR raises Exception, URLError and others, never ImportError.
    except Exception as error:
        raise MissingTool(f"PySR could not start Julia: {error}", hint=_INSTALL) from error
    return pysr
