"""What mkdocs does beside its plugins: the commands fill cli.md, the groups of symc.__all__ fill api.md."""

from __future__ import annotations

import html
import inspect
from typing import Any

import click

import symc
from symc.cli import main
from symc.cli.verbs import VERBS

_NAMES = "<!-- symc.__all__ -->"
_VERBS = "<!-- symc.cli.verbs -->"


def on_page_markdown(markdown: str, **_: Any) -> str:
    if _NAMES in markdown:
        markdown = markdown.replace(_NAMES, names())
    return markdown.replace(_VERBS, verbs()) if _VERBS in markdown else markdown


def names() -> str:
    """A heading for each comment of symc.__all__, and below it the directive for each name."""
    source = inspect.getsource(symc).split("__all__ = [")[1].split("\n]")[0]
    parts = []
    for line in source.splitlines()[1:]:
        text = line.strip()
        if text.startswith("#"):
            parts.append(f"## {text.removeprefix('#').strip().rstrip('.')}")
        elif (name := text.strip('",')) != "__version__":
            found = getattr(symc, name)
            # The name that users write, over what stands where it is defined.
            options = f"    options:\n      heading: symc.{name}\n      toc_label: {name}"
            parts.append(f"::: {found.__module__}.{found.__qualname__}\n{options}")
    return "\n\n".join(parts)


def verbs() -> str:
    """Each verb: what it does, how it is called, and its options as --help shows them."""
    parts = []
    parent = click.Context(main, info_name="symc", **main.context_settings)
    for verb in VERBS:
        context = click.Context(VERBS[verb], info_name=verb, parent=parent)
        usage = VERBS[verb].get_usage(context).removeprefix("Usage: ")
        parts += [f"## symc {verb}", html.escape(inspect.cleandoc(VERBS[verb].help or ""), quote=False)]
        parts.append(f"    {usage}")
        options = [p for p in VERBS[verb].get_params(context) if isinstance(p, click.Option)]
        records = [record for option in options if (record := option.get_help_record(context))]
        rows = [f"| `{option}` | {html.escape(text, quote=False).replace('|', '&#124;')} |" for option, text in records]
        parts.append("\n".join(["| option | |", "| --- | --- |", *rows]))
    return "\n\n".join(parts)
