"""What there is not in double precision: cores whose double has 32 bits, and a proof of rounding."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import symc
from symc.building import Bundle
from symc.errors import SymcError


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"core": "atmega2560", "limit": "flash=9k"}, "atmega2560 has no double precision"),
    ],
)
def test_what_doubles_do_not_have_is_refused_before_the_build(
    options: dict[str, Any], told: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr("symc.evidence.budget.missing_tools", lambda board: [])
    with pytest.raises(SymcError, match=told):
        symc.build(equation="y = 2*x", domain="0:1", numbers="float64", name="law", out=tmp_path, **options)
    assert not (tmp_path / "law").exists()


def test_costs_leave_out_the_core_without_doubles(
    coverage: Bundle, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr("symc.evidence.costs.missing_tools", lambda board: [] if not board.doubles else ["it"])
    monkeypatch.setattr("symc.evidence.budget.missing_tools", lambda board: [])
    costs = symc.cost(coverage.path)
    assert not costs.rows
    assert costs.left_out["atmega2560"] == "its double has 32 bits"
    with pytest.raises(SymcError, match="atmega2560 has no double precision"):
        symc.cost(coverage.path, core="atmega2560")


def test_the_readme_says_what_is_not_proved(coverage: Bundle) -> None:
    assert "No bound of rounding is proved" in (coverage.path / "README.md").read_text()


def test_other_types_are_refused_with_the_one_to_use(coverage: Bundle) -> None:
    called = symc.load(coverage.path, torch=False)
    with pytest.raises(SymcError, match="takes numpy arrays of floating-point numbers, not list") as caught:
        called([[1.0]])  # type: ignore[arg-type]
    assert caught.value.hint == "Use np.asarray(x, 'float64')."
