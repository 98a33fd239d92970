"""Files that can be read more than once."""

from __future__ import annotations

import stat
from pathlib import Path

from symc.errors import SymcError


def refuse_pipe(path: Path) -> None:
    """Raise SymcError for a pipe, a socket or a device.

    A file is opened to see what it is, and opened again to be read: of a pipe the beginning would be gone by then, and
    one that nobody writes to would be waited for without end.
    """
    try:
        mode = path.stat().st_mode
    except (OSError, ValueError):
        # Whoever opens it says what is wrong with it.
        return
    if not (stat.S_ISREG(mode) or stat.S_ISDIR(mode)):
        raise SymcError("is a pipe or a device, not a file", where=str(path), hint="Save it as a file first.")
