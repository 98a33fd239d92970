"""The reference: every operator is the real function that the table says, by an evaluation of its own."""

from __future__ import annotations

import numpy as np
import pytest

from symc.ir.evaluate import evaluate
from symc.ir.ops import OPERATORS, PRIMITIVES
from symc.ir.reading import read
from symc.ir.reference import REAL, real_value, real_values
from symc.ir.written import as_written

NAMES = ("x0", "x1", "x2")


def test_every_primitive_has_a_real_function() -> None:
    assert set(REAL) == set(PRIMITIVES)


@pytest.mark.parametrize("name", [n for n in OPERATORS if n != "neg"])
def test_an_operator_means_what_the_oracle_computes(name: str) -> None:
    """Of one operator the oracle's float32 is the real value, rounded: to half a unit, notation to a few."""
    row = OPERATORS[name]
    arguments = NAMES[: row.arity]
    text = f"x0 {row.symbol} x1" if row.symbol else f"{name}({', '.join(arguments)})"
    x = np.random.default_rng(0).uniform(-4, 4, (400, 3)).astype(np.float32)
    x[::7] = np.rint(x[::7])
    steps = read(text, NAMES)
    got = evaluate(as_written([steps], NAMES, ["y"]), x)[:, 0].astype(np.float64)
    real = real_values(steps, NAMES, x)
    told = np.isfinite(real) & np.isfinite(got)
    assert told.sum() > 50
    unit = np.exp2(np.floor(np.log2(np.maximum(np.abs(real[told]), 1e-30))) - 23)
    # Notation rounds more than once, and may cancel on the way.
    limit = 0.5000001 * unit if row.expansion is None else 8 * unit + 1e-4 * np.maximum(np.abs(real[told]), 0.01)
    assert (np.abs(got - real)[told] <= limit).all()
    # Where there is no real value the float is none or a limit, and never where there is one.
    assert np.isfinite(got[np.isfinite(real)]).all()


@pytest.mark.parametrize(
    ("text", "x", "value"),
    [
        ("x0*1e-50", 2.0, "2.00000e-50"),
        ("exp(x0)", 1e30, None),
        ("sin(x0)", 1e30, "0.00933147"),
        ("round(x0)", 2.5, "2.00000"),
        ("round(x0)", -3.5, "-4.00000"),
        ("mod(x0, 3)", -4.0, "2.00000"),
        ("x0^3", -2.0, "-8.00000"),
        ("x0^0", 0.0, "1.00000"),
        ("cbrt(x0)", -27.0, "-3.00000"),
        ("(x0 + 1) - x0", 1e30, "1.00000"),
    ],
)
def test_values(text: str, x: float, value: str | None) -> None:
    found = real_value(read(text, NAMES), NAMES, [x, 0.0, 0.0])
    assert found is not None and found.is_finite()
    if value is not None:
        assert found.str(6, radius=False) == value


@pytest.mark.parametrize(
    ("text", "x"),
    [
        *(("1/(x0 - 0.5)", 0.5), ("x0^0.5", -1.0), ("exp(log(x0))", -2.0)),
        *(("gamma(x0)", -2.0), ("log(x0)", 0.0), ("0^x0", -1.0)),
    ],
)
def test_no_value(text: str, x: float) -> None:
    found = real_value(read(text, NAMES), NAMES, [x, 0.0, 0.0])
    assert found is not None and not found.is_finite()


def test_a_step_that_the_digits_do_not_tell_is_undecided() -> None:
    assert real_value(read("floor(sqrt(x0)*sqrt(x0))", NAMES), NAMES, [2.0, 0.0, 0.0]) is None
    assert np.isposinf(real_values(read("sqrt(x0)*sqrt(x0) < 2", NAMES), NAMES, np.float32([[2.0, 0.0, 0.0]])))[0]
