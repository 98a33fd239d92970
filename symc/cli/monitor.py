"""symc monitor."""

from __future__ import annotations

import click

from symc.cli.options import PRINTING
from symc.cli.output import print_json


@click.command()
@click.argument("log", nargs=-1, required=True)
@click.option("--bundle", metavar="DIR", help="Take this bundle's reports alone, and call inputs as it does.")
@click.option(
    "--format", "shape", type=click.Choice(["table", "prometheus", "json"]), default="table", show_default=True,
    help="How to print it.",
)  # fmt: skip
@PRINTING
def monitor(log: tuple[str, ...], bundle: str | None, shape: str, as_json: bool, quiet: bool) -> None:
    """Add up what devices counted: the reports of NAME_report in each LOG, a file of text of any kind."""
    from symc.evidence.log import read_log

    found = read_log(log, bundle=bundle)
    if as_json or shape == "json":
        print_json(found.to_json())
    elif shape == "prometheus":
        click.echo(found.prometheus(), nl=False)
    elif not quiet:
        click.echo(str(found))
