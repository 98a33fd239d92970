"""symc pack."""

from __future__ import annotations

import click

from symc.cli.options import PRINTING
from symc.cli.output import print_json
from symc.pack.registry import PACKERS


@click.command()
@click.argument("bundle", metavar="DIR")
@click.option("-f", "--format", required=True, metavar="FORMAT", help=f"{', '.join(PACKERS)}.")
@click.option("-o", "--out", metavar="DIR", help="Folder that gets the package's folder (default: FORMAT beside DIR).")
@click.option("--version", metavar="X.Y.Z", help="Version of the package (default: symc's).")
@click.option("--author", metavar="NAME", help='Who publishes it, such as "Ann Example <ann@example.org>".')
@click.option("--url", metavar="URL", help="Web page of the package.")
@PRINTING
def pack(
    bundle: str,
    format: str,
    out: str | None,
    version: str | None,
    author: str | None,
    url: str | None,
    as_json: bool,
    quiet: bool,
) -> None:
    """Lay the C of the bundle in folder DIR out as a package that an ecosystem's own tools take in."""
    from symc.pack.package import pack as run

    package = run(bundle, format=format, out=out, version=version, author=author, url=url)
    if as_json:
        print_json({"package": str(package.path), "name": package.name, "format": package.format, "use": package.use})
    elif not quiet:
        click.echo(str(package))
