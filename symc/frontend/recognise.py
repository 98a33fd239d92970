"""What a model file holds, told from its bytes alone."""

from __future__ import annotations

import contextlib
import difflib
import pickletools
import zipfile
from pathlib import Path

from symc.errors import SymcError
from symc.frontend.search.hall_of_fame import is_hall_of_fame

KINDS = (
    "Models are: a module or a compressed block saved by symc, a network (.pt2, TorchScript or a pickled nn.Module, "
    "each with --trust; a state_dict with --module), or PySR's hall_of_fame.csv or its folder."
)


def recognise(path: Path) -> str:
    """What a file holds, from its bytes: "torch", "TorchScript", "pt2", "pickle" or "hall of fame"; runs nothing.

    Raises SymcError when there is no such file or folder, or when it is none of these.
    """
    where = str(path)
    try:
        if path.is_dir():
            return _recognise_folder(path)
        with path.open("rb") as file:
            head = file.read(4096)
    except FileNotFoundError:
        raise SymcError("there is no such file", where=where, hint=_nearest(path)) from None
    except OSError as error:
        raise SymcError(f"cannot be read: {error.strerror}", where=where) from None
    # PySR writes its backup last: a run that was killed may leave the file itself empty.
    if is_hall_of_fame(path) or is_hall_of_fame(path.with_name(path.name + ".bak")):
        return "hall of fame"
    if not head:
        raise SymcError("is empty", where=where, hint=KINDS)
    if head.startswith(b"PK"):
        return _recognise_zip(path)
    if head.startswith(b"\x80"):
        return "pickle"
    if head[8:10] == b'{"':
        raise SymcError(
            "is a safetensors file, which symc does not read",
            where=where,
            hint="Load it in Python and torch.save the state_dict, then pass --module.",
        )
    text = _as_text(head)
    if text is None:
        raise SymcError("is not a model that symc knows, or it is corrupt", where=where, hint=KINDS)
    raise SymcError(f"is a text file, not a model (it begins {text.strip()[:40]!r})", where=where, hint=KINDS)


def _recognise_folder(path: Path) -> str:
    if is_hall_of_fame(path):
        return "hall of fame"
    where = str(path)
    if (path / "manifest.json").exists():
        raise SymcError("is a bundle built by symc, not a model", where=where, hint="symc verify reads it.")
    runs = sorted({file.parent for file in path.glob("*/hall_of_fame*.csv")})
    if runs:
        names = ", ".join(str(run) for run in runs[:5])
        what = f"is a folder of {len(runs)} PySR run{'s' * (len(runs) != 1)}, not a run itself"
        raise SymcError(what, where=where, hint=f"Give one of: {names}.")
    raise SymcError("is a folder without hall_of_fame.csv, so not a PySR run", where=where, hint=KINDS)


def _recognise_zip(path: Path) -> str:
    try:
        with zipfile.ZipFile(path) as archive:
            names = [name.partition("/")[2] or name for name in archive.namelist()]
    except (zipfile.BadZipFile, OSError, ValueError) as error:
        raise SymcError(f"is truncated or corrupt ({error})", where=str(path), hint="Copy or save it again.") from None
    if "archive_format" in names or any(name.endswith("serialized_exported_program.json") for name in names):
        return "pt2"
    if "constants.pkl" in names and any(name.startswith("code/") for name in names):
        return "TorchScript"
    if "data.pkl" in names:
        return "torch"
    if any(name.endswith(".npy") for name in names):
        raise SymcError("holds arrays, not a model", where=str(path), hint="Pass it as --inputs beside a network.")
    raise SymcError("is a zip archive, but not a model that symc knows", where=str(path), hint=KINDS)


def imports_of(path: Path) -> list[str] | None:
    """Names that a pickle would import, without running it; None when the pickle cannot be read to its end."""
    try:
        if zipfile.is_zipfile(path):
            with zipfile.ZipFile(path) as archive:
                name = next(n for n in archive.namelist() if n.partition("/")[2] == "data.pkl")
                return _globals(archive.read(name))
        data = path.read_bytes()
        names: list[str] = []
        position = 0
        # torch's old format is a row of pickles, then the raw values; the first five hold all objects.
        for _ in range(5):
            if data[position : position + 1] != b"\x80":
                break
            end = position + max(place or 0 for _, _, place in pickletools.genops(data[position:])) + 1
            names += _globals(data[position:end])
            position = end
        return list(dict.fromkeys(names))
    except (ValueError, KeyError, IndexError, StopIteration, zipfile.BadZipFile, OSError, EOFError):
        return None


def _globals(data: bytes) -> list[str]:
    """Names that a pickle imports beyond plain containers and tensors, as far as they stand in it as text."""
    names: dict[str, None] = {}
    texts: list[str] = []
    for opcode, argument, _ in pickletools.genops(data):
        if opcode.name == "GLOBAL":
            names[str(argument).replace(" ", ".")] = None
        elif opcode.name == "STACK_GLOBAL" and len(texts) >= 2:
            names[".".join(texts[-2:])] = None
        elif "UNICODE" in opcode.name:
            texts.append(str(argument))
    plain = ("collections.OrderedDict", "torch._utils.", "torch.storage.", "__builtin__.set", "builtins.set")
    asked = [name for name in names if not (name.startswith(plain) or name.endswith("Storage"))]
    # What is not torch's own says most about the file.
    return sorted(asked, key=lambda name: name.startswith("torch."))


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
