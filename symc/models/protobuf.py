"""The outermost fields of a protobuf message, which tell the formats that are written so from each other."""

from __future__ import annotations

from pathlib import Path
from typing import BinaryIO

_VARINT, _FIXED64, _BYTES, _FIXED32 = 0, 1, 2, 5
# A model has a handful of them, or one for each of its nodes; a file that is no message ends sooner.
_MOST = 4096


def fields_of(path: Path) -> list[tuple[int, int]] | None:
    """(number, wire type) of each outermost field in order; None where the bytes are no message.

    Of a message that was cut off, the fields that begin in it: what they hold is skipped, not read.
    """
    found: list[tuple[int, int]] = []
    try:
        size = path.stat().st_size
        with path.open("rb") as file:
            while file.tell() < size and len(found) < _MOST:
                key = _varint(file)
                if key is None or not key >> 3:
                    return None
                found.append((key >> 3, key & 7))
                length = {_FIXED64: 8, _FIXED32: 4}.get(key & 7, 0)
                if key & 7 in (_VARINT, _BYTES):
                    value = _varint(file)
                    if value is None:
                        return found if file.tell() >= size else None
                    length = value if key & 7 == _BYTES else 0
                elif not length:
                    return None
                file.seek(min(length, size), 1)
    except OSError:
        return None
    return found


def _varint(file: BinaryIO) -> int | None:
    value = 0
    for shift in range(0, 64, 7):
        byte = file.read(1)
        if not byte:
            return None
        value |= (byte[0] & 127) << shift
        if byte[0] < 128:
            return value
    return None
