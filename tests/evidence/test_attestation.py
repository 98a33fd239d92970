"""provenance.intoto.json is what in-toto and SLSA publish, of the bundle as it lies there, and the same each time."""

from __future__ import annotations

import hashlib
import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import msgspec
import pytest
from click.testing import CliRunner

import symc
from symc.bundle import read_manifest
from symc.bundle.signature import check_signature
from symc.cli.main import main
from symc.evidence.attestation import attestation
from tests.searches import AFFINE
from tests.tools import require

BUILDER = "https://ci.example.org/runner?kind=large"


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> symc.Bundle:
    require("gcc")
    rows = "".join(f"{k / 64},{(k * 37 % 64) / 64},{1.5 * k / 64 + (k * 37 % 64) / 64}\n" for k in range(64))
    folder = tmp_path_factory.mktemp("sum")
    (folder / "rows.csv").write_text(f"a,b,total\n{rows}")
    law = symc.fit(folder / "rows.csv", targets="total", **AFFINE)
    return symc.build(law, out=folder, name="sum", target="c")


@pytest.fixture(scope="module")
def statement(bundle: symc.Bundle, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("evidence")
    words = ["report", str(bundle.path), "-o", str(out), "--rows", "200", "--builder", BUILDER]
    done = CliRunner().invoke(main, words)
    assert done.exit_code == 0 and "provenance.intoto.json" in done.output, done.output
    return out / "provenance.intoto.json"


def test_it_is_a_statement_of_in_toto_with_the_provenance_of_slsa(statement: Path) -> None:
    require("in_toto_attestation", module=True)
    from google.protobuf.json_format import Parse, ParseDict
    from in_toto_attestation.predicates.provenance.v1 import provenance_pb2
    from in_toto_attestation.v1 import resource_descriptor, statement_pb2
    from in_toto_attestation.v1.statement import Statement

    # Both refuse a field that the published messages have not.
    read = Parse(statement.read_text(), statement_pb2.Statement())
    Statement.copy_from_pb(read).validate()
    predicate = ParseDict(json.loads(statement.read_text())["predicate"], provenance_pb2.Provenance())
    assert predicate.run_details.builder.id == BUILDER
    for dependency in predicate.build_definition.resolved_dependencies:
        resource_descriptor.ResourceDescriptor.copy_from_pb(dependency).validate()


def test_its_subjects_are_the_files_that_lie_there(statement: Path, bundle: symc.Bundle) -> None:
    told = {s["name"]: s["digest"]["sha256"] for s in json.loads(statement.read_text())["subject"]}
    lying = {
        f"sum/{path.relative_to(bundle.path).as_posix()}": hashlib.sha256(path.read_bytes()).hexdigest()
        for path in bundle.path.rglob("*")
        if path.is_file()
    }
    assert told == lying


def test_it_says_how_the_bundle_was_built(statement: Path, bundle: symc.Bundle) -> None:
    data = json.loads(statement.read_text())
    assert data["_type"] == "https://in-toto.io/Statement/v1"
    assert data["predicateType"] == "https://slsa.dev/provenance/v1"
    definition = data["predicate"]["buildDefinition"]
    assert definition["externalParameters"]["command"] == bundle.manifest.reproduce
    assert definition["internalParameters"]["search"]["seed"] == bundle.manifest.search.seed
    dependencies: dict[str, Any] = {d["name"]: d for d in definition["resolvedDependencies"]}
    assert dependencies["model"]["digest"] == {"sha256": bundle.manifest.model.sha256}
    assert dependencies["recorded rows"]["digest"] == {"sha256": bundle.manifest.samples.sha256}
    engine, version = bundle.manifest.search.engine, bundle.manifest.search.engine_version
    assert dependencies[engine]["uri"] == f"pkg:generic/{engine}@{version}"


def test_equal_bundles_give_equal_bytes(statement: Path, bundle: symc.Bundle, tmp_path: Path) -> None:
    copy = Path(shutil.copytree(bundle.path, tmp_path / "elsewhere"))
    assert attestation(read_manifest(copy), copy, BUILDER) == statement.read_bytes()
    assert attestation(read_manifest(copy), copy, "mailto:ada@example.org") != statement.read_bytes()


def test_of_a_bundle_that_fails_there_is_none(bundle: symc.Bundle, tmp_path: Path) -> None:
    broken = Path(shutil.copytree(bundle.path, tmp_path / "sum"))
    manifest = read_manifest(broken)
    worse = tuple(msgspec.structs.replace(p, rmse=p.rmse / 2 - 1) for p in manifest.parity)
    (broken / "manifest.json").write_bytes(msgspec.structs.replace(manifest, parity=worse).sealed().to_bytes())
    out = tmp_path / "out"
    out.mkdir()
    (out / "provenance.intoto.json").write_text("{}")
    words = ["report", str(broken), "-o", str(out), "--rows", "200", "--builder", BUILDER]
    assert CliRunner().invoke(main, words).exit_code == 1
    assert (out / "certificate.json").exists() and not (out / "provenance.intoto.json").exists()


@pytest.mark.parametrize("builder", ["", "me", "https://ci example", "https://ci\n", "https:", "https://\x1b[31m"])
def test_a_builder_is_a_uri(builder: str, bundle: symc.Bundle, tmp_path: Path) -> None:
    done = CliRunner().invoke(main, ["report", str(bundle.path), "-o", str(tmp_path / "out"), "--builder", builder])
    assert done.exit_code == 2 and "is no URI" in done.stderr and not (tmp_path / "out").exists()


@pytest.fixture
def key(tmp_path: Path) -> Path:
    path = tmp_path / "key"
    subprocess.run([require("ssh-keygen"), "-q", "-t", "ed25519", "-N", "", "-f", path], check=True)
    (tmp_path / "signers").write_text(f"ada@example.org {path.with_suffix('.pub').read_text()}")
    return path


def test_it_is_signed_as_a_bundle_is(statement: Path, key: Path, tmp_path: Path) -> None:
    """What `symc sign` lays beside it, the command of the page takes, and of no other text."""
    path = Path(shutil.copy(statement, tmp_path))
    done = CliRunner().invoke(main, ["sign", str(path), "--key", str(key)])
    assert done.exit_code == 0 and "provenance.intoto.json.sig: signed by" in done.output, done.output
    whose = ["-f", tmp_path / "signers", "-I", "ada@example.org", "-n", "symc-attestation", "-s", f"{path}.sig"]
    check = ["ssh-keygen", "-Y", "verify", *whose]
    for text, right in ((path.read_bytes(), True), (path.read_bytes() + b" ", False)):
        assert (subprocess.run(check, input=text, capture_output=True, check=False).returncode == 0) is right
    assert check_signature(path, tmp_path / "signers").signer == "ada@example.org"
    path.write_bytes(path.read_bytes().replace(b"large", b"small"))
    with pytest.raises(symc.CheckFailed, match="the signature is not of this statement"):
        check_signature(path, tmp_path / "signers")


def test_a_signature_of_a_statement_is_none_of_a_bundle(bundle: symc.Bundle, key: Path, tmp_path: Path) -> None:
    copy = Path(shutil.copytree(bundle.path, tmp_path / "sum"))
    forged = [require("ssh-keygen"), "-Y", "sign", "-n", "symc-attestation", "-f", key, copy / "manifest.json"]
    subprocess.run(forged, check=True, capture_output=True)
    with pytest.raises(symc.CheckFailed, match="the signature is not of this manifest"):
        check_signature(copy)


@pytest.mark.parametrize("text", ["", "[]", "{", "[" * 100_000, '{"_type": "https://in-toto.io/Statement/v0.1"}', "\0"])
def test_only_statements_are_signed(text: str, key: Path, tmp_path: Path) -> None:
    path = tmp_path / "some.json"
    path.write_text(text)
    done = CliRunner().invoke(main, ["sign", str(path), "--key", str(key)])
    assert done.exit_code == 2 and "neither a bundle nor an in-toto statement" in done.stderr
    assert not (tmp_path / "some.json.sig").exists()
