"""What to say of a model that no source recognises."""

from __future__ import annotations

import contextlib
import difflib
from pathlib import Path

from symc.capture.inputs import read_inputs
from symc.errors import SymcError
from symc.models.foreign import foreign_archive, foreign_file, foreign_folder
from symc.models.recognise import members
from symc.sources.given import Given
from symc.sources.pysr_csv import is_hall_of_fame

_ANY = "Pass a distilled module (symc.wrap(block), then .distill(x)) or the path of a model file."
# What to give in the place of objects of other libraries, by their package.
_INSTEAD = {
    "gplearn": 'Its program is an equation: symc.build(str(model._program), dialect="gplearn").',
    "deap": 'Give its text: symc.build(str(tree), dialect="deap").',
    "pysr": "Give the folder of its run, outputs/DATE_NAME, or model.equations_ written by to_csv.",
    "pandas": "PySR's equations_ are read from a file: model.equations_.to_csv(path). Data go to symc.fit.",
    "polars": "Data go to symc.fit.",
    "numpy": "Data go to symc.fit.",
    "kan": "Give the expressions of model.symbolic_formula()[0], or distil the network: symc.wrap(model).",
    "torch": "Distil the network first: block = symc.wrap(network); block.distill(x); symc.build(block).",
}


def refusal(given: Given, accepted: str) -> SymcError:
    """The error that says what was given instead of a model; `accepted` is the hint that lists the models there are."""
    if not given.paths:
        if isinstance(given.model, list | tuple) and not given.model:
            return SymcError("no model is given", hint=accepted)
        kind = type(given.model)
        packages = {base.__module__.partition(".")[0] for base in kind.__mro__}
        hint = next((hint for package, hint in _INSTEAD.items() if package in packages), _ANY)
        article = "an" if kind.__name__[0] in "AEIOUaeiou" or kind.__name__ == "ndarray" else "a"
        return SymcError(f"cannot build {article} {kind.__name__}", hint=hint)
    for path in given.paths:
        # Of several files the one that is wrong is the one to tell of.
        if len(given.paths) == 1 or not path.exists():
            return _of_path(path, accepted)
    return SymcError(
        "several files make one model only as PySR's halls of fame", where=given.where, hint=accepted
    )


def _of_path(path: Path, accepted: str) -> SymcError:
    where = str(path)
    try:
        if path.is_dir():
            return _of_folder(path, accepted)
        with path.open("rb") as file:
            head = file.read(4096)
    except FileNotFoundError:
        return SymcError("there is no such file", where=where, hint=_nearest(path))
    except OSError as error:
        return SymcError(f"cannot be read: {error.strerror}", where=where)
    if not head:
        return SymcError("is empty", where=where, hint=accepted)
    if head.startswith(b"PK"):
        return _of_archive(path, accepted)
    text = _as_text(head)
    if text is None:
        other = foreign_file(path, head)
        if other is not None:
            return SymcError(other.what, where=where, hint=other.hint)
        return SymcError("is not a model that symc knows, or it is corrupt", where=where, hint=accepted)
    if _is_data(path):
        hint = f"symc fit {path.name} --targets COLUMN -o law.pt finds equations for it; --inputs takes it as rows."
        return SymcError("is a table of data, not a model", where=where, hint=hint)
    return SymcError(f"is a text file, not a model (it begins {text.strip()[:40]!r})", where=where, hint=accepted)


def _is_data(path: Path) -> bool:
    try:
        table = read_inputs(path).args[0]
    except SymcError:
        return False
    return table.ndim == 2 and min(table.shape) > 1


def _of_folder(path: Path, accepted: str) -> SymcError:
    where = str(path)
    if (path / "manifest.json").exists():
        return SymcError("is a bundle built by symc, not a model", where=where, hint="symc verify reads it.")
    other = foreign_folder(path)
    if other is not None:
        return SymcError(other.what, where=where, hint=other.hint)
    runs = sorted({file.parent for file in path.glob("*/hall_of_fame*.csv") if is_hall_of_fame(file.parent)})
    if runs:
        names = ", ".join(str(run) for run in runs[:5])
        what = f"is a folder of {len(runs)} PySR run{'s' * (len(runs) != 1)}, not a run itself"
        return SymcError(what, where=where, hint=f"Give one of: {names}.")
    return SymcError("is a folder without hall_of_fame.csv, so not a PySR run", where=where, hint=accepted)


def _of_archive(path: Path, accepted: str) -> SymcError:
    where = str(path)
    names = members(path)
    if names is None:
        what = "is truncated or corrupt: a zip archive without its end"
        return SymcError(what, where=where, hint="Copy or save it again.")
    other = foreign_archive(names)
    if other is not None:
        return SymcError(other.what, where=where, hint=other.hint)
    if any(name.endswith(".npy") for name in names):
        return SymcError("holds arrays, not a model", where=where, hint="Pass it as --inputs beside a network.")
    return SymcError("is a zip archive, but not a model that symc knows", where=where, hint=accepted)


def _nearest(path: Path) -> str | None:
    try:
        names = [entry.name for entry in path.parent.iterdir()]
    except OSError:
        return f"The folder {path.parent} does not exist."
    close = difflib.get_close_matches(path.name, names, n=1)
    return f"Did you mean {path.parent / close[0]}?" if close else None


def _as_text(head: bytes) -> str | None:
    for cut in range(4):
        with contextlib.suppress(UnicodeDecodeError):
            text = head[: len(head) - cut].decode("utf-8-sig")
            return None if any(ord(c) < 32 and c not in "\t\r\n\f\x1b" for c in text) else text
    return None
