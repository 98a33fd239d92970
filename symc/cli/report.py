"""symc report."""

from __future__ import annotations

import json

import click

from symc.cli.options import PRINTING
from symc.cli.output import print_json
from symc.terminal import busy


@click.command()
@click.argument("bundle")
@click.option("-o", "--out", required=True, metavar="DIR", help="Folder that gets report.html and certificate.json.")
@click.option("--rows", type=click.IntRange(100), default=20000, show_default=True, help="Test inputs per target.")
@click.option("--allowed-signers", metavar="FILE", help="Fail unless one of these signed it (a file for ssh-keygen).")
@click.option("--sbom", is_flag=True, help="Write sbom.cdx.json too: CycloneDX 1.6, every file with its sha256.")
@click.option("--builder", metavar="URI", help="Write provenance.intoto.json too: SLSA provenance, built by this URI.")
@click.option("--core", multiple=True, metavar="NAME", help="Measure what it costs on this core too; repeatable.")
@PRINTING
def report(
    bundle: str,
    out: str,
    rows: int,
    allowed_signers: str | None,
    sbom: bool,
    builder: str | None,
    core: tuple[str, ...],
    as_json: bool,
    quiet: bool,
) -> None:
    """Check a bundle as verify does, and write what was found for people to read and sign, and for machines."""
    from symc.evidence.write import report as run

    with busy("verifying", quiet or as_json):
        evidence = run(
            bundle, out=out, rows=rows, allowed_signers=allowed_signers, sbom=sbom, core=core, builder=builder
        )
    if as_json:
        print_json(json.loads(evidence.certificate.to_bytes()))
    elif not quiet:
        click.echo(str(evidence))
    evidence.certificate.raise_if_failed()
