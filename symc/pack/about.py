"""What a package says of itself beside the model: its version, who publishes it, its web page."""

from __future__ import annotations

import re
from dataclasses import dataclass

from symc.errors import SymcError

_URL = re.compile(r"https?://[\w.-]{1,120}(:\d{1,5})?(/[!-~]{0,120})?\Z", re.ASCII)
_VERSION = re.compile(r"(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)\Z")
_EMAIL = r"(?=.{1,50}>)[^<>\s@]+@[\w-]+(\.[\w-]+)+"
_AUTHOR = re.compile(rf"(?P<name>[^<>\s]([^<>]{{0,78}}[^<>\s])?)( +<(?P<email>{_EMAIL})>)?\Z")


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
    parts = _AUTHOR.match(author)
    if parts is None or not parts["name"].isprintable():
        hint = "Give a name on one line, such as Ann Example <ann@example.org>."
        raise SymcError(f"{author!r} cannot be an author", where="--author", hint=hint)
    return About(version, parts["name"], parts["email"], url)
