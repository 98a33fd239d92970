"""verify: does a bundle still compute what it was built to compute, the same bits on every target?"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from symc.verify.check import Report


def verify(bundle: str | Path, *, rows: int = 20000, allowed_signers: str | Path | None = None) -> Report:
    """Check every promise of the bundle in folder `bundle`; see symc.verify.check.verify."""
    from symc.verify import check

    return check.verify(bundle, rows=rows, allowed_signers=allowed_signers)
