"""symc scan."""

from __future__ import annotations

from typing import Any

import click

from symc.cli.options import PRINTING, given
from symc.cli.output import print_json
from symc.terminal import busy


@click.command()
@click.argument("model")
@click.option("--inputs", required=True, metavar="FILE", help="Sample inputs: .npy, .npz, .csv, .pt or .parquet.")
@click.option("--layers", multiple=True, default=("*",), metavar="PATTERN", help="Blocks to look at; repeatable.")
@click.option("--module", metavar="PKG.MOD:FACTORY", help="Makes the network that a state_dict belongs to.")
@click.option("--trust", is_flag=True, help="Open files that can run code: pickles, TorchScript, .pt2.")
@PRINTING
def scan(model: str, inputs: str, layers: tuple[str, ...], as_json: bool, quiet: bool, **opening: Any) -> None:
    """Show where distilling MODEL would pay: each block's share of the work, and the damage of leaving it out.

    Damage is the change of the network's output, root mean square over its standard deviation, when the block answers
    zero, its mean, or an affine map of its input.
    """
    from symc.capture.inputs import read_inputs
    from symc.insight.scan import scan as run
    from symc.sources.registry import open_network

    with busy("scanning", quiet or as_json):
        network = open_network(model, "A network's blocks are scanned before distilling.", **given(opening))
        found = run(network.model, read_inputs(inputs), layers=layers)
    if as_json:
        print_json(found.to_json())
    elif not quiet:
        click.echo(str(found))
