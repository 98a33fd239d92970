"""What verbs print beside their result: JSON objects, and a spinner while they work."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import click


def print_json(data: Any) -> None:
    click.echo(json.dumps(data, indent=2, allow_nan=False))


@contextmanager
def busy(what: str, quiet: bool) -> Iterator[None]:
    """A spinner on stderr while it is a terminal."""
    if quiet or not sys.stderr.isatty():
        yield
        return
    from rich.console import Console

    with Console(stderr=True).status(f"{what} ..."):
        yield
