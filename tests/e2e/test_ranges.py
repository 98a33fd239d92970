"""A pole in the domain stops the build, is passed over by a rule, can be allowed, and is proved again by verify."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest
from click.testing import CliRunner

import symc
from symc.bundle import MANIFEST_NAME, Manifest
from symc.cli.main import main
from tests.tools import require

FRONT = """Complexity,Loss,Equation
1,2.0,"x0"
5,0.5,"tanh(x0 / x1)"
7,0.2,"x0 / (x1 * x1 + 1.5)"
9,0.001,"x0 / (x1 * x1 - 0.25)"
"""


@pytest.fixture
def front(tmp_path: Path) -> Path:
    path = tmp_path / "hall_of_fame.csv"
    path.write_text(FRONT)
    return path


def manifest_of(bundle: symc.Bundle) -> Manifest:
    return msgspec.json.decode((bundle.path / MANIFEST_NAME).read_bytes(), type=Manifest)


def test_a_pole_stops_the_build_with_its_place(front: Path, tmp_path: Path) -> None:
    result = CliRunner().invoke(
        main, ["build", str(front), "--domain=-1:1", "--complexity", "5", "-o", str(tmp_path / "out")]
    )
    assert result.exit_code == 1
    assert "y0: x0/x1 has a pole at x1 = 0.0" in result.stderr and "--allow-poles" in result.stderr
    assert not (tmp_path / "out").exists()


def test_a_rule_passes_over_what_is_unsafe(front: Path, tmp_path: Path) -> None:
    bundle = symc.build(front, domain="-1:1", out=tmp_path, select="accuracy", name="law")
    assert [e.complexity for e in bundle.manifest.equations] == [7]
    assert [(d.text, "pole beside x1 = " in d.reason) for d in bundle.manifest.dropped] == [
        ("x0/(x1^2 - 0.25)", True)
    ]
    ranges = bundle.manifest.ranges
    assert isinstance(ranges, msgspec.Struct) and not ranges.findings
    (only,) = ranges.outputs
    assert only.low == pytest.approx(-2 / 3) and only.high == pytest.approx(2 / 3)
    assert "proved in the domain: y0 in [-0.666667, 0.666667]" in str(bundle)


def test_where_the_domain_has_no_pole_there_is_no_fault(front: Path, tmp_path: Path) -> None:
    bundle = symc.build(front, domain="1:2", out=tmp_path, select="accuracy", name="law")
    assert [e.complexity for e in bundle.manifest.equations] == [9] and not bundle.manifest.dropped


def test_a_rule_that_finds_nothing_safe_names_its_own_choice(tmp_path: Path) -> None:
    path = tmp_path / "hall_of_fame.csv"
    path.write_text('Complexity,Loss,Equation\n3,0.5,"x0 / x1"\n5,0.2,"log(x0) + x1"\n')
    with pytest.raises(symc.CheckFailed, match=r"log\(x0\) has a pole at x0 = 0.0"):
        symc.build(path, domain="-1:1", out=tmp_path, select="accuracy", name="law")


def test_poles_can_be_allowed_and_are_said(front: Path, tmp_path: Path) -> None:
    require("gcc")
    arguments = ["build", str(front), "--domain=-1:1", "--complexity", "5", "--allow-poles", "--name", "law"]
    result = CliRunner().invoke(main, [*arguments, "-o", str(tmp_path)])
    assert result.exit_code == 0 and "warning: allowed: y0: x0/x1 has a pole at x1 = 0.0" in result.stderr
    manifest = msgspec.json.decode((tmp_path / "law" / MANIFEST_NAME).read_bytes(), type=Manifest)
    assert manifest.options["allow-poles"] == "yes" and "--allow-poles" in manifest.reproduce
    report = symc.verify(tmp_path / "law", rows=1000)
    (line,) = [check for check in report.checks if check.name == "ranges"]
    assert report.ok and "1 unsafe (allowed)" in line.detail


def test_verify_proves_the_ranges_again(front: Path, tmp_path: Path) -> None:
    bundle = symc.build(front, domain="-1:1", out=tmp_path, select="accuracy", name="law")
    manifest = manifest_of(bundle)
    ranges = manifest.ranges
    assert isinstance(ranges, msgspec.Struct)
    (only,) = ranges.outputs
    narrower = msgspec.structs.replace(ranges, outputs=(msgspec.structs.replace(only, high=0.5),))
    forged = msgspec.structs.replace(manifest, ranges=narrower).sealed()
    (bundle.path / MANIFEST_NAME).write_bytes(forged.to_bytes())
    report = symc.verify(bundle.path, rows=1000)
    failed = [check for check in report.checks if not check.ok]
    assert [check.name for check in failed] == ["ranges"]
