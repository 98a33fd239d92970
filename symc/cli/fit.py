"""symc fit."""

from __future__ import annotations

from typing import Any

import click

from symc.cli.options import PRINTING, SEARCH, given, keep_inputs
from symc.cli.output import print_json
from symc.terminal import busy


@click.command()
@click.argument("data")
@click.option("-o", "--out", required=True, metavar="FILE", help="Where to save what was found (law.pt).")
@click.option("--targets", required=True, metavar="A,B,...", help="Columns to find equations for.")
@click.option("--weights", metavar="COLUMN", help="A column that says how much each row counts.")
@click.option("--domain", metavar="BOX", help='Where the equations are to hold, "lo:hi,lo:hi" (default: all rows).')
@click.option("--fit-rows", type=click.IntRange(1), help="Fit so many rows and hold out all others.")
@SEARCH
@PRINTING
def fit(data: str, out: str, targets: str, as_json: bool, quiet: bool, **search: Any) -> None:
    """Search equations for columns of the table DATA, with no network anywhere, and save them for symc build."""
    from symc.module.saved import save_distilled
    from symc.sources.fitting import fit as run

    keep_inputs(out, data)
    with busy("searching", quiet or as_json):
        found = run(data, targets=targets, **given(search))
        save_distilled(found, out)
    if as_json:
        print_json({"saved": out, "fronts": [f.to_json() for f in found.fronts]})
    elif not quiet:
        click.echo("\n\n".join(map(str, found.fronts)))
        click.echo(f"\nSaved in {out}. Next: symc build {out} --target c -o out/")
