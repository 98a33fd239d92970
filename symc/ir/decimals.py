"""Numbers that are kept as decimals."""

from __future__ import annotations

from decimal import Context, Decimal
from fractions import Fraction

# Significant digits of a number as it is kept: more than any format of 64 bits tells apart.
DIGITS = 40


def decimal_of(number: Fraction) -> Decimal:
    """The nearest of DIGITS digits."""
    context = Context(prec=DIGITS)
    return context.normalize(context.divide(Decimal(number.numerator), Decimal(number.denominator)))
