"""The calls of a block as one table of rows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np
import torch
from numpy.typing import ArrayLike, NDArray

from symc.capture.batches import most_rows
from symc.capture.ending import UNSEEN, Ending
from symc.capture.layout import ROWS_HINT, Layout, described
from symc.capture.observing import SeenCall
from symc.capture.reservoir import Reservoir
from symc.errors import SymcError


@dataclass(frozen=True)
class Recording:
    """Rows that went through a block: x (n, n_in) and y (n, n_out) float32, in the order of the calls or a sample.

    `layout` says which columns belong to which tensor. `epsilon` is the rounding unit of the inputs' dtype as the block
    received them. `seen` rows went through the block, of which `nonfinite` held a NaN or an infinity; `numbers` (n,)
    are those (from 0) of the rows that are here. `ending` says how the block made its outputs in every call; where that
    is a head, `logits` (n, n_out) float32 went into it. `tables` are what columns of codes are looked up in, by column.
    """

    x: NDArray[np.float32]
    y: NDArray[np.float32]
    layout: Layout
    epsilon: float
    seen: int
    nonfinite: int
    numbers: NDArray[np.int64]
    ending: Ending
    logits: NDArray[np.float32] | None
    tables: Mapping[int, NDArray[np.float32]] = field(default_factory=dict)

    def box(self, domain: ArrayLike) -> NDArray[np.float32]:
        """The domain (n_in, 2), widened to those samples that left it when they were rounded to half precision."""
        box = np.array(domain, dtype=np.float32)
        if box.shape == (self.x.shape[1], 2):
            slack = self.epsilon * np.abs(box).max(axis=1)
            low, high = self.x.min(axis=0), self.x.max(axis=0)
            box[:, 0] = np.where(box[:, 0] - low <= slack, np.minimum(low, box[:, 0]), box[:, 0])
            box[:, 1] = np.where(high - box[:, 1] <= slack, np.maximum(high, box[:, 1]), box[:, 1])
        return box


class Collector:
    """Rows of the calls of one block so far, or a sample of them; see capture.record."""

    def __init__(
        self, memory: str | int | None, max_nonfinite: float, seed: int, lags: tuple[int, ...] = ()
    ) -> None:
        if not 0.0 <= max_nonfinite < 1.0:
            raise SymcError(f"max_nonfinite is {max_nonfinite!r}, must be a share from 0 to less than 1")
        self.memory, self.max_nonfinite, self.seed, self.lags = memory, max_nonfinite, seed, lags
        self.layout: Layout | None = None
        self.ending = UNSEEN
        self.width = 0
        self.epsilon = 0.0
        self.sample: Reservoir | None = None
        self.parts: list[tuple[NDArray, ...]] = []
        self.seen = self.nonfinite = 0
        self.first_bad = ""

    def add(self, call: SeenCall) -> Layout:
        """Add the rows of a call; returns its layout. SymcError when that is not the first's, or rows are mixed."""
        inputs = inputs_of_call(call)
        layout = Layout.of(inputs, call.output, self.lags)
        x, y = _table(layout.rows(inputs)), _table(layout.columns(call.output))
        _check_ending(call.ending)
        if self.layout is None:
            self.layout, self.ending = layout, replace(call.ending, logits=None)
            self.width = 0 if self.ending.head is None else y.shape[1]
            # float32 values and the row's number.
            most = most_rows(self.memory, 4 * (x.shape[1] + y.shape[1] + self.width) + 8)
            self.sample = None if most is None else Reservoir(most, self.seed)
        elif layout != self.layout:
            found = ", ".join(sorted({f"{one.n_in} -> {one.n_out}" for one in (self.layout, layout)}))
            raise SymcError(f"the block is called with different widths: {found}", hint="Wrap a part with one shape.")
        self.epsilon = max([self.epsilon, *(torch.finfo(t.dtype).eps for t in inputs if t.is_floating_point())])
        numbers = np.arange(self.seen, self.seen + len(x))
        fine: NDArray[np.bool_] = np.isfinite(np.concatenate([x, y], axis=1)).all(axis=1)
        if not fine.all():
            self._note(x, y, fine)
        rows = [array[fine] for array in (x, y, numbers, self._logits(call.ending, y, fine))]
        self.seen += len(fine)
        if self.sample is None:
            self.parts.append(tuple(rows))
        else:
            self.sample.add(*rows)
        return layout

    def _logits(self, ending: Ending, y: NDArray[np.float32], fine: NDArray[np.bool_]) -> NDArray[np.float32]:
        """What went into the head, or nothing; the head is given up where that is not finite, or not the same head."""
        if self.ending.head is not None and ending.head == self.ending.head:
            assert self.layout is not None and ending.logits is not None
            logits = _table(self.layout.columns(ending.logits))
            if np.isfinite(logits[fine]).all():
                return logits
        self.ending = replace(self.ending, head=None)
        return y[:, : self.width]

    def recording(self) -> Recording:
        """What was kept; SymcError when nothing was, or too much was not finite."""
        if self.layout is None:
            raise SymcError(
                "the block is never called while the network runs",
                hint="Pass as parent the network that calls it, or another layer. A call of block.forward is not seen.",
            )
        if self.nonfinite > self.max_nonfinite * self.seen:
            raise SymcError(
                f"{self.first_bad}; {self.nonfinite} of {self.seen} rows are not finite, "
                f"more than {100 * self.max_nonfinite:g} %",
                hint="Sample inputs for which the network's outputs are finite, or raise max_nonfinite to leave "
                "such rows out.",
            )
        parts = self.sample.rows() if self.sample is not None else map(np.concatenate, zip(*self.parts, strict=True))
        x, y, numbers, logits = parts
        return Recording(
            x,
            y,
            self.layout,
            self.epsilon,
            self.seen,
            self.nonfinite,
            numbers,
            self.ending,
            None if self.ending.head is None else logits,
        )

    def _note(self, x: NDArray[np.float32], y: NDArray[np.float32], fine: NDArray[np.bool_]) -> None:
        self.nonfinite += int((~fine).sum())
        if not self.first_bad:
            row = int(np.flatnonzero(~fine)[0])
            kind, values = ("input", x[row]) if not np.isfinite(x[row]).all() else ("output", y[row])
            column = int(np.flatnonzero(~np.isfinite(values))[0])
            self.first_bad = f"{kind} {column} of the block is {values[column]} in row {self.seen + row}"


def inputs_of_call(call: SeenCall) -> list[torch.Tensor]:
    """The tensors among the arguments of a call; SymcError unless all are rows of numbers, or codes of categories."""
    given = [*call.args, *call.kwargs.values()]
    tensors = [a for a in given if isinstance(a, torch.Tensor)]
    if not tensors or not all((t.is_floating_point() or is_code(t)) and t.ndim for t in tensors):
        shown = ", ".join(map(described, given)) or "nothing"
        raise SymcError(
            f"the block is called with {shown}, need floating tensors (..., n)",
            hint=ROWS_HINT,
        )
    return tensors


def codes_of_call(call: SeenCall, layout: Layout) -> dict[int, torch.Tensor]:
    """The columns of a call that are of whole numbers, each (n,), by their place in a row."""
    found: dict[int, torch.Tensor] = {}
    place = 0
    for tensor, width in zip(inputs_of_call(call), layout.inputs, strict=True):
        if is_code(tensor):
            if layout.lags:
                raise SymcError("windows of whole numbers are not read", where="lags", hint=ROWS_HINT)
            columns = tensor.reshape(-1, width or 1).T.to(torch.int64)
            found |= {place + k: column for k, column in enumerate(columns)}
        place += width or 1
    return found


def is_code(tensor: torch.Tensor) -> bool:
    """Whether that holds whole numbers, which may be codes of categories."""
    return tensor.dtype in (torch.int64, torch.int32)


def _check_ending(ending: Ending) -> None:
    if ending.problem:
        name = ending.operation
        raise SymcError(
            f"the block ends in a {name} that {ending.problem}, across its rows, so no equation of one row fits",
            hint=f"A {name} over the last dimension, dim=-1, treats each row alone.",
        )


def _table(tensor: torch.Tensor) -> NDArray[np.float32]:
    return tensor.float().reshape(-1, tensor.shape[-1]).numpy()
