"""symc cost."""

from __future__ import annotations

import click

from symc.cli.options import PRINTING
from symc.cli.output import print_json
from symc.terminal import busy


@click.command()
@click.argument("bundle")
@click.option("--core", multiple=True, metavar="NAME", help="cortex-m0, atmega2560 ... (default: all installed).")
@click.option("--limit", metavar="LIMITS", help="Fail beyond them: flash=2k,ram=64,stack=256 (bytes), cycles=5k.")
@PRINTING
def cost(bundle: str, core: tuple[str, ...], limit: str | None, as_json: bool, quiet: bool) -> None:
    """Measure flash, RAM, stack and time of a bundle's C on emulated microcontrollers, before anything is flashed."""
    from symc.evidence.costs import cost as run

    with busy("measuring", quiet or as_json):
        found = run(bundle, core=core, limit=limit)
    if as_json:
        print_json(found.to_json())
    elif not quiet:
        click.echo(str(found))
