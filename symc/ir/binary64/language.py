"""What the binary64 functions are written in: arrays of doubles and of 64-bit words, and few operations on them.

The files beside this one are read twice. numpy runs them: that is the oracle. runtime/double/write.py prints the
same statements as C and for Numba, one operation for each. So the order of operations is one and the same
everywhere, and every product is rounded before a sum takes it up. The rules that make this possible:

- a function takes and returns Double, Word, Flag, Pair or Angle, and says so in its annotations; - a statement
gives a name to an expression, or is one `for` over a range, or the last `return`; - an expression holds names,
constants, `+ - * /` of doubles, `+ - * // << >> & |` of words, comparisons, `&` and `|` of flags, calls of
functions here and beside, and table[word].
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple, TypeAlias

import numpy as np

# Arrays of float64, uint64 and bool, or one number for all of their elements.
Double: TypeAlias = Any
Word: TypeAlias = Any
Flag: TypeAlias = Any

# Adding it rounds a double below 2^51 to an integer, which then stands in the low bits of the sum's pattern.
SHIFT = 1.5 * 2.0**52


class Pair(NamedTuple):
    """The number hi + lo, which no double holds; |lo| is at most half a unit in the last place of hi."""

    hi: Double
    lo: Double


class Angle(NamedTuple):
    """k pi/64 + hi + lo, with |hi| <= pi/128; k counts modulo 128."""

    k: Word
    hi: Double
    lo: Double


def bits(x: Double) -> Word:
    """The bit pattern."""
    return np.asarray(x, np.float64).view(np.uint64)


def from_bits(u: Word) -> Double:
    """The double with that bit pattern."""
    return np.asarray(u, np.uint64).view(np.float64)


def as_double(u: Word) -> Double:
    """A word below 2^32 as a number: exact."""
    return np.asarray(u, np.uint64).astype(np.float64)


def where(condition: Flag, a: Any, b: Any) -> Any:
    """a where the condition holds, else b: doubles, words, or pairs."""
    if isinstance(a, Pair):
        return Pair(np.where(condition, a.hi, b.hi), np.where(condition, a.lo, b.lo))
    if isinstance(a, Angle):
        return Angle(*(np.where(condition, p, q) for p, q in zip(a, b, strict=True)))
    if getattr(b, "dtype", None) == np.uint64 or getattr(a, "dtype", None) == np.uint64:
        return np.where(condition, np.asarray(a, np.uint64), np.asarray(b, np.uint64))
    return np.where(condition, a, b)


def lookup(table: Sequence[float], k: Word) -> Double:
    """table[k]."""
    return np.asarray(table)[np.asarray(k).astype(np.intp)]


def word_at(table: Sequence[int], k: Word) -> Word:
    """table[k] of a table of words below 2^32."""
    return np.asarray(table, np.uint64)[np.asarray(k).astype(np.intp)]


def polynomial(t: Double, coefficients: Sequence[float]) -> Double:
    """Horner's rule, the constant term first."""
    total = np.asarray(coefficients[-1])
    for c in coefficients[-2::-1]:
        total = total * t + c
    return total


sqrt = np.sqrt
floor = np.floor


def magnitude(x: Double) -> Double:
    """|x|: the sign bit is cleared."""
    return from_bits(bits(x) & np.uint64(0x7FFFFFFFFFFFFFFF))


def with_sign(x: Double, y: Double) -> Double:
    """x >= 0 with the sign of y."""
    return from_bits(bits(x) | (bits(y) & np.uint64(0x8000000000000000)))


def times_sign(x: Double, y: Double) -> Double:
    """x, or -x where the sign of y is negative."""
    return from_bits(bits(x) ^ (bits(y) & np.uint64(0x8000000000000000)))
