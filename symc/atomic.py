"""Files written whole or not at all."""

from __future__ import annotations

import errno
import os
from pathlib import Path

from symc.errors import SymcError
from symc.staging import part_of


def write_atomically(path: Path, data: bytes) -> None:
    """Write beside, flush to the disk, then rename; raises SymcError (missing folder, no permission, disk full)."""
    target = Path(os.path.realpath(path))
    if target.is_dir():
        raise SymcError("is a directory", where=str(path), hint="Give the name of a file in it.")
    if not target.parent.is_dir():
        raise SymcError("the folder does not exist", where=str(target.parent), hint="Make it first.")
    try:
        with part_of(target, _empty) as beside:
            with beside.open("wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            beside.replace(target)
    except OSError as error:
        full = error.errno in (errno.ENOSPC, errno.EDQUOT)
        kept = " The earlier file is as it was." if target.exists() else ""
        raise SymcError(
            f"cannot be written: {error.strerror}.{kept}",
            where=str(path),
            hint="Make room or choose another folder." if full else "Choose a folder you may write to.",
        ) from None


def _empty(path: Path) -> None:
    path.open("xb").close()
