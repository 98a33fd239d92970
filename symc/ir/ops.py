"""THE operator table: one row per operator, with its exact float32 meaning, derivative and cost.

A *primitive* row is an instruction that every backend and the oracle must implement. A row with an `expansion` is
notation: it is rewritten into primitives when an equation is lowered. Adding an operator is one row here plus, for a
primitive, one entry in each printer and in the runtime.

Every result is the correctly rounded float32 (round to nearest, ties to even) of the real function at the float32
arguments; a NaN that leaves a program is 0x7fc00000. `min`, `max` and comparisons follow IEEE 754-2019.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from symc.ir.program import Builder

# (builder, arguments, result) -> partial derivative with respect to each argument; None is exactly zero.
Derivative = Callable[["Builder", tuple[int, ...], int], tuple[int | None, ...]]
Expansion = Callable[["Builder", tuple[int, ...]], int]


@dataclass(frozen=True)
class Operator:
    """One row of the table.

    `cost` counts float32 additions that take the same time on a desktop CPU, vectorised (measured once, rounded).
    `spellings` are the other names under which PySR, Operon or people write the operator.
    """

    name: str
    arity: int
    meaning: str
    domain: str
    cost: int = 1
    derivative: Derivative | None = None
    expansion: Expansion | None = None
    spellings: tuple[str, ...] = ()
    commutative: bool = False
    symbol: str = ""


def _zero(b: Builder, args: tuple[int, ...], result: int) -> tuple[None, ...]:
    return (None,) * len(args)


def _d_div(b: Builder, args: tuple[int, ...], result: int) -> tuple[int | None, ...]:
    reciprocal = b.op("div", b.const(1.0), args[1])
    return reciprocal, b.op("neg", b.op("mul", result, reciprocal))


def _d_abs(b: Builder, args: tuple[int, ...], result: int) -> tuple[int | None, ...]:
    zero = b.const(0.0)
    return (b.op("sub", b.op("gt", args[0], zero), b.op("lt", args[0], zero)),)


def _d_pow(b: Builder, args: tuple[int, ...], result: int) -> tuple[int | None, ...]:
    x, y = args
    lower = b.op("pow", x, b.op("sub", y, b.const(1.0)))
    return b.op("mul", y, lower), b.op("mul", result, b.op("log", x))


def _square(b: Builder, args: tuple[int, ...]) -> int:
    return b.op("mul", args[0], args[0])


_ROWS = (
    # Arithmetic: IEEE-754 binary32, never contracted.
    Operator("add", 2, "x + y", "all", 1, lambda b, a, r: (b.const(1.0), b.const(1.0)), None, ("plus",), True, "+"),
    Operator("sub", 2, "x - y", "all", 1, lambda b, a, r: (b.const(1.0), b.const(-1.0)), None, (), False, "-"),
    Operator("mul", 2, "x * y", "all", 1, lambda b, a, r: (a[1], a[0]), None, ("mult",), True, "*"),
    Operator("div", 2, "x / y", "y != 0", 4, _d_div, None, (), False, "/"),
    Operator("neg", 1, "-x (the sign bit flips)", "all", 1, lambda b, a, r: (b.const(-1.0),)),
    Operator("abs", 1, "|x| (the sign bit is cleared)", "all", 1, _d_abs, None, ("Abs", "fabs")),
    # Selections: exact. A NaN operand of min or max gives NaN; -0 is less than +0.
    Operator(
        "min", 2, "the lesser of x and y", "all", 2,
        lambda b, a, r: (b.op("le", *a), b.op("gt", *a)), None, ("Min", "fmin", "minimum"), True,
    ),
    Operator(
        "max", 2, "the greater of x and y", "all", 2,
        lambda b, a, r: (b.op("ge", *a), b.op("lt", *a)), None, ("Max", "fmax", "maximum"), True,
    ),
    Operator("relu", 1, "x < 0 ? 0 : x", "all", 1, lambda b, a, r: (b.op("gt", a[0], b.const(0.0)),), None, ("ReLU",)),
    # Comparisons: 1.0 or 0.0; with a NaN operand only `ne` gives 1.0.
    Operator("lt", 2, "x < y ? 1 : 0", "all", 1, _zero, None, ("less",), False, "<"),
    Operator("le", 2, "x <= y ? 1 : 0", "all", 1, _zero, None, ("less_equal",), False, "<="),
    Operator("gt", 2, "x > y ? 1 : 0", "all", 1, _zero, None, ("greater",), False, ">"),
    Operator("ge", 2, "x >= y ? 1 : 0", "all", 1, _zero, None, ("greater_equal",), False, ">="),
    Operator("eq", 2, "x == y ? 1 : 0", "all", 1, _zero, None, ("equal",), True, "=="),
    Operator("ne", 2, "x != y ? 1 : 0", "all", 1, _zero, None, ("not_equal",), True, "!="),
    # Functions: correctly rounded, proved over every float32 (pow: by a rounding test and a slow path).
    Operator("sqrt", 1, "square root", "x >= 0", 4, lambda b, a, r: (b.op("div", b.const(0.5), r),)),
    Operator("exp", 1, "e to the x", "overflows above 88.72", 8, lambda b, a, r: (r,)),
    Operator(
        "log", 1, "natural logarithm", "x > 0", 12,
        lambda b, a, r: (b.op("div", b.const(1.0), a[0]),), None, ("ln",),
    ),
    Operator("sin", 1, "sine of x radians", "finite x", 8, lambda b, a, r: (b.op("cos", a[0]),)),
    Operator("cos", 1, "cosine of x radians", "finite x", 8, lambda b, a, r: (b.op("neg", b.op("sin", a[0])),)),
    Operator(
        "tan", 1, "tangent of x radians", "finite x, large near odd multiples of pi/2", 14,
        lambda b, a, r: (b.op("add", b.const(1.0), b.op("mul", r, r)),),
    ),
    Operator(
        "tanh", 1, "hyperbolic tangent", "all", 12,
        lambda b, a, r: (b.op("sub", b.const(1.0), b.op("mul", r, r)),),
    ),
    Operator("pow", 2, "x to the y, special values as in C99 Annex F", "x > 0, or y an integer", 40, _d_pow),
    # Notation, rewritten into primitives when an equation is lowered.
    Operator("square", 1, "x * x", "all", 1, None, _square),
    Operator("cube", 1, "(x * x) * x", "all", 2, None, lambda b, a: b.op("mul", _square(b, a), a[0])),
    Operator(
        "inverse", 1, "1 / x", "x != 0", 4, None, lambda b, a: b.op("div", b.const(1.0), a[0]), ("inv",),
    ),
)

OPERATORS: dict[str, Operator] = {row.name: row for row in _ROWS}
PRIMITIVES: tuple[str, ...] = tuple(row.name for row in _ROWS if row.expansion is None)
COMMUTATIVE: frozenset[str] = frozenset(row.name for row in _ROWS if row.commutative)
SPELLINGS: dict[str, str] = {
    spelling: row.name for row in _ROWS for spelling in (row.name, *row.spellings)
}
