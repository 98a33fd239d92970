"""What a file of a network is, told from its bytes alone."""

from __future__ import annotations

import zipfile
from pathlib import Path
from typing import Literal

from symc.models.protobuf import fields_of

Kind = Literal["torch", "TorchScript", "pt2", "pickle", "onnx", "safetensors"]

# Fields of an ONNX model: its version, a number, comes first, and its graph, a message, is there.
_ONNX_FIELDS = (*range(1, 9), 14, 20, 25, 26)
_ONNX_VERSION, _ONNX_GRAPH = (1, 0), (7, 2)
# The longest header that the library which writes safetensors reads.
_LONGEST_HEADER = 100_000_000


def recognise(path: Path) -> Kind | None:
    """How a file of a network was written, from its bytes; None for any other file, and for none. Runs nothing."""
    try:
        with path.open("rb") as file:
            head = file.read(10)
    except OSError:
        return None
    if head.startswith(b"PK"):
        return _recognise_members(members(path) or [])
    if head[8:] in (b'{"', b"{}", b"{ ") and int.from_bytes(head[:8], "little") <= _LONGEST_HEADER:
        return "safetensors"
    if head.startswith(b"\x08") and _is_onnx(fields_of(path) or []):
        return "onnx"
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


def _is_onnx(fields: list[tuple[int, int]]) -> bool:
    known = all(number in _ONNX_FIELDS for number, _ in fields)
    return known and fields[:1] == [_ONNX_VERSION] and _ONNX_GRAPH in fields
