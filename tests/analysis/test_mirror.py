"""Symmetries of outputs: proved to the last bit, never where the oracle says otherwise."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from symc.analysis.mirror import Change, keeps_value
from symc.errors import SymcError
from symc.ir.evaluate import evaluate
from symc.ir.program import Program
from symc.ir.reading import read
from symc.ir.written import as_written
from symc.meaning.compile import program_of
from symc.meaning.points import inside
from tests.ir.expressions import FEATURES, equations

BOX = ((-2.0, 2.0), (-2.0, 2.0), (-2.0, 2.0))
CHANGES = {
    "x0 turned": Change.of_sign(3, [0]),
    "x0 and x1 turned": Change.of_sign(3, [0, 1]),
    "x0 and x1 exchanged": Change.of_places(3, 0, 1),
}


def program(text: str) -> Program:
    return program_of([text], FEATURES, ["y"], BOX)


@pytest.mark.parametrize(
    ("text", "change", "sign"),
    [
        ("x0^2*cos(x1)", "x0 turned", 1),
        ("x0^3 + sin(x0)*x1", "x0 turned", -1),
        ("(x0 - 1)^2 + (x0 + 1)^2", "x0 turned", 1),
        ("floor(x0) + ceil(x0)", "x0 turned", -1),
        ("exp(x0) - exp(-x0)", "x0 turned", -1),
        ("max(x0, x1) + max(-x0, x1)", "x0 turned", 1),
        ("max(x0, x1) + min(x0, x1)", "x0 and x1 turned", -1),
        ("ifelse(x1, x0, 2*x0)", "x0 turned", -1),
        ("(x0 > x1)*x2 + (-x0 > -x1)*x2", "x0 and x1 exchanged", 1),
        ("(x0 < x1) + (-x0 < -x1)", "x0 and x1 turned", 1),
        ("(x0 == x1)*x2 - (x2 != x0*x1)", "x0 and x1 exchanged", 1),
        ("abs(x0 - x1)*exp(-(x0 + x1)^2)", "x0 and x1 exchanged", 1),
        ("tanh(x0 - x1)/x2", "x0 and x1 exchanged", -1),
        ("tanh(x0 - x1)/x2", "x0 and x1 turned", -1),
    ],
)
def test_a_symmetry_is_proved(text: str, change: str, sign: int) -> None:
    assert keeps_value(program(text), 0, CHANGES[change], sign, BOX).proved


@pytest.mark.parametrize(
    ("text", "change", "sign"),
    [
        ("(x0 - 1)^2 + (x0 + 1.0001)^2", "x0 turned", 1),
        ("x0^3 + 1e-7*x0^2", "x0 turned", -1),
        # The same real function, but each branch rounds otherwise.
        ("sigmoid(x0) - 0.5", "x0 turned", -1),
        ("x0*2 + x1", "x0 and x1 exchanged", 1),
    ],
)
def test_what_does_not_hold_is_refuted_where_it_is_seen(text: str, change: str, sign: int) -> None:
    one, moving = program(text), CHANGES[change]
    found = keeps_value(one, 0, moving, sign, BOX)
    assert not found.proved and found.place is not None
    x = np.array([list(found.place.values())], dtype=np.float32)
    moved = x[:, list(moving.columns)] * np.array(moving.signs, dtype=np.float32)
    assert abs(sign * evaluate(one, x)[0, 0] - evaluate(one, moved)[0, 0]) == found.value > 0


@given(equations, st.sampled_from(sorted(CHANGES)), st.sampled_from([1, -1]))
@settings(max_examples=150, deadline=None)
def test_nothing_is_proved_that_values_deny(text: str, change: str, sign: int) -> None:
    try:
        one = program(text)
    except SymcError:
        return
    moving = CHANGES[change]
    if keeps_value(one, 0, moving, sign, BOX).proved:
        x = inside(BOX, 3, 512)
        moved = x[:, list(moving.columns)] * np.array(moving.signs, dtype=np.float32)
        y, z = sign * evaluate(one, x)[:, 0], evaluate(one, moved)[:, 0]
        finite = np.isfinite(y) & np.isfinite(z)
        assert (y[finite] == z[finite]).all()


@given(equations)
@settings(max_examples=100, deadline=None)
def test_a_sum_with_its_own_image_is_symmetric(text: str) -> None:
    swapped = text.replace("x0", "x9").replace("x1", "x0").replace("x9", "x1")
    try:
        one = as_written([read(f"({text}) + ({swapped})", FEATURES)], FEATURES, ["y"])
    except SymcError:
        return
    assert keeps_value(one, 0, CHANGES["x0 and x1 exchanged"], 1, BOX).proved
