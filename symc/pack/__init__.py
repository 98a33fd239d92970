"""Packages: a bundle's C laid out as an ecosystem's own tools take it in."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from symc.pack.package import Package

__all__ = ["pack"]


def pack(
    bundle: str | Path,
    *,
    format: str,
    out: str | Path | None = None,
    version: str | None = None,
    author: str | None = None,
    url: str | None = None,
) -> Package:
    """Lay the C of the bundle in folder `bundle` out as a package; see symc.pack.package.pack."""
    from symc.pack import package

    return package.pack(bundle, format=format, out=out, version=version, author=author, url=url)
