"""Numbers are read as doubles: constants of every way in, and the ends of the domain, against mpmath."""

from __future__ import annotations

import json
import math
from pathlib import Path

import mpmath
import numpy as np
import pytest

import symc
from symc.building import Bundle
from symc.errors import SymcError
from symc.verify import verify
from tests.float64.bundles import build

TABLE = "Complexity,Loss,Equation\n3,0.5,0.1 * x0\n5,0.25,(0.1 * x0) + 0.30000000000000004\n"


def ulps(bundle: Bundle, x: float, exact: mpmath.mpf) -> float:
    y = symc.load(bundle.path, torch=False)(np.array([[x]]))[0, 0]
    return float(abs(mpmath.mpf(float(y)) - exact) / math.ulp(float(exact)))


def test_a_tenth_is_the_nearest_double_whatever_it_is_read_from(tmp_path: Path) -> None:
    (tmp_path / "law.json").write_text(json.dumps({"equations": {"y": "0.1*x0 + 0.30000000000000004"}}))
    (tmp_path / "law.txt").write_text("y = 0.1*x0 + 0.30000000000000004\n")
    (tmp_path / "hall_of_fame.csv").write_text(TABLE)
    (tmp_path / "scale.json").write_text(json.dumps({"inputs": {"x0": [0.0, 10.0]}}))
    scaled = {"equation": "y = x0 + 0.30000000000000004", "scale": tmp_path / "scale.json"}
    defined = {"equation": "y = f(x0)", "define": ["f(x) = 0.1*x + 0.30000000000000004"]}
    named = [{"model": tmp_path / file} for file in ("law.json", "law.txt", "hall_of_fame.csv")]
    with mpmath.workdps(40):
        exact = mpmath.mpf("0.1") * 3 + mpmath.mpf("0.30000000000000004")
        for k, given in enumerate([*named, scaled, defined]):
            more = {"complexity": 5} if "model" in given and "csv" in str(given["model"]) else {}
            built = symc.build(out=tmp_path, name=f"law{k}", domain="0:4", numbers="float64", **given, **more)
            assert ulps(built, 3.0, exact) <= 1.0, given
            assert verify(built.path, rows=64).ok


def test_the_constants_in_the_code_are_those_of_the_text(tmp_path: Path) -> None:
    text = "0.1*x0 + 2.718281828459045 - 1.7976931348623157e308*x0*4.9406564584124654e-324"
    program = build(tmp_path, (f"y = {text}",), domain="0:1").manifest.program
    assert {0.1, 2.718281828459045} <= set(program.constants)


@pytest.mark.parametrize("equation", ["x0 + 1e-60", "x0*1e200 + 3e-300", "x0/1e-250 + 1e300*x0"])
def test_constants_beyond_float32_are_built(equation: str, tmp_path: Path) -> None:
    bundle = build(tmp_path, (f"y = {equation}",), domain="0.5:3")
    with mpmath.workdps(60):
        exact = eval(equation.replace("x0", "mpmath.mpf(1.25)").replace("1e-60", "mpmath.mpf('1e-60')"))
        assert ulps(bundle, 1.25, mpmath.mpf(exact)) <= 1.0
    assert verify(bundle.path, rows=64).ok


def test_the_ends_of_the_domain_are_the_doubles_that_were_written(tmp_path: Path) -> None:
    ends = "0.3333333333333333:1e300,-1e-200:0.1"
    bundle = build(tmp_path, ("y = x0 + x1",), domain=ends, outside="nan")
    assert bundle.manifest.domain == ((0.3333333333333333, 1e300), (-1e-200, 0.1))
    header = (bundle.path / "include/law.h").read_text()
    assert "LAW_MIN_X0 (0.3333333333333333)" in header and "LAW_MIN_X1 (-1e-200)" in header
    # Rows at the ends and next to them are among those of its checks.
    report = verify(bundle.path, rows=200)
    assert report.ok and {"c: check", "c: guarded"} <= {check.name for check in report.checks}


def test_the_whole_range_of_doubles_is_a_domain(tmp_path: Path) -> None:
    box = "-1.7976931348623157e308:1.7976931348623157e308"
    bundle = build(tmp_path, ("y = x0/2 + tanh(x0)",), domain=box)
    (found,) = bundle.manifest.ranges.outputs
    assert found.low == -found.high == -8.988465674311579e307
    assert verify(bundle.path, rows=200).ok
    with pytest.raises(SymcError, match="not finite in float64"):
        build(tmp_path, ("y = x0",), domain="0:1e309")


def test_a_file_says_the_domain_in_doubles(tmp_path: Path) -> None:
    (tmp_path / "law.json").write_text('{"equations": ["y = x"], "domain": {"x": [0.1, 1e60]}}')
    bundle = symc.build(tmp_path / "law.json", numbers="float64", out=tmp_path)
    assert bundle.manifest.domain == ((0.1, 1e60),)
