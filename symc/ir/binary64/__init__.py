"""The functions of double precision: one fixed sequence of operations each (docs/float64.md)."""

from symc.ir.binary64.arcs import acos, asin, atan
from symc.ir.binary64.circular import cos, sin, tan
from symc.ir.binary64.errors import erf, erfc
from symc.ir.binary64.exponential import cosh, exp, exp2, expm1, sinh, tanh
from symc.ir.binary64.gammas import gamma
from symc.ir.binary64.logarithm import acosh, asinh, atanh, log, log1p, log2, log10
from symc.ir.binary64.powers import cbrt, pow

# Operator -> the function of arrays of doubles that it is.
BINARY64 = {
    function.__name__: function
    for function in (
        *(acos, acosh, asin, asinh, atan, atanh, cbrt, cos, cosh, erf, erfc, exp, exp2, expm1, gamma),
        *(log, log10, log1p, log2, pow, sin, sinh, tan, tanh),
    )
}

__all__ = ["BINARY64"]
