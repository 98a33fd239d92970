"""Names that can prefix symbols, local variables that clash with nothing, and literals that lose no bit."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from symc.backends.names import check_name, decimal, local_names, macro_names
from symc.errors import SymcError


@pytest.mark.parametrize("name", ["pump", "R290_density", "x", "a" * 63, "symcity", "config", "test", "dblx"])
def test_good_names_are_returned(name: str):
    assert check_name(name) == name


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("", "not a C identifier"),
        ("2fast", "not a C identifier"),
        ("heat-pump", "not a C identifier"),
        ("wärme", "not a C identifier"),
        ("pump\n", "not a C identifier"),
        ("double", "keyword"),
        ("class", "keyword"),
        ("lambda", "keyword"),
        ("co_await", "keyword"),
        ("blockIdx", "keyword"),
        ("linux", "predefined"),
        ("a" * 64, "64 characters"),
        ("_pump", "reserved by C++"),
        ("pump_", "reserved by C++"),
        ("heat__pump", "reserved by C++"),
        ("NUL", "Windows"),
        ("symc", "runtime"),
        ("symc_exp", "runtime"),
        ("Symc_exp", "runtime"),
        ("dbl", "float.h"),
    ],
)
def test_bad_names_are_refused_with_the_reason(name: str, said: str):
    with pytest.raises(SymcError, match=said) as caught:
        check_name(name)
    assert repr(name) in str(caught.value) and caught.value.hint


def test_local_names_keep_what_they_can():
    assert local_names(["pressure", "T", "x0"]) == ("pressure", "T", "x0")


def test_local_names_step_aside():
    names = ["x", "x_", "double", "t0", "_T", "uint8_t", "int", "symc_exp", "pump_eval", "t", "intensity"]
    local = local_names(names, taken=["pump_eval"])
    assert len(set(local)) == len(names)
    assert local[1] == "x_" and local[0] not in ("x", "x_")
    assert local[2:5] == ("double_", "t0_", "v_T")
    assert local[-2:] == ("t", "intensity")
    assert not {"int", "uint8_t", "symc_exp", "pump_eval"} & set(local)


def test_no_local_name_has_the_form_of_a_symbol_of_the_model():
    names = ["vent_eval", "vvent_eval", "VENT_N_IN", "vVENT_N_IN", "vent", "ventilation"]
    local = local_names(names, model="vent")
    assert len(set(local)) == len(names)
    assert not [name for name in local if name.startswith(("vent_", "VENT_"))]
    assert local[-2:] == ("vent", "ventilation")


def test_macro_names_are_upper_case_unless_two_would_be_one():
    assert macro_names(["pressure", "t0"]) == ("PRESSURE", "T0")
    assert macro_names(["T", "t", "p"]) == ("T", "t", "p")


def test_decimals_are_short():
    values = [3.14, -1.98, 1.0, 0.1, 1e-5, 1e30, 16777216.0, 0.0, -0.0, 2.0**-149]
    assert [decimal(v) for v in values] == [
        "3.14", "-1.98", "1.0", "0.1", "1e-5", "1e+30", "1.6777216e+7", "0.0", "-0.0", "1e-45",
    ]  # fmt: skip


@given(st.floats(width=32, allow_nan=False, allow_infinity=False))
def test_decimals_read_back_to_the_same_bits(value: float):
    number = np.float32(value)
    text = decimal(value)
    assert np.float32(text).view(np.uint32) == number.view(np.uint32)
    assert np.float32(float(text)).view(np.uint32) == number.view(np.uint32)
    assert "." in text or "e" in text
