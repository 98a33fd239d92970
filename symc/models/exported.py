"""A network saved by torch.export, run for any number of rows although its shapes may be fixed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import torch
from torch import nn

from symc.errors import SymcError


class ExportedNetwork(nn.Module):
    """Runs an exported program, in pieces of the batch size it was exported for when that is fixed.

    A last piece that is too short is filled up by repeating its last row, and the surplus is cut off the output.
    With `observed` the program's own submodules are there to be hooked, and since a hook would see the repeated
    rows, a number of rows that does not divide is a SymcError.
    """

    def __init__(self, program: torch.export.ExportedProgram, *, observed: bool) -> None:
        super().__init__()
        self.network = torch.export.unflatten(program) if observed else program.module()
        self.observed = observed
        self.shapes = _input_shapes(program)
        batches = {shape[0] for shape in self.shapes if shape}
        self.batch = batches.pop() if len(batches) == 1 and all(self.shapes) else None

    @property
    def width(self) -> int | None:
        """Width of the last dimension of the only input, when it is known."""
        known = len(self.shapes) == 1 and self.shapes[0]
        return self.shapes[0][-1] if known else None

    def forward(self, *args: Any, **kwargs: Any) -> Any:
        tensors = [*args, *kwargs.values()]
        if len(self.shapes) == 1 and args and not kwargs and args[0].dim() == len(self.shapes[0]) + 1:
            return torch.stack([self.network(row) for row in args[0]])
        rows = {t.shape[0] for t in tensors if isinstance(t, torch.Tensor) and t.dim()}
        if self.batch is None or rows == {self.batch} or len(rows) != 1:
            return self.network(*args, **kwargs)
        n, batch = rows.pop(), self.batch
        if self.observed and n % batch:
            raise SymcError(
                f"the network was exported for {batch} rows at a time, {n} rows do not divide into that",
                hint=f"Pass a multiple of {batch} rows, or export it with a dynamic batch size.",
            )
        return in_pieces(self.network, n, batch, args, kwargs)


def in_pieces(
    network: Callable[..., Any], n: int, batch: int, args: tuple[Any, ...], kwargs: Mapping[str, Any]
) -> Any:
    """What `network` answers to n rows that are given to it `batch` at a time, the last row repeated to fill up."""
    order = torch.arange(-(-n // batch) * batch).clamp(max=n - 1)
    pieces = [
        network(*(t[piece] for t in args), **{k: t[piece] for k, t in kwargs.items()}) for piece in order.split(batch)
    ]
    if not all(isinstance(piece, torch.Tensor) for piece in pieces):
        return pieces[0]
    return torch.cat(pieces)[:n]


def load_exported(path: Path, *, observed: bool) -> ExportedNetwork:
    """Open a .pt2 file; only for files that are trusted, since torch may run code that they hold."""
    try:
        return ExportedNetwork(torch.export.load(path), observed=observed)
    # A damaged archive makes torch fail in whatever way the damage leads to.
    except Exception as error:
        first = (str(error).strip() or repr(error)).splitlines()[0]
        raise SymcError(f"cannot be opened by torch.export.load: {first}", where=str(path)) from error


def _input_shapes(program: torch.export.ExportedProgram) -> list[tuple[int | None, ...]]:
    """Shapes of the tensors the program takes; None stands for a size that may vary."""
    wanted = set(program.graph_signature.user_inputs)
    shapes: list[tuple[int | None, ...]] = []
    for node in program.graph.nodes:
        value = node.meta.get("val")
        if node.op == "placeholder" and node.name in wanted and isinstance(value, torch.Tensor):
            shapes.append(tuple(size if isinstance(size, int) else None for size in value.shape))
    return shapes
