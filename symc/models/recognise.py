"""What a file of a network is, told from its bytes alone."""

from __future__ import annotations

import zipfile
from pathlib import Path
from typing import Literal

Kind = Literal["torch", "TorchScript", "pt2", "pickle"]


def recognise(path: Path) -> Kind | None:
    """How a file of a network was written, from its bytes; None for any other file, and for none. Runs nothing."""
    try:
        with path.open("rb") as file:
            head = file.read(2)
    except OSError:
        return None
    if head == b"PK":
        return _recognise_members(members(path) or [])
    return "pickle" if head.startswith(b"\x80") else None


def members(path: Path) -> list[str] | None:
    """Names in a zip archive, without the folder that torch puts around them; None when the archive is damaged."""
    try:
        with zipfile.ZipFile(path) as archive:
            return [name.partition("/")[2] or name for name in archive.namelist()]
    except (zipfile.BadZipFile, OSError, ValueError):
        return None


def _recognise_members(names: list[str]) -> Kind | None:
    if "archive_format" in names or any(name.endswith("serialized_exported_program.json") for name in names):
        return "pt2"
    if "constants.pkl" in names and any(name.startswith("code/") for name in names):
        return "TorchScript"
    return "torch" if "data.pkl" in names else None
