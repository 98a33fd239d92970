"""Sample inputs that come in batches: an iterator or a DataLoader, one run of the network for each item."""

from __future__ import annotations

import inspect
import math
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sized
from typing import Any

from symc.capture.inputs import Inputs, as_inputs
from symc.errors import SymcError
from symc.terminal import display

_MAP = "Say which are inputs: inputs_of=lambda batch: batch[0]."
_SIZE = re.compile(r"\s*(\d{1,15}(?:\.\d{1,15})?)\s*([kMGT]?i?)B\s*\Z", re.IGNORECASE)
_POWERS = {"": 0, "k": 1, "m": 2, "g": 3, "t": 4}


def runs(x: Any, network: Any, inputs_of: Callable[[Any], Any] | None = None) -> Iterator[Inputs]:
    """The arguments of each run of `network` on the sample inputs `x`.

    x: what as_inputs takes, for one run; or an iterable of batches, such as a DataLoader, for a run each. A bar on
        stderr shows how far it is, where that is a terminal.
    inputs_of: turns an item into what as_inputs takes. By default an item is a tensor, a tuple of the network's
        arguments, or a dict of them by name. What the network cannot take, such as labels, is left out: names that are
        no parameters of it, and what a tuple holds beyond its parameters.

    Raises SymcError for a tuple that holds what may be an optional argument or a label, and where there are no batches.
    """
    if not _is_batches(x):
        yield as_inputs(x if inputs_of is None else inputs_of(x))
        return
    prepare = inputs_of or _Arguments(network)
    empty = True
    for item in _shown(x):
        empty = False
        yield as_inputs(prepare(item))
    if empty:
        raise SymcError("the iterable of sample inputs gives no batches", hint="An iterator can be used only once.")


def most_rows(memory: str | int | None, bytes_per_row: int) -> int | None:
    """How many rows fit in `memory`: "256 MB" (powers of 1000; "256 MiB" of 1024), a number of rows, or None: all.

    Raises SymcError for anything else.
    """
    if memory is None:
        return None
    if isinstance(memory, int) and not isinstance(memory, bool) and memory > 0:
        return memory
    match = _SIZE.match(memory) if isinstance(memory, str) else None
    if match is None:
        raise SymcError(f"memory is {memory!r}", hint='Give a size such as "256 MB", or a number of rows.')
    unit = match[2].lower()
    size = float(match[1]) * (1024 if unit.endswith("i") else 1000) ** _POWERS[unit.removesuffix("i")]
    if size < bytes_per_row:
        raise SymcError(f"memory is {memory!r}, but one row takes {bytes_per_row} bytes", hint="Give more.")
    return int(size // bytes_per_row)


def _is_batches(x: Any) -> bool:
    if isinstance(x, (Inputs, Mapping, tuple, list, str)) or hasattr(x, "__array__"):
        return False
    if not isinstance(x, Iterable) and hasattr(x, "__getitem__") and hasattr(x, "__len__"):
        raise SymcError(
            f"a {type(x).__name__} is no batch of inputs", hint="Wrap it: torch.utils.data.DataLoader(it, 256)."
        )
    return isinstance(x, Iterable)


def _shown(items: Iterable[Any]) -> Iterator[Any]:
    """The items, with a bar on stderr while it is a terminal."""
    with display() as console:
        if console is None:
            yield from items
            return
        from rich.progress import track

        total = len(items) if isinstance(items, Sized) else None
        yield from track(items, "recording", total=total, console=console, transient=True)


class _Arguments:
    """Picks from an item of a loader what a network takes, by the parameters of its forward."""

    def __init__(self, network: Any) -> None:
        call = getattr(network, "forward", network)
        try:
            parameters = list(inspect.signature(call).parameters.values())
        except (TypeError, ValueError):
            parameters = [inspect.Parameter("args", inspect.Parameter.VAR_POSITIONAL)]
        kinds = inspect.Parameter
        positional = [p for p in parameters if p.kind in (kinds.POSITIONAL_ONLY, kinds.POSITIONAL_OR_KEYWORD)]
        many = any(p.kind is kinds.VAR_POSITIONAL for p in parameters)
        self.least = sum(p.default is kinds.empty for p in positional)
        self.most = math.inf if many else len(positional)
        named = (kinds.POSITIONAL_OR_KEYWORD, kinds.KEYWORD_ONLY)
        self.names = {p.name for p in parameters if p.kind in named}
        self.any_name = any(p.kind is kinds.VAR_KEYWORD for p in parameters)

    def __call__(self, item: Any) -> Any:
        if isinstance(item, Mapping):
            return {name: value for name, value in item.items() if self.any_name or name in self.names}
        if not isinstance(item, (tuple, list)):
            return item
        if len(item) == 1 or len(item) == self.least:
            return tuple(item)
        if len(item) > self.least == self.most:
            return tuple(item[: self.least])
        raise SymcError(
            f"a batch is a {type(item).__name__} of {len(item)}, and the network takes "
            f"{self.least} to {'any number of' if self.most == math.inf else self.most} arguments",
            hint=_MAP,
        )
