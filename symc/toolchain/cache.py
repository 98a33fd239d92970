"""The cache of compiled code: one file per content hash, in a directory that only this user can write.

What is in the cache is loaded into the process, so the directory is trusted only when it belongs to this user and
nobody else may write to it. Where no such directory can be had, libraries go to a private temporary directory that
disappears with the process (`fetch`), and what is quickly made again is not kept (`recall`, `keep`).
"""

from __future__ import annotations

import atexit
import contextlib
import hashlib
import os
import stat
import warnings
from collections.abc import Callable, Iterable
from pathlib import Path

from symc.errors import SymcError
from symc.staging import alone_in, part_of

ENVIRONMENT = "SYMC_CACHE_DIR"

# Bytes of the hash before what `keep` wrote.
_SEAL = hashlib.sha256().digest_size

_private: dict[int, Path] = {}
_warned: set[Path] = set()


def directory() -> Path:
    """The directory in use: $SYMC_CACHE_DIR, else the user's cache directory, else a private temporary one.

    Warns once per process (RuntimeWarning) when neither of the first two can be trusted or written. SymcError where the
    variable names the home of nobody.
    """
    wanted = _wanted()
    problem = _prepare(wanted)
    if problem is None:
        return wanted.resolve()
    if wanted not in _warned:
        _warned.add(wanted)
        warnings.warn(
            f"{wanted}: {problem}; compiled code is kept in a temporary directory for this process only. "
            f"Set {ENVIRONMENT} to a directory of your own to keep it.",
            RuntimeWarning,
            stacklevel=3,
        )
    return _temporary()


def digest(parts: Iterable[bytes]) -> str:
    """sha256 of a sequence of byte strings; each part's length is hashed too, so no two sequences collide."""
    state = hashlib.sha256()
    for part in parts:
        state.update(len(part).to_bytes(8, "little"))
        state.update(part)
    return state.hexdigest()


def fetch(key: str, name: str, make: Callable[[Path], Path]) -> Path:
    """The cached file `name` of `key`; when absent, `make(scratch)` builds it in an empty directory, returns its path.

    Of processes and threads that want one key at once the first builds and the others wait for it; where the file
    system has no locks each builds for itself. The finished file is renamed into place, so a reader sees either nothing
    or the whole file. What killed builds left of this key is removed. SymcError where the cache cannot be written.
    """
    kept = _kept(key, name)
    if kept is not None:
        return kept.resolve()
    target = _place(directory(), key, name)
    if _is_own_file(target):
        return target
    try:
        target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with alone_in(target.parent):
            if not _is_own_file(target):
                _build(target, make)
    except OSError as error:
        raise SymcError(
            f"the cache of compiled code cannot be written: {error.strerror or error}",
            where=str(target.parent),
            hint=f"Make room there, or set {ENVIRONMENT} to another folder.",
        ) from None
    return target


def recall(key: str, name: str) -> bytes | None:
    """What `keep` wrote as `name` of `key`, in this process or an earlier one.

    None where nothing was, where it was damaged, or where no directory that outlives the process can be trusted.
    """
    path = _kept(key, name)
    try:
        written = b"" if path is None else path.read_bytes()
    except OSError:
        return None
    seal, content = written[:_SEAL], written[_SEAL:]
    return content if hashlib.sha256(content).digest() == seal else None


def keep(key: str, name: str, content: bytes) -> None:
    """Keep bytes for later processes; silently nothing where no directory can be trusted or written, or is full."""
    wanted = _wanted()
    if _prepare(wanted) is not None:
        return
    target = _place(wanted, key, name)
    with contextlib.suppress(OSError):
        target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with part_of(target, Path.touch) as beside:
            # Not flushed to the disk: what a crash cut short is known by its hash.
            beside.write_bytes(hashlib.sha256(content).digest() + content)
            beside.chmod(0o600)
            os.replace(beside, target)


def _place(directory: Path, key: str, name: str) -> Path:
    return directory / key[:2] / key / name


def _build(target: Path, make: Callable[[Path], Path]) -> None:
    with part_of(target.parent, Path.mkdir) as scratch:
        built = make(scratch)
        built.chmod(0o700)
        with open(built, "rb") as file:
            os.fsync(file.fileno())
        os.replace(built, target)


def _wanted() -> Path:
    """The directory that the user or the system names."""
    override = os.environ.get(ENVIRONMENT)
    if override:
        try:
            return Path(override).expanduser()
        except RuntimeError:
            raise SymcError("there is no such home", where=f"{ENVIRONMENT}={override}", hint="Correct it.") from None
    import platformdirs

    return Path(platformdirs.user_cache_dir("symc", appauthor=False))


def _kept(key: str, name: str) -> Path | None:
    """What an earlier process left, where that can be trusted: on a read-only disk, too."""
    wanted = _wanted()
    path = _place(wanted, key, name)
    return path if _is_own_file(path) and _distrust(wanted) is None else None


def _prepare(path: Path) -> str | None:
    """Create the cache directory; return what is wrong with it, or None when it can be used."""
    try:
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
        real = path.resolve(strict=True)
        problem = _distrust(real)
        if problem is not None:
            return problem
        if hasattr(os, "geteuid") and stat.S_IMODE(real.stat().st_mode) & 0o077:
            real.chmod(0o700)
        _try_to_write(real)
    except OSError as error:
        return f"cannot be used as a cache ({error.strerror or error})"
    return None


def _distrust(path: Path) -> str | None:
    """Why what lies in a directory must not be loaded, or None when it may. OSError where it cannot be looked at."""
    status = path.stat()
    if not stat.S_ISDIR(status.st_mode):
        return "is not a directory"
    if hasattr(os, "geteuid"):
        if status.st_uid != os.geteuid():
            return "belongs to another user"
        if status.st_mode & 0o022:
            return "can be written by other users, so a library in it could be anyone's"
    return None


def _try_to_write(folder: Path) -> None:
    """OSError where no file can be made in `folder`."""
    unnamed = getattr(os, "O_TMPFILE", None)
    if unnamed is not None:
        try:
            os.close(os.open(folder, unnamed | os.O_RDWR, 0o600))
            return
        except OSError:
            # Not every file system has files without a name.
            pass
    # Imported here, and shutil below: together they take as long as reading a bundle does.
    import tempfile

    with tempfile.TemporaryFile(dir=folder):
        pass


def _temporary() -> Path:
    # Keyed by process: after a fork the child must not delete, or share, its parent's directory.
    process = os.getpid()
    if process not in _private:
        import tempfile

        path = Path(tempfile.mkdtemp(prefix="symc-"))
        _private[process] = path
        atexit.register(_remove, process, path)
    return _private[process]


def _remove(process: int, path: Path) -> None:
    if os.getpid() == process:
        import shutil

        shutil.rmtree(path, ignore_errors=True)


def _is_own_file(path: Path) -> bool:
    try:
        status = path.lstat()
    except OSError:
        return False
    if not stat.S_ISREG(status.st_mode):
        return False
    return not hasattr(os, "geteuid") or (status.st_uid == os.geteuid() and not status.st_mode & 0o022)
