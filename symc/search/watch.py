"""What the search for one output looks at while it runs: its time, whether it was told to end, and who watches."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Literal

from symc.search.board import Board

# Of the time of a search at most so much goes to telling how good it is, and it is told at most so often, in seconds.
_SHARE, _EVERY = 0.02, 0.5


class Ended(Exception):
    """Raised where a search notices that its time is over, or that it was interrupted."""


class Watch:
    """Of one search. `error_of` gives the held-out error of an equation's text, `seconds` caps the search."""

    def __init__(
        self,
        board: Board | None = None,
        output: int = 0,
        seconds: float | None = None,
        error_of: Callable[[str], float] | None = None,
    ) -> None:
        self._board = Board.at(None, output + 1) if board is None else board
        self._output, self._error_of = output, error_of
        self._deadline = None if seconds is None else time.monotonic() + seconds
        self._least = math.nan
        self._spent = self._before = self._budget = 0
        self._next = 0.0
        self._written_out: Callable[[str], str] | None = None

    @property
    def interrupted(self) -> bool:
        return self._board.stopped

    @property
    def left(self) -> float | None:
        """Seconds left, at least 0; None without a cap."""
        return None if self._deadline is None else max(0.0, self._deadline - time.monotonic())

    @property
    def ending(self) -> Literal["interrupted", "time"] | None:
        """What ends the search now, if anything does."""
        if self.interrupted:
            return "interrupted"
        return "time" if self.left == 0.0 else None

    def structure(self) -> None:
        """The search looks for structure."""
        self._write("structure")

    def engine(self, budget: int, before: int = 0, written_out: Callable[[str], str] | None = None) -> None:
        """An engine searches: `budget` evaluations in all, of which `before` are spent already.

        written_out: makes equations over the variables of the samples of what the engine reports, where it has others.
        """
        self._written_out = written_out
        self._budget, self._spent, self._before = budget, before, before
        self._write("engine")

    def judging(self) -> None:
        """What was found is being judged."""
        self._write("judging")

    def done(self) -> None:
        """The front is there."""
        self._write("done")

    def due(self) -> bool:
        """Whether somebody watches, and was not told for a while."""
        return self._board.watched and time.monotonic() >= self._next

    def report(self, spent: int, best: str | None) -> None:
        """The engine has spent so many evaluations; `best` is the text of the best that it has."""
        began = time.monotonic()
        if best is not None and self._error_of is not None:
            error = self._error_of(best if self._written_out is None else self._written_out(best))
            if not error >= self._least and math.isfinite(error):
                self._least = error
        self._spent = self._before + spent
        self._write("engine")
        took = time.monotonic() - began
        self._next = began + max(_EVERY, took / _SHARE)

    def _write(self, phase: Literal["structure", "engine", "judging", "done"]) -> None:
        self._board.write(self._output, phase, self._spent, self._budget, self._least)


_CURRENT: ContextVar[tuple[Watch, float] | None] = ContextVar("watch", default=None)


@contextmanager
def ends_with(watch: Watch, share: float = 1.0) -> Iterator[None]:
    """Inside, `pulse` ends the work where the watch says so, or where this share of the time left is spent."""
    deadline = math.inf if watch.left is None else time.monotonic() + share * watch.left
    token = _CURRENT.set((watch, deadline))
    try:
        yield
    finally:
        _CURRENT.reset(token)


def pulse() -> None:
    """Called between steps of long work; raises Ended where it is to end, and costs next to nothing elsewhere."""
    current = _CURRENT.get()
    if current is not None and (current[0].ending is not None or time.monotonic() >= current[1]):
        raise Ended
