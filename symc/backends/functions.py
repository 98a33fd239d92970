"""Functions that are compiled once and used often: one value at a time, and over a whole column of a block."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from symc.backends.listing import Printer
from symc.ir.ops import OPERATORS
from symc.ir.program import Program

# Operators long enough to be compiled once per file instead of once per use.
FUNCTIONS = (
    "mod", "cbrt", "exp", "exp2", "expm1", "log", "log2", "log10", "log1p", "pow", "sin", "cos", "tan", "asin", "acos",
    "atan", "sinh", "cosh", "tanh", "asinh", "acosh", "atanh", "erf", "erfc", "gamma",
)  # fmt: skip
# Those whose rare inputs need a loop, a table or more precision. A column first takes the branch-free version, which
# reports them.
SLOW_PATH = ("exp", "sin", "cos", "tan", "pow")

_PARAMETERS = ("a", "b")


@dataclass(frozen=True, order=True)
class Variant:
    """Operator `op` over the rows of a block; `columns[k]` tells a column from a single value as operand k."""

    op: str
    columns: tuple[bool, ...]

    @property
    def name(self) -> str:
        """pow, or pow_cv for a column to the power of one value."""
        return self.op if all(self.columns) else f"{self.op}_{''.join('c' if c else 'v' for c in self.columns)}"


@dataclass(frozen=True)
class Parameter:
    name: str
    is_column: bool


@dataclass(frozen=True)
class Function:
    """`full` is the expression of the result; `fast` is its branch-free version, or None where `full` is that."""

    op: str
    name: str
    parameters: tuple[Parameter, ...]
    full: str
    fast: str | None


def single(op: str, printer: Printer) -> Function:
    """`op` of single values."""
    names = _PARAMETERS[: OPERATORS[op].arity]
    return Function(op, op, tuple(Parameter(n, False) for n in names), printer.text(op, names), None)


def over_columns(variant: Variant, printer: Printer, fast: Mapping[str, str]) -> Function:
    """`variant` for every row i; `fast` maps the operators that have one to the form of their branch-free version."""
    parameters = tuple(Parameter(n, c) for n, c in zip(_PARAMETERS, variant.columns, strict=False))
    elements = [f"{p.name}[i]" if p.is_column else p.name for p in parameters]
    form = fast.get(variant.op)
    quick = None if form is None else form.format(*elements)
    return Function(variant.op, variant.name, parameters, printer.text(variant.op, elements), quick)


def repeated(program: Program) -> tuple[str, ...]:
    """The functions that occur more than once."""
    count = Counter(step.op for step in program.instructions)
    return tuple(op for op in FUNCTIONS if count[op] > 1)
