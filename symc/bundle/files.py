"""Files of a bundle, read only as the manifest records them."""

from __future__ import annotations

from pathlib import Path, PurePosixPath

from symc.bundle.folder import sha256
from symc.errors import CheckFailed, SymcError

# What a package made of a bundle has, and a bundle has not.
PACKAGE_RECORD = "pack.json"


def refuse_package(folder: Path) -> None:
    """Raise SymcError when `folder` is a package, which has the bundle's manifest but not all of its files."""
    if (folder / PACKAGE_RECORD).is_file():
        raise SymcError(
            "is a package, not a bundle", where=str(folder), hint="Give the folder of the bundle that it was made of."
        )


def read_file(root: Path, name: str, expected: str) -> bytes:
    """The content of the file `name` of the bundle at `root`, whose sha256 is `expected`.

    Raises SymcError for a name outside the bundle; CheckFailed when the file is missing or is another.
    """
    pure = PurePosixPath(name)
    if pure.is_absolute() or ".." in pure.parts:
        raise SymcError("the manifest names a file outside the bundle", where=name)
    where = str(root / pure)
    try:
        content = (root / pure).read_bytes()
    except OSError as error:
        raise CheckFailed(
            f"the manifest lists this file but it cannot be read ({error.strerror})",
            where=where,
            hint="Build the bundle again.",
        ) from None
    if sha256(content) != expected:
        raise CheckFailed(
            "the file is not the one that the manifest records (its sha256 differs)",
            where=where,
            hint="It was changed after the build: build the bundle again.",
        )
    return content
