"""verify finds every way in which a bundle can stop being what was built, and says which."""

from __future__ import annotations

import hashlib
import json
import shutil
from pathlib import Path
from typing import Any

import msgspec
import pytest
import torch

import symc
from symc.bundle import MANIFEST_NAME, Manifest
from tests.distilled import distilled
from tests.tools import require


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> Path:
    require("gcc")
    require("g++")
    return symc.build(distilled(), out=tmp_path_factory.mktemp("out"), name="law", target=["c", "cuda", "numba"]).path


@pytest.fixture
def bundle(original: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(original, tmp_path / "law"))


def reseal(bundle: Path, **changes: Any) -> None:
    """Edit the manifest as a careful forger would: hashes and digest made to fit again."""
    manifest = msgspec.json.decode((bundle / MANIFEST_NAME).read_bytes(), type=Manifest)
    files = {name: hashlib.sha256((bundle / name).read_bytes()).hexdigest() for name in manifest.files}
    manifest = msgspec.structs.replace(manifest, **{"files": files, **changes}).sealed()
    (bundle / MANIFEST_NAME).write_bytes(manifest.to_bytes())


def failure(bundle: Path) -> str:
    report = symc.verify(bundle, rows=2000)
    assert not report.ok
    with pytest.raises(symc.CheckFailed):
        report.raise_if_failed()
    failed = next(check for check in report.checks if not check.ok)
    return f"{failed.name}: {failed.detail}"


def test_a_fresh_bundle_passes_every_check(bundle: Path) -> None:
    report = symc.verify(bundle)
    assert report.ok, str(report)
    names = [check.name for check in report.checks]
    assert names == [
        "manifest",
        "files",
        "equations",
        "meaning",
        "ranges",
        "sources",
        "parity",
        "c: self-test",
        "c: value",
        "c: batch",
        "c: jacobian",
        "c: jacobian batch",
        "c: check",
        "cuda: value",
        "cuda: jacobian",
        *(["cuda: kernel", "cuda: jacobian kernel"] if torch.cuda.is_available() else []),
        "numba: batch",
        "numba: jacobian batch",
    ]
    assert "20000 inputs bit-equal" in str(report)


def test_verify_needs_nothing_but_the_bundle_and_leaves_it_as_it_is(bundle: Path, monkeypatch: Any) -> None:
    before = sorted(p.relative_to(bundle) for p in bundle.rglob("*"))
    monkeypatch.chdir(bundle.parent)
    assert symc.verify("law", rows=2000).ok
    assert sorted(p.relative_to(bundle) for p in bundle.rglob("*")) == before


def test_every_file_is_covered_by_the_hashes(bundle: Path) -> None:
    present = {p.relative_to(bundle).as_posix() for p in bundle.rglob("*") if p.is_file()}
    manifest = json.loads((bundle / MANIFEST_NAME).read_bytes())
    assert present == set(manifest["files"]) | {MANIFEST_NAME}
    for name in sorted(present - {MANIFEST_NAME}):
        content = (bundle / name).read_bytes()
        (bundle / name).write_bytes(content + b"\n")
        assert failure(bundle) == f"files: {name}: was changed after the build (its sha256 differs)"
        (bundle / name).unlink()
        assert failure(bundle) == f"files: {name}: is missing"
        (bundle / name).write_bytes(content)
    assert symc.verify(bundle, rows=2000).ok


def test_a_wrong_constant_with_fitting_hashes_is_found(bundle: Path) -> None:
    source = bundle / "src/law.c"
    source.write_text(source.read_text().replace("2.5382F", "2.5383F"))
    reseal(bundle)
    assert failure(bundle) == "sources: src/law.c: is not what the recorded program generates"


def test_an_edited_equation_is_found(bundle: Path) -> None:
    manifest = msgspec.json.decode((bundle / MANIFEST_NAME).read_bytes(), type=Manifest)
    edited = msgspec.structs.replace(manifest.equations[0], text="x0^2 + 2.5383*cos(x1) - 0.5")
    reseal(bundle, equations=(edited, *manifest.equations[1:]))
    assert "not what the equations compile to" in failure(bundle)


def test_flattered_parity_is_found(bundle: Path) -> None:
    manifest = msgspec.json.decode((bundle / MANIFEST_NAME).read_bytes(), type=Manifest)
    flattered = msgspec.structs.replace(manifest.parity[0], rmse=1e-9)
    reseal(bundle, parity=(flattered, *manifest.parity[1:]))
    assert "parity" in failure(bundle) or "sources" in failure(bundle)


def test_an_edited_manifest_is_found(bundle: Path) -> None:
    path = bundle / MANIFEST_NAME
    path.write_text(path.read_text().replace('"reproduce": "symc build', '"reproduce": "symc bulld'))
    assert "changed after the build" in failure(bundle)


def test_bytes_after_the_manifest_are_found(bundle: Path) -> None:
    with (bundle / MANIFEST_NAME).open("ab") as file:
        file.write(b" ")
    assert failure(bundle).startswith("manifest: ")


def test_files_beside_the_bundle_are_named(tmp_path: Path) -> None:
    bundle = symc.build(distilled(), out=tmp_path, name="law").path
    (bundle / "notes.txt").write_text("mine")
    report = symc.verify(bundle, rows=2000)
    assert report.ok and "not part of the bundle: notes.txt" in str(report)


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b'{"schema": 1}', b"\xff\xfe"])
def test_a_damaged_manifest_is_found(bundle: Path, content: bytes) -> None:
    (bundle / MANIFEST_NAME).write_bytes(content)
    assert failure(bundle).startswith("manifest: ")


def test_a_manifest_that_points_outside_is_refused(bundle: Path) -> None:
    manifest = msgspec.json.decode((bundle / MANIFEST_NAME).read_bytes(), type=Manifest)
    forged = msgspec.structs.replace(manifest, files={**manifest.files, "../../etc/passwd": "0" * 64}).sealed()
    (bundle / MANIFEST_NAME).write_bytes(forged.to_bytes())
    assert "points outside the bundle" in failure(bundle)


def test_a_hostile_equation_in_a_manifest_never_runs(bundle: Path, tmp_path: Path) -> None:
    manifest = msgspec.json.decode((bundle / MANIFEST_NAME).read_bytes(), type=Manifest)
    text = f"__import__('os').system('touch {tmp_path}/hacked')"
    hostile = msgspec.structs.replace(manifest.equations[0], text=text)
    reseal(bundle, equations=(hostile, *manifest.equations[1:]))
    assert "the equations do not compile" in failure(bundle)
    assert not (tmp_path / "hacked").exists()


def test_what_is_no_bundle_is_a_usage_error(tmp_path: Path) -> None:
    for place in (tmp_path, tmp_path / "absent"):
        with pytest.raises(symc.SymcError, match=r"not a bundle|no such folder") as caught:
            symc.verify(place)
        assert caught.value.exit_code == 2
