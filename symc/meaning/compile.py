"""From the texts of equations to the one Program that build, verify and load agree on.

sympy arranges an equation better than people write it: it collects equal terms, cancels equal factors and shares parts.
Some of that changes a value: x/x is 1 where x is 0 too, a product may overflow where the text's quotient does not. So
the equation is lowered twice, arranged and as it is written, and the arranged form is taken only where it is nowhere
worse at the points of symc.meaning.points.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import sympy
from numpy.typing import NDArray

from symc.errors import SymcError
from symc.ir import passes
from symc.ir.evaluate import evaluate
from symc.ir.formats import FLOAT32, Format
from symc.ir.lower import lower
from symc.ir.parse import expression_of
from symc.ir.passes import alone
from symc.ir.program import Builder, Program
from symc.ir.reading import Steps, read
from symc.ir.reference import real_values
from symc.ir.symbolic import check_constants
from symc.ir.written import as_written
from symc.meaning.points import Box, inside, odd
from symc.meaning.rounding import F64, MARGIN, rounding_bound, unit

Real = NDArray[np.floating]

# Steps times points: what a comparison may cost.
_WORK = 200_000
_FEWEST, _MOST = 32, 512
# Odd points at which what is built is checked.
ODD = 256


def program_of(
    texts: Sequence[str],
    features: Sequence[str],
    outputs: Sequence[str],
    domain: Box | None = None,
    format: Format = FLOAT32,
) -> Program:
    """One program for all equations, each arranged by sympy where that is nowhere worse, else as it is written.

    domain: (lo, hi) per input, or None. Other formats than float32 have the text's own order: sympy folds constants in
    53 digits, which is as many as they have. The result depends on the arguments alone. Raises SymcError for text that
    is no equation and for a constant that the format cannot hold.
    """
    readings = [read(text, features) for text in texts]
    written = as_written(readings, features, outputs, format)
    if format != FLOAT32:
        return written
    expressions = {k: expression for k, steps in enumerate(readings) if (expression := _arranged(steps)) is not None}
    if not expressions:
        return written
    # All are lowered once: what an equation that is left out shared with others stays theirs, and was compared so.
    arranged = lower(list(expressions.values()), features, [outputs[k] for k in expressions])
    chosen = {
        k: column
        for column, k in enumerate(expressions)
        if not _is_worse(arranged, column, written, k, readings[k], domain)
    }
    if not chosen:
        return written
    return arranged if len(chosen) == len(readings) else _joined(written, arranged, chosen)


def is_as_good(program: Program, text: str, domain: Box | None = None) -> bool:
    """Whether a program of one output is nowhere worse than `text`, over the same inputs, computed as it is written."""
    steps = read(text, program.inputs)
    return not _is_worse(program, 0, as_written([steps], program.inputs, program.outputs), 0, steps, domain)


def points(domain: Box | None, n_in: int, steps: int, format: Format = FLOAT32) -> Real:
    """Rows inside the domain: as many as an equation of that many steps allows in reasonable time."""
    return inside(domain, n_in, min(max(_WORK // max(steps, 1), _FEWEST), _MOST), format)


def _arranged(steps: Steps) -> sympy.Expr | None:
    """An equation as sympy has it; None where it is folded to a constant which float32 cannot hold."""
    try:
        expression = expression_of(steps)
        check_constants(expression)
    except SymcError:
        return None
    return expression


def _is_worse(
    arranged: Program, column: int, written: Program, output: int, steps: Steps, domain: Box | None
) -> bool:
    """Whether an output has other special values, or errors that rounding does not explain, where the text has none."""
    new, old = alone(arranged, column), alone(written, output)
    if new == old:
        return False
    within = points(domain, old.n_in, len(steps))
    strange = odd(old.n_in, min(len(within), 256))
    for x in (within, strange):
        v, v0 = (evaluate(program, x)[:, 0].astype(np.float64) for program in (new, old))
        finite = np.isfinite(v) & np.isfinite(v0)
        if (finite != np.isfinite(v0)).any():
            return True
        # A bound costs more than the values: it is asked for only where they are more than a unit apart.
        apart = np.isfinite(x).all(axis=1) & finite
        apart[apart] = np.abs(v[apart] - v0[apart]) > unit(v0[apart])
        if apart.any() and _beyond_rounding(old, x[apart], np.abs(v[apart] - v0[apart]), v0[apart]):
            return True
        other = ~finite & ~((v == v0) | (np.isnan(v) & np.isnan(v0)))
        # Where the text's own order overflows on its way to a value, another order may reach it.
        if other.any() and not np.isfinite(real_values(steps, old.inputs, np.where(np.isfinite(x), x, 0)[other])).all():
            return True
        if (other & ~np.isfinite(x).all(axis=1)).any():
            return True
    # Of a long equation the loop takes few points; what is built is checked at all of these.
    return bool(other_kinds(new, old, odd(old.n_in, ODD)).any())


def _beyond_rounding(written: Program, x: Real, error: F64, value: F64) -> bool:
    """Whether an error at finite inputs is larger than other orders of the same operations explain."""
    return bool((error > (MARGIN - 1.0) * rounding_bound(written, x)[:, 0] + unit(value)).any())


def other_kinds(program: Program, written: Program, rows: Real) -> NDArray[np.bool_]:
    """(n, n_out): where a program gives another kind of value, finite, infinite or NaN, than the text as written."""
    value, plain = (evaluate(p, rows) for p in (program, written))
    differ = (np.isnan(value) != np.isnan(plain)) | (np.isposinf(value) != np.isposinf(plain))
    differ |= np.isneginf(value) != np.isneginf(plain)
    # Between finite inputs and a result that overflows, another order may overflow elsewhere; it must not sooner.
    sooner = np.isfinite(plain) & ~np.isfinite(value)
    return np.asarray(differ & (sooner | ~np.isfinite(rows).all(axis=1).reshape(-1, 1)))


def _joined(written: Program, arranged: Program, chosen: Mapping[int, int]) -> Program:
    """`written`, with the outputs in `chosen` from their columns of `arranged`."""
    builder = Builder(written.inputs, written.format)
    places = builder.include(written)
    results = [places[r] for r in written.results]
    places = builder.include(arranged)
    for k, column in chosen.items():
        results[k] = places[arranged.results[column]]
    return passes.run(builder.finish(written.outputs, results))
