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
@click.option("--latex", is_flag=True, help="Print the equations in LaTeX instead.")
@click.option("--plot", metavar="FILE", help="Draw the fronts, errors over complexity: .svg, .png or .pdf.")
@WORDING
@PRINTING
def inspect(
    path: tuple[str, ...], latex: bool, plot: str | None, as_json: bool, quiet: bool, **options: Any
) -> None:
    """Show what a bundle, a distilled module, a hall of fame, a file of equations or a network holds."""
    from symc.sources.registry import fronts_of
    from symc.sources.registry import inspect as run

    if latex or plot is not None:
        fronts = fronts_of(one_or_more(path), **given(options))
        if plot is not None:
            from symc.search.shown import draw

            draw(fronts, plot)
            if not latex and not quiet:
                click.echo(f"Drawn: {plot}")
        for front in fronts if latex else ():
            for member in front.members:
                click.echo(front.latex(member.complexity))
        return
    text, data = run(one_or_more(path), **given(options))
    if as_json:
        print_json(data)
    elif not quiet:
        click.echo(text)
