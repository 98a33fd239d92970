"""A search as people watch it: a line for each output that is being searched, at any width of the terminal."""

from __future__ import annotations

import math
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from symc.search.board import Board, Standing
from symc.tables import printable, shortened
from symc.terminal import display

if TYPE_CHECKING:
    from rich.text import Text

_EVERY = 0.25
_NAME = 24
# More lines than this would fill a screen.
_MOST_LINES = 8
_ENDING = "ending the search with what was found; Ctrl-C again stops at once"


class Progress:
    """What is shown of a board; `seconds` is the time budget of each output. Prints as lines for rich."""

    def __init__(self, board: Board, outputs: Sequence[str], seconds: float | None) -> None:
        self.board, self.seconds = board, seconds
        self.names = [shortened(printable(name), _NAME) for name in outputs]
        self.began: dict[int, tuple[float, int]] = {}

    def __rich__(self) -> Text:
        from rich.text import Text

        # Words are kept whole: rich breaks lines between them.
        return Text("\n".join(self.lines(time.monotonic())))

    def lines(self, now: float) -> list[str]:
        """One line for each output at work, and one for all of them where there are several."""
        standings = self.board.standings()
        at_work = [k for k, one in enumerate(standings) if one.phase not in ("waiting", "done")]
        found = [self._line(k, standings[k], now) for k in at_work[:_MOST_LINES]]
        if len(standings) > 1:
            done = sum(one.phase == "done" for one in standings)
            found.append(f"{done} of {len(standings)} outputs done")
        if self.board.stopped:
            found.append(_ENDING)
        return found or ["searching ..."]

    def _line(self, k: int, one: Standing, now: float) -> str:
        began, spent = self.began.setdefault(k, (now, 0))
        if one.phase == "structure":
            return f"{self.names[k]}: looking for structure"
        error = "" if math.isnan(one.error) else f", best held-out error {one.error:.3g}"
        if one.phase == "judging":
            return f"{self.names[k]}: judging what was found{error}"
        if one.spent == 0:
            # Time begins to count with the engine's first evaluations.
            self.began[k] = (now, 0)
            return f"{self.names[k]}: searching, at most {one.budget:,} evaluations"
        if spent == 0:
            began, spent = self.began[k] = (now, one.spent)
        left = self._left(one, now - began, spent)
        return f"{self.names[k]}: {one.spent:,} of {one.budget:,} evaluations{error}{left}"

    def _left(self, one: Standing, took: float, before: int) -> str:
        if not one.spent > before:
            return ""
        left = took * max(0, one.budget - one.spent) / (one.spent - before)
        if self.seconds is not None:
            left = min(left, max(0.0, self.seconds - took))
        whole = math.ceil(left)
        hours, minutes = whole // 3600, whole // 60 % 60
        return f", {hours}:{minutes:02}:{whole % 60:02} left" if hours else f", {minutes}:{whole % 60:02} left"


@contextmanager
def shown(board: Board, outputs: Sequence[str], seconds: float | None) -> Iterator[None]:
    """Show the board on stderr while it is a terminal; elsewhere say nothing but that an interrupt was taken."""
    with display() as console:
        if console is not None:
            from rich.live import Live

            board.watch()
            progress = Progress(board, outputs, seconds)
            # What others print on stdout is not for stderr.
            options: dict[str, Any] = {"transient": True, "redirect_stdout": False, "refresh_per_second": 1.0 / _EVERY}
            with Live(progress, console=console, **options):
                yield
            return
        over = threading.Event()
        speaker = threading.Thread(target=_say_when_stopped, args=(board, over), daemon=True)
        speaker.start()
        try:
            yield
        finally:
            over.set()


def _say_when_stopped(board: Board, over: threading.Event) -> None:
    while not over.wait(_EVERY):
        if board.stopped:
            print(_ENDING, file=sys.stderr, flush=True)
            return
