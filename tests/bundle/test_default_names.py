"""A bundle without a name gets one that each of its targets takes; a name that is given is never changed."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import symc
from symc.errors import SymcError
from tests.sources.built import cli


@pytest.mark.parametrize(
    ("output", "targets", "name"),
    [
        ("math", ["c"], "run_math"),
        ("math", ["numba"], "run_math"),
        ("random", ["numba"], "run_random"),
        ("random", ["c"], "random"),
        ("json", ["c", "numba"], "run_json"),
        ("Time", ["c"], "run_Time"),
        ("law", ["c", "numba"], "law"),
    ],
)
def test_a_name_that_a_target_refuses_is_not_taken(tmp_path: Path, output: str, targets: list[str], name: str) -> None:
    assert symc.build(equation=f"{output} = x + 1", target=targets, out=tmp_path).path.name == name


def test_a_name_that_is_given_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SymcError, match=r"the name 'math' is that of a C header"):
        symc.build(equation="y = x", name="math", out=tmp_path)


def test_the_build_says_what_verify_will_refuse(tmp_path: Path) -> None:
    """Good by its R2, and yet further from the rows than an affine map."""
    x = np.random.default_rng(0).uniform(-1, 1, (200, 1))
    rows = np.column_stack([x, 3 * x])
    np.savetxt(tmp_path / "rows.csv", rows, delimiter=",", header="x,y", comments="")
    done = cli("build", "--equation", "y = 2.9*x", "--inputs", tmp_path / "rows.csv", "-o", tmp_path / "out")
    assert done.exit_code == 0
    assert "y is worse than the affine map on held-out rows" in done.stderr and "symc verify fails" in done.stderr
    done = cli("verify", tmp_path / "out" / "y", "--rows", 100)
    assert done.exit_code == 1 and "is worse than that of the affine map" in done.output
