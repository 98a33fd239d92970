"""A folder written beside its place first, then swapped in whole, so that no half of it is ever seen."""

from __future__ import annotations

import ctypes
import errno
import hashlib
import os
from collections.abc import Callable, Mapping
from pathlib import Path

from symc.errors import SymcError
from symc.staging import ASIDE, alone_in, part_of

_AT_FDCWD = -100
_RENAME_EXCHANGE = 2


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def write_folder(
    place: Path, files: Mapping[str, bytes], recorded: Callable[[Path], Mapping[str, str]], hint: str
) -> None:
    """Write `files` (path inside -> content) as the folder `place`.

    An earlier folder there is replaced only if it is exactly as symc wrote it: see check_replaceable, which tells what
    `recorded` and `hint` are. Raises SymcError for one with files of the user's, for a place that cannot be written and
    for a full disk; then, and when interrupted or killed, whatever was there before is still there, whole. What killed
    processes left beside it is removed: see symc.staging.
    """
    parent = place.parent
    try:
        parent.mkdir(parents=True, exist_ok=True)
        with part_of(place, Path.mkdir) as staging:
            staging.chmod(0o755)
            for name, content in files.items():
                target = staging / name
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_bytes(content)
            with alone_in(parent):
                _check_replaceable(place, recorded, hint)
                _swap(staging, place)
    except OSError as error:
        raise SymcError(_reason(error), where=str(place), hint="Nothing was changed there.") from error


def check_replaceable(place: Path, recorded: Callable[[Path], Mapping[str, str]], hint: str) -> None:
    """Raise SymcError, which ends in `hint`, unless `place` is free, an empty folder, or just as symc wrote it.

    `recorded` gives the sha256 of every file that symc wrote there, of all but its own record ("": unchecked); it
    raises SymcError where there is no record.
    """
    if place.parent.is_dir():
        with alone_in(place.parent):
            _check_replaceable(place, recorded, hint)


def _check_replaceable(place: Path, recorded: Callable[[Path], Mapping[str, str]], hint: str) -> None:
    if not os.path.lexists(place):
        return
    if place.is_symlink() or not place.is_dir():
        raise SymcError("is not a folder, so none can be written there", where=str(place))
    present = {p.relative_to(place).as_posix() for p in place.rglob("*") if not p.is_dir()}
    if not present:
        return
    try:
        files = recorded(place)
    except SymcError as error:
        raise SymcError(error.what, where=str(place), hint=hint) from error
    foreign = sorted(present - set(files))
    if foreign:
        raise SymcError(f"the folder holds {_some(foreign)}, which symc did not write", where=str(place), hint=hint)
    edited = [n for n in files if files[n] and n in present and sha256((place / n).read_bytes()) != files[n]]
    if edited:
        raise SymcError(f"{_some(edited)} was edited after it was written", where=str(place), hint=hint)


def _some(names: list[str]) -> str:
    return names[0] if len(names) == 1 else f"{names[0]} and {len(names) - 1} more"


def _swap(staging: Path, place: Path) -> None:
    """Put `staging` at `place`; whatever was at `place` ends up at `staging`."""
    if not os.path.lexists(place):
        os.rename(staging, place)
        return
    if _exchange(staging, place):
        return
    aside = staging.with_name(staging.name + ASIDE)
    os.rename(place, aside)
    try:
        os.rename(staging, place)
    except BaseException:
        os.rename(aside, place)
        raise
    os.rename(aside, staging)


def _exchange(a: Path, b: Path) -> bool:
    """Swap two folders in one step (Linux renameat2); False where the system cannot."""
    try:
        renameat2 = ctypes.CDLL(None, use_errno=True).renameat2
    except (AttributeError, OSError, TypeError):
        return False
    return bool(renameat2(_AT_FDCWD, os.fsencode(a), _AT_FDCWD, os.fsencode(b), _RENAME_EXCHANGE) == 0)


def _reason(error: OSError) -> str:
    if error.errno == errno.ENOSPC:
        return "the disk is full"
    if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
        return f"the folder cannot be written ({error.strerror})"
    if error.errno in (errno.ENOTDIR, errno.EEXIST):
        return f"a part of the path is a file, not a folder ({error.filename})"
    return f"the folder cannot be written: {error.strerror or error}"
