"""Templates: one strict Jinja environment for all targets; an error in it names the template and the variable."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import lru_cache
from pathlib import Path
from typing import Any

import jinja2

from symc import resources
from symc.backends.compiled import KeptTemplates
from symc.errors import SymcError

_WIDTH = 100
_from_texts: ContextVar[bool] = ContextVar("from_texts", default=False)


def render(template: str, folder: Path | None = None, **context: Any) -> bytes:
    """The UTF-8 text of `template` (a path below templates/, or below `folder`) with `context` filled in.

    Raises SymcError that names the template, the line and the variable when the template uses one that is not given.
    """
    try:
        environment = _environment(folder or resources.templates(), kept=not _from_texts.get())
        text = environment.get_template(template).render(context)
    except jinja2.TemplateNotFound as error:
        raise SymcError("the template is missing", where=f"template {error.name}", hint="Install symc again.") from None
    except jinja2.TemplateSyntaxError as error:
        raise SymcError(str(error.message), where=f"template {error.name or template}, line {error.lineno}") from None
    except jinja2.UndefinedError as error:
        raise SymcError(
            f"{error.message}", where=f"template {template}, line {_line(error)}", hint="This is a fault of symc."
        ) from None
    return text.encode()


@contextmanager
def from_texts() -> Iterator[None]:
    """In here the templates' texts alone decide what is generated: no compiled one is taken from the cache.

    A check that runs what was kept would agree with whatever was put there.
    """
    before = _from_texts.set(True)
    try:
        yield
    finally:
        _from_texts.reset(before)


@lru_cache(maxsize=8)
def _environment(folder: Path, kept: bool) -> jinja2.Environment:
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(folder),
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        autoescape=False,
        bytecode_cache=KeptTemplates(settings=Path(__file__)) if kept else None,
    )
    environment.filters.update(
        c_comment=c_comment, c_string=c_string, cell=cell, chomp=chomp, docstring=docstring, plain=plain, wrap=wrap
    )
    return environment


def plain(text: str) -> str:
    """Text on one line, without control characters."""
    return " ".join(re.sub(r"[\x00-\x1f\x7f]", " ", text).split())


def c_comment(text: str) -> str:
    """Text that can stand in a C comment: it neither ends it, nor opens another, nor holds a trigraph."""
    return plain(text).replace("*/", "* /").replace("/*", "/ *").replace("??", "? ?")


def c_string(text: str) -> str:
    """Text as a C string literal, non-ASCII bytes as octal escapes."""
    special = {ord('"'): '\\"', ord("\\"): "\\\\", ord("?"): "\\?"}
    codes = plain(text).encode()
    return '"' + "".join(special.get(c) or (chr(c) if 32 <= c < 127 else f"\\{c:03o}") for c in codes) + '"'


def docstring(text: str) -> str:
    """Text that can stand in a Python string between triple or single double quotes."""
    return plain(text).replace("\\", "\\\\").replace('"', '\\"')


def cell(text: str) -> str:
    """Text in a cell of a Markdown table."""
    return plain(text).replace("|", "\\|")


def chomp(text: str) -> str:
    """Text without the newlines at its end."""
    return text.rstrip("\n")


def wrap(text: str, prefix: str, width: int = _WIDTH) -> str:
    """Text broken at spaces to lines of `width` columns; every line but the first starts with `prefix`."""
    lines = textwrap.wrap(text, width - len(prefix), break_long_words=False, break_on_hyphens=False) or [""]
    return f"\n{prefix}".join(lines)


def _line(error: BaseException) -> int:
    """The template's line: Jinja rewrites tracebacks, the deepest frame is the template's own."""
    trace = error.__traceback__
    line = 0
    while trace is not None:
        if trace.tb_frame.f_code.co_filename.endswith(".jinja"):
            line = trace.tb_lineno
        trace = trace.tb_next
    return line
