"""Who stands for a bundle: a signature over its manifest, which holds the sha256 of every file, by ssh-keygen; and
for a statement of how one was built, over the statement.

Source: OpenSSH's PROTOCOL.sshsig; ssh-keygen(1), -Y sign and -Y verify. The namespace keeps a signature made for
something else from counting here.
"""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import msgspec

from symc.atomic import write_atomically
from symc.bundle.files import read_plain
from symc.bundle.manifest import MANIFEST_NAME, SIGNATURE_NAME
from symc.bundle.opened import read_manifest
from symc.errors import CheckFailed, MissingTool, SymcError

NAMESPACE = "symc-bundle"
STATEMENT, STATEMENT_NAMESPACE = "https://in-toto.io/Statement/v1", "symc-attestation"
_TIMEOUT_S = 120


@dataclass(frozen=True)
class _Subject:
    """What is signed, the place of its signature, and the namespace that tells one kind of subject from the other."""

    content: bytes
    signature: Path
    namespace: str
    what: str


@dataclass(frozen=True)
class Signed:
    """The key that signed, as ssh-keygen names it, and whose it is: None where nobody was asked for."""

    key: str
    signer: str | None

    def __str__(self) -> str:
        whose = "nobody said whose it is: pass --allowed-signers" if self.signer is None else f"of {self.signer}"
        return f"signed by {self.key}, {whose}"


def sign(bundle: str | Path, *, key: str | Path) -> Path:
    """Sign the manifest of the bundle in folder `bundle`, and return the path of the signature inside it.

    bundle: or an in-toto statement, as `symc report --builder` writes; its signature is laid beside it.
    key: an SSH private key, or a public one whose private part an agent holds. An earlier signature is replaced. It
    says what lies there, not that it is good: verify it first.
    Raises SymcError for a folder that is no bundle, a file that is no statement, and a key that cannot sign;
    CheckFailed where the manifest was changed after the build, MissingTool without ssh-keygen.
    """
    path = Path(bundle)
    if not path.is_file():
        read_manifest(path)
    subject = _subject(path)
    if not Path(key).is_file():
        raise SymcError("there is no such key", where=str(key), hint="Make one: ssh-keygen -t ed25519 -f KEY.")
    signature = _keygen(["sign", "-f", str(key), "-n", subject.namespace], subject, where=str(key))
    write_atomically(subject.signature, signature.encode())
    return subject.signature


def check_signature(bundle: str | Path, allowed: str | Path | None = None) -> Signed | None:
    """Whose signature the bundle, or the statement, bears; None where it has none and nobody is asked for.

    allowed: a file of allowed signers (ssh-keygen(1)); without it, only that the signature is one of this manifest.
    Raises CheckFailed where there is none, it is not of this manifest or statement, or not by one of them.
    """
    path = Path(bundle)
    subject = _subject(path)
    place, namespace = subject.signature, subject.namespace
    if not place.is_file():
        if allowed is None:
            return None
        raise CheckFailed("is not signed", where=str(path), hint="Sign it: symc sign BUNDLE --key KEY.")
    check = ["check-novalidate", "-n", namespace, "-s", str(place)]
    whole = _told(check, subject, f"the signature is not of this {subject.what}")
    found = re.search(r"with (\S+ key \S+)", whole)
    named = found[1] if found else "a key"
    if allowed is None:
        return Signed(named, None)
    if not Path(allowed).is_file():
        raise SymcError("there is no such file of allowed signers", where=str(allowed))
    stranger = f"is signed by {named}, which is none of the allowed signers'"
    found_names = _told(["find-principals", "-s", str(place), "-f", str(allowed)], subject, stranger)
    signer = found_names.split()[0]
    _told(["verify", "-f", str(allowed), "-I", signer, "-n", namespace, "-s", str(place)], subject, stranger)
    return Signed(named, signer)


def _subject(path: Path) -> _Subject:
    """What is signed of a bundle's folder, or of a file."""
    manifest = path if path.is_file() else path / MANIFEST_NAME
    try:
        content = read_plain(manifest)
    except OSError as error:
        raise SymcError(f"cannot be read: {error.strerror}", where=str(manifest)) from None
    if manifest != path:
        return _Subject(content, path / SIGNATURE_NAME, NAMESPACE, "manifest")
    try:
        statement = msgspec.json.decode(content)
    except (msgspec.DecodeError, RecursionError):
        statement = None
    if not isinstance(statement, dict) or statement.get("_type") != STATEMENT:
        raise SymcError(
            "is neither a bundle nor an in-toto statement", where=str(path), hint="symc report --builder writes one."
        )
    return _Subject(content, path.with_name(f"{path.name}.sig"), STATEMENT_NAMESPACE, "statement")


def _told(arguments: Sequence[str], subject: _Subject, failure: str) -> str:
    try:
        return _keygen(arguments, subject, where=str(subject.signature))
    except SymcError as error:
        if isinstance(error, MissingTool):
            raise
        raise CheckFailed(failure, where=str(subject.signature), hint=error.what) from None


def _keygen(arguments: Sequence[str], subject: _Subject, where: str) -> str:
    """What `ssh-keygen -Y` prints for the subject on its standard input; SymcError with its words where it fails."""
    program = shutil.which("ssh-keygen")
    if program is None:
        raise MissingTool("ssh-keygen is not installed", hint="Debian: apt-get install openssh-client.")
    command = [program, "-Y", *arguments]
    done = subprocess.run(command, input=subject.content, capture_output=True, timeout=_TIMEOUT_S, check=False)
    if done.returncode:
        raise SymcError(" ".join(done.stderr.decode(errors="replace").split()) or "ssh-keygen failed", where=where)
    return done.stdout.decode(errors="replace")
