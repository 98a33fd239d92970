"""evidence: what was checked of a bundle, on what, how well, and what was not, for a person and for a machine."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from symc.evidence.write import Evidence


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
    """Check the bundle and write OUT/report.html and OUT/certificate.json; see symc.evidence.write.report."""
    from symc.evidence import write

    return write.report(
        bundle, out=out, rows=rows, allowed_signers=allowed_signers, sbom=sbom, core=core, builder=builder
    )
