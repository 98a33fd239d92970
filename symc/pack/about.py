"""What a package says of itself beside the model: its version, who publishes it, its web page."""

from __future__ import annotations

import re
from dataclasses import dataclass
from email.utils import parseaddr

from symc.errors import SymcError

_URL = re.compile(r"https?://[!-~]{1,240}\Z")
_VERSION = re.compile(r"(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)\Z")
_LONGEST_AUTHOR = 80


@dataclass(frozen=True)
class About:
    """Three numbers with points; the publisher's name and mail address; an address that begins with http."""

    version: str
    author: str | None
    email: str | None
    url: str | None


def read_about(version: str, author: str | None, url: str | None) -> About:
    """`author` is a name, with a mail address in <> or without; SymcError for what ecosystems' tools would refuse."""
    if not _VERSION.match(version):
        raise SymcError(f"{version!r} is not a version", where="--version", hint="Give three numbers, such as 1.2.0.")
    if url is not None and not _URL.match(url):
        raise SymcError(f"{url!r} is not the address of a web page", where="--url", hint="Begin it with https://.")
    if author is None:
        return About(version, None, None, url)
    name, email = parseaddr(author)
    name = name.strip() or author.strip()
    if not name.isprintable() or not 0 < len(name) <= _LONGEST_AUTHOR:
        hint = f"Give up to {_LONGEST_AUTHOR} characters on one line, such as Ann Example <ann@example.org>."
        raise SymcError(f"{author!r} cannot be an author", where="--author", hint=hint)
    return About(version, name, email if "@" in email else None, url)
