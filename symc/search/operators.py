"""The operators that equations may be made of, by name."""

from __future__ import annotations

from collections.abc import Sequence

from symc.errors import SymcError
from symc.ir.ops import OPERATORS, SPELLINGS

# What equations are made of unless the caller says otherwise: common in laws, and cheap where they run.
DEFAULT_OPERATORS = ("add", "sub", "mul", "div", "square", "sqrt", "exp", "log", "sin", "cos", "tanh")


def check_operators(operators: Sequence[str] | None) -> tuple[str, ...]:
    """The operators' names in our table, each once; the default ones for None. SymcError for an unknown one."""
    if operators is None:
        return DEFAULT_OPERATORS
    if isinstance(operators, str):
        operators = [part.strip() for part in operators.split(",")]
    symbols = {row.symbol: row.name for row in OPERATORS.values() if row.symbol} | {"^": "pow", "**": "pow"}
    names = []
    for operator in operators:
        name = symbols.get(operator) or SPELLINGS.get(operator)
        if name is None:
            raise SymcError(f"unknown operator {operator!r}", hint=f"The operators are: {', '.join(OPERATORS)}.")
        names.append(name)
    if not names:
        raise SymcError("no operators are given", hint=f"The operators are: {', '.join(OPERATORS)}.")
    return tuple(dict.fromkeys(names))
