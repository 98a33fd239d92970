"""The options with which a model is opened, sampled and searched, and how they are written on the command line."""

from __future__ import annotations

import csv
import io
import json
import shlex
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from symc.errors import SymcError

OPENING = ("layer", "module", "trust", "define", "combine")
# What equations mean, and what was measured of them; the inputs there are those of SAMPLING.
EQUATIONS = ("dialect", "targets")
# Around the finished equations, whatever the model.
SCALING = ("scale",)
SAMPLING = ("inputs", "domain", "samples", "output_dims", "head", "lags", "weights", "memory", "max_nonfinite")
SEARCH = (
    "engine",
    "evaluations",
    "time_budget",
    "operators",
    "max_complexity",
    "features",
    "outputs",
    "variable_transforms",
    "heldout",
    "fit_rows",
    "workers",
    "executor",
    "keep",
    "seed",
)
# Where a search runs and what it keeps does not change what it finds.
_ELSEWHERE = ("workers", "executor", "keep")


def meant(options: Mapping[str, Any]) -> dict[str, Any]:
    """The options that were given: neither None nor False. SymcError for one that there is not."""
    found = {name: value for name, value in options.items() if value is not None and value is not False}
    known = (*OPENING, *SAMPLING, *SEARCH, *SCALING, *EQUATIONS)
    for name in sorted(found):
        if name not in known:
            raise SymcError(f"unknown option {name!r}", hint=f"Options are: {', '.join(known)}.")
    return found


def on_the_command_line(options: Mapping[str, Any]) -> list[str]:
    """The options as words of a command that finds the same equations; files by their names alone."""
    return [word for name, value in sorted(options.items()) if name not in _ELSEWHERE for word in _words(name, value)]


def names_as_text(names: str | Sequence[str]) -> str:
    """Names with commas between them, those that hold a comma or a quote in quotes, as in CSV."""
    if isinstance(names, str):
        return names
    line = io.StringIO()
    csv.writer(line, lineterminator="").writerow(names)
    return line.getvalue()


def names_in_text(text: str) -> list[str]:
    """The inverse of names_as_text; SymcError for quotes that do not fit."""
    try:
        return [name.strip() for name in next(csv.reader([text], skipinitialspace=True, strict=True))]
    except (csv.Error, StopIteration):
        raise SymcError(f"{text[:80]!r} is no list of names", hint='Such as a,b or "flow, hot",b.') from None


def _words(name: str, value: Any) -> list[str]:
    flag = f"--{name.replace('_', '-')}"
    if value is True:
        return [flag]
    if name in ("inputs", "weights", "scale"):
        return [f"{flag} {Path(value).name}" if isinstance(value, str | Path) else f"{flag} FILE"]
    if name == "variable_transforms":
        return [f"{flag} {shlex.quote(f'{variable}={text}')}" for variable, text in value.items()]
    if name in ("features", "outputs"):
        return [f"{flag} {shlex.quote(names_as_text(value))}"]
    if name == "define":
        return [f"{flag} {shlex.quote(text)}" for text in value]
    if name in ("head", "combine") or (name == "targets" and isinstance(value, str)):
        return [f"{flag} {shlex.quote(value)}"]
    if name == "targets":
        return [f"{flag} FILE"]
    if isinstance(value, Mapping):
        # By output: Python alone can say so.
        return [f"{flag} {shlex.quote(json.dumps(value))}"]
    return [f"{flag} {value if isinstance(value, str | int | float) else ','.join(map(str, value))}"]
