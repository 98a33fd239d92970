"""Operators as sympy objects, and the one reading order of sums and products that text and code share."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache, lru_cache
from typing import ClassVar

import numpy as np
import sympy

from symc.errors import SymcError
from symc.ir.applied import apply
from symc.ir.evaluate import real
from symc.ir.ops import OPERATORS, PRIMITIVES
from symc.ir.powers import LARGEST_CHAIN

_SMALLEST = float(np.finfo(np.float32).smallest_normal)
_LARGEST = float(np.finfo(np.float32).max)


@cache
def symbol(name: str) -> sympy.Symbol:
    """The (real) sympy symbol of a feature."""
    return sympy.Symbol(name, real=True)


class _Opaque(sympy.Function):
    """An operator as a real function that sympy must leave as it is, except for folding numbers."""

    is_extended_real = True
    operator: ClassVar[str]

    @classmethod
    def eval(cls, *args: sympy.Expr) -> sympy.Expr | None:
        if cls.operator == "select" and args[0].is_Number:
            return args[1] if args[0] > 0 else args[2]
        return number(float(real(cls.operator, *map(float, args)))) if all(a.is_Number for a in args) else None

    def _eval_evalf(self, prec: int) -> sympy.Expr | None:
        return self.func(*(a._evalf(prec) for a in self.args)) if self.is_number else None


def _opaque_function(name: str) -> type[sympy.Function]:
    # sympy orders functions by their names; a capital sets ours apart from its own.
    body = {"operator": name, "nargs": OPERATORS[name].arity}
    return sympy.FunctionClass(name.capitalize(), (_Opaque,), body)


# Primitives that sympy writes as sums, products and powers.
_ARITHMETIC: dict[str, Callable[..., sympy.Expr]] = {
    "add": lambda x, y: x + y,
    "sub": lambda x, y: x - y,
    "mul": lambda x, y: multiply(x, y),
    "div": lambda x, y: x / y,
    "neg": lambda x: -x,
    "abs": lambda x: _absolute(x),
    "sqrt": lambda x: _power(x, sympy.Rational(1, 2)),
    "pow": lambda x, y: _power(x, y),
}
# Those that sympy may simplify by its own rules.
_KNOWN: dict[str, type[sympy.Function]] = {
    "abs": sympy.Abs,
    "exp": sympy.exp,
    "log": sympy.log,
    "sin": sympy.sin,
    "cos": sympy.cos,
    "tan": sympy.tan,
    "tanh": sympy.tanh,
}
# Every other primitive's name -> its class.
FUNCTIONS: dict[str, type[sympy.Function]] = _KNOWN | {
    name: _opaque_function(name) for name in PRIMITIVES if name not in _ARITHMETIC and name not in _KNOWN
}
NAME_OF: dict[type[sympy.Function], str] = {cls: name for name, cls in FUNCTIONS.items()}


def construct(name: str, *args: sympy.Expr) -> sympy.Expr:
    """Apply the operator `name` of the table; SymcError when the result is a number that is not finite."""
    expansion = OPERATORS[name].expansion
    if expansion is not None:
        return expansion(_Expressions(), args)
    build = _ARITHMETIC.get(name)
    result = apply(FUNCTIONS[name], *args) if build is None else build(*args)
    if not result.is_number:
        return result
    # Caught at once: an infinite or complex number would make sympy's comparisons fail further up.
    finite(result)
    # cos(1) would be carried along in a form of its own, and sort otherwise than the number that is written for it.
    return number(float(result)) if type(result) in NAME_OF else result


class _Expressions:
    """What notation is expanded with here."""

    op = staticmethod(construct)

    @staticmethod
    def const(value: float) -> sympy.Expr:
        return number(value)


def multiply(*args: sympy.Expr) -> sympy.Expr:
    """A product; a number times a sum stays factored, because multiplying out costs operations."""
    if len(args) == 2:
        x, y = sorted(args, key=lambda a: not a.is_Number)
        if x.is_Number and y.is_Mul:
            coefficient, y = y.as_coeff_Mul()
            x = x * coefficient
        if x.is_Number and x not in (0, 1, -1) and y.is_Add:
            return sympy.Mul(x, y, evaluate=False)
        args = (x, y)
    return sympy.Mul(*args)


def number(value: float) -> sympy.Expr:
    """A constant. 0, 1 and -1 are exact integers, so that sympy can drop them; all others are floats."""
    return sympy.Integer(int(value)) if value in (0.0, 1.0, -1.0) else sympy.Float(value)


def _power(base: sympy.Expr, exponent: sympy.Expr) -> sympy.Expr:
    """base**exponent; sympy leaves (x^2 |x|)^65 as two powers of |x|, which read back alone are one."""
    result = sympy.Pow(base, _exponent(exponent))
    return multiply(*result.args) if result.is_Mul else result


def _exponent(value: sympy.Expr) -> sympy.Expr:
    """Whole exponents become integers (a chain of products) and halves become square roots."""
    if value.is_Float:
        if float(value).is_integer() and abs(value) <= LARGEST_CHAIN:
            return sympy.Integer(int(value))
        if abs(value) == 0.5:
            return sympy.Rational(1, 2) * int(sympy.sign(value))
    return value


def _absolute(value: sympy.Expr) -> sympy.Expr:
    """|value|; sympy may leave |1/y^2| or 1/||y|| in a product as it is, which read back alone is simpler."""
    # Every value is real, or none: of a power whose sign it cannot tell sympy would take the real part.
    result = sympy.Abs(value).replace(sympy.re, lambda part: part)
    while True:
        parts = sympy.Mul.make_args(result)
        settled = [_evaluated(part) for part in parts]
        if settled == list(parts):
            return result
        result = multiply(*settled)


def _evaluated(part: sympy.Expr) -> sympy.Expr:
    base, exponent = part.as_base_exp()
    return sympy.Pow(sympy.Abs(*base.args), exponent) if isinstance(base, sympy.Abs) else part


def finite(expression: sympy.Expr) -> sympy.Expr:
    """Return the expression; raise SymcError when a constant part of it has no finite real value."""
    if expression.has(sympy.zoo, sympy.nan, sympy.oo, -sympy.oo, sympy.I):
        raise SymcError("a constant part of the equation has no finite real value (division by zero, log of 0 ...)")
    return expression


class Constant(sympy.NumberSymbol):
    """A positive float32 that sympy carries along unevaluated, as it does pi: never folded, never multiplied out."""

    is_real = True
    is_positive = True
    is_irrational = None
    is_number = True

    def __new__(cls, value: float) -> Constant:
        return _constant(value)

    def _hashable_content(self) -> tuple[str]:
        return (self.value.hex(),)

    def _as_mpf_val(self, prec: int) -> object:
        return sympy.Float(self.value)._as_mpf_val(prec)

    def _sympystr(self, printer: object) -> str:
        return self.value.hex()


@cache
def _constant(value: float) -> Constant:
    constant = sympy.NumberSymbol.__new__(Constant)
    constant.value = value
    return constant


def single_constants(expression: sympy.Expr) -> sympy.Expr:
    """Round every float to the nearest float32: 0, 1 and -1 then fold away. SymcError when one is not finite."""
    return finite(_map_floats(expression, lambda value: number(_single(value))))


# Lowered again where some equations of a program are kept as they are written.
@lru_cache(maxsize=128)
def opaque_constants(expression: sympy.Expr) -> sympy.Expr:
    """Replace every float by a `Constant` of the nearest float32, its sign outside, so that equal ones are one."""
    if _folds(expression):
        expression = single_constants(expression)
    return finite(_map_floats(expression, lambda value: _opaque(_single(value))))


def _folds(e: sympy.Expr) -> bool:
    """Whether sympy may fold something once numbers are float32: exact ones, and those that become 0, 1 or -1."""
    if e.is_Number:
        return e not in (0, 1, -1) and (not e.is_Float or _single(float(e)) in (0.0, 1.0, -1.0))
    return any(map(_folds, e.args[:1] if _is_structure(e) else e.args))


def _is_structure(e: sympy.Expr) -> bool:
    """Whether a power's exponent is structure (a chain of products, a square root), no number to compute with."""
    return isinstance(e, sympy.Pow) and bool(e.exp.is_Integer or abs(e.exp) == sympy.Rational(1, 2))


def _opaque(value: float) -> sympy.Expr:
    return Constant(value) if value > 0 else -Constant(-value)


def check_constants(expression: sympy.Expr) -> None:
    """Raise SymcError for a constant that is not zero and that float32 would make 0, subnormal or infinite."""
    for value in expression.atoms(sympy.Float):
        if value != 0 and not _SMALLEST <= abs(value) <= _LARGEST:
            raise SymcError(
                f"constant {float(value)!r} is outside float32's normal range", hint="Rescale the equation's variables."
            )


def _single(value: float) -> float:
    with np.errstate(over="ignore"):
        single = float(np.float32(value))
    if not np.isfinite(single):
        raise SymcError(f"constant {value!r} is not a finite float32", hint="Rescale the equation's variables.")
    return single


def _map_floats(expression: sympy.Expr, leaf: Callable[[float], sympy.Expr]) -> sympy.Expr:
    if expression.is_Number and expression not in (0, 1, -1):
        return leaf(float(expression))
    args = [_map_floats(a, leaf) for a in expression.args]
    if _is_structure(expression):
        args[1] = expression.exp
    if all(new is old for new, old in zip(args, expression.args, strict=True)):
        return expression
    return _like(expression, args)


def _like(expression: sympy.Expr, args: Sequence[sympy.Expr]) -> sympy.Expr:
    """The expression's operation with other arguments."""
    if expression.is_Mul:
        return multiply(*args)
    if isinstance(expression, sympy.Abs):
        return _absolute(*args)
    return apply(expression.func, *args) if expression.is_Function else expression.func(*args)


def signed_terms(expression: sympy.Expr) -> list[tuple[int, sympy.Expr]]:
    """The terms of a sum in reading order: added ones, then subtracted ones, a constant last; each without its sign."""
    terms = []
    for term in sympy.Add.make_args(expression):
        negative = _coefficient(term).is_negative
        terms.append((-1 if negative else 1, -term if negative else term))
    return sorted(terms, key=lambda t: (t[1].is_number, t[0] < 0, sympy.default_sort_key(t[1])))


def factors(expression: sympy.Expr) -> tuple[sympy.Expr, list[sympy.Expr], list[sympy.Expr]]:
    """A product as (number, numerators, denominators) in reading order, without negative powers."""
    coefficient, above, below = sympy.Integer(1), [], []
    for factor in sympy.Mul.make_args(expression):
        base, exponent = factor.as_base_exp()
        if factor.is_number and not _is_inverse(factor):
            coefficient = coefficient * factor
        elif exponent.is_number and exponent.is_negative and not isinstance(factor, sympy.exp):
            below.append(base ** (-exponent))
        else:
            above.append(factor)
    key = sympy.default_sort_key
    return coefficient, sorted(above, key=key), sorted(below, key=key)


def _is_inverse(factor: sympy.Expr) -> bool:
    return isinstance(factor, sympy.Pow) and not factor.base.is_number


def _coefficient(term: sympy.Expr) -> sympy.Expr:
    number_part = term.as_coeff_Mul()[0]
    return number_part if number_part.is_number else sympy.Integer(1)


def substitute(e: sympy.Expr, values: dict[sympy.Symbol, sympy.Expr]) -> sympy.Expr:
    """`e` with what `values` says in place of its symbols, built as the parser builds."""
    if e.is_Symbol:
        return values.get(e, e)
    if not e.args:
        return e
    args = [substitute(a, values) for a in e.args]
    return construct("pow", *args) if isinstance(e, sympy.Pow) else _like(e, args)
