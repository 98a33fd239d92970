"""Operators that are notation: what each stands for in primitives, for a Builder and for sympy alike."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol, TypeVar

T = TypeVar("T")

# The least float32 above 0.001: at least this is, of a float32, what gplearn asks for with > 0.001 in double precision.
_PROTECTED = 0.001000000047497451


class Maker(Protocol[T]):
    """What an expansion or a derivative is made with: symc.ir.program.Builder, or sympy's expressions."""

    def op(self, name: str, *args: T) -> T: ...

    def const(self, value: float) -> T: ...


Expansion = Callable[[Maker[T], tuple[T, ...]], T]


def of_magnitude(name: str) -> Expansion[T]:
    """`name` of |x|, and of the other operands as they are."""

    def expansion(m: Maker[T], a: tuple[T, ...]) -> T:
        return m.op(name, m.op("abs", a[0]), *a[1:])

    return expansion


def square(m: Maker[T], a: tuple[T, ...]) -> T:
    return m.op("mul", a[0], a[0])


def cube(m: Maker[T], a: tuple[T, ...]) -> T:
    return m.op("mul", square(m, a), a[0])


def inverse(m: Maker[T], a: tuple[T, ...]) -> T:
    return m.op("div", m.const(1.0), a[0])


def div_protected(m: Maker[T], a: tuple[T, ...]) -> T:
    return _protected(m, a[1], m.op("div", m.op("mul", a[0], m.op("sign", a[1])), _away(m, a[1])), 1.0)


def log_protected(m: Maker[T], a: tuple[T, ...]) -> T:
    return _protected(m, a[0], m.op("log", _away(m, a[0])), 0.0)


def inverse_protected(m: Maker[T], a: tuple[T, ...]) -> T:
    return _protected(m, a[0], m.op("div", m.op("sign", a[0]), _away(m, a[0])), 0.0)


def div_nonzero(m: Maker[T], a: tuple[T, ...]) -> T:
    return m.op("select", m.op("eq", a[1], m.const(0.0)), m.const(1.0), m.op("div", *a))


def fma(m: Maker[T], a: tuple[T, ...]) -> T:
    return m.op("add", m.op("mul", a[0], a[1]), a[2])


def analytic_quotient(m: Maker[T], a: tuple[T, ...]) -> T:
    return m.op("div", a[0], m.op("sqrt", m.op("add", square(m, a[1:]), m.const(1.0))))


def acosh_abs(m: Maker[T], a: tuple[T, ...]) -> T:
    return m.op("acosh", m.op("add", m.op("abs", a[0]), m.const(1.0)))


def atanh_clip(m: Maker[T], a: tuple[T, ...]) -> T:
    one = m.const(1.0)
    return m.op("atanh", m.op("sub", m.op("mod", m.op("add", a[0], one), m.const(2.0)), one))


def cond(m: Maker[T], a: tuple[T, ...]) -> T:
    return m.op("select", a[0], a[1], m.const(0.0))


def logical_or(m: Maker[T], a: tuple[T, ...]) -> T:
    return m.op("max", *_positive(m, a))


def logical_and(m: Maker[T], a: tuple[T, ...]) -> T:
    return m.op("min", *_positive(m, a))


def clamp(m: Maker[T], a: tuple[T, ...]) -> T:
    x, low, high = a
    return m.op("select", m.op("gt", x, high), high, m.op("select", m.op("lt", x, low), low, x))


def sigmoid(m: Maker[T], a: tuple[T, ...]) -> T:
    return m.op("div", m.const(1.0), m.op("add", m.op("exp", m.op("neg", a[0])), m.const(1.0)))


def silu(m: Maker[T], a: tuple[T, ...]) -> T:
    return m.op("div", a[0], m.op("add", m.op("exp", m.op("neg", a[0])), m.const(1.0)))


def softplus(m: Maker[T], a: tuple[T, ...]) -> T:
    decay = m.op("exp", m.op("neg", m.op("abs", a[0])))
    return m.op("add", m.op("log1p", decay), m.op("relu", a[0]))


def _protected(m: Maker[T], x: T, value: T, otherwise: float) -> T:
    return m.op("select", m.op("ge", m.op("abs", x), m.const(_PROTECTED)), value, m.const(otherwise))


def _away(m: Maker[T], x: T) -> T:
    """|x|, kept from zero where it is not used: so the quotient is bounded, for the proof of ranges too."""
    return m.op("max", m.op("abs", x), m.const(_PROTECTED))


def _positive(m: Maker[T], a: tuple[T, ...]) -> tuple[T, ...]:
    nothing = m.const(0.0)
    return tuple(m.op("gt", x, nothing) for x in a)
