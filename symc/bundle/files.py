"""Files of a bundle, read only as the manifest records them."""

from __future__ import annotations

import os
import stat
from pathlib import Path, PurePosixPath
from typing import BinaryIO

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


def open_plain(path: Path) -> BinaryIO:
    """A file to read; OSError for what is none, such as a pipe, which would be waited for without end."""
    descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise OSError(0, "it is no plain file")
    return open(descriptor, "rb")


def read_plain(path: Path) -> bytes:
    """The content of a file; OSError as open_plain."""
    with open_plain(path) as file:
        return file.read()


def check_plain(folder: Path) -> None:
    """Raise CheckFailed that names what in `folder` is neither a folder nor a file of its own.

    What a link shares with another place can be changed there, after it was checked here.
    """
    for path in sorted(folder.rglob("*")):
        status = path.lstat()
        if stat.S_ISDIR(status.st_mode):
            continue
        what = None
        if stat.S_ISLNK(status.st_mode):
            what = "is a symbolic link"
        elif not stat.S_ISREG(status.st_mode):
            what = "is a pipe, a socket or a device"
        elif status.st_nlink > 1:
            what = "is a hard link: it has another name elsewhere"
        if what is not None:
            where = path.relative_to(folder).as_posix()
            raise CheckFailed(what, where=where, hint="A bundle is folders and plain files: copy it with cp -rL.")


def read_file(root: Path, name: str, expected: str) -> bytes:
    """The content of the file `name` of the bundle at `root`, whose sha256 is `expected`.

    Raises SymcError for a name outside the bundle; CheckFailed when the file is missing or is another.
    """
    pure = PurePosixPath(name)
    if pure.is_absolute() or ".." in pure.parts:
        raise SymcError("the manifest names a file outside the bundle", where=name)
    where = str(root / pure)
    try:
        content = read_plain(root / pure)
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
