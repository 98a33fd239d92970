"""Files of a bundle, read only as the manifest records them."""

from __future__ import annotations

from pathlib import Path, PurePosixPath

from symc.bundle.folder import sha256
from symc.errors import CheckFailed, SymcError


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
