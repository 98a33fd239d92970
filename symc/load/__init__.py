"""From a bundle back into Python: compiled code as a numpy callable and as a torch.nn.Module."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from symc.load.module import Surrogate

__all__ = ["load"]


def load(bundle: str | Path, *, allowed_signers: str | Path | None = None) -> Surrogate:
    """The compiled equations of the bundle in folder `bundle`; see symc.load.module.load."""
    # torch is imported on first use: what only compiles and verifies must not pay for it.
    from symc.load import module

    return module.load(bundle, allowed_signers=allowed_signers)
