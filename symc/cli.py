"""The command line: thin verbs over the Python API.

Exit codes: 0 done; 1 a check failed; 2 bad usage or input; 3 a tool is missing; 130 interrupted.
"""

from __future__ import annotations

import json
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import click

from symc import __version__
from symc.errors import SymcError

_INTERRUPTED = 130
_INTERRUPTS = [getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGALRM") if hasattr(signal, name)]
# An exception that a signal raises inside a library's callback is lost; it is raised again after so many seconds.
_AGAIN = 5


def _interrupt(number: int, frame: Any) -> None:
    _remind(_AGAIN)
    raise KeyboardInterrupt


def _remind(seconds: int) -> None:
    if hasattr(signal, "alarm"):
        signal.alarm(seconds)


class _Main(click.Group):
    """Turns symc's errors into one paragraph on stderr and the exit code of their kind."""

    def main(self, *args: Any, **kwargs: Any) -> Any:
        kwargs |= {"standalone_mode": False, "prog_name": "symc"}
        # A polite kill ends as Ctrl-C does: workers are stopped, and nothing half-written stays.
        for number in _INTERRUPTS:
            signal.signal(number, _interrupt)
        try:
            return sys.exit(super().main(*args, **kwargs) or 0)
        except click.exceptions.Abort:
            _remind(0)
            click.echo("symc: interrupted; nothing was changed.", err=True)
            sys.exit(_INTERRUPTED)
        except click.ClickException as error:
            error.show()
            sys.exit(error.exit_code)
        except SymcError as error:
            click.echo(f"symc: {error}", err=True)
            sys.exit(error.exit_code)
        except BrokenPipeError:
            sys.stderr.close()
            sys.exit(0)


@click.group(cls=_Main, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="symc")
def main() -> None:
    """Distil PyTorch modules into equations, and compile the equations into C, CUDA and Numba."""


def _options(*decorators: Callable[[Any], Any]) -> Callable[[Any], Any]:
    def apply(command: Any) -> Any:
        for decorator in reversed(decorators):
            command = decorator(command)
        return command

    return apply


_NETWORK = _options(
    click.option("--layer", metavar="NAME", help="Submodule to distil, such as encoder.2."),
    click.option("--inputs", metavar="FILE", help="Sample inputs: .npy, .npz, .csv or .pt, one row per sample."),
    click.option("--domain", metavar="BOX", help='Box to sample instead: "lo:hi,lo:hi", or one lo:hi for all inputs.'),
    click.option("--samples", type=click.IntRange(1), help="How many points to sample in the box."),
    click.option("--output-dims", metavar="K,K,...", help="Columns of the block's output to distil (default: all)."),
    click.option("--weights", metavar="FILE", help="How much each row counts: one number per row."),
    click.option("--memory", metavar="SIZE", help='Keep so much of the recorded rows: "256 MB" or their number.'),
    click.option("--max-nonfinite", type=click.FloatRange(0, 1, max_open=True), help="Share of rows that may be NaN."),
    click.option("--fit-rows", type=click.IntRange(1), help="Fit so many rows and hold out all others."),
    click.option("--module", metavar="PKG.MOD:FACTORY", help="Makes the network that a state_dict belongs to."),
    click.option("--trust", is_flag=True, help="Open files that can run code: pickles, TorchScript, .pt2."),
)
_SEARCH = _options(
    click.option("--engine", type=click.Choice(["auto", "operon", "pysr"]), default=None, help="Search engine."),
    click.option("--evaluations", type=click.IntRange(1), help="Budget per output, in evaluations (repeatable)."),
    click.option("--time-budget", type=float, metavar="S", help="Stop each search after S seconds at the latest."),
    click.option("--operators", metavar="A,B,...", help="Operators that equations may use."),
    click.option("--max-complexity", type=click.IntRange(1), help="The most nodes that an equation may have."),
    click.option("--features", metavar="A,B,...", help="Names of the inputs."),
    click.option("--variable", multiple=True, metavar="R=EXPR", help="Make equations of these instead; repeatable."),
    click.option("--workers", type=click.IntRange(1), help="Parallel fits; the result does not depend on it."),
    click.option("--executor", metavar="dask://HOST:PORT", help="Run the fits on a Dask cluster."),
    click.option("--keep", metavar="DIR", help="Keep finished fits there; run again, it goes on where it stopped."),
    click.option("--seed", type=click.IntRange(0), default=None, help="Seed of split, samples and search (default 0)."),
)
_PRINTING = _options(
    click.option("--json", "as_json", is_flag=True, help="Print one JSON object on stdout."),
    click.option("-q", "--quiet", is_flag=True, help="Print errors only."),
)


@main.command()
@click.argument("model", nargs=-1, required=True)
@click.option("-o", "--out", required=True, metavar="DIR", help="Folder that gets the bundle's folder.")
@click.option("-t", "--target", multiple=True, default=("c",), metavar="T", help="c, cuda or numba; repeatable.")
@click.option("--name", metavar="ID", help="Prefix of every C symbol (default: the model's file name).")
@click.option("--select", metavar="RULE", help="best (default), accuracy, score or cheapest:TOL.")
@click.option("--complexity", metavar="N[,N...]", help="Take the equation of this complexity (one per output).")
@click.option("--require", multiple=True, metavar="LIMIT", help='Fail unless held: "rmse<=0.01"; repeatable.')
@_NETWORK
@_SEARCH
@_PRINTING
def build(
    model: tuple[str, ...],
    out: str,
    target: tuple[str, ...],
    name: str | None,
    select: str | None,
    complexity: str | None,
    require: tuple[str, ...],
    as_json: bool,
    quiet: bool,
    **distillation: Any,
) -> None:
    """Compile MODEL into the bundle DIR/NAME.

    MODEL is a module distilled and saved by symc, a network (with --inputs or --domain, and --trust when opening it
    can run code), or PySR's hall_of_fame.csv (several files, or their folder, for several outputs).
    """
    from symc.building import build as run
    from symc.report import warnings

    with _busy("building", quiet or as_json):
        bundle = run(
            _one_or_more(model),
            out=out,
            target=target,
            name=name,
            select=select,
            complexity=_numbers(complexity),
            require=require,
            **_given(distillation),
        )
    for warning in warnings(bundle.manifest):
        click.echo(f"symc: warning: {warning}", err=True)
    if as_json:
        _print_json({"bundle": str(bundle.path), "manifest": json.loads(bundle.manifest.to_bytes())})
    elif not quiet:
        click.echo(str(bundle))


@main.command()
@click.argument("model")
@click.option("-o", "--out", required=True, metavar="FILE", help="Where to save the distilled module (model.pt).")
@_NETWORK
@_SEARCH
@_PRINTING
def distill(model: str, out: str, as_json: bool, quiet: bool, **distillation: Any) -> None:
    """Distil the network MODEL and save its equations with the recorded samples."""
    from symc.origin import distil_file

    with _busy("searching", quiet or as_json):
        distilled = distil_file(model, out, **_given(distillation))
    if as_json:
        _print_json({"saved": out, "fronts": [f.to_json() for f in distilled.fronts]})
    elif not quiet:
        click.echo("\n\n".join(map(str, distilled.fronts)))
        click.echo(f"\nSaved in {out}. Next: symc build {out} --target c -o out/")


@main.command()
@click.argument("model")
@click.option("--inputs", required=True, metavar="FILE", help="Sample inputs: .npy, .npz, .csv or .pt.")
@click.option("--layer", multiple=True, default=("*",), metavar="PATTERN", help="Blocks to look at; repeatable.")
@click.option("--module", metavar="PKG.MOD:FACTORY", help="Makes the network that a state_dict belongs to.")
@click.option("--trust", is_flag=True, help="Open files that can run code: pickles, TorchScript, .pt2.")
@_PRINTING
def scan(model: str, inputs: str, layer: tuple[str, ...], as_json: bool, quiet: bool, **opening: Any) -> None:
    """Show where distilling MODEL would pay: each block's share of the work, and the damage of leaving it out.

    Damage is the change of the network's output, root mean square over its standard deviation, when the block answers
    zero, its mean, or an affine map of its input.
    """
    from symc.origin import scan_file

    with _busy("scanning", quiet or as_json):
        found = scan_file(model, inputs, layer, **_given(opening))
    if as_json:
        _print_json(found.to_json())
    elif not quiet:
        click.echo(str(found))


@main.command()
@click.argument("path", nargs=-1, required=True)
@click.option("--features", metavar="A,B,...", help="Names of the inputs of a hall of fame.")
@click.option("--module", metavar="PKG.MOD:FACTORY", help="Makes the network that a state_dict belongs to.")
@click.option("--trust", is_flag=True, help="Open files that can run code: pickles, TorchScript, .pt2.")
@_PRINTING
def inspect(path: tuple[str, ...], as_json: bool, quiet: bool, **options: Any) -> None:
    """Show what a bundle, a distilled module, a hall of fame or a network holds."""
    from symc.origin import inspect as run

    text, data = run(_one_or_more(path), **_given(options))
    if as_json:
        _print_json(data)
    elif not quiet:
        click.echo(text)


@main.command()
@click.argument("bundle")
@click.option("--rows", type=click.IntRange(100), default=20000, show_default=True, help="Test inputs per target.")
@_PRINTING
def verify(bundle: str, rows: int, as_json: bool, quiet: bool) -> None:
    """Check a bundle: every file, the equations, parity with the network, and the same bits on every target."""
    from symc.verify import verify as run

    with _busy("verifying", quiet or as_json):
        report = run(bundle, rows=rows)
    if as_json:
        checks = [{"check": c.name, "ok": c.ok, "detail": c.detail} for c in report.checks]
        _print_json({"bundle": bundle, "ok": report.ok, "checks": checks})
    elif not quiet or not report.ok:
        click.echo(str(report))
    report.raise_if_failed()


@main.command()
@_PRINTING
def doctor(as_json: bool, quiet: bool) -> None:
    """Show which compilers, engines and devices symc finds, and what each is needed for."""
    from symc.report import table
    from symc.toolchain import doctor as tools

    rows = tools.report()
    if as_json:
        _print_json({"tools": [row.to_json() for row in rows]})
    elif not quiet:
        cells = [(r.name, (r.version or "yes") if r.found else "no", r.needed_for, r.hint) for r in rows]
        click.echo(table(("tool", "found", "needed for", "to install"), cells))


def _one_or_more(paths: tuple[str, ...]) -> str | list[str]:
    return paths[0] if len(paths) == 1 else list(paths)


def _numbers(text: str | None) -> int | list[int] | None:
    if text is None:
        return None
    numbers = [_number(part, "--complexity") for part in text.split(",")]
    return numbers[0] if len(numbers) == 1 else numbers


def _number(text: str, option: str) -> int:
    try:
        return int(text)
    except ValueError:
        raise SymcError(f"{text.strip()!r} is not a whole number", where=option) from None


def _given(options: dict[str, Any]) -> dict[str, Any]:
    """Only the options that were given, lists split: the API's own defaults hold for the rest."""
    given = {key: value for key, value in options.items() if value is not False and value not in (None, ())}
    for key in ("features", "operators"):
        if key in given:
            given[key] = [part.strip() for part in given[key].split(",")]
    if "output_dims" in given:
        given["output_dims"] = [_number(part, "--output-dims") for part in given["output_dims"].split(",")]
    if given.get("memory", "").isdigit():
        given["memory"] = int(given["memory"])
    if "variable" in given:
        given["variable_transforms"] = dict(map(_definition, given.pop("variable")))
    return given


def _definition(text: str) -> tuple[str, str]:
    name, equals, expression = text.partition("=")
    if not equals:
        raise SymcError(f"{text!r} is not NAME=EXPRESSION", where="--variable", hint="Such as r='sqrt(dx^2 + dy^2)'.")
    return name.strip(), expression.strip()


def _print_json(data: Any) -> None:
    click.echo(json.dumps(data, indent=2, allow_nan=False))


@contextmanager
def _busy(what: str, quiet: bool) -> Iterator[None]:
    """A spinner on stderr while it is a terminal."""
    if quiet or not sys.stderr.isatty():
        yield
        return
    from rich.console import Console

    with Console(stderr=True).status(f"{what} ..."):
        yield


if __name__ == "__main__":
    main()
