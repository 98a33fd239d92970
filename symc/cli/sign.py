"""symc sign."""

from __future__ import annotations

import click

from symc.cli.options import PRINTING
from symc.cli.output import print_json


@click.command()
@click.argument("bundle")
@click.option("--key", required=True, metavar="FILE", help="SSH private key, or a public one that an agent holds.")
@PRINTING
def sign(bundle: str, key: str, as_json: bool, quiet: bool) -> None:
    """Sign the manifest of BUNDLE, which holds the sha256 of every file; verify it first.

    BUNDLE may be a statement of `symc report --builder` as well: then FILE.sig is laid beside it.
    """
    from symc.bundle.signature import check_signature
    from symc.bundle.signature import sign as run

    place = run(bundle, key=key)
    signed = check_signature(bundle)
    assert signed is not None
    if as_json:
        print_json({"signature": str(place), "key": signed.key})
    elif not quiet:
        click.echo(f"{place}: signed by {signed.key}")
