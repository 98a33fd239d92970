"""symc inspect."""

from __future__ import annotations

from typing import Any

import click

from symc.cli.options import PRINTING, WORDING, given, one_or_more
from symc.cli.output import print_json


@click.command()
@click.argument("path", nargs=-1, required=True)
@click.option("--features", metavar="A,B,...", help="Names of the inputs of equations.")
@click.option("--dialect", metavar="NAME", help="What functions in equations mean: infix, gplearn or deap.")
@click.option("--module", metavar="PKG.MOD:FACTORY", help="Makes the network that a state_dict belongs to.")
@click.option("--trust", is_flag=True, help="Open files that can run code: pickles, TorchScript, .pt2.")
@WORDING
@PRINTING
def inspect(path: tuple[str, ...], as_json: bool, quiet: bool, **options: Any) -> None:
    """Show what a bundle, a distilled module, a hall of fame, a file of equations or a network holds."""
    from symc.sources.registry import inspect as run

    text, data = run(one_or_more(path), **given(options))
    if as_json:
        print_json(data)
    elif not quiet:
        click.echo(text)
