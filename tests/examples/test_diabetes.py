"""The diabetes example at reduced size: the equation is judged against the network on patients neither has seen."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.examples.conftest import Printed
from tests.tools import require


@pytest.mark.long
def test_equation_keeps_up_with_the_network(example: Callable[..., Printed]) -> None:
    require("sklearn", module=True)
    require("gcc")
    done = example("diabetes", "--evaluations", "120000")
    assert done.code == 0, done.text + done.errors
    assert (done.out / "diabetes" / "manifest.json").is_file()
    assert "FAIL" not in done.text
    equation, network, mean = (done.row(label)[0] for label in ("equation (compiled C)", "network", "mean"))
    assert equation <= 1.05 * network
    assert equation < 0.85 * mean


@pytest.mark.long
def test_a_margin_that_is_not_held_is_exit_code_1(example: Callable[..., Printed]) -> None:
    require("sklearn", module=True)
    require("gcc")
    done = example("diabetes", "--evaluations", "2000", "--margin", "-90")
    assert done.code == 1
    assert "EXCEEDED" in done.text
