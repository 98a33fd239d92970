"""Constants written shorter on the way into a bundle: told, recorded, proved again, and not to be forged."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

import symc
from symc.bundle import MANIFEST_NAME, read_manifest
from symc.errors import SymcError
from symc.sources.registry import inspect
from symc.verify.check import Report
from tests.tools import require

TEXT = "y = 2.538217*x0 + exp(-0.0312345678*x1)*1.00000001"
DOMAIN = "0:1,0:10"


def built(out: Path, **options: object) -> symc.Bundle:
    return symc.build(equation=TEXT, out=out, name="law", domain=DOMAIN, **options)


def detail(report: Report, name: str) -> str:
    (found,) = [check.detail for check in report.checks if check.name == name]
    return found


@pytest.mark.parametrize(
    ("tolerance", "shorter"),
    [
        ("rounding", "2.538217*x0 + exp(-0.0312346*x1)*1"),
        (1e-4, "2.538*x0 + exp(-0.03123*x1)*1"),
        (1e-2, "2.54*x0 + exp(-0.03*x1)*1"),
    ],
)
def test_a_bundle_of_shorter_constants_is_verified(tmp_path: Path, tolerance: float | str, shorter: str) -> None:
    require("gcc")
    bundle = built(tmp_path, shorten_constants=tolerance)
    (equation,), (row,) = bundle.manifest.equations, bundle.manifest.shortened or ()
    assert equation.text == shorter and row.given == TEXT.removeprefix("y = ")
    assert row.limit is not None and 0.0 < row.bound <= row.limit
    assert f"--shorten-constants={tolerance} " in bundle.manifest.reproduce
    report = symc.verify(bundle.path, rows=500)
    assert report.ok, str(report)
    told = detail(report, "constants")
    assert "of 3 shortened" in told and f"Constants: {told}" in str(bundle)


def test_a_bound_or_a_limit_that_was_made_smaller_or_larger_is_found(tmp_path: Path) -> None:
    bundle = built(tmp_path, shorten_constants=1e-2)
    manifest = read_manifest(bundle.path)
    (row,) = manifest.shortened or ()
    for forged in ({"bound": row.bound / 4.0}, {"limit": (row.limit or 0.0) * 10.0}, {"given": "x0 + x1"}):
        changed = msgspec.structs.replace(row, **forged)
        sealed = msgspec.structs.replace(manifest, shortened=(changed,)).sealed()
        (bundle.path / MANIFEST_NAME).write_bytes(sealed.to_bytes())
        report = symc.verify(bundle.path, rows=100)
        (check,) = [c for c in report.checks if not c.ok]
        assert check.name == "constants", str(report)


def test_what_inspect_says_of_constants(tmp_path: Path) -> None:
    text, data = inspect(str(built(tmp_path).path))
    rows = {row["constant"]: row for row in data["constants"]}
    assert rows["1.00000001"]["digits"] == 9 and rows["1.00000001"]["matter"] == 1
    assert rows["2.538217"]["matter"] == 7 and rows["0.0312345678"]["matter"] == 6
    # y reaches 3.54 in the domain, of which the first constant makes 2.54.
    assert rows["2.538217"]["sensitivity"] == pytest.approx(2.54 / 3.54, rel=0.01)
    assert "y: 0.0312345678, 6 of 9 digits matter" in text


@pytest.mark.parametrize("tolerance", ["law.txt", "0", "-1e-3", "2", "nan"])
def test_what_is_no_tolerance_is_refused(tmp_path: Path, tolerance: str) -> None:
    with pytest.raises(SymcError, match="is no tolerance"):
        built(tmp_path, shorten_constants=tolerance)


def test_without_a_domain_nothing_is_shortened(tmp_path: Path) -> None:
    with pytest.raises(SymcError, match="there is none"):
        symc.build(equation=TEXT, out=tmp_path, shorten_constants=True)
