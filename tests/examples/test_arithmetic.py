"""The arithmetic example at reduced size: a trained network's equation is the law, a half-trained one's is shrunk."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest

from tests.examples.conftest import Printed
from tests.tools import require


@pytest.mark.long
def test_equations_tell_a_trained_network_from_a_half_trained_one(example: Callable[..., Printed]) -> None:
    require("gcc")
    short = ("--steps", "320", "--half", "160", "--product-steps", "100", "--evaluations", "5000")
    done = example("arithmetic", *short)
    assert done.code == 0, done.text + done.errors
    assert (done.out / "arithmetic" / "manifest.json").is_file()
    assert "FAIL" not in done.text
    half, full, product = re.split(r"\n ?─+\n", done.text)[1].splitlines()[:3]
    assert share_of_right(half) < 0.5 < 0.95 < share_of_right(full)
    assert share_of_right(product) < 0.1
    assert "  sum = a + b\n" in done.text
    # Where a network guesses digits, the operands weigh less than 1 and a constant makes up for it.
    map_of_half = re.search(r"half_sum = ([\d.]+)\*a \+([\d.]+)\*b \+([\d.]+)", done.text)
    assert map_of_half is not None
    slope_a, slope_b, constant = map(float, map_of_half.groups())
    assert slope_a < 1 and slope_b < 1 and constant > 0


def share_of_right(row: str) -> float:
    """The first share in a row of the first table."""
    return float(re.findall(r"\b[01]\.\d{3}\b", row)[0])
