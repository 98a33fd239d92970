"""Write the runtime's polynomial coefficients into its sources; minimax.py computes them, families/ says which.

    python runtime/poly/fit.py                 write the coefficient blocks of the C headers and of the Numba modules
    python runtime/poly/fit.py EXP SIN         these only
    python runtime/poly/fit.py --check         exit 1 unless the blocks there are the ones this script computes

Every polynomial approximates g(t) with the weighted error w(t) |g(t) - p(t)| minimised, w chosen so that this is the
relative error of the function it serves. Coefficients are rounded one after another, lowest power first, and those
left are refitted each time, so that rounding costs almost nothing. A block stands between "begin NAME" and "end NAME"
in include/symc/HEADER and, for profile F64, in the Numba module of the same name.
"""

from __future__ import annotations

import argparse
import importlib
import re
import sys
from pathlib import Path

import mpmath as mp

HERE = Path(__file__).resolve().parent
RUNTIME = HERE.parent
sys.path.insert(0, str(HERE))

from minimax import Polynomial, fit  # noqa: E402

FAMILIES = tuple(sorted(path.stem for path in (HERE / "families").glob("[a-z]*.py")))
# Numba's log is made of the parts in logarithm.py, which hold the same coefficients.
IN_C_ALONE = ("LOG",)


def polynomials() -> tuple[Polynomial, ...]:
    """Those of every family."""
    return tuple(p for name in FAMILIES for p in importlib.import_module(f"families.{name}").POLYNOMIALS)


def literal(value: mp.mpf) -> str:
    """A hexadecimal literal of a double, valid in C99, C++17 and float.fromhex."""
    mantissa, exponent = float(value).hex().split("p")
    return f"{mantissa.rstrip('0').rstrip('.') if '.' in mantissa else mantissa}p{exponent}"


def integer(value: mp.mpf, point: int) -> str:
    """A C literal of value times 2^point, of the narrowest of int32_t, uint32_t, int64_t and uint64_t that holds it."""
    # Exact, where a product would be rounded to 53 bits.
    scaled = int(mp.ldexp(value, point))
    # The literal of the lowest integer of a signed type does not have that type.
    ranges = {"INT32_C": (1 - (1 << 31), 1 << 31), "UINT32_C": (0, 1 << 32), "INT64_C": (1 - (1 << 63), 1 << 63)}
    kind = next((kind for kind, (low, high) in ranges.items() if low <= scaled < high), "UINT64_C")
    return f"{kind}({scaled})"


def c_block(p: Polynomial, values: list[mp.mpf], error: float) -> str:
    """The C text of one polynomial."""
    lines = [f"/* poly/fit.py: {p.about}; relative error 2^{error:.1f}. */"]
    for k, v in enumerate(values):
        text = integer(v, p.points[k]) if p.points else f"({literal(v)})" if v < 0 else literal(v)
        lines.append(f"#define SYMC_{p.name}_{p.first + k} {text}")
    return "\n".join(lines)


def python_block(p: Polynomial, values: list[mp.mpf]) -> str:
    """The Python text of one polynomial."""
    return "\n".join(
        f'{p.name}_{p.first + k} = np.float64(float.fromhex("{literal(v)}"))' for k, v in enumerate(values)
    )


def numba_module(p: Polynomial) -> Path | None:
    """The Numba module that holds the block of p, which only a polynomial in binary64 has."""
    in_c_alone = p.points or p.name in IN_C_ALONE
    return None if in_c_alone else RUNTIME / "numba" / "symc_runtime" / f"{Path(p.header).stem}.py"


def _replace(text: str, name: str, block: str, comment: tuple[str, str]) -> str:
    begin, end = (f"{comment[0]} {word} {name} {comment[1]}".rstrip() for word in ("begin", "end"))
    pattern = re.compile(re.escape(begin) + r"\n.*?" + re.escape(end), re.DOTALL)
    if not pattern.search(text):
        raise SystemExit(f"no block {name!r} to write")
    return pattern.sub(lambda _: f"{begin}\n{block}\n{end}", text)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", help="polynomials, as EXP; default all")
    parser.add_argument("--check", action="store_true", help="compare with the sources, write nothing")
    arguments = parser.parse_args()
    texts: dict[Path, str] = {}
    for p in polynomials():
        if arguments.names and p.name not in arguments.names:
            continue
        values, error = fit(p)
        blocks = [(RUNTIME / "include" / "symc" / p.header, c_block(p, values, error), ("/*", "*/"))]
        if module := numba_module(p):
            blocks.append((module, python_block(p, values), ("#", "")))
        for path, block, comment in blocks:
            text = texts.get(path) or path.read_text(encoding="utf-8")
            texts[path] = _replace(text, p.name, block, comment)
        print(f"{p.name:12} {p.terms:2} coefficients, error 2^{error:.1f}")
    changed = [path for path, text in texts.items() if path.read_text(encoding="utf-8") != text]
    for path in changed:
        print(("differs: " if arguments.check else "written: ") + str(path.relative_to(RUNTIME)))
        if not arguments.check:
            path.write_text(texts[path], encoding="utf-8")
    return 1 if arguments.check and changed else 0


if __name__ == "__main__":
    sys.exit(main())
