"""Waiting until a search that another process or thread runs is under way: told by its board, not by time."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from pathlib import Path

from symc.search.board import Board

_MOST_SECONDS = 120


def wait_for_equations(folder: Path, outputs: int, running: Callable[[], bool], of: int | None = None) -> Board:
    """The board of a search whose temporary files go to `folder` (TMPDIR), once its outputs have equations.

    of: how many of them must; None for all. running: whether what searches is still there; it must be until then.
    """
    deadline = time.monotonic() + _MOST_SECONDS
    board = None
    while time.monotonic() < deadline:
        assert running(), "the search ended before it was under way"
        if board is None and (found := list(folder.glob("symc-search-*/board"))):
            board = Board.at(str(found[0]), outputs)
            # Searches tell their errors where somebody looks.
            board.watch()
        begun = [] if board is None else [s for s in board.standings() if s.phase != "waiting"]
        if board is not None and sum(math.isfinite(standing.error) for standing in begun) >= (of or outputs):
            return board
        time.sleep(0.02)
    raise AssertionError(f"no search was under way within {_MOST_SECONDS} s")
