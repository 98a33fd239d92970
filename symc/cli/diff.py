"""symc diff."""

from __future__ import annotations

import click

from symc.cli.options import PRINTING
from symc.cli.output import print_json
from symc.terminal import busy


@click.command()
@click.argument("old")
@click.argument("new")
@PRINTING
def diff(old: str, new: str, as_json: bool, quiet: bool) -> None:
    """Say what changes where bundle NEW takes the place of OLD: each output's change, bounded over the domain."""
    from symc.evidence.changes import diff as run

    with busy("comparing", quiet or as_json):
        changes = run(old, new)
    if as_json:
        print_json(changes.to_json())
    elif not quiet:
        click.echo(str(changes))
