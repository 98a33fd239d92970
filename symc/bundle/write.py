"""Writing a bundle: beside its place first, then swapped in whole, so that no half bundle is ever seen."""

from __future__ import annotations

import ctypes
import errno
import hashlib
import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from symc.bundle.manifest import MANIFEST_NAME, Manifest
from symc.bundle.opened import read_manifest
from symc.bundle.signature import SIGNATURE_NAME
from symc.errors import CheckFailed, SymcError

_AT_FDCWD = -100
_RENAME_EXCHANGE = 2


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def write_bundle(out: str | Path, manifest: Manifest, files: Mapping[str, bytes]) -> Path:
    """Write the bundle OUT/NAME and return its path.

    An earlier bundle of that name is replaced only if it is exactly as symc wrote it: a folder with files of the
    user's, or with edited ones, is refused and left alone. Raises SymcError for that, for a place that cannot be
    written and for a full disk; then, and when interrupted, whatever was there before is still there, whole.
    """
    parent = Path(out)
    place = parent / manifest.name
    staging: Path | None = None
    try:
        parent.mkdir(parents=True, exist_ok=True)
        staging = Path(tempfile.mkdtemp(prefix=f".{manifest.name}.", dir=parent))
        staging.chmod(0o755)
        for name, content in files.items():
            target = staging / name
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(content)
        (staging / MANIFEST_NAME).write_bytes(manifest.to_bytes())
        with _alone_in(parent):
            _check_replaceable(place)
            _swap(staging, place)
    except OSError as error:
        raise SymcError(_reason(error), where=str(place), hint="Nothing was changed there.") from error
    finally:
        if staging is not None:
            shutil.rmtree(staging, ignore_errors=True)
    return place


def check_replaceable(place: Path) -> None:
    """Raise SymcError unless `place` is free, an empty folder, or a bundle just as symc wrote it."""
    if place.parent.is_dir():
        with _alone_in(place.parent):
            _check_replaceable(place)


@contextmanager
def _alone_in(folder: Path) -> Iterator[None]:
    """Keep other builds from swapping bundles in this folder; the lock is on the folder, so no file is left behind."""
    try:
        import fcntl
    except ImportError:
        # Windows: two builds of one name at once may refuse each other there, but neither writes half a bundle.
        yield
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def _check_replaceable(place: Path) -> None:
    if not os.path.lexists(place):
        return
    if place.is_symlink() or not place.is_dir():
        raise SymcError("is not a folder, so no bundle can be written there", where=str(place))
    present = {p.relative_to(place).as_posix() for p in place.rglob("*") if not p.is_dir()}
    if not present:
        return
    hint = "Choose another --out or --name, or move those files away."
    if MANIFEST_NAME not in present:
        raise SymcError("the folder holds files that symc did not write", where=str(place), hint=hint)
    try:
        manifest = read_manifest(place)
    except (CheckFailed, SymcError) as error:
        raise SymcError(f"the bundle there cannot be replaced: {error.what}", where=str(place), hint=hint) from error
    # A signature is of the bundle that goes, and goes with it.
    foreign = sorted(present - set(manifest.files) - {MANIFEST_NAME, SIGNATURE_NAME})
    if foreign:
        raise SymcError(f"the folder holds {_some(foreign)}, which symc did not write", where=str(place), hint=hint)
    edited = [n for n in manifest.files if n in present and sha256((place / n).read_bytes()) != manifest.files[n]]
    if edited:
        raise SymcError(f"{_some(edited)} was edited after the build", where=str(place), hint=hint)


def _some(names: list[str]) -> str:
    return names[0] if len(names) == 1 else f"{names[0]} and {len(names) - 1} more"


def _swap(staging: Path, place: Path) -> None:
    """Put `staging` at `place`; whatever was at `place` ends up at `staging`."""
    if not os.path.lexists(place):
        os.rename(staging, place)
        return
    if _exchange(staging, place):
        return
    aside = staging.with_name(staging.name + ".old")
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
    return f"the bundle cannot be written: {error.strerror or error}"
