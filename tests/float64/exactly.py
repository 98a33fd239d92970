"""The real value of a function at doubles, by ball arithmetic, and how far a double is from it."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from flint import arb, ctx
from numpy.typing import NDArray

F64 = NDArray[np.float64]
_BITS = 200
# Of one ball; the others are methods of arb with the operator's own name.
_SPELLED: dict[str, Callable[..., arb]] = {
    "exp2": lambda x: arb(2) ** x,
    "log2": lambda x: x.log() / arb(2).log(),
    "log10": lambda x: x.log() / arb(10).log(),
    "cbrt": lambda x: -((-x).root(3)) if x < 0 else x.root(3),
    "pow": lambda x, y: x**y,
}


def ulps(name: str, found: F64, *args: F64) -> F64:
    """|found - exact| in units in the last place of the exact value, whose unit is 2^-1074 where it is subnormal."""
    call = _SPELLED.get(name, lambda x: getattr(x, name)())
    errors = np.empty(len(found))
    # More where the result's digits lie far behind those of the operand.
    with ctx.workprec(2400 if name in ("sin", "cos", "tan") else _BITS):
        for k, (value, *operands) in enumerate(zip(found.tolist(), *(a.tolist() for a in args), strict=True)):
            exact = call(*map(arb, operands))
            if not exact.is_finite():
                errors[k] = np.nan
                continue
            middle = float(exact.mid())
            unit = np.spacing(abs(middle)) if np.isfinite(middle) else 2.0**971
            if np.isinf(value):
                # As good as the number that would follow the largest one.
                beyond = arb(2) ** 1024 - abs(exact)
                errors[k] = max(float((beyond / arb(2) ** 971).mid()), 0.0)
                continue
            # In a scale where a double holds the quotient.
            errors[k] = abs(float(((arb(value) - exact) / arb(float(unit))).mid()))
    return errors
