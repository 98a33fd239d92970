"""symc sign: only what one of the allowed signers signed is verified or loaded, where that is asked for."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner, Result

import symc
import symc.evidence
from symc.bundle.signature import SIGNATURE_NAME
from symc.cli.main import main
from tests.tools import require


def run(*words: object) -> Result:
    return CliRunner().invoke(main, [str(word) for word in words])


def key(folder: Path, name: str) -> Path:
    path = folder / name
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", name, "-f", path], check=True)
    return path


@pytest.fixture(scope="module")
def signed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the signed bundle `law`, the keys `ada` and `bob`, and files that allow one of them each."""
    require("ssh-keygen")
    require("gcc")
    folder = tmp_path_factory.mktemp("signed")
    (folder / "hall_of_fame.csv").write_text('Complexity,Loss,Equation\n3,0.2,"x0 * x0"\n')
    bundle = symc.build(folder / "hall_of_fame.csv", domain="0:1", out=folder, name="law")
    for name in ("ada", "bob"):
        public = key(folder, name).with_suffix(".pub").read_text()
        (folder / f"only_{name}").write_text(f'{name}@example.org namespaces="symc-bundle" {public}')
    done = run("sign", bundle.path, "--key", folder / "ada")
    assert done.exit_code == 0 and "signed by ED25519 key SHA256:" in done.output
    return folder


def test_whose_it_is_is_said(signed: Path) -> None:
    report = symc.verify(signed / "law", rows=200, allowed_signers=signed / "only_ada")
    line = next(check for check in report.checks if check.name == "signer")
    assert report.ok and line.detail.endswith("of ada@example.org")
    law = symc.load(signed / "law", allowed_signers=signed / "only_ada")
    assert law(np.array([[0.5]], np.float32)).tolist() == [[0.25]]


def test_nobody_asked_nobody_named(signed: Path) -> None:
    report = symc.verify(signed / "law", rows=200)
    line = next(check for check in report.checks if check.name == "signature")
    assert report.ok and "nobody said whose it is" in line.detail


def test_a_report_says_whether_a_signer_was_asked_for(signed: Path, tmp_path: Path) -> None:
    for allowed in (None, signed / "only_ada"):
        found = symc.report(signed / "law", out=tmp_path, rows=200, allowed_signers=allowed)
        still_open = [c for c in found.certificate.claims if c.what == "nobody forged it"]
        assert len(still_open) == (allowed is None) and found.certificate.holds


def test_a_stranger_is_refused(signed: Path) -> None:
    done = run("verify", signed / "law", "--allowed-signers", signed / "only_bob", "--rows", 200)
    assert done.exit_code == 1 and "none of the allowed signers" in done.output
    with pytest.raises(symc.CheckFailed, match="none of the allowed signers"):
        symc.load(signed / "law", allowed_signers=signed / "only_bob")


def test_a_forged_bundle_that_is_whole_in_itself_is_refused(signed: Path, tmp_path: Path) -> None:
    (tmp_path / "hall_of_fame.csv").write_text('Complexity,Loss,Equation\n3,0.2,"x0 + x0"\n')
    forged = symc.build(tmp_path / "hall_of_fame.csv", domain="0:1", out=tmp_path, name="law").path
    shutil.copy(signed / "law" / SIGNATURE_NAME, forged)
    for allowed in ([], ["--allowed-signers", signed / "only_ada"]):
        done = run("verify", forged, "--rows", 200, *allowed)
        assert done.exit_code == 1 and "the signature is not of this manifest" in done.output


def test_a_signature_for_something_else_does_not_count(signed: Path, tmp_path: Path) -> None:
    copy = tmp_path / "law"
    shutil.copytree(signed / "law", copy)
    (copy / SIGNATURE_NAME).unlink()
    manifest = copy / "manifest.json"
    command = ["ssh-keygen", "-q", "-Y", "sign", "-f", signed / "ada", "-n", "file", manifest]
    subprocess.run(command, check=True, capture_output=True)
    done = run("verify", copy, "--rows", 200, "--allowed-signers", signed / "only_ada")
    assert done.exit_code == 1 and "the signature is not of this manifest" in done.output


def test_what_is_not_signed_is_refused_where_a_signer_is_asked_for(signed: Path, tmp_path: Path) -> None:
    copy = tmp_path / "law"
    shutil.copytree(signed / "law", copy)
    (copy / SIGNATURE_NAME).unlink()
    with pytest.raises(symc.CheckFailed, match="is not signed"):
        symc.load(copy, allowed_signers=signed / "only_ada")
    assert symc.verify(copy, rows=200).ok


def test_building_again_takes_the_signature_away(signed: Path, tmp_path: Path) -> None:
    copy = tmp_path / "law"
    shutil.copytree(signed / "law", copy)
    symc.build(signed / "hall_of_fame.csv", domain="0:2", out=tmp_path, name="law")
    assert not (copy / SIGNATURE_NAME).exists()


@pytest.mark.parametrize(
    ("made", "what"), [(None, "there is no such key"), ("not a key", "ssh-keygen"), ("", "ssh-keygen")]
)
def test_a_key_that_cannot_sign_changes_nothing(signed: Path, tmp_path: Path, made: str | None, what: str) -> None:
    if made is not None:
        (tmp_path / "key").write_text(made)
        (tmp_path / "key").chmod(0o600)
    before = (signed / "law" / SIGNATURE_NAME).read_bytes()
    done = run("sign", signed / "law", "--key", tmp_path / "key")
    assert done.exit_code == 2 and (what in done.output or "key" in done.output)
    assert (signed / "law" / SIGNATURE_NAME).read_bytes() == before
