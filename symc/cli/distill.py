"""symc distill."""

from __future__ import annotations

from typing import Any

import click

from symc.cli.options import NETWORK, PRINTING, SEARCH, given, keep_inputs
from symc.cli.output import print_json
from symc.terminal import busy


@click.command()
@click.argument("model")
@click.option("-o", "--out", required=True, metavar="FILE", help="Where to save the distilled module (model.pt).")
@NETWORK
@SEARCH
@PRINTING
def distill(model: str, out: str, as_json: bool, quiet: bool, **distillation: Any) -> None:
    """Distil the network MODEL and save its equations with the recorded samples."""
    from symc.module.saved import save_distilled
    from symc.sources.network import distil
    from symc.sources.options import OPENING, meant
    from symc.sources.registry import open_network

    keep_inputs(out, model, distillation["inputs"], distillation["weights"])
    options = meant(given(distillation))
    with busy("searching", quiet or as_json):
        opening = {name: options.pop(name) for name in OPENING if name in options}
        distilled = distil(open_network(model, "symc build compiles them.", **opening), options)
        save_distilled(distilled, out)
    if as_json:
        print_json({"saved": out, "fronts": [f.to_json() for f in distilled.fronts]})
    elif not quiet:
        click.echo("\n\n".join(map(str, distilled.fronts)))
        click.echo(f"\nSaved in {out}. Next: symc build {out} --target c -o out/")
