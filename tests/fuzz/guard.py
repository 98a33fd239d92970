"""What a reader may do with a hostile file: raise SymcError, in bounded time and memory, and write in its folder.

symc's own cache of compiled code is written as well, under names that are hashes.
"""

from __future__ import annotations

import os
import resource
import signal
import sys
import time
import traceback
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from symc.errors import SymcError
from symc.toolchain import cache

MOST_SECONDS = 30.0
MOST_BYTES = 1 << 30
_WRITING = {"os.mkdir", "os.rename", "os.remove", "os.rmdir", "os.link", "os.symlink", "os.truncate", "shutil.rmtree"}
# Where the arguments of an event hold the descriptor of the folder that its first one is in.
_FOLDER_OF = {"os.remove": 1, "os.rmdir": 1, "os.mkdir": 2, "os.rename": 2}
_STARTING = {"subprocess.Popen", "os.system", "os.exec", "os.posix_spawn", "socket.connect", "pty.spawn"}


@dataclass(frozen=True)
class Fault:
    """What a reader did that it may not do; `key` is the same for faults of one place."""

    key: str
    told: str


class _Watch:
    """Python's audit events while a case runs; a hook cannot be taken away, so one serves all cases."""

    def __init__(self) -> None:
        self.folder: Path | None = None
        self.programs: frozenset[str] = frozenset()
        self.broken: list[str] = []
        self._cache = cache.directory().resolve()
        sys.addaudithook(self._hook)

    def _hook(self, event: str, arguments: tuple[Any, ...]) -> None:
        if self.folder is None:
            return
        if event == "open":
            path, mode, flags = arguments
            writes = flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT) if isinstance(flags, int) else "w" in str(mode)
            if isinstance(path, str | bytes | os.PathLike) and writes:
                self._within(event, path)
        elif event in _WRITING:
            # Inside a folder that is being removed names are relative to its descriptor.
            descriptor = arguments[_FOLDER_OF[event]] if event in _FOLDER_OF else None
            inside = isinstance(descriptor, int) and descriptor >= 0
            beside = os.readlink(f"/proc/self/fd/{descriptor}") if inside else ""
            self._within(event, os.path.join(os.fsencode(beside), os.fsencode(arguments[0])))
        elif event in _STARTING and os.path.basename(str(arguments[0])) not in self.programs:
            self.broken.append(f"{event} {arguments[0]!r}")

    def _within(self, event: str, path: Any) -> None:
        place = os.path.realpath(os.fsdecode(path)) if not isinstance(path, int) else ""
        within = any(place == str(of) or place.startswith(f"{of}{os.sep}") for of in (self.folder, self._cache))
        if place and place != os.devnull and not within:
            self.broken.append(f"{event} of {place} outside the folder")


_watch: list[_Watch] = []


def fault(use: Callable[[bytes, Path], Any], data: bytes, folder: Path, programs: frozenset[str]) -> Fault | None:
    """Run `use` on the data, with `folder` to write in; what it did wrong, or None.

    programs: names of those that it may start.
    """
    if not _watch:
        _watch.append(_Watch())
    watch = _watch[0]
    watch.broken, watch.programs, watch.folder = [], programs, folder.resolve()
    start, before = time.monotonic(), _peak()
    found: Fault | None = None
    try:
        with _alarm(), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            use(data, folder)
    except SymcError as error:
        if not error.what:
            found = Fault("empty " + _place(error), "an error that says nothing")
    except BaseException as error:
        if isinstance(error, KeyboardInterrupt):
            raise
        told = "".join(traceback.format_exception(error)[-6:])
        found = Fault(f"{type(error).__name__} {_place(error)}", told)
    finally:
        watch.folder = None
    if watch.broken:
        return Fault(watch.broken[0], "; ".join(watch.broken))
    if found is None and _peak() - before > MOST_BYTES:
        return Fault("memory", f"took {(_peak() - before) >> 20} MiB")
    if found is None and time.monotonic() - start > MOST_SECONDS:
        return Fault("time", f"took {time.monotonic() - start:.0f} s")
    return found


@contextmanager
def limited_memory() -> Iterator[None]:
    """No more than twice MOST_BYTES beyond what the process has mapped: a second bound, where the first is passed."""
    before = resource.getrlimit(resource.RLIMIT_AS)
    pages = int(Path("/proc/self/statm").read_text().split()[0])
    resource.setrlimit(resource.RLIMIT_AS, (pages * resource.getpagesize() + 2 * MOST_BYTES, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_AS, before)


@contextmanager
def _alarm() -> Iterator[None]:
    def stop(*_: object) -> None:
        raise TimeoutError(f"more than {MOST_SECONDS:.0f} s")

    before = signal.signal(signal.SIGALRM, stop)
    signal.setitimer(signal.ITIMER_REAL, MOST_SECONDS)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def _peak() -> int:
    """The most memory that the process has had at once."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def _place(error: BaseException) -> str:
    frames = [f for f in traceback.extract_tb(error.__traceback__) if f"{os.sep}symc{os.sep}" in f.filename]
    return f"{Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else "outside symc"
