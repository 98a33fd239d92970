"""symc reverify."""

from __future__ import annotations

from typing import Any

import click

from symc.cli.options import PRINTING, given
from symc.cli.output import print_json
from symc.terminal import busy


@click.command()
@click.argument("bundle")
@click.option("--inputs", required=True, metavar="FILE", help="New rows: .csv, .npy, .npz, .pt or .parquet.")
@click.option("--targets", metavar="NAMES", help="What was measured there: columns of --inputs, or a file.")
@click.option("--max-outside", type=click.FloatRange(0, 1), help="Share of an input outside the domain (default 0.01).")
@click.option("--max-psi", type=click.FloatRange(0), help="Population stability index of an input (default 0.2).")
@click.option("--max-ks", type=click.FloatRange(0), help="Kolmogorov-Smirnov distance of an input (default 0.1).")
@click.option("--max-ratio", type=click.FloatRange(0), help="New error over the recorded one (default 1.5).")
@PRINTING
def reverify(bundle: str, inputs: str, as_json: bool, quiet: bool, **limits: Any) -> None:
    """Say whether BUNDLE still fits what it meets: new rows against its domain, its recorded rows and its errors."""
    from symc.sources.reverify import reverify as run

    with busy("comparing", quiet or as_json):
        found = run(bundle, inputs=inputs, **given(limits))
    if as_json:
        print_json(found.to_json())
    elif not quiet or not found.ok:
        click.echo(str(found))
    found.raise_if_failed()
