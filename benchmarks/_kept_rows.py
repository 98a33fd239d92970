"""Rows of a benchmark that runs for hours, each on disk as soon as it is there."""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from _record import Rows, machine


class KeptRows:
    """A JSON file of machine, summary and rows. Several processes may add to it, and one that is killed harms nothing.

    `summarise` makes the summary of all rows, `key` tells which rows are the same measurement.
    """

    def __init__(
        self, path: Path, key: Callable[[dict[str, Any]], tuple[Any, ...]], summarise: Callable[[Rows], Rows]
    ) -> None:
        self.path, self._key, self._summarise = path, key, summarise

    def rows(self) -> Rows:
        return json.loads(self.path.read_text())["rows"] if self.path.exists() else []

    def done(self) -> set[tuple[Any, ...]]:
        return {self._key(row) for row in self.rows()}

    def add(self, row: dict[str, Any]) -> None:
        """Write the file anew with the row in it; one of the same key is replaced."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with _locked(self.path.parent):
            rows = [*(old for old in self.rows() if self._key(old) != self._key(row)), row]
            whole = self.path.with_suffix(".new")
            whole.write_text(_lines({"machine": machine(), "summary": self._summarise(rows), "rows": rows}))
            whole.replace(self.path)


def _lines(data: dict[str, Any]) -> str:
    """JSON with one row a line: readable, and a change shows as one line."""
    machine_line = json.dumps(data["machine"])
    tables = [
        f'  "{name}": [\n' + ",\n".join(f"    {json.dumps(row)}" for row in data[name]) + "\n  ]"
        for name in ("summary", "rows")
    ]
    return "{\n" + ",\n".join([f'  "machine": {machine_line}', *tables]) + "\n}\n"


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    handle = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)
