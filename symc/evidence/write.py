"""Checking a bundle and writing down what was found."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from symc.atomic import write_atomically
from symc.errors import CheckFailed, SymcError
from symc.evidence.certificate import Certificate, certify
from symc.evidence.page import page
from symc.verify.check import verify

PAGE, CERTIFICATE = "report.html", "certificate.json"


@dataclass(frozen=True)
class Evidence:
    """The folder that holds report.html and certificate.json, and what the latter says."""

    path: Path
    certificate: Certificate

    def __str__(self) -> str:
        claims = self.certificate.claims
        by = {how: sum(c.how == how for c in claims) for how in dict.fromkeys(c.how for c in claims)}
        counted = ", ".join(f"{count} {how}" for how, count in by.items())
        verdict = "every claim that was checked holds" if self.certificate.holds else "NOT every claim holds"
        return f"{self.certificate.bundle.name}: {verdict} ({counted})\n{self.path / PAGE}\n{self.path / CERTIFICATE}"


def report(
    bundle: str | Path, *, out: str | Path, rows: int = 20000, allowed_signers: str | Path | None = None
) -> Evidence:
    """Run every check of `symc verify` on the bundle, and write OUT/report.html and OUT/certificate.json.

    out: a folder outside the bundle, created when it does not exist; the two files are replaced there, all else is left
    alone. rows: test inputs per target. allowed_signers: a file of those of whom one must have signed it.
    A claim that does not hold is written down as such. Raises SymcError when the folder is not a bundle or `out` lies
    inside it, CheckFailed when its manifest or files are damaged.
    """
    folder, target = Path(bundle), Path(out)
    if target.resolve().is_relative_to(folder.resolve()):
        raise SymcError("lies inside the bundle, whose files are sealed", where=str(out), hint="Give another folder.")
    found = verify(folder, rows=rows, allowed_signers=allowed_signers)
    damaged = [c for c in found.checks if not c.ok and c.name in ("manifest", "files")]
    if found.manifest is None or damaged:
        raise CheckFailed(damaged[0].detail, where=str(folder), hint="Nothing can be told of a damaged bundle.")
    certificate = certify(found.manifest, found, folder)
    content = {PAGE: page(folder, found.manifest, certificate), CERTIFICATE: certificate.to_bytes()}
    target.mkdir(parents=True, exist_ok=True)
    for name, data in content.items():
        write_atomically(target / name, data)
    return Evidence(target, certificate)
