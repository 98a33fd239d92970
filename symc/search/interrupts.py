"""Ctrl-C in a search: once it ends the search, which keeps what it found; twice it stops everything."""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from symc.search.board import Board


# One key may arrive twice: from the terminal, and from a program around this one that hands it on. In seconds.
_ONE_KEY = 0.3


class Interrupted(KeyboardInterrupt):
    """A search was interrupted before every output had equations; its text says how far it was."""


@contextmanager
def gently(board: Board) -> Iterator[None]:
    """Inside, the first Ctrl-C stops the board's searches; the second one does what Ctrl-C did before.

    Changes nothing outside the main thread, where Ctrl-C is ignored, and in a worker process, whose caller decides.
    """
    before = signal.getsignal(signal.SIGINT)
    if threading.current_thread() is not threading.main_thread() or _in_worker() or not callable(before):
        yield
        return

    began: list[float] = []

    def stop(number: int, frame: Any) -> None:
        if not began:
            began.append(time.monotonic())
            board.stop()
        elif time.monotonic() - began[0] > _ONE_KEY:
            signal.signal(signal.SIGINT, before)
            before(number, frame)

    signal.signal(signal.SIGINT, stop)
    try:
        yield
    finally:
        if signal.getsignal(signal.SIGINT) is stop:
            signal.signal(signal.SIGINT, before)


def leave_to_the_caller() -> None:
    """In a worker process: a terminal sends Ctrl-C to it as well, but its caller says what it means."""
    if _in_worker() and threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGINT, signal.SIG_IGN)


def _in_worker() -> bool:
    # The command line imports this file for every verb; most start no process.
    import multiprocessing

    return multiprocessing.parent_process() is not None
