"""symc verify."""

from __future__ import annotations

import click

from symc.cli.options import PRINTING
from symc.cli.output import print_json
from symc.terminal import busy


@click.command()
@click.argument("bundle")
@click.option("--rows", type=click.IntRange(100), default=20000, show_default=True, help="Test inputs per target.")
@click.option("--allowed-signers", metavar="FILE", help="Fail unless one of these signed it (a file for ssh-keygen).")
@PRINTING
def verify(bundle: str, rows: int, allowed_signers: str | None, as_json: bool, quiet: bool) -> None:
    """Check a bundle: every file, the equations, parity with the network, and each function's bits on every target."""
    from symc.verify import verify as run

    with busy("verifying", quiet or as_json):
        report = run(bundle, rows=rows, allowed_signers=allowed_signers)
    if as_json:
        checks = [{"check": c.name, "ok": c.ok, "detail": c.detail} for c in report.checks]
        print_json({"bundle": bundle, "ok": report.ok, "checks": checks})
    elif not quiet or not report.ok:
        click.echo(str(report))
    report.raise_if_failed()
