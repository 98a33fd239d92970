"""Finished fits on disk: a search that was killed goes on where it stopped, and the same search is not run twice."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from symc.atomic import write_atomically
from symc.errors import SymcError
from symc.search.engines.protocol import StoppedBy
from symc.search.front import Front

_MARKER = "symc finished fit"


@dataclass(frozen=True)
class Fitted:
    """What the search for one output found, the evaluations it spent, and what ended it."""

    front: Front
    evaluations: int
    stopped_by: StoppedBy


@dataclass(frozen=True)
class Shelf:
    """A folder of finished fits, one file each, named by what the fit depends on: nothing else can be found under it.

    A network that was trained on gives other samples, and so another name. Several processes may use one folder.
    """

    folder: Path

    @classmethod
    def opened(cls, folder: str | Path | None) -> Shelf | None:
        """The shelf in `folder`, which is made where it is missing; None for None. SymcError when that fails."""
        if folder is None:
            return None
        path = Path(folder)
        try:
            path.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise SymcError(f"finished fits cannot be kept here: {error.strerror}", where=str(path)) from None
        return cls(path.resolve())

    def get(self, key: str) -> Fitted | None:
        """The fit with that key, or None; SymcError for a file that is not what put() wrote."""
        path = self._path(key)
        try:
            data = json.loads(path.read_text(encoding="utf-8"))
            if data["symc"] != _MARKER or data["key"] != key:
                raise ValueError("of another fit")
            return Fitted(Front.from_json(data["front"]), int(data["evaluations"]), data["stopped_by"])
        except FileNotFoundError:
            return None
        except (OSError, ValueError, KeyError, TypeError, OverflowError, RecursionError, SymcError) as error:
            raise SymcError(f"is damaged ({error})", where=str(path), hint="Delete it: the fit is then run.") from None

    def put(self, key: str, fitted: Fitted) -> None:
        """Keep a fit; a reader sees the whole file or none."""
        data: dict[str, Any] = {
            "symc": _MARKER,
            "key": key,
            "front": fitted.front.to_json(),
            "evaluations": fitted.evaluations,
            "stopped_by": fitted.stopped_by,
        }
        write_atomically(self._path(key), (json.dumps(data, indent=1) + "\n").encode())

    def _path(self, key: str) -> Path:
        return self.folder / f"{key[:32]}.json"
