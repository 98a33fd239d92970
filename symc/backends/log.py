"""The line of text in which a device reports what its guarded function returned, which symc.evidence.log reads."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from zlib import crc32

from symc.backends.unit import Unit

HEAD = "symc-log 1"
FIELDS = ("rows", "guarded", "outside", "not_finite", "beyond")
# NAME_check has a bit for each input, and the last one for all from there on.
MOST_INPUTS = 32
MOST = 2**32 - 1


def line(block: str, counts: Sequence[int], inputs: Sequence[int]) -> bytes:
    """What NAME_report writes: `counts` in the order of FIELDS, then how often each input was outside."""
    numbers = " ".join(f"{field}={count}" for field, count in zip(FIELDS, counts, strict=True))
    text = f"{HEAD} {block} {numbers} inputs={','.join(map(str, inputs))}".encode()
    return b"%s crc=%08x\n" % (text, crc32(text))


def block_of(name: str, model_sha256: str) -> str:
    """What tells apart bundles in a log: the name, and the model's hash, as another version has another one."""
    return f"{name}@{model_sha256[:8]}"


def log(unit: Unit) -> dict[str, Any]:
    """What the templates know of the log; the size has room for the largest numbers and the 0 at the end."""
    counted = min(unit.program.n_in, MOST_INPUTS)
    block = block_of(unit.name, unit.model_sha256)
    longest = line(block, [MOST] * len(FIELDS), [MOST] * counted)
    return {"log_head": f"{HEAD} {block}", "n_counted": counted, "report_size": len(longest) + 1}
