"""The command line: thin verbs over the Python API.

Exit codes: 0 done; 1 a check failed; 2 bad usage or input; 3 a tool is missing; 130 interrupted.
"""

from __future__ import annotations

import atexit
import gc
import signal
import sys
from typing import Any

import click

from symc.cli.verbs import VERBS
from symc.errors import SymcError
from symc.search.interrupts import Interrupted
from symc.version import __version__

_INTERRUPTED = 130
_INTERRUPTS = [getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGALRM") if hasattr(signal, name)]
# An exception that a signal raises inside a library's callback is lost; it is raised again after so many seconds.
_AGAIN = 5
# Imports and templates make many objects that stay: looked at so often as Python would, they cost a start a twentieth.
_OBJECTS_BETWEEN_COLLECTIONS = 50_000
_ROOM = "Make room there, or choose another place (TMPDIR for temporary files)."


def _interrupt(number: int, frame: Any) -> None:
    _remind(_AGAIN)
    raise KeyboardInterrupt


def _remind(seconds: int) -> None:
    if hasattr(signal, "alarm"):
        signal.alarm(seconds)


def _first_sentence(text: str) -> str:
    return f"{' '.join(text.split()).partition('. ')[0].rstrip('.')}."


class _Main(click.Group):
    """The verbs of VERBS; turns symc's errors into one paragraph on stderr and the exit code of their kind."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(VERBS)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        # In full: click would cut each verb's sentence off at a line's end.
        with formatter.section("Commands"):
            formatter.write_dl([(name, _first_sentence(verb.help or "")) for name, verb in VERBS.items()])

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        return VERBS.get(name)

    def main(self, *args: Any, **kwargs: Any) -> Any:
        kwargs |= {"standalone_mode": False, "prog_name": "symc"}
        gc.set_threshold(_OBJECTS_BETWEEN_COLLECTIONS)
        # As it ends, Python would search all that was imported for cycles, several times: a fifth of a small build.
        atexit.register(gc.freeze)
        # A polite kill ends as Ctrl-C does: workers are stopped, and nothing half-written stays.
        for number in _INTERRUPTS:
            signal.signal(number, _interrupt)
        try:
            return sys.exit(super().main(*args, **kwargs) or 0)
        except click.exceptions.Abort as abort:
            _remind(0)
            why = f": {abort.__cause__}" if isinstance(abort.__cause__, Interrupted) else ""
            click.echo(f"symc: interrupted{why}; nothing was changed.", err=True)
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
        except OSError as error:
            # Of what the system refuses everywhere: a full disk behind a redirected output or a temporary folder.
            where = "output" if error.filename is None else str(error.filename)
            refused = SymcError(f"cannot be written or read: {error.strerror or error}", where=where, hint=_ROOM)
            click.echo(f"symc: {refused}", err=True)
            sys.exit(refused.exit_code)


@click.group(cls=_Main, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="symc")
def main() -> None:
    """Distil PyTorch modules into equations, and compile the equations into C, CUDA and Numba."""
