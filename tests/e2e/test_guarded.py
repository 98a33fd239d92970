"""The guarded function keeps to its policy outside the domain, to the bit, and says when it could not trust a row."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

import symc
from symc.backends.guard import BEYOND, NOT_FINITE, OUTSIDE, POLICIES
from symc.cli.main import main
from symc.load.host import CFunction
from symc.load.package import read_package
from tests.targets import building
from tests.targets.building import NUMERIC, ONE_SET, STRICT, Build
from tests.targets.programs import unit_from_text
from tests.tools import require

FRONT = 'Complexity,Loss,Equation\n9,0.2,"x0 / (x1 * x1 + 0.5)"\n5,0.5,"x0 / x1"\n'
FAST = Build("gcc", ("-std=c99", *ONE_SET, *NUMERIC))
GUARDED = 1 << 5


@pytest.fixture
def front(tmp_path: Path) -> Path:
    path = tmp_path / "hall_of_fame.csv"
    path.write_text(FRONT)
    return path


def rows(front: Path, policy: str, x: list[list[float]], **options: object) -> tuple[list[int], list[float]]:
    require("gcc")
    bundle = symc.build(front, domain="-1:1", out=front.parent, name="law", outside=policy, **options)
    assert f"--outside {policy}" in bundle.manifest.reproduce
    flags, y = CFunction(read_package(bundle.path)).guarded_rows(np.float32(x))
    return flags.tolist(), y[:, 0].tolist()


X = [[0.5, 0.0], [2.0, 0.0], [np.nan, 0.0], [-1.0, 1.0], [0.5, -np.inf]]


def test_clamp_takes_the_nearest_point(front: Path) -> None:
    flags, y = rows(front, "clamp", X, complexity=9)
    assert flags == [0, OUTSIDE, OUTSIDE | NOT_FINITE, 0, OUTSIDE]
    np.testing.assert_array_equal(y, np.float32([1.0, 2.0, np.nan, -1 / 1.5, 0.5 / 1.5]))


def test_nan_leaves_no_number(front: Path) -> None:
    flags, y = rows(front, "nan", X, complexity=9)
    # Twice as far out the result is outside the proved range too.
    assert flags == [0, OUTSIDE | BEYOND, OUTSIDE | NOT_FINITE, 0, OUTSIDE]
    np.testing.assert_array_equal(y, np.float32([1.0, np.nan, np.nan, -1 / 1.5, np.nan]))


def test_hold_keeps_the_last_row_that_was_trusted(front: Path) -> None:
    flags, y = rows(front, "hold", [[np.nan, 0.0], *X], complexity=9)
    assert flags == [OUTSIDE | NOT_FINITE, 0, OUTSIDE | BEYOND, OUTSIDE | NOT_FINITE, 0, OUTSIDE]
    np.testing.assert_array_equal(y, np.float32([0.0, 1.0, 1.0, 1.0, -1 / 1.5, -1 / 1.5]))


def test_a_pole_that_was_allowed_is_not_finite(front: Path) -> None:
    flags, y = rows(front, "nan", [[0.5, 0.5], [0.5, 0.0], [0.0, 0.0]], complexity=5, allow_poles=True)
    assert flags == [0, NOT_FINITE, NOT_FINITE]
    np.testing.assert_array_equal(y, np.float32([1.0, np.nan, np.nan]))


@pytest.mark.parametrize("policy", POLICIES)
def test_verify_and_self_test_cover_it(front: Path, policy: str) -> None:
    require("gcc")
    bundle = symc.build(front, domain="-1:1", out=front.parent, name="law", outside=policy, complexity=9)
    report = symc.verify(bundle.path, rows=4000)
    assert report.ok and "c: guarded" in [check.name for check in report.checks]


FAULTS = {
    "end of the domain": ("clamp", "x[i] < domain[i][0] ?", "x[i] < domain[i][1] ?"),
    "results outside": ("nan", "y[o] = symc_from_bits(SYMC_NAN);", "(void)o;"),
    "what was held": ("hold", "flags == 0U &&", "flags != 2U &&"),
    "flag": ("hold", "? PUMP_OUTSIDE :", "? PUMP_BEYOND :"),
    "trusted range": ("hold", "y[o] < pump_trusted[o][0] ||", "y[o] < 0.0F ||"),
    "not finite": ("hold", "return PUMP_NOT_FINITE;", "return PUMP_BEYOND;"),
}


@pytest.mark.parametrize("name", FAULTS)
def test_the_self_test_finds_a_fault(name: str, tmp_path: Path) -> None:
    require("gcc")
    policy, old, new = FAULTS[name]
    unit = unit_from_text(["3.14*x - 0.5*z"], ["x", "z"], ["y"], "pump", [(0.5, 2.0), (-1.0, 1.0)])
    root = building.write(tmp_path, replace(unit, outside=policy, bounds=((1.07, 6.78),)), ["c"])
    assert building.c_library(root, FAST, tmp_path / "sound.so").pump_selftest() == 0
    copy = Path(shutil.copytree(root, tmp_path / "copy" / "pump"))
    path = copy / "src" / "pump_guard.c"
    assert old in path.read_text()
    path.write_text(path.read_text().replace(old, new))
    assert building.c_library(copy, FAST, tmp_path / "faulty.so").pump_selftest() == GUARDED


@pytest.mark.parametrize("policy", POLICIES)
@pytest.mark.parametrize("compiler", ["gcc -std=c99", "g++ -x c++ -std=c++17"])
def test_it_compiles_without_a_warning(policy: str, compiler: str, tmp_path: Path) -> None:
    command, *standard = compiler.split()
    require(command)
    unit = unit_from_text(["x/z", "x"], ["x", "z"], ["y", "w"], "pump", [(0.5, 2.0), (-1.0, 1.0)])
    root = building.write(tmp_path, replace(unit, outside=policy, bounds=(None, (0.5, 2.0))), ["c"])
    for source in ("pump_guard.c", "pump_counts.c", "pump_selftest.c"):
        flags = [*standard, "-O2", *STRICT, f"-I{root}/include", f"-I{root}/src"]
        building.run([command, *flags, "-c", root / "src" / source, "-o", tmp_path / "object.o"])


@pytest.mark.parametrize(
    ("words", "what"),
    [
        (["--outside", "wrap", "--domain=-1:1"], "no policy 'wrap'"),
        (["--outside", "nan"], "without a domain"),
        (["--outside", "nan", "--domain=1:2", "--target", "numba"], "has no guarded function"),
    ],
)
def test_what_cannot_be_guarded_is_refused(front: Path, words: list[str], what: str) -> None:
    result = CliRunner().invoke(main, ["build", str(front), "-o", str(front.parent / "out"), *words])
    assert result.exit_code == 2 and what in result.stderr
