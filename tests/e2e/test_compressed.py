"""A compressed block from its file to a verified bundle, by the command line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

import symc
from symc.bundle import read_manifest
from symc.cli import main
from symc.compression.saved import save_compressed
from tests.distilled import BLOCK, compressed
from tests.e2e.test_verify import reseal
from tests.tools import require


def run(*words: object) -> Result:
    return CliRunner().invoke(main, [str(w) for w in words])


@pytest.fixture(scope="module")
def saved(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("model") / "block.pt"
    save_compressed(compressed(), path)
    return path


@pytest.fixture(scope="module")
def built(saved: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    out = tmp_path_factory.mktemp("out")
    result = run("build", saved, "--target", "c,cuda,numba", "-o", out)
    assert result.exit_code == 0, result.output
    return out / "block", result.stdout


def test_build_says_what_the_block_is_and_does(built: tuple[Path, str]) -> None:
    _, printed = built
    assert "6 inputs -> 3 coordinates -> 2 values -> 12 outputs" in printed
    assert BLOCK[0] in printed and "multiply-adds" in printed and "invented" not in printed
    # Twelve outputs are summed up in a line.
    assert "in the median of 12 outputs" in printed and "y11 " not in printed


def test_verify_runs_every_check(built: tuple[Path, str]) -> None:
    require("gcc")
    require("g++")
    report = symc.verify(built[0], rows=4000)
    assert report.ok, str(report)
    names = {check.name: check.detail for check in report.checks}
    assert list(names) == ["manifest", "files", "equations", "ranges", "sources", "parity", "c: self-test", "c: value",
                           "c: batch", "c: check", "cuda: value", "numba: batch"]  # fmt: skip
    assert "4000 inputs bit-equal" in names["numba: batch"] and "median of 12 outputs" in names["parity"]
    assert "12 of 12 outputs proved finite in the domain" in names["ranges"]


def test_the_manifest_tells_how_the_block_was_compressed(built: tuple[Path, str], saved: Path) -> None:
    manifest = read_manifest(built[0])
    assert manifest.model.kind == "compressed" and manifest.options["method"] == "by hand"
    assert manifest.controls and [c.form for c in manifest.controls] == ["original", "zero", "ours"]
    assert manifest.controls[1].damage is None
    assert "method: by hand" in (built[0] / "include" / "block.h").read_text()
    assert manifest.reproduce.startswith("symc build block.pt --target c")


def test_a_wrong_weight_with_fitting_hashes_is_found(tmp_path: Path) -> None:
    bundle = symc.build(compressed(), out=tmp_path, name="block").path
    source = bundle / "src" / "block.c"
    lines = source.read_text().split("\n")
    place = next(k for k, line in enumerate(lines) if "block_direct[" in line) + 1
    first, rest = lines[place].split(",", 1)
    lines[place] = f"{first.removesuffix('F')}1F,{rest}"
    source.write_text("\n".join(lines))
    reseal(bundle)
    failed = next(check for check in symc.verify(bundle, rows=100).checks if not check.ok)
    assert (failed.name, failed.detail) == ("sources", "src/block.c: is not what the recorded program generates")


def test_inspect_knows_the_file_and_the_bundle(built: tuple[Path, str], saved: Path) -> None:
    shown = run("inspect", saved)
    assert shown.exit_code == 0 and BLOCK[1] in shown.stdout and "in the block's place" in shown.stdout
    assert json.loads(run("inspect", saved, "--json").stdout)["kind"] == "compressed"
    assert "in the median of 12 outputs" in run("inspect", built[0]).stdout


@pytest.mark.parametrize(
    "options", [("--select", "best"), ("--complexity", "3"), ("--domain", "0:1"), ("--layer", "a")]
)
def test_what_a_compressed_block_has_no_use_for_is_refused(
    saved: Path, tmp_path: Path, options: tuple[str, str]
) -> None:
    result = run("build", saved, "-o", tmp_path, *options)
    assert result.exit_code == 2 and "compressed" in result.stderr
    assert not any(tmp_path.iterdir())
