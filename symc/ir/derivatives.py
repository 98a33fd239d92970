"""Partial derivatives of the primitive operators, as float32 operations that a Builder appends.

Each takes (builder, arguments, result) and gives one value per argument; None is exactly zero. Formulas are chosen so
that nothing overflows or cancels before the derivative itself does, and so that outside an operator's domain the
derivative is NaN where that costs nothing. Every target computes them to the same bits, as it does any program.
"""

from __future__ import annotations

import math

from symc.ir.notation import Maker

Values = tuple[int, ...]
Partials = tuple[int | None, ...]

# B_2k / 2k of the asymptotic series digamma(z) = ln z - 1/(2z) - sum (B_2k / 2k) / z^2k (Abramowitz and Stegun 6.3.18).
_DIGAMMA_SERIES = (1 / 12, -1 / 120, 1 / 252)
# Steps of the recurrence before the series: the first term left out is below 3e-9 from 6 on.
_DIGAMMA_SHIFT = 6


def zero(b: Maker[int], a: Values, r: int) -> Partials:
    return (None,) * len(a)


def add(b: Maker[int], a: Values, r: int) -> Partials:
    return b.const(1.0), b.const(1.0)


def sub(b: Maker[int], a: Values, r: int) -> Partials:
    return b.const(1.0), b.const(-1.0)


def mul(b: Maker[int], a: Values, r: int) -> Partials:
    return a[1], a[0]


def div(b: Maker[int], a: Values, r: int) -> Partials:
    reciprocal = _inverse(b, a[1])
    return reciprocal, b.op("neg", b.op("mul", r, reciprocal))


def neg(b: Maker[int], a: Values, r: int) -> Partials:
    return (b.const(-1.0),)


def absolute(b: Maker[int], a: Values, r: int) -> Partials:
    """0 at 0."""
    return (b.op("sign", a[0]),)


def minimum(b: Maker[int], a: Values, r: int) -> Partials:
    """Where both are equal, that of the first."""
    return _unless(b, "gt", *a), _unless(b, "le", *a)


def maximum(b: Maker[int], a: Values, r: int) -> Partials:
    """Where both are equal, that of the first."""
    return _unless(b, "lt", *a), _unless(b, "ge", *a)


def relu(b: Maker[int], a: Values, r: int) -> Partials:
    """0 at 0."""
    return (_unless(b, "le", a[0], b.const(0.0)),)


def select(b: Maker[int], a: Values, r: int) -> Partials:
    """1 for the value chosen; the condition moves nothing."""
    one, nothing = b.const(1.0), b.const(0.0)
    return None, b.op("select", a[0], one, nothing), b.op("select", a[0], nothing, one)


def mod(b: Maker[int], a: Values, r: int) -> Partials:
    """1 and -floor(x / y), the whole quotient from the remainder itself: a rounded x / y may miss it by one."""
    return b.const(1.0), b.op("round", b.op("div", b.op("sub", r, a[0]), a[1]))


def sqrt(b: Maker[int], a: Values, r: int) -> Partials:
    return (b.op("div", b.const(0.5), r),)


def cbrt(b: Maker[int], a: Values, r: int) -> Partials:
    """1 / (3 r^2): infinite at 0."""
    return (b.op("div", b.const(1 / 3), _square(b, r)),)


def power(b: Maker[int], a: Values, r: int) -> Partials:
    """By y 0 where x^y is 0, as at x = 0, where log(x) is infinite."""
    x, y = a
    lower = b.op("pow", x, b.op("sub", y, b.const(1.0)))
    by_exponent = b.op("mul", r, b.op("log", x))
    return b.op("mul", y, lower), b.op("select", b.op("abs", r), by_exponent, r)


def exp(b: Maker[int], a: Values, r: int) -> Partials:
    return (r,)


def exp2(b: Maker[int], a: Values, r: int) -> Partials:
    return (b.op("mul", b.const(math.log(2)), r),)


def expm1(b: Maker[int], a: Values, r: int) -> Partials:
    """e^x: expm1(x) + 1 would lose all digits of what is near 0."""
    return (b.op("exp", a[0]),)


def log(b: Maker[int], a: Values, r: int) -> Partials:
    return (_inverse(b, a[0]),)


def log2(b: Maker[int], a: Values, r: int) -> Partials:
    return (b.op("div", b.const(1 / math.log(2)), a[0]),)


def log10(b: Maker[int], a: Values, r: int) -> Partials:
    return (b.op("div", b.const(1 / math.log(10)), a[0]),)


def log1p(b: Maker[int], a: Values, r: int) -> Partials:
    return (_inverse(b, b.op("add", a[0], b.const(1.0))),)


def sin(b: Maker[int], a: Values, r: int) -> Partials:
    return (b.op("cos", a[0]),)


def cos(b: Maker[int], a: Values, r: int) -> Partials:
    return (b.op("neg", b.op("sin", a[0])),)


def tan(b: Maker[int], a: Values, r: int) -> Partials:
    return (b.op("add", b.const(1.0), _square(b, r)),)


def asin(b: Maker[int], a: Values, r: int) -> Partials:
    """1 / sqrt((1 - x) (1 + x)): 1 - x^2 would cancel near 1."""
    return (_inverse(b, b.op("sqrt", _one_minus_square(b, a[0]))),)


def acos(b: Maker[int], a: Values, r: int) -> Partials:
    return (b.op("neg", _inverse(b, b.op("sqrt", _one_minus_square(b, a[0])))),)


def atan(b: Maker[int], a: Values, r: int) -> Partials:
    return (_inverse(b, b.op("add", _square(b, a[0]), b.const(1.0))),)


def sinh(b: Maker[int], a: Values, r: int) -> Partials:
    return (b.op("cosh", a[0]),)


def cosh(b: Maker[int], a: Values, r: int) -> Partials:
    return (b.op("sinh", a[0]),)


def tanh(b: Maker[int], a: Values, r: int) -> Partials:
    return (b.op("sub", b.const(1.0), _square(b, r)),)


def asinh(b: Maker[int], a: Values, r: int) -> Partials:
    """1 / sqrt(x^2 + 1); 0 once x^2 overflows, above 1.8e19."""
    return (_inverse(b, b.op("sqrt", b.op("add", _square(b, a[0]), b.const(1.0)))),)


def acosh(b: Maker[int], a: Values, r: int) -> Partials:
    """1 / sqrt(x - 1) / sqrt(x + 1), a root each: the product would overflow, and be positive below -1. As quotients,
    because at 1 the derivative of a product would be 0 times infinity."""
    x, one = a[0], b.const(1.0)
    first = _inverse(b, b.op("sqrt", b.op("sub", x, one)))
    return (b.op("div", first, b.op("sqrt", b.op("add", x, one))),)


def atanh(b: Maker[int], a: Values, r: int) -> Partials:
    return (_inverse(b, _one_minus_square(b, a[0])),)


def erf(b: Maker[int], a: Values, r: int) -> Partials:
    return (_bell(b, a[0], 2 / math.sqrt(math.pi)),)


def erfc(b: Maker[int], a: Values, r: int) -> Partials:
    return (_bell(b, a[0], -2 / math.sqrt(math.pi)),)


def gamma(b: Maker[int], a: Values, r: int) -> Partials:
    return (b.op("mul", r, digamma(b, a[0])),)


def digamma(b: Maker[int], x: int) -> int:
    """The derivative of ln |gamma(x)|, within 1e-6 max(1, |digamma(x)|) of it; infinite or NaN at its poles.

    Six steps of the recurrence digamma(x) = digamma(x + 1) - 1/x, then the asymptotic series; negative x by reflection
    about 1/2 (Abramowitz and Stegun 6.3.7), where x - round(x), which is exact, takes the place of x in the tangent.
    """
    one, nothing = b.const(1.0), b.const(0.0)
    negative = b.op("lt", x, nothing)
    y = b.op("select", negative, b.op("sub", one, x), x)
    steps = _inverse(b, y)
    for k in range(1, _DIGAMMA_SHIFT):
        steps = b.op("add", steps, _inverse(b, b.op("add", y, b.const(k))))
    z = b.op("add", y, b.const(_DIGAMMA_SHIFT))
    inverse = _inverse(b, z)
    inverse_square = _square(b, inverse)
    series = b.const(_DIGAMMA_SERIES[-1])
    for coefficient in _DIGAMMA_SERIES[-2::-1]:
        series = b.op("add", b.op("mul", series, inverse_square), b.const(coefficient))
    series = b.op("add", b.op("mul", series, inverse_square), b.op("mul", b.const(0.5), inverse))
    value = b.op("sub", b.op("sub", b.op("log", z), series), steps)
    turn = b.op("mul", b.const(math.pi), b.op("sub", x, b.op("round", x)))
    reflected = b.op("div", b.const(math.pi), b.op("tan", turn))
    return b.op("sub", value, b.op("select", negative, reflected, nothing))


def _inverse(b: Maker[int], x: int) -> int:
    return b.op("div", b.const(1.0), x)


def _unless(b: Maker[int], comparison: str, x: int, y: int) -> int:
    """0 where the comparison holds, 1 elsewhere and for NaN, as a selection: a product with the 0 of a comparison would
    make NaN of an infinite derivative behind it."""
    return b.op("select", b.op(comparison, x, y), b.const(0.0), b.const(1.0))


def _square(b: Maker[int], x: int) -> int:
    return b.op("mul", x, x)


def _one_minus_square(b: Maker[int], x: int) -> int:
    """(1 - x) (1 + x); at 1 and -1, where a derivative of this product would be 0 times infinity, 1 - x^2."""
    one = b.const(1.0)
    product = b.op("mul", b.op("sub", one, x), b.op("add", one, x))
    return b.op("select", product, product, b.op("sub", one, _square(b, x)))


def _bell(b: Maker[int], x: int, scale: float) -> int:
    return b.op("mul", b.const(scale), b.op("exp", b.op("neg", _square(b, x))))
