"""Equations to one Program: sympy finds the shared subexpressions, then every sum and product gets its final order."""

from __future__ import annotations

from collections.abc import Sequence

import sympy

from symc.errors import SymcError
from symc.ir import passes
from symc.ir.powers import LARGEST_CHAIN, integer_power
from symc.ir.program import Builder, Program
from symc.ir.symbolic import NAME_OF, factors, opaque_constants, signed_terms, symbol


def lower(expressions: Sequence[sympy.Expr], features: Sequence[str], outputs: Sequence[str]) -> Program:
    """One program that computes every expression, with shared subexpressions computed once.

    `features` name the input columns in order; `outputs` name the expressions. The result depends on the arguments
    alone: not on hash seeds, not on sympy's internal order. Raises SymcError for an expression that is not made of
    the table's operators or whose constants are not finite in float32.
    """
    prepared = [opaque_constants(e) for e in expressions]
    # sympy's default x0, x1, ... would collide with features of that name.
    private = sympy.numbered_symbols("_shared_", real=True)
    shared, reduced = sympy.cse(prepared, symbols=private, order="canonical")
    builder = Builder(features)
    known = {symbol(name): builder.input(index) for index, name in enumerate(features)}
    for name, expression in shared:
        known[name] = _emit(builder, known, expression)
    results = [_emit(builder, known, expression) for expression in reduced]
    return passes.run(builder.finish(outputs, results))


def _emit(b: Builder, known: dict[sympy.Symbol, int], e: sympy.Expr) -> int:
    if e.is_Symbol:
        if e not in known:
            raise SymcError(f"the equation uses {e.name!r}, which is not an input", hint="Name it among the features.")
        return known[e]
    if e.is_number:
        return b.const(float(e))
    if isinstance(e, sympy.Add):
        return _emit_sum(b, known, e)
    if isinstance(e, sympy.Pow) and not (e.exp.is_number and e.exp.is_negative):
        return _emit_power(b, known, e.base, e.exp)
    if isinstance(e, sympy.Mul | sympy.Pow):
        return _emit_product(b, known, e)
    name = NAME_OF.get(e.func)
    if name is None:
        raise SymcError(f"operator {e.func.__name__!r} is not in the operator table")
    return b.op(name, *(_emit(b, known, a) for a in e.args))


def _emit_sum(b: Builder, known: dict[sympy.Symbol, int], e: sympy.Expr) -> int:
    total: int | None = None
    for sign, term in signed_terms(e):
        value = _emit(b, known, term)
        if total is None:
            total = b.op("neg", value) if sign < 0 else value
        else:
            total = b.op("sub" if sign < 0 else "add", total, value)
    assert total is not None
    return total


def _emit_product(b: Builder, known: dict[sympy.Symbol, int], e: sympy.Expr) -> int:
    coefficient, above, below = factors(e)
    minus = coefficient == -1
    values = [_emit(b, known, f) for f in above]
    if coefficient not in (1, -1):
        values.insert(0, b.const(float(coefficient)))
    result = _chain(b, values) if values else b.const(1.0)
    if below:
        result = b.op("div", result, _chain(b, [_emit(b, known, f) for f in below]))
    return b.op("neg", result) if minus else result


def _emit_power(b: Builder, known: dict[sympy.Symbol, int], base: sympy.Expr, exponent: sympy.Expr) -> int:
    value = _emit(b, known, base)
    if exponent == sympy.Rational(1, 2):
        return b.op("sqrt", value)
    if exponent.is_Integer and exponent <= LARGEST_CHAIN:
        return integer_power(b, value, int(exponent))
    return b.op("pow", value, _emit(b, known, exponent))


def _chain(b: Builder, values: list[int]) -> int:
    result = values[0]
    for value in values[1:]:
        result = b.op("mul", result, value)
    return result
