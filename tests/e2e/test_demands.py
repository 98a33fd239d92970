"""A sign, direction or symmetry that is demanded is proved for all inputs of the domain, or the build stops."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

import symc
from symc.cli.main import main
from tests.tools import require


@pytest.fixture
def law(tmp_path: Path) -> Path:
    path = tmp_path / "hall_of_fame.csv"
    path.write_text('Complexity,Loss,Equation\n9,0.2,"exp(-x1) * x0 / (x1 * x1 + 1.5) + 0.1 * x2"\n')
    return path


@pytest.mark.parametrize(
    ("domain", "demands"),
    [
        ("-1:1", ["rising(x0)"]),
        ("0:1", ["rising(x0)", "falling(x1)", "monotone(x2)", "nonnegative"]),
        ("0.1:1", ["y0.positive", "monotone(x1)"]),
        ("-1:0", ["y0.rising(x2)"]),
        ("-1:1", ["odd(x0,x2)", "y0.rising(x0)"]),
    ],
)
def test_what_holds_is_proved(law: Path, tmp_path: Path, domain: str, demands: list[str]) -> None:
    bundle = symc.build(law, domain=domain, out=tmp_path, name="law", require=demands)
    assert bundle.manifest.options["require"] == " ".join(demands)
    assert all(f'--require "{demand}"' in bundle.manifest.reproduce for demand in demands)


@pytest.mark.parametrize(
    ("demand", "what"),
    [
        ("positive", r"y0 is not positive: it is -.* at x0 = .*, x1 = .*, x2 = "),
        ("falling(x0)", r"y0 is not falling in x0: its derivative is [0-9.]+ at "),
        ("y0.monotone(x1)", r"y0 is not (rising|falling) in x1: its derivative is "),
        ("even(x1)", r"y0 is not even in x1 to the last bit: the difference is .* at x0 = "),
        ("symmetric(x0, x2)", r"y0 is not symmetric in x0 and x2 to the last bit: the difference is .* at x0 = "),
    ],
)
def test_what_does_not_hold_is_refuted_at_a_point(law: Path, tmp_path: Path, demand: str, what: str) -> None:
    with pytest.raises(symc.CheckFailed, match=what):
        symc.build(law, domain="-1:1", out=tmp_path / "out", name="law", require=demand)
    assert not (tmp_path / "out").exists()


def test_zero_is_nonnegative_and_not_positive(tmp_path: Path) -> None:
    path = tmp_path / "hall_of_fame.csv"
    path.write_text('Complexity,Loss,Equation\n3,0.2,"x0 * x0"\n')
    symc.build(path, domain="-1:1", out=tmp_path, name="law", require="nonnegative")
    with pytest.raises(symc.CheckFailed, match=r"it is 0 at x0 = 0\.0"):
        symc.build(path, domain="-1:1", out=tmp_path, name="law", require="positive")


@pytest.mark.parametrize(
    ("demand", "what"),
    [
        ("rising", "is not a demand"),
        ("positive(x0)", "is not a demand"),
        ("even", "is not a demand"),
        ("odd(x0,x0)", "is not a demand"),
        ("symmetric(x0)", "is not a demand"),
        ("rising(x9)", "no input 'x9'"),
        ("y7.positive", "no output 'y7'"),
        ("convex(x0)", "is not a limit"),
    ],
)
def test_a_demand_that_is_none_is_bad_usage(law: Path, tmp_path: Path, demand: str, what: str) -> None:
    result = CliRunner().invoke(
        main, ["build", str(law), "--domain=-1:1", "-o", str(tmp_path / "out"), "--require", demand]
    )
    assert result.exit_code == 2 and what in result.stderr


def test_without_a_domain_nothing_can_be_proved(law: Path, tmp_path: Path) -> None:
    with pytest.raises(symc.SymcError, match="without a domain"):
        symc.build(law, out=tmp_path / "out", name="law", require="positive")


def test_verify_proves_it_again(law: Path, tmp_path: Path) -> None:
    require("gcc")
    bundle = symc.build(law, domain="0:1", out=tmp_path, name="law", require=["rising(x0)", "nonnegative"])
    report = symc.verify(bundle.path, rows=1000)
    (line,) = [check for check in report.checks if check.name == "demands"]
    assert report.ok and line.detail == "proved: y0 is rising in x0, y0 is nonnegative"


@pytest.mark.parametrize(
    ("domain", "demand", "what"),
    [
        ("0:1", "even(x0)", "the domain does not reach as far on both sides of 0 in x0"),
        ("-1:1,-2:2,-1:1", "symmetric(x0,x1)", "the domain is not the same in x0 and x1"),
    ],
)
def test_a_symmetry_needs_a_domain_that_has_it(law: Path, tmp_path: Path, domain: str, demand: str, what: str) -> None:
    with pytest.raises(symc.SymcError, match=what):
        symc.build(law, domain=domain, out=tmp_path / "out", name="law", require=demand)


def parts(path: Path, second: str) -> Path:
    path.write_text(f"inflow = 0.3*x0 + sin(x1)\nstored = {second}\n")
    return path


def test_a_law_of_conservation_is_proved_and_again(tmp_path: Path) -> None:
    require("gcc")
    model = parts(tmp_path / "flow.txt", "0.7*x0 - sin(x1)")
    bundle = symc.build(model, domain="0:1,-1:1", out=tmp_path, require="conserved(inflow + stored = x0)")
    assert bundle.manifest.options["require"] == "conserved(inflow+stored=x0)"
    report = symc.verify(bundle.path, rows=200)
    assert report.ok, str(report)
    (told,) = [check.detail for check in report.checks if check.name == "demands"]
    assert told.startswith("proved: inflow+stored = x0 within ")


@pytest.mark.parametrize(
    ("demand", "what"),
    [
        ("conserved(inflow,stored=x0)", r"inflow \+ stored is not equal to x0: it is .*, the other side .*, at x0 = "),
        ("conserved(inflow,stored)", r"inflow \+ stored is not constant: it is .* at x0 = .*, and .* at x0 = "),
    ],
)
def test_a_law_that_does_not_hold_stops_the_build(tmp_path: Path, demand: str, what: str) -> None:
    model = parts(tmp_path / "flow.txt", "0.7*x0 - 0.99*sin(x1)")
    with pytest.raises(symc.CheckFailed, match=what):
        symc.build(model, domain="0:1,-1:1", out=tmp_path / "out", require=demand)
    with pytest.raises(symc.SymcError, match="no sum of outputs"):
        symc.build(model, domain="0:1,-1:1", out=tmp_path / "out", require="conserved(inflow*stored)")
