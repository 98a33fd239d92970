"""Names as people have them, and the identifiers made of them."""

from __future__ import annotations

import keyword

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from symc.capture.dataset import Dataset
from symc.capture.names import identifiers
from symc.errors import SymcError
from symc.ir.reading import read
from symc.tables import labels, printable

RULE = {
    "flow_rate": "flow_rate",
    "_private": "_private",
    "class": "class",
    "flow rate": "flow_rate",
    "  flow -- rate (kg/s) ": "flow_rate_kg_s",
    "θ": "theta",
    "Δp": "Deltap",
    "σ²": "sigma2",
    "x₁": "x1",
    "débit": "debit",
    "2nd": "v2nd",
    "温度": "u6e29u5ea6",
    "*/": "v",
    "a\\": "a",
    "a\n#include <x>": "a_include_x",
    "y" * 70 + " ": "y" * 48,
}


@pytest.mark.parametrize("name", RULE)
def test_the_rule(name: str) -> None:
    assert identifiers([name], "input") == (RULE[name],)


def test_clashes_get_a_number_and_identifiers_stay() -> None:
    names = ["flow rate", "flow-rate", "flow_rate", "θ", "theta", "A", "a", "x₁", "x1", "flow rate "]
    assert identifiers(names, "input") == (
        *("flow_rate_2", "flow_rate_3", "flow_rate", "theta_2", "theta", "A", "a", "x1_2", "x1", "flow_rate_4"),
    )


@settings(max_examples=100, deadline=None)
@given(st.lists(st.text(min_size=1, max_size=30).filter(str.strip), min_size=1, max_size=6, unique=True))
def test_any_texts_give_different_names_of_equations(names: list[str]) -> None:
    found = identifiers(names, "input")
    assert len(set(found)) == len(names) and all(name.isascii() and name.isidentifier() for name in found)
    for name in found:
        (step,) = read(name, found)
        assert step.text == name
    for label in labels(found, names):
        assert label.isprintable()


@pytest.mark.parametrize(
    ("names", "message"),
    [(["a", "a"], "two inputs are called"), ([""], "is no name"), (["a", 3], "is no name"), ("ab", "one text")],
)
def test_what_is_no_name_is_refused(names: list[str], message: str) -> None:
    with pytest.raises(SymcError, match=message):
        identifiers(names, "input")


def test_a_dataset_keeps_both_names_and_errors_say_the_own() -> None:
    x = np.linspace(0, 1, 40).reshape(20, 2)
    data = Dataset.from_samples(x, x[:, :1], features=["flow rate", keyword.kwlist[0]], outputs=["Ø"])
    assert data.features == ("flow_rate", keyword.kwlist[0]) and data.input_names[0] == "flow rate"
    assert 'flow_rate "flow rate"' in str(data) and data.output_names == ("Ø",)
    x[3, 0] = np.nan
    with pytest.raises(SymcError, match="input 'flow rate' is nan in row 3"):
        Dataset.from_samples(x, x[:, 1:], features=["flow rate", "b"])
    plain = Dataset.from_samples(np.ones((20, 1)), np.ones((20, 1)), features=["a"])
    assert plain.input_names == () and printable("a\u202eb\n") == "a b"
