"""THE operator table: one row per operator, with its exact float32 meaning, special values, derivative and cost.

A *primitive* row is an instruction that every backend and the oracle must implement. A row with an `expansion` is
notation: it is rewritten into primitives when an equation is read. Adding an operator is one row here plus, for a
primitive, a derivative, one entry in each printer and the oracle, and a function in the runtime.

Every result is the correctly rounded float32 (round to nearest, ties to even) of the real function at the float32
arguments; a NaN that leaves a program is 0x7fc00000. `min`, `max` and comparisons follow IEEE 754-2019. An operand that
is NaN gives NaN unless the row says otherwise.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from symc.ir import derivatives as d
from symc.ir import notation as n

# (builder, arguments, result) -> partial derivative with respect to each argument; None is exactly zero.
Derivative = Callable[[n.Maker[int], tuple[int, ...], int], tuple[int | None, ...]]


@dataclass(frozen=True)
class Operator:
    """One row of the table.

    `domain` is where the result is finite and meant; `special` are the results elsewhere and at zeros.
    `cost` counts float32 additions that take the same time on a desktop CPU, vectorised (measured once, rounded).
    `spellings` are the other names under which PySR, Operon or people write the operator.
    """

    name: str
    arity: int
    meaning: str
    domain: str = "all"
    special: str = ""
    cost: int = 1
    derivative: Derivative | None = None
    expansion: n.Expansion[Any] | None = None
    spellings: tuple[str, ...] = ()
    commutative: bool = False
    symbol: str = ""


def _primitive(
    name: str, arity: int, meaning: str, cost: int, derivative: Derivative, *spellings: str, **more: Any
) -> Operator:
    """A primitive row: IEEE-754 arithmetic, a selection, a result without rounding, or a function of two operands."""
    return Operator(name, arity, meaning, cost=cost, derivative=derivative, spellings=spellings, **more)


def _function(
    name: str, meaning: str, domain: str, special: str, cost: int, derivative: Derivative, *spellings: str
) -> Operator:
    """A correctly rounded function of one operand."""
    return Operator(name, 1, meaning, domain, special, cost, derivative, spellings=spellings)


def _notation(
    name: str, arity: int, meaning: str, cost: int, expansion: n.Expansion[Any], *spellings: str, domain: str = "all"
) -> Operator:
    """Rewritten into primitives, each rounded as it is there."""
    return Operator(name, arity, meaning, domain, cost=cost, expansion=expansion, spellings=spellings)


_ROWS = (
    # Arithmetic: IEEE-754 binary32, never contracted.
    _primitive("add", 2, "x + y", 1, d.add, "plus", commutative=True, symbol="+"),
    _primitive("sub", 2, "x - y", 1, d.sub, symbol="-"),
    _primitive("mul", 2, "x * y", 1, d.mul, "mult", commutative=True, symbol="*"),
    _primitive("div", 2, "x / y", 4, d.div, domain="y != 0", special="x/0 is infinite, 0/0 NaN", symbol="/"),
    _primitive("neg", 1, "-x (the sign bit flips)", 1, d.neg),
    _primitive("abs", 1, "|x| (the sign bit is cleared)", 1, d.absolute, "Abs", "fabs"),
    # Selections: exact.
    _primitive(
        "min", 2, "the lesser of x and y", 2, d.minimum, "Min", "fmin", "minimum",
        special="-0 is less than 0", commutative=True,
    ),
    _primitive(
        "max", 2, "the greater of x and y", 2, d.maximum, "Max", "fmax", "maximum",
        special="-0 is less than 0", commutative=True,
    ),
    _primitive("relu", 1, "x < 0 ? 0 : x", 1, d.relu, "ReLU", special="-0 stays"),
    _primitive("select", 3, "x > 0 ? y : z", 1, d.select, "ifelse", special="z for NaN; the other does not matter"),
    # Comparisons: 1 or 0.
    _primitive("lt", 2, "x < y ? 1 : 0", 1, d.zero, "less", special="0 for NaN", symbol="<"),
    _primitive("le", 2, "x <= y ? 1 : 0", 1, d.zero, "less_equal", special="0 for NaN", symbol="<="),
    _primitive("gt", 2, "x > y ? 1 : 0", 1, d.zero, "greater", special="0 for NaN", symbol=">"),
    _primitive("ge", 2, "x >= y ? 1 : 0", 1, d.zero, "greater_equal", special="0 for NaN", symbol=">="),
    _primitive("eq", 2, "x == y ? 1 : 0", 1, d.zero, "equal", special="0 for NaN", commutative=True, symbol="=="),
    _primitive("ne", 2, "x != y ? 1 : 0", 1, d.zero, "not_equal", special="1 for NaN", commutative=True, symbol="!="),
    # To integers: exact, a zero keeps the sign of x.
    _primitive("floor", 1, "the greatest integer not above x", 2, d.zero),
    _primitive("ceil", 1, "the least integer not below x", 2, d.zero, "ceiling"),
    _primitive("round", 1, "the integer nearest to x, ties to the even one", 3, d.zero),
    _primitive("trunc", 1, "the integer next to x towards zero", 2, d.zero),
    _primitive("sign", 1, "-1 below zero, 1 above", 1, d.zero, "sgn", special="x itself for 0 and -0"),
    # x - y floor(x / y) is exact where x and y have one sign; else the exact remainder plus y, rounded once.
    _primitive(
        "mod", 2, "x - y floor(x / y), of the sign of y", 60, d.mod, "Mod",
        domain="finite x, y != 0", special="NaN outside; mod(x, inf) is x, or inf for x < 0; a zero has the sign of y",
    ),
    # Functions: correctly rounded; special values as in C99 Annex F.
    _function("sqrt", "square root", "x >= 0", "NaN below 0, -0 for -0", 4, d.sqrt),
    _function("cbrt", "cube root, of negative x too", "all", "-0 for -0", 11, d.cbrt),
    _function("exp", "e to the x", "x < 88.73", "inf above, 0 for -inf", 8, d.exp),
    _function("exp2", "2 to the x", "x < 128", "inf above, 0 for -inf", 9, d.exp2),
    _function("expm1", "e to the x, minus 1", "x < 88.73", "inf above, -1 for -inf, -0 for -0", 10, d.expm1),
    _function("log", "natural logarithm", "x > 0", "-inf at 0, NaN below", 12, d.log, "ln"),
    _function("log2", "logarithm to base 2", "x > 0", "-inf at 0, NaN below", 10, d.log2),
    _function("log10", "logarithm to base 10", "x > 0", "-inf at 0, NaN below", 10, d.log10),
    _function("log1p", "natural logarithm of 1 + x", "x > -1", "-inf at -1, NaN below, -0 for -0", 14, d.log1p),
    _primitive(
        "pow", 2, "x to the y", 40, d.power, domain="x > 0, or y an integer",
        special="NaN for x < 0 and y no integer; pow(x, 0) and pow(1, y) are 1, for NaN too",
    ),
    _function("sin", "sine of x radians", "finite x", "NaN for inf, -0 for -0", 8, d.sin),
    _function("cos", "cosine of x radians", "finite x", "NaN for inf", 8, d.cos),
    _function("tan", "tangent of x radians", "finite x", "large near pi/2 + k pi, NaN for inf, -0 for -0", 14, d.tan),
    _function("asin", "arc sine", "|x| <= 1", "NaN outside, -0 for -0", 11, d.asin, "arcsin"),
    _function("acos", "arc cosine", "|x| <= 1", "NaN outside, 0 at 1", 13, d.acos, "arccos"),
    _function("atan", "arc tangent", "all", "pi/2 for inf, -0 for -0", 14, d.atan, "arctan"),
    _function("sinh", "hyperbolic sine", "|x| < 89.42", "inf outside, of the sign of x; -0 for -0", 9, d.sinh),
    _function("cosh", "hyperbolic cosine", "|x| < 89.42", "inf outside", 9, d.cosh),
    _function("tanh", "hyperbolic tangent", "all", "1 for inf, -0 for -0", 12, d.tanh),
    _function("asinh", "inverse hyperbolic sine", "all", "inf for inf, -0 for -0", 23, d.asinh, "arcsinh"),
    _function("acosh", "inverse hyperbolic cosine", "x >= 1", "NaN below 1, 0 at 1", 23, d.acosh, "arccosh"),
    _function("atanh", "inverse hyperbolic tangent", "|x| < 1", "inf at 1, NaN outside", 10, d.atanh, "arctanh"),
    _function("erf", "error function", "all", "1 for inf, -0 for -0", 20, d.erf),
    _function("erfc", "1 - erf(x), without cancellation", "all", "0 for inf, 2 for -inf", 22, d.erfc),
    _function(
        "gamma", "Euler's gamma function", "x < 35.04 but 0, -1, -2, ...",
        "inf above, inf at 0, -inf at -0; NaN at negative integers and -inf", 60, d.gamma, "tgamma",
    ),
    # Notation.
    _notation("square", 1, "x * x", 1, n.square, "abs2"),
    _notation("cube", 1, "(x * x) * x", 2, n.cube),
    _notation("inverse", 1, "1 / x", 4, n.inverse, "inv", domain="x != 0"),
    _notation("div_protected", 2, "|y| < 0.001 ? 1 : x / y, gplearn's div", 11, n.div_protected),
    _notation("log_protected", 1, "|x| < 0.001 ? 0 : log(|x|), gplearn's log", 17, n.log_protected),
    _notation("inverse_protected", 1, "|x| < 0.001 ? 0 : 1 / x, gplearn's inv", 10, n.inverse_protected),
    _notation("div_nonzero", 2, "y == 0 ? 1 : x / y, DEAP's protectedDiv", 6, n.div_nonzero),
    _notation("fma", 3, "x * y + z, rounded twice: never fused", 2, n.fma, "muladd"),
    _notation("aq", 2, "x / sqrt(y * y + 1), the analytic quotient", 10, n.analytic_quotient),
    _notation("sqrt_abs", 1, "sqrt(|x|)", 5, n.of_magnitude("sqrt"), "sqrtabs"),
    _notation("pow_abs", 2, "|x| to the y", 41, n.of_magnitude("pow"), "powabs"),
    _notation("log_abs", 1, "log(|x|)", 13, n.of_magnitude("log"), "logabs", domain="x != 0"),
    _notation("log2_abs", 1, "log2(|x|)", 11, n.of_magnitude("log2"), domain="x != 0"),
    _notation("log10_abs", 1, "log10(|x|)", 11, n.of_magnitude("log10"), domain="x != 0"),
    _notation("log1p_abs", 1, "log1p(|x|)", 15, n.of_magnitude("log1p")),
    _notation("acosh_abs", 1, "acosh(|x| + 1)", 25, n.acosh_abs),
    _notation("atanh_clip", 1, "atanh(mod(x + 1, 2) - 1)", 72, n.atanh_clip, domain="x not an odd integer"),
    _notation("cond", 2, "x > 0 ? y : 0, whatever y is", 1, n.cond),
    _notation("logical_or", 2, "x > 0 or y > 0 ? 1 : 0", 4, n.logical_or),
    _notation("logical_and", 2, "x > 0 and y > 0 ? 1 : 0", 4, n.logical_and),
    _notation("clamp", 3, "x > z ? z : x < y ? y : x", 4, n.clamp),
    _notation("sigmoid", 1, "1 / (1 + exp(-x))", 14, n.sigmoid, "logistic", "expit"),
    _notation("silu", 1, "x / (1 + exp(-x))", 14, n.silu, "swish"),
    _notation("softplus", 1, "log(1 + exp(x)), as log1p(exp(-|x|)) + relu(x)", 26, n.softplus),
)  # fmt: skip

OPERATORS: dict[str, Operator] = {row.name: row for row in _ROWS}
PRIMITIVES: tuple[str, ...] = tuple(row.name for row in _ROWS if row.expansion is None)
COMMUTATIVE: frozenset[str] = frozenset(row.name for row in _ROWS if row.commutative)
SPELLINGS: dict[str, str] = {spelling: row.name for row in _ROWS for spelling in (row.name, *row.spellings)}
