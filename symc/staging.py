"""Where files and folders are made before they take their place, and what killed processes left there.

What is being made has a name that says so, by which machine, and is locked while its process lives. The system ends a
lock with its process, however that dies. So a part that nobody holds, of this machine and this user, is one that nobody
finishes, and the next to make the same thing removes it. Where folders cannot be locked (Windows, some network file
systems) nothing is removed.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import platform
import re
import stat
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

# A folder moved aside for a moment, where two cannot be exchanged in one step, is called as the part with this behind.
ASIDE = ".old"
_LONGEST = 60


@contextmanager
def alone_in(folder: Path) -> Iterator[bool]:
    """Keep other processes and threads out of this folder's swaps; False where it cannot be locked.

    The lock is on the folder itself, so that no file is left behind. It cannot be taken twice by one thread.
    """
    descriptor = _locked(folder, wait=True)
    try:
        yield descriptor is not None
    finally:
        if descriptor is not None:
            _release(descriptor)


@contextmanager
def part_of(place: Path, make: Callable[[Path], object]) -> Iterator[Path]:
    """A path beside `place` for what shall stand there, made by `make`: an empty folder or file.

    Removes what killed processes left of `place`, and in the end whatever is at the path. OSError where it cannot be
    made.
    """
    with alone_in(place.parent) as sure:
        if sure:
            _clear(place)
        path = place.parent / f"{_beginning(place)}{_machine()}-{os.urandom(6).hex()}.part"
        make(path)
        held = _locked(path, wait=False) if sure else None
    try:
        yield path
    finally:
        _remove(path)
        if held is not None:
            _release(held)


def _beginning(place: Path) -> str:
    return f".{place.name[:_LONGEST]}."


def _machine() -> str:
    """Of whom locks are seen: on a network's disk other machines may hold some that are not."""
    return hashlib.sha256(platform.node().encode()).hexdigest()[:8]


def _clear(place: Path) -> None:
    """Remove the parts of `place` that nobody holds; one moved aside goes back where nothing stands."""
    known = re.compile(re.escape(_beginning(place) + _machine()) + r"-[0-9a-f]{12}\.part(\.old)?")
    for name in os.listdir(place.parent):
        found = known.fullmatch(name)
        path = place.parent / name
        if found is None or not _is_own(path):
            continue
        descriptor = _locked(path, wait=False)
        if descriptor is None:
            continue
        try:
            if found[1] and not os.path.lexists(place):
                os.rename(path, place)
            else:
                _remove(path)
        finally:
            _release(descriptor)


def _is_own(path: Path) -> bool:
    try:
        status = path.lstat()
    except OSError:
        return False
    plain = stat.S_ISDIR(status.st_mode) or stat.S_ISREG(status.st_mode)
    return plain and (not hasattr(os, "geteuid") or status.st_uid == os.geteuid())


def _locked(path: Path, wait: bool) -> int | None:
    """A descriptor that holds the lock on a file or folder until it is closed; None where it cannot be had."""
    try:
        import fcntl
    except ImportError:
        return None
    descriptor = None
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | (0 if wait else os.O_NOFOLLOW))
        fcntl.flock(descriptor, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
        return descriptor
    except OSError:
        if descriptor is not None:
            os.close(descriptor)
        return None


def _release(descriptor: int) -> None:
    """End a lock. Closing alone would not: a process forked meanwhile by another thread has the descriptor too."""
    import fcntl

    fcntl.flock(descriptor, fcntl.LOCK_UN)
    os.close(descriptor)


def _remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        # Every archive format comes with it; what only reads shall not pay for that.
        import shutil

        shutil.rmtree(path, ignore_errors=True)
    with contextlib.suppress(OSError):
        path.unlink()
