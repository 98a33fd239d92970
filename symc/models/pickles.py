"""What a pickle would import if it were opened, read without opening it."""

from __future__ import annotations

import pickletools
import zipfile
from collections.abc import Iterator
from pathlib import Path

_JOBLIB = b"joblib.numpy_pickle"
# Where a file of joblib names its arrays: before the first of them.
_FIRST = 65536


def imports_of(path: Path) -> list[str] | None:
    """Names that a pickle would import, without running it; None when the pickle cannot be read to its end.

    joblib writes arrays raw between the parts of a pickle: of such a file, the names as far as the first array.
    """
    try:
        if zipfile.is_zipfile(path):
            with zipfile.ZipFile(path) as archive:
                name = next(n for n in archive.namelist() if n.partition("/")[2] == "data.pkl")
                return _globals(archive.read(name))
        data = path.read_bytes()
        if _JOBLIB in data[:_FIRST]:
            return _globals(data, whole=False)
        names: list[str] = []
        position = 0
        # torch's old format is a row of pickles, then the raw values; the first five hold all objects.
        for _ in range(5):
            if data[position : position + 1] != b"\x80":
                break
            end = position + max(place or 0 for _, _, place in pickletools.genops(data[position:])) + 1
            names += _globals(data[position:end])
            position = end
        return list(dict.fromkeys(names))
    except (ValueError, KeyError, IndexError, StopIteration, zipfile.BadZipFile, OSError, EOFError):
        return None


def _globals(data: bytes, whole: bool = True) -> list[str]:
    """Names that a pickle imports beyond plain containers and tensors, as far as they stand in it as text.

    ValueError for one that cannot be read to its end, unless `whole` says that it need not be.
    """
    names: dict[str, None] = {}
    texts: list[str] = []
    for opcode, argument in _opcodes(data, whole):
        if opcode.name == "GLOBAL":
            names[str(argument).replace(" ", ".")] = None
        elif opcode.name == "STACK_GLOBAL" and len(texts) >= 2:
            names[".".join(texts[-2:])] = None
        elif "UNICODE" in opcode.name:
            texts.append(str(argument))
    plain = ("collections.OrderedDict", "torch._utils.", "torch.storage.", "__builtin__.set", "builtins.set")
    asked = [name for name in names if not (name.startswith(plain) or name.endswith("Storage"))]
    # What is not torch's own says most about the file.
    return sorted(asked, key=lambda name: name.startswith("torch."))


def _opcodes(data: bytes, whole: bool) -> Iterator[tuple[pickletools.OpcodeInfo, object]]:
    opcodes = pickletools.genops(data)
    while True:
        try:
            opcode, argument, _ = next(opcodes)
        except StopIteration:
            return
        except ValueError:
            if whole:
                raise
            return
        yield opcode, argument
