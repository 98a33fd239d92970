"""symc reverify: known shifts are found, chance is not, and the figures are scipy's and numpy's own."""

from __future__ import annotations

import json
from pathlib import Path

import msgspec
import numpy as np
import pytest
from click.testing import CliRunner
from scipy import stats

import symc
from symc.bundle import read_manifest
from symc.bundle.manifest import MANIFEST_NAME, Names
from symc.cli.main import main
from symc.evidence.drift import edges, shift, worse


def random(seed: int) -> np.random.Generator:
    return np.random.Generator(np.random.PCG64(seed))


def rows(seed: int, count: int = 800) -> tuple[np.ndarray, np.ndarray]:
    """x uniform in the domain, and what is measured there: x0*x1 with noise of 0.01."""
    x = random(seed).uniform((0, 1), (1, 2), (count, 2))
    return x, x[:, 0] * x[:, 1] + random(seed + 1000).normal(0, 0.01, count)


def save(path: Path, x: np.ndarray, y: np.ndarray, head: str = "x 0,x1,y") -> Path:
    np.savetxt(path, np.column_stack([x, y]), delimiter=",", header=head, comments="")
    return path


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("reverify")
    samples = save(folder / "rows.csv", *rows(0), head="x_0,x1,y")
    made = symc.build(
        equation="y = x_0*x1", features=["x_0", "x1"], inputs=samples, targets="y", domain="0:1,1:2", out=folder
    )
    # As bundles have it whose data call a column by what is no identifier.
    named = msgspec.structs.replace(read_manifest(made.path), names=Names(inputs=("x 0", "x1"), outputs=("y",)))
    (made.path / MANIFEST_NAME).write_bytes(named.sealed().to_bytes())
    return made.path


def verdicts(found: symc.Reverified) -> dict[tuple[str, str], str]:
    return {(line.check, line.column.split()[0]): line.verdict for line in found.lines}


def test_the_figures_are_those_of_the_definition() -> None:
    old, new = random(1).normal(0, 1, 3000), random(2).normal(0.3, 1.2, 500)
    found = shift(old, new, alpha=0.01)
    places = np.quantile(old, np.arange(1, 10) / 10)
    b, a = (np.histogram(v, [-np.inf, *places, np.inf])[0] / len(v) for v in (old, new))
    assert found.psi == pytest.approx(stats.entropy(a, b) + stats.entropy(b, a), rel=1e-12)
    assert found.chance == pytest.approx((1 / 3000 + 1 / 500) * stats.chi2.isf(0.01, 9))
    both = np.sort(np.concatenate([old, new]))
    steps = [np.searchsorted(np.sort(v), both, side="right") / len(v) for v in (old, new)]
    assert found.ks == pytest.approx(np.abs(steps[0] - steps[1]).max(), rel=1e-12)
    assert found.p == stats.ks_2samp(old, new, method="asymp").pvalue


def test_the_index_exceeds_chance_as_often_as_said() -> None:
    draws = random(3)
    above = sum(f.psi > f.chance for f in (shift(draws.random(400), draws.random(400), 0.05) for _ in range(1000)))
    assert stats.binomtest(above, 1000, 0.05).pvalue > 1e-4


def test_values_that_were_all_the_same_have_two_sides() -> None:
    assert len(edges(np.full(9, 2.0))) == 2
    for other in (1.0, 3.0):
        assert shift(np.full(50, 2.0), np.full(50, other)).psi > 1
    assert shift(np.full(50, 2.0), np.full(50, 2.0)).psi == 0


def test_the_interval_of_the_quotient_holds_the_truth_and_is_that_of_scipy() -> None:
    old, new = random(4).normal(0, 1, 500), random(5).normal(0, 2, 400)
    found = worse(old, new)
    assert found.ratio == np.sqrt(np.mean(new**2)) / np.sqrt(np.mean(old**2)) and found.low < 2 < found.high
    theirs = stats.bootstrap(
        (old, new),
        lambda a, b, axis: np.sqrt(np.mean(b**2, axis) / np.mean(a**2, axis)),
        confidence_level=0.99,
        n_resamples=1000,
        method="percentile",
        rng=random(6),
    ).confidence_interval
    assert (found.low, found.high) == pytest.approx(tuple(theirs), rel=0.03)
    assert worse(old, new) == found
    assert worse(np.zeros(3), np.zeros(2)).ratio == 1 and worse(np.zeros(3), np.ones(2)).low == np.inf


def test_rows_of_the_same_kind_are_steady(bundle: Path, tmp_path: Path) -> None:
    found = symc.reverify(bundle, inputs=save(tmp_path / "new.csv", *rows(7)), targets="y")
    assert found.ok and set(verdicts(found).values()) == {"steady"} and len(found.lines) == 5
    found.raise_if_failed()
    named = symc.reverify(bundle, inputs=save(tmp_path / "own.csv", *rows(7), head="x_0,x1,y"), targets="y")
    assert named.lines == found.lines
    x, y = rows(7)
    assert len(symc.reverify(bundle, inputs=x.astype(np.float32), targets=y.astype(np.float32)[:, None]).lines) == 5


def test_each_kind_of_drift_fails_its_own_line_alone(bundle: Path, tmp_path: Path) -> None:
    x, y = rows(8)
    squeezed = x.copy()
    squeezed[:, 1] = 1 + (x[:, 1] - 1) ** 2
    found = symc.reverify(bundle, inputs=squeezed)
    assert [key for key, verdict in verdicts(found).items() if verdict != "steady"] == [("drift", "x1")]
    outside = x.copy()
    outside[:40, 0] += 1.0
    found = symc.reverify(bundle, inputs=outside)
    assert verdicts(found)["domain", "x_0"] == "outside" and found.lines[0].figures["outside"] == 40
    assert symc.reverify(bundle, inputs=outside, max_outside=0.05).ok
    found = symc.reverify(bundle, inputs=save(tmp_path / "worse.csv", x, y + 0.03), targets="y")
    assert [key for key, verdict in verdicts(found).items() if verdict != "steady"] == [("error", "y")]
    assert symc.reverify(bundle, inputs=tmp_path / "worse.csv", targets="y", max_ratio=5).ok


def test_missing_values_are_counted(bundle: Path, tmp_path: Path) -> None:
    x, y = rows(9)
    lines = save(tmp_path / "holes.csv", x, y).read_text().splitlines()
    for k, cell in ((1, ""), (2, "nan"), (3, "inf")):
        lines[k] = ",".join([cell, *lines[k].split(",")[1:]])
    lines[4] = ",".join([*lines[4].split(",")[:2], ""])
    (tmp_path / "holes.csv").write_text("\n".join(lines))
    found = symc.reverify(bundle, inputs=tmp_path / "holes.csv", targets="y")
    assert found.ok and found.lines[0].figures == {"rows": 800, "outside": 3, "nonfinite": 3}
    assert found.lines[2].figures["rows"] == 797 and found.lines[4].figures["rows"] == 796
    parquet = pytest.importorskip("pyarrow.parquet", reason="pyarrow is not installed")
    columns = {"x 0": [None, *x[1:, 0]], "x1": x[:, 1], "y": y, "what": ["text"] * len(x)}
    parquet.write_table(pytest.importorskip("pyarrow").table(columns), tmp_path / "holes.parquet")
    found = symc.reverify(bundle, inputs=tmp_path / "holes.parquet", targets="y")
    assert found.ok and found.lines[0].figures["nonfinite"] == 1


def test_nothing_but_missing_values_fails(bundle: Path) -> None:
    gone = symc.reverify(bundle, inputs=np.full((5, 2), np.nan), targets=np.ones((5, 1)))
    assert not gone.ok and verdicts(gone)["error", "y"] == "not checked"


def test_the_command_says_it_and_fails(bundle: Path, tmp_path: Path) -> None:
    x, y = rows(10)
    arguments = ["reverify", str(bundle), "--inputs", str(save(tmp_path / "new.csv", x, y + 0.03)), "--targets", "y"]
    done = CliRunner().invoke(main, [*arguments, "--json"])
    said = json.loads(done.stdout)
    assert done.exit_code == 1 and not said["ok"] and said["lines"][4]["verdict"] == "drifted"
    assert CliRunner().invoke(main, [*arguments, "--max-ratio", "9", "--quiet"]).exit_code == 0


@pytest.mark.parametrize(
    ("text", "what"),
    [("", "is empty"), ("x 0,y\n1,2\n", "no column called 'x1'"), ("x 0,x1\n1,b\n", "not a number")],
)
def test_what_cannot_be_read_is_refused(bundle: Path, tmp_path: Path, text: str, what: str) -> None:
    (tmp_path / "bad.csv").write_text(text)
    done = CliRunner().invoke(main, ["reverify", str(bundle), "--inputs", str(tmp_path / "bad.csv")])
    assert done.exit_code == 2 and what in done.output
    with pytest.raises(symc.SymcError, match="must be a number from 0 on"):
        symc.reverify(bundle, inputs=np.ones((3, 2)), max_psi=float("nan"))
