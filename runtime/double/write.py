"""Print the binary64 functions of symc/ir/binary64 as C headers and as modules for Numba.

    python runtime/double/write.py            write include/symc/double/*.h and numba/symc_runtime64/*.py
    python runtime/double/write.py --check    exit 1 unless these files are what this script prints

Each statement becomes one statement, with the operations in the order that Python gives them; language.py there says
what a statement may hold. What is written by hand stays: double/core.h, round.h and sqrt.h, and core.py for Numba.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from pathlib import Path

from in_c import header
from in_numba import module
from reading import MODULES, RUNTIME, Source


def printed() -> dict[Path, str]:
    """Every file and its text."""
    source = Source.read()
    kinds: tuple[tuple[str, str, Callable[[Source, str], str]], ...] = (
        ("include/symc/double", "h", header),
        ("numba/symc_runtime64", "py", module),
    )
    return {RUNTIME / folder / f"{name}.{end}": make(source, name) for folder, end, make in kinds for name in MODULES}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true", help="compare only")
    check = parser.parse_args().check
    for path, text in printed().items():
        if check and (not path.is_file() or path.read_text(encoding="utf-8") != text):
            print(f"{path.name} is not what write.py prints")
            return 1
        if not check:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
