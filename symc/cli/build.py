"""symc build."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Any

import click

from symc.cli.options import NETWORK, PRINTING, SEARCH, WORDING, given, one_or_more, whole_numbers
from symc.cli.output import print_json
from symc.terminal import busy


@click.command()
@click.argument("model", nargs=-1)
@click.option("--equation", multiple=True, metavar="TEXT", help='In place of MODEL: "y = 2*x0 + 1"; repeatable.')
@click.option("-o", "--out", required=True, metavar="DIR", help="Folder that gets the bundle's folder.")
@click.option("-t", "--target", multiple=True, default=("c",), metavar="T", help="c, cuda or numba; repeatable.")
@click.option("--name", metavar="ID", help="Prefix of every C symbol (default: the model's file or output).")
@click.option("--select", metavar="RULE", help="best (default), accuracy, score, knee, cheapest:TOL or fit.")
@click.option("--complexity", metavar="N[,N...]", help="Take the equation of this complexity (one per output).")
@click.option(
    "--require",
    multiple=True,
    metavar="LIMIT",
    help='Fail unless kept ("rmse<=0.01") or proved in the domain ("positive", "even(x0)"); repeatable.',
)
@click.option("--allow-poles", is_flag=True, help="Build even where the code is not finite somewhere in the domain.")
@click.option("--accurate", is_flag=True, help="Rewrite the code where that is proved to lose less in rounding.")
@click.option(
    "--shorten-constants",
    is_flag=False,
    flag_value="rounding",
    metavar="[TOL]",
    help="Write constants shorter, within a share TOL of each output (default: within its rounding errors).",
)
@click.option("--numbers", metavar="KIND", help="float (default), float64, or integers: fixed, fixed16, q15.16 ...")
@click.option("--outside", metavar="POLICY", help="Add NAME_guarded to the C: clamp, nan or hold outside the domain.")
@click.option("--derivatives", multiple=True, metavar="KIND", help="jacobian (default), vjp, jvp, hessian; repeatable.")
@click.option("--selftest", metavar="FORM", help="The C self-test: short (default, under 1 kB of flash) or full.")
@click.option("--units", metavar="UNITS", help='Of inputs and outputs, "bar, K -> kg/m3"; checked, never converted.')
@click.option("--scale", metavar="FILE", help="JSON file of scalers around the model: its C takes and gives raw units.")
@click.option("--pack", multiple=True, metavar="FORMAT", help="Pack it as well, into DIR/FORMAT/NAME; repeatable.")
@click.option("--limit", metavar="LIMITS", help="Fail where it costs more on a --core: flash=2k,stack=256,cycles=5k.")
@click.option("--core", multiple=True, metavar="NAME", help="Where --limit holds, such as cortex-m0; repeatable.")
@click.option("--replace", is_flag=True, help="Take the place of another model's bundle of the same default name.")
@click.option("--dialect", metavar="NAME", help="What functions in equations mean: infix, gplearn or deap.")
@click.option("--targets", metavar="NAMES", help="What was measured of equations: columns of --inputs, or a file.")
@NETWORK
@SEARCH
@WORDING
@PRINTING
def build(
    model: tuple[str, ...],
    equation: tuple[str, ...],
    out: str,
    target: tuple[str, ...],
    name: str | None,
    select: str | None,
    complexity: str | None,
    require: tuple[str, ...],
    allow_poles: bool,
    accurate: bool,
    shorten_constants: str | None,
    numbers: str | None,
    outside: str | None,
    derivatives: tuple[str, ...],
    selftest: str | None,
    units: str | None,
    pack: tuple[str, ...],
    limit: str | None,
    core: tuple[str, ...],
    replace: bool,
    as_json: bool,
    quiet: bool,
    **distillation: Any,
) -> None:
    """Compile MODEL into the bundle DIR/NAME.

    MODEL is a module distilled and saved by symc, a network (ONNX, or PyTorch's files, with --inputs or --domain, with
    --module for weights alone, and --trust when opening it can run code), PySR's hall_of_fame.csv (several files,
    or their folder, for several outputs), or a .txt or .json file of equations; --equation takes their place.
    """
    from symc.building import build as run
    from symc.describe import warnings

    with busy("building", quiet or as_json):
        bundle = run(
            one_or_more(model) if model else None,
            equation=equation,
            out=out,
            target=target,
            name=name,
            select=select,
            complexity=whole_numbers(complexity),
            require=require,
            allow_poles=allow_poles,
            accurate=accurate,
            shorten_constants=shorten_constants,
            numbers=numbers,
            outside=outside,
            derivatives=derivatives,
            selftest=selftest or "short",
            units=units,
            pack=pack,
            limit=limit,
            core=core,
            replace=replace,
            **given(distillation),
        )
    for warning in warnings(bundle.manifest):
        click.echo(f"symc: warning: {warning}", err=True)
    if as_json:
        packages = {package.format: str(package.path) for package in bundle.packages}
        made = {"packages": packages} if packages else {}
        measured = {"costs": [asdict(cost) for cost in bundle.costs]} if bundle.costs else {}
        passed = {"tried": [asdict(tried) for tried in bundle.tried]} if bundle.tried else {}
        manifest = json.loads(bundle.manifest.to_bytes())
        print_json({"bundle": str(bundle.path), "manifest": manifest, **made, **measured, **passed})
    elif not quiet:
        click.echo(str(bundle))
