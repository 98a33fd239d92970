"""What a person sees while symc works: one display on stderr at a time, and none where that is no terminal."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.console import Console
    from rich.status import Status


class _Shown:
    """The spinner that turns now, if any, and whether nothing at all is to be shown."""

    spinner: Status | None = None
    quiet = False


@contextmanager
def busy(what: str, quiet: bool) -> Iterator[None]:
    """A spinner on stderr while it is a terminal; with `quiet` no display of what runs inside is shown either."""
    before = _Shown.quiet
    _Shown.quiet = quiet
    try:
        if quiet or not sys.stderr.isatty():
            yield
            return
        from rich.console import Console

        with Console(stderr=True).status(f"{what} ...") as spinner:
            _Shown.spinner = spinner
            try:
                yield
            finally:
                _Shown.spinner = None
    finally:
        _Shown.quiet = before


@contextmanager
def display() -> Iterator[Console | None]:
    """A console for a display that takes the spinner's place; None where nothing is to be shown."""
    if _Shown.quiet or not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console

    spinner = _Shown.spinner
    # rich draws one display at a time.
    if spinner is not None:
        spinner.stop()
    try:
        yield Console(stderr=True)
    finally:
        if spinner is not None:
            spinner.start()
