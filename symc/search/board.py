"""A board that the searches of all outputs write on and their caller reads: how far each is, and whether to stop.

One small file of numbers, mapped into the memory of every process. Each search writes its own row and only the caller
writes the first, so that nobody waits for anybody.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray

Phase = Literal["waiting", "structure", "engine", "judging", "done"]
_PHASES: tuple[Phase, ...] = ("waiting", "structure", "engine", "judging", "done")
_PHASE, _SPENT, _BUDGET, _ERROR, _WIDTH = 0, 1, 2, 3, 4
_STOPPED, _WATCHED = 0, 1


@dataclass(frozen=True)
class Standing:
    """How far the search for one output is: evaluations spent of how many, and the least held-out error (NaN: none)."""

    phase: Phase
    spent: int
    budget: int
    error: float


class Board:
    """The numbers; `watched` says whether anybody looks, `stopped` whether the searches are to end with what they have.

    On a machine without the file nobody can be told anything: it is a board that nobody watches or stops.
    """

    def __init__(self, cells: NDArray[np.float64]) -> None:
        self._cells = cells

    @classmethod
    def at(cls, path: str | None, outputs: int) -> Board:
        """The board in that file; one of its own for None, or where the file is not."""
        shape = (outputs + 1, _WIDTH)
        if path is None or not Path(path).is_file():
            return cls(np.zeros(shape))
        return cls(np.memmap(path, np.float64, "r+", shape=shape))

    @property
    def stopped(self) -> bool:
        return bool(self._cells[0, _STOPPED])

    def stop(self) -> None:
        self._cells[0, _STOPPED] = 1.0

    @property
    def watched(self) -> bool:
        return bool(self._cells[0, _WATCHED])

    def watch(self) -> None:
        self._cells[0, _WATCHED] = 1.0

    def write(self, k: int, phase: Phase, spent: int = 0, budget: int = 0, error: float = np.nan) -> None:
        """Say how far the search for output k is."""
        self._cells[k + 1] = (_PHASES.index(phase), spent, budget, error)

    def standings(self) -> list[Standing]:
        """Of every output."""
        return [
            Standing(_PHASES[int(row[_PHASE])], int(row[_SPENT]), int(row[_BUDGET]), float(row[_ERROR]))
            for row in self._cells[1:]
        ]


@contextmanager
def shared_board(outputs: int) -> Iterator[tuple[Board, str]]:
    """A new board and the file through which other processes of this machine find it; removed at the end."""
    with tempfile.TemporaryDirectory(prefix="symc-search-", ignore_cleanup_errors=True) as folder:
        path = str(Path(folder) / "board")
        np.zeros((outputs + 1, _WIDTH)).tofile(path)
        yield Board.at(path, outputs), path
