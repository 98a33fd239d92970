"""A Program in arithmetic that does not overflow, for what float64 is compared with."""

from __future__ import annotations

import math

import numpy as np
from flint import arb, ctx
from numpy.typing import NDArray

from symc.ir.program import Program
from symc.ir.reference import PRECISION, Balls, Undecided


def without_overflow(program: Program, points: NDArray[np.floating]) -> NDArray[np.float64]:
    """(n, n_out): what `program` gives at points (n, n_in) in ball arithmetic of 200 bits, to float64.

    NaN where there is no real value, where it is beyond float64, and where so many bits do not tell.
    """
    found = np.full((len(points), program.n_out), np.nan)
    algebra = Balls({})
    with ctx.workprec(PRECISION):
        for row, point in enumerate(points.tolist()):
            values: list[arb] = []
            try:
                for step in program.instructions:
                    if step.op == "input":
                        values.append(arb(point[step.index]))
                    elif step.op == "const":
                        values.append(arb(step.value))
                    else:
                        values.append(algebra.op(step.op, *(values[a] for a in step.args)))
            except Undecided:
                continue
            results = [float(values[r].mid()) if values[r].is_finite() else math.nan for r in program.results]
            found[row] = [value if math.isfinite(value) else math.nan for value in results]
    return found
