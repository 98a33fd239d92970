"""Checking a bundle and writing down what was found."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from symc.arithmetic import usual
from symc.atomic import write_atomically
from symc.errors import CheckFailed, SymcError
from symc.evidence.attestation import attestation, check_builder
from symc.evidence.budget import boards_of
from symc.evidence.certificate import Certificate, certify, now
from symc.evidence.costs import cost
from symc.evidence.page import page
from symc.evidence.sbom import sbom as bill
from symc.verify.check import verify

PAGE, CERTIFICATE, SBOM, PROVENANCE = "report.html", "certificate.json", "sbom.cdx.json", "provenance.intoto.json"


@dataclass(frozen=True)
class Evidence:
    """The folder, what the certificate says, and the names of the files written."""

    path: Path
    certificate: Certificate
    files: tuple[str, ...]

    def __str__(self) -> str:
        claims = self.certificate.claims
        by = {how: sum(c.how == how for c in claims) for how in dict.fromkeys(c.how for c in claims)}
        counted = ", ".join(f"{count} {how}" for how, count in by.items())
        verdict = "every claim that was checked holds" if self.certificate.holds else "NOT every claim holds"
        lines = [f"{self.certificate.bundle.name}: {verdict} ({counted})", *(str(self.path / f) for f in self.files)]
        return "\n".join(lines)


@usual
def report(
    bundle: str | Path,
    *,
    out: str | Path,
    rows: int = 20000,
    allowed_signers: str | Path | None = None,
    sbom: bool = False,
    core: Sequence[str] | str = (),
    builder: str | None = None,
) -> Evidence:
    """Run every check of `symc verify` on the bundle, and write OUT/report.html and OUT/certificate.json.

    out: a folder outside the bundle, created when it does not exist; the two files are replaced there, all else is left
    alone. rows: test inputs per target. allowed_signers: a file of those of whom one must have signed it.
    sbom: write OUT/sbom.cdx.json too, which needs the extra symc[sbom]. core: cores on which to
    measure what it costs (symc.evidence.costs.cost), where every check holds; each becomes a claim.
    builder: the URI of who built it; writes OUT/provenance.intoto.json too (symc.evidence.attestation) where every
    claim holds, and removes it where one does not.
    A claim that does not hold is written down as such. Raises SymcError when the folder is not a bundle or `out` lies
    inside it, a core is unknown, or the builder is no URI; CheckFailed when its manifest or files are damaged;
    MissingTool for a core.
    """
    folder, target = Path(bundle), Path(out)
    if Path(os.path.realpath(target)).is_relative_to(os.path.realpath(folder)):
        raise SymcError("lies inside the bundle, whose files are sealed", where=str(out), hint="Give another folder.")
    boards_of(core)
    if builder is not None:
        check_builder(builder)
    found = verify(folder, rows=rows, allowed_signers=allowed_signers)
    damaged = [c for c in found.checks if not c.ok and c.name in ("manifest", "files")]
    if found.manifest is None or damaged:
        raise CheckFailed(damaged[0].detail, where=str(folder), hint="Nothing can be told of a damaged bundle.")
    costs = cost(folder, core=core).rows if core and all(c.ok for c in found.checks) else ()
    certificate = certify(found.manifest, found, folder, costs)
    content = {PAGE: page(folder, found.manifest, certificate), CERTIFICATE: certificate.to_bytes()}
    if sbom:
        content[SBOM] = bill(found.manifest, now())
    if builder is not None:
        (target / PROVENANCE).unlink(missing_ok=True)
        if certificate.holds:
            content[PROVENANCE] = attestation(found.manifest, folder, builder)
    target.mkdir(parents=True, exist_ok=True)
    for name, data in content.items():
        write_atomically(target / name, data)
    return Evidence(target, certificate, tuple(content))
