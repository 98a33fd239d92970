"""Each function of fixed point against its real value: in ends, powers of two and points spread over its operands."""

from __future__ import annotations

from collections.abc import Callable

import mpmath
import numpy as np
import pytest

from symc.fixed import functions16
from symc.fixed.functions import FUNCTIONS, I64
from symc.fixed.program import mantissa
from symc.fixed.word import WORDS

# Operator, format of the operand, of the result, and the operands between which the result fits.
CASES = [
    ("exp", 29, 28, -3.9, 2.0), ("exp", 26, 12, -31.0, 13.1), ("exp", 12, -8, -200.0, 26.9),
    ("exp", 2, 0, -100.0, 21.2),
    ("exp2", 30, 29, -1.9, 1.9), ("exp2", 26, 18, -31.0, 12.9),
    ("log", 30, 30, 0.3, 1.9), ("log", 20, 26, 1e-6, 2000.0), ("log", 0, 25, 1.0, 2e9), ("log", 40, 20, 1e-12, 1e-3),
    ("log2", 30, 30, 0.3, 1.9), ("log2", 20, 25, 1e-6, 2000.0),
    ("log10", 30, 30, 0.3, 1.9), ("log10", 20, 26, 1e-6, 2000.0),
    ("sin", 30, 30, -1.9, 1.9), ("sin", 20, 30, -2000.0, 2000.0), ("sin", 0, 30, -2e9, 2e9), ("sin", 28, 16, -7.0, 7.0),
    ("cos", 30, 30, -1.9, 1.9), ("cos", 20, 30, -2000.0, 2000.0), ("cos", 28, 16, -7.0, 7.0),
    ("tanh", 30, 30, -1.9, 1.9), ("tanh", 26, 30, -30.0, 30.0), ("tanh", 3, 16, -2e8, 2e8),
    ("atan", 30, 30, -1.9, 1.9), ("atan", 26, 30, -30.0, 30.0), ("atan", 1, 16, -1e9, 1e9),
    ("sqrt", 30, 29, 0.0, 1.9), ("sqrt", 0, 14, 0.0, 2e9), ("sqrt", 28, 27, 0.0, 7.9),
]  # fmt: skip
REAL: dict[str, Callable[[mpmath.mpf], mpmath.mpf]] = {
    "exp2": lambda x: mpmath.mpf(2) ** x,
    "log2": lambda x: mpmath.log(x, 2),
    "log10": lambda x: mpmath.log(x, 10),
    **{op: getattr(mpmath, op) for op in ("exp", "log", "sin", "cos", "tanh", "atan", "sqrt")},
}


def stated(bits: int, op: str, size: mpmath.mpf) -> mpmath.mpf:
    """The error beside the rounding to the format, of a result of that size."""
    return WORDS[bits].absolute.get(op, 0.0) + WORDS[bits].relative.get(op, 0.0) * size


def operands(point: int, low: float, high: float) -> np.ndarray:
    """Both ends, numbers next to zero and to powers of two, and numbers between."""
    first, last = mantissa(low, point), min(mantissa(high, point), WORDS[32].largest)
    generator = np.random.Generator(np.random.PCG64(0))
    near = [s * (1 << k) + d for k in range(31) for s in (1, -1) for d in (-1, 0, 1)]
    picked = np.concatenate([near, generator.integers(first, last + 1, 300), [0, first, first + 1, last - 1, last]])
    return np.unique(np.clip(picked, first, last)).astype(np.int64)


@pytest.mark.parametrize(("op", "point", "result", "low", "high"), CASES)
def test_within_its_stated_error(op: str, point: int, result: int, low: float, high: float) -> None:
    m = operands(point, low, high)
    m = m[m > 0] if op.startswith("log") else m
    found = FUNCTIONS[op](m, point, result)
    assert np.abs(found).max() <= WORDS[32].largest
    with mpmath.workprec(120):
        for value, given in zip(found.tolist(), m.tolist(), strict=True):
            real = REAL[op](mpmath.ldexp(given, -point))
            error = abs(mpmath.ldexp(value, -result) - real)
            half = mpmath.mpf(2) ** -(result + 1)
            bound = half * (1.5 if op.startswith("log") else 1) + stated(32, op, abs(real))
            assert error <= bound, (given, value, float(error / (2 * half)))


@pytest.mark.parametrize("op", ["sin", "tanh", "atan"])
def test_odd_functions_differ_by_their_rounding_alone(op: str) -> None:
    m = operands(28, 0.0, 7.0)
    assert np.abs(FUNCTIONS[op](m, 28, 30) + FUNCTIONS[op](-m, 28, 30)).max() <= 4


def test_a_power_whose_exponent_is_next_to_a_whole_number() -> None:
    """Its fraction is 1 - 2^-32, where the polynomial has the largest sum."""
    m, point, result = 1814136475, 26, -9
    (found,) = FUNCTIONS["exp"](np.array([m], np.int64), point, result).tolist()
    assert found * 2.0**-result == pytest.approx(np.exp(m * 2.0**-point), rel=2.0**-29)


def test_exact_where_it_must_be() -> None:
    powers = np.array([1 << 20, 1 << 21, 1 << 25, 1 << 10], np.int64)
    assert FUNCTIONS["log2"](powers, 20, 20).tolist() == [0, 1 << 20, 5 << 20, -10 << 20]
    assert FUNCTIONS["exp2"](np.array([0, 1 << 20, -3 << 20], np.int64), 20, 20).tolist() == [1 << 20, 2 << 20, 1 << 17]
    assert FUNCTIONS["sqrt"](np.array([4 << 20, 9 << 20, 0, -5], np.int64), 20, 20).tolist() == [2 << 20, 3 << 20, 0, 0]
    assert FUNCTIONS["sin"](np.array([0], np.int64), 20, 30).tolist() == [0]


# Of 16 bits there are few enough operands for all of them: numpy's functions in extended precision are the real values.
EXTENDED: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    **{op: getattr(np, op) for op in ("exp", "exp2", "log", "log2", "log10", "sin", "cos", "tanh", "sqrt")},
    "atan": np.arctan,
}


def every_operand(op: str, point: int, result: int) -> tuple[I64, np.ndarray]:
    """All operands of 16 bits whose results fit, and the results' real values in units."""
    m = np.arange(-(2**15) + 1, 2**15, dtype=np.int64)
    m = m[m > 0] if op.startswith("log") else m[m >= 0] if op == "sqrt" else m
    real = EXTENDED[op](np.ldexp(m.astype(np.longdouble), -point)) * np.longdouble(2.0) ** result
    fits = np.abs(real) <= (2**14 if op == "sqrt" else 2**15) - 2
    return m[fits], real[fits]


@pytest.mark.parametrize("every", [False, pytest.param(True, marks=pytest.mark.long)])
@pytest.mark.parametrize("op", functions16.FUNCTIONS)
def test_of_16_bits_every_operand_is_within_the_stated_error(op: str, every: bool) -> None:
    """In every format of operands; in every format of results, or in some that are finest for many."""
    if np.finfo(np.longdouble).nmant < 60:
        pytest.skip("needs numpy's longdouble to be wider than double")
    least = WORDS[16].taken.get(op, (0, 14))[0]
    checked = 0
    for point in range(least, 15):
        for result in range(-12, 23) if op in ("exp", "exp2", "sqrt") else range(15):
            if not every and result not in (2, 9, 14):
                continue
            if op == "sqrt" and not 0 <= 2 * result - point <= 24:
                continue
            m, real = every_operand(op, point, result)
            # In coarser formats the same numbers are shifted further.
            if not len(m) or (np.abs(real).max() < 2**12 and op in ("exp", "exp2")):
                continue
            checked += len(m)
            error = np.abs(functions16.FUNCTIONS[op](m, point, result) - real)
            bound = (0.75 if op.startswith("log") else 0.5) + 1e-6
            unit = np.longdouble(2.0) ** result
            bound += WORDS[16].absolute.get(op, 0.0) * unit + WORDS[16].relative.get(op, 0.0) * np.abs(real)
            assert (error <= bound).all(), (point, result, m[(error - bound).argmax()])
    assert checked > 200_000
