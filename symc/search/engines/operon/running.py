"""Running one search of the library to its end, to the end of its time, or until somebody interrupts."""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import threading
from collections.abc import Callable
from typing import Any


class _Stop(Exception):
    """Raised between generations to end a run early; the library stops there and keeps what it has."""


def finish(algorithm: Any, generator: Any, seconds: float | None, goes_on: Callable[[], bool]) -> bool:
    """Run to the end, or for `seconds`: whether time ran out. Ctrl-C ends the run after the current generation.

    goes_on: asked after each generation, in a thread of its own; the run ends where it says no.
    """
    stop, done = threading.Event(), threading.Event()

    worker, parent = multiprocessing.parent_process() is not None, os.getppid()

    def between_generations() -> None:
        # A worker whose program was killed has nobody to search for.
        if stop.is_set() or (worker and os.getppid() != parent) or not goes_on():
            raise _Stop

    def run() -> None:
        try:
            with contextlib.suppress(_Stop):
                algorithm.Run(generator, between_generations, 1, False)
        finally:
            done.set()

    # The main thread must be free to see a signal, which it is while it waits.
    threading.Thread(target=run, daemon=True).start()
    try:
        return not done.wait(seconds)
    finally:
        stop.set()
        # The run uses memory that the caller frees: a second Ctrl-C waits for its end too. Not Thread.join, which
        # takes a thread for finished once a signal has interrupted it (CPython before 3.13).
        while not done.is_set():
            with contextlib.suppress(KeyboardInterrupt):
                done.wait()
