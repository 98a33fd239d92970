"""docs/operators.md says what the operator table says. SYMC_UPDATE_GOLDENS=1 writes it anew."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import numpy as np

from symc.ir.ops import OPERATORS, Operator
from symc.search.engines.operon.tree import NODES
from symc.search.engines.pysr import BINARY, TERNARY, UNARY

PAGE = Path(__file__).parents[2] / "docs" / "operators.md"
HEAD = """# Operators

Generated from the operator table (`symc/ir/ops.py`) by `SYMC_UPDATE_GOLDENS=1 pytest tests/ir/test_operators_page.py`.

Every name and spelling can be written in an equation. Every result is a float32: one IEEE-754 operation rounded to
nearest even, an exact one, or the correctly rounded value of the function. Operands are x, y and z in order, r is the
result. Where "special" says nothing, a NaN operand gives NaN; a NaN that leaves a program is 0x7fc00000. Cost counts
float32 additions. A derivative is a program too, with the same bits everywhere; one of an operand that moves nothing is
0. "Searched by" names the engines that can propose the operator; an equation of PySR may hold any of them.

With `--numbers float64` every result is a double, and functions have the errors that [float64.md](float64.md) measures;
the table's ends of domains are those of float32.

`pow` is correctly rounded by a rounding test with a slow path behind it; a whole exponent up to 64 is a chain of
products instead, and 0.5 a square root. `atanh` is the function, as in PySR's search; PySR's own export writes
`atanh_clip` for it. The derivative of `gamma` holds for its digamma function within 1e-6 of max(1, |digamma(x)|).
Through a `select` flows the derivative of the value chosen, times 1, and of the other, times 0: the other must be
finite for the sum to be.
"""


class Text:
    """Writes the operations of a derivative or an expansion instead of building them."""

    def op(self, name: str, *args: str) -> str:
        symbol = OPERATORS[name].symbol
        if symbol:
            return f"({args[0]} {symbol} {args[1]})"
        return f"(-{args[0]})" if name == "neg" else f"{name}({', '.join(map(bare, args))})"

    def const(self, value: float) -> str:
        return np.format_float_positional(np.float32(value), trim="-")


def bare(text: str) -> str:
    """Without parentheses around the whole."""
    depth = 0
    for k, letter in enumerate(text):
        depth += (letter == "(") - (letter == ")")
        if depth == 0 and k < len(text) - 1:
            return text
    return text[1:-1] if text.startswith("(") else text


def derivative(row: Operator) -> str:
    if row.name == "gamma":
        return "r * digamma(x)"
    make: Any = row.derivative
    partials = make(Text(), ("x", "y", "z")[: row.arity], "r")
    return "; ".join("0" if p is None else bare(p) for p in partials)


def engines(name: str) -> str:
    known = {"PySR": {**BINARY, **UNARY, **TERNARY}, "Operon": NODES}
    return ", ".join(engine for engine, operators in known.items() if name in operators)


def line(*cells: str) -> str:
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |\n"


def call(row: Operator) -> str:
    return f"`{row.name}({', '.join('xyz'[: row.arity])})`"


def spellings(row: Operator) -> str:
    return ", ".join(f"`{s}`" for s in (*([row.symbol] if row.symbol else []), *row.spellings))


def page() -> str:
    text = HEAD + "\n## Primitives\n\n"
    text += line("operator", "also written", "meaning", "domain", "special", "derivative", "cost", "searched by")
    text += line(*["---"] * 8)
    for row in OPERATORS.values():
        if row.expansion is None:
            cells = (row.meaning, row.domain, row.special, f"`{derivative(row)}`", str(row.cost), engines(row.name))
            text += line(call(row), spellings(row), *cells)
    text += "\n## Notation\n\nRewritten into primitives as the equation is read; each of these rounds.\n\n"
    text += line("operator", "also written", "meaning", "in primitives", "domain", "cost", "searched by")
    text += line(*["---"] * 7)
    for row in OPERATORS.values():
        if row.expansion is not None:
            expanded = bare(row.expansion(Text(), ("x", "y", "z")[: row.arity]))
            cells = (row.meaning, f"`{expanded}`", row.domain, str(row.cost), engines(row.name))
            text += line(call(row), spellings(row), *cells)
    return text


def test_the_page_says_what_the_table_says() -> None:
    if os.environ.get("SYMC_UPDATE_GOLDENS") == "1":
        PAGE.write_text(page())
    assert PAGE.read_text() == page()
