"""symc doctor."""

from __future__ import annotations

import click

from symc.cli.options import PRINTING
from symc.cli.output import print_json


@click.command()
@PRINTING
def doctor(as_json: bool, quiet: bool) -> None:
    """Show which compilers, engines and devices symc finds, and what each is needed for."""
    from symc.tables import table
    from symc.toolchain import doctor as tools

    rows = tools.report()
    if as_json:
        print_json({"tools": [row.to_json() for row in rows]})
    elif not quiet:
        cells = [(r.name, (r.version or "yes") if r.found else "no", r.needed_for, r.hint) for r in rows]
        click.echo(table(("tool", "found", "needed for", "to install"), cells))
