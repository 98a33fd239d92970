"""`reuse lint` finds whose each file is and under which licence: of the repository, and of a bundle of every target."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

import symc
from symc.backends import BACKENDS
from tests.tools import require

ROOT = Path(__file__).parents[2]
# Not the tag itself, or the tool would take it for one of this file.
_TAG = re.compile(r"(/\*|#) SPDX.License.Identifier: Apache-2\.0\n")


def lint(folder: Path) -> str:
    done = subprocess.run([require("reuse"), "--root", folder, "lint"], capture_output=True, text=True, check=False)
    return f"{done.returncode} {done.stdout}{done.stderr}"


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("out")
    made = symc.build(equation="y = x0/exp(x1)", domain="0:1", outside="nan", target=[*BACKENDS], name="law", out=out)
    (made.path / "manifest.json.sig").write_text("what symc sign lays beside it\n")
    return made.path


def test_a_bundle_of_every_target_is_compliant(bundle: Path) -> None:
    told = lint(bundle)
    assert told.startswith("0 ") and "compliant with version 3.3" in told, told


def test_it_is_the_bundles_own_files_that_make_it_so(bundle: Path) -> None:
    (bundle / "REUSE.toml").rename(bundle / "elsewhere.txt")
    assert lint(bundle).startswith("1 ")
    (bundle / "elsewhere.txt").rename(bundle / "REUSE.toml")


def test_every_source_names_its_licence_by_itself(bundle: Path) -> None:
    sources = [path for path in bundle.rglob("*") if path.suffix in (".c", ".h", ".cu", ".cuh", ".py")]
    assert len(sources) > 20
    assert not [path for path in sources if not _TAG.match(path.read_text())]


def test_the_repository_is_compliant() -> None:
    if not (ROOT / ".git").exists():
        pytest.skip("no repository: a copy has files that it does not")
    assert lint(ROOT).startswith("0 ")


def test_the_licence_is_one_text() -> None:
    texts = {(ROOT / path).read_bytes() for path in ("LICENSE", "LICENSES/Apache-2.0.txt", "templates/bundle/LICENSE")}
    assert len(texts) == 1
