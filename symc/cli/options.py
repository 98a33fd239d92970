"""Options that several verbs share, each called as in Python, and their texts read into what Python takes."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from typing import Any

import click

from symc.errors import SymcError
from symc.search.engines.registry import AUTO, ENGINES
from symc.sources.options import names_in_text


def options(*decorators: Callable[[Any], Any]) -> Callable[[Any], Any]:
    def apply(command: Any) -> Any:
        for decorator in reversed(decorators):
            command = decorator(command)
        return command

    return apply


NETWORK = options(
    click.option("--layer", metavar="NAME", help="Submodule to distil, such as encoder.2."),
    click.option("--inputs", metavar="FILE", help="Sample inputs, a row each: .npy, .npz, .csv, .pt or .parquet."),
    click.option("--domain", metavar="BOX", help='Box to sample instead: "lo:hi,lo:hi", "b=lo:hi,a=lo:hi" or lo:hi.'),
    click.option("--samples", type=click.IntRange(1), help="How many points to sample in the box."),
    click.option("--output-dims", metavar="K,K,...", help="Columns of the block's output to distil (default: all)."),
    click.option("--head", metavar="HEAD", help="What the block ends in: auto (default), none, softmax, sigmoid ..."),
    click.option("--lags", metavar="K,K,...", help="Steps of windows (rows, time, n) to use, 0 the last: 0,1,2."),
    click.option("--weights", metavar="FILE", help="How much each row counts: one number per row."),
    click.option("--memory", metavar="SIZE", help='Keep so much of the recorded rows: "256 MB" or their number.'),
    click.option("--max-nonfinite", type=click.FloatRange(0, 1, max_open=True), help="Share of rows that may be NaN."),
    click.option("--fit-rows", type=click.IntRange(1), help="Fit so many rows and hold out all others."),
    click.option("--module", metavar="PKG.MOD:FACTORY", help="Makes the network that a state_dict belongs to."),
    click.option("--trust", is_flag=True, help="Open files that can run code: pickles, TorchScript, .pt2."),
)
SEARCH = options(
    click.option("--engine", metavar="NAME", help=f"Search engine: {AUTO} (default), {', '.join(ENGINES)}."),
    click.option("--evaluations", type=click.IntRange(1), help="Budget per output, in evaluations (repeatable)."),
    click.option("--time-budget", type=float, metavar="S", help="Stop looking after S seconds per output."),
    click.option("--operators", metavar="A,B,...", help="Operators that equations may use, beside a sum of inputs."),
    click.option("--max-complexity", type=click.IntRange(1), help="The most nodes that an equation may have."),
    click.option("--features", metavar="A,B,...", help="Names of the inputs."),
    click.option("--outputs", metavar="A,B,...", help="Names of the outputs."),
    click.option(
        "--variable-transforms", multiple=True, metavar="R=EXPR", help="Make equations of these instead; repeatable."
    ),
    click.option(
        "--heldout",
        type=click.FloatRange(0, 1, min_open=True, max_open=True),
        metavar="SHARE",
        help="Share of the rows that is held out to judge the equations (default 0.2).",
    ),
    click.option("--workers", type=click.IntRange(1), help="Parallel fits; the result does not depend on it."),
    click.option("--executor", metavar="dask://HOST:PORT", help="Run the fits on a Dask cluster."),
    click.option("--keep", metavar="DIR", help="Keep finished fits there; run again, it goes on where it stopped."),
    click.option("--seed", type=click.IntRange(0), default=None, help="Seed of split, samples and search (default 0)."),
)
WORDING = options(
    click.option(
        "--define", multiple=True, metavar="F(X)=EXPR", help='Function of equations: "bump(x)=exp(-x^2)"; repeatable.'
    ),
    click.option("--combine", metavar="TEXT", help='How a PySR template puts its parts together: "f(x0, x1) + g(x2)".'),
)
PRINTING = options(
    click.option("--json", "as_json", is_flag=True, help="Print one JSON object on stdout."),
    click.option("-q", "--quiet", is_flag=True, help="Print errors only."),
)


def one_or_more(paths: tuple[str, ...]) -> str | list[str]:
    return paths[0] if len(paths) == 1 else list(paths)


def whole_numbers(text: str | None) -> int | list[int] | None:
    if text is None:
        return None
    found = [_number(part, "--complexity") for part in text.split(",")]
    return found[0] if len(found) == 1 else found


def keep_inputs(out: str, *read: str | None) -> None:
    """Raise SymcError where the file `out` is one of those that are read: after hours of search it would replace it."""
    for path in read:
        if path is not None and os.path.exists(out) and os.path.exists(path) and os.path.samefile(out, path):
            raise SymcError("is what is read, and would be lost", where=out, hint="Give another --out.")


def _number(text: str, option: str) -> int:
    try:
        return int(text)
    except ValueError:
        raise SymcError(f"{text.strip()!r} is not a whole number", where=option) from None


def given(options: dict[str, Any]) -> dict[str, Any]:
    """Only the options that were given, lists split: the API's own defaults hold for the rest."""
    found = {key: value for key, value in options.items() if value is not False and value not in (None, ())}
    for key in ("features", "outputs", "operators"):
        if key in found:
            found[key] = names_in_text(found[key])
    for key in ("output_dims", "lags"):
        if key in found:
            found[key] = [_number(part, f"--{key.replace('_', '-')}") for part in found[key].split(",")]
    if re.fullmatch("[0-9]{1,15}", found.get("memory", "")):
        found["memory"] = int(found["memory"])
    if "variable_transforms" in found:
        found["variable_transforms"] = dict(map(_definition, found["variable_transforms"]))
    return found


def _definition(text: str) -> tuple[str, str]:
    name, equals, expression = text.partition("=")
    if not equals:
        raise SymcError(
            f"{text!r} is not NAME=EXPRESSION", where="--variable-transforms", hint="Such as r='sqrt(dx^2 + dy^2)'."
        )
    return name.strip(), expression.strip()
