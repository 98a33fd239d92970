"""Guarded and shadow mode: who answers each row of a switched block, the equations or the network."""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import ArrayLike
from torch import Tensor, nn

from symc.errors import SymcError
from symc.module.monitor import REASONS, Monitor
from symc.unwatched import all_unwatched, numbers

Answer = Callable[[Tensor], Tensor]
# Of the items (n,) bool of the first dimension; None: of all.
Network = Callable[[Tensor | None], Tensor]


@dataclass(frozen=True)
class Guard:
    """When the network answers a row instead of the equations.

    Always outside the validated domain, and where an equation is not finite; with `bound`, (lo, hi) for each output,
    also where an equation leaves it. When the network answered more than the share `rollback` of at least `window`
    rows, the module goes back to the network by itself.
    """

    bound: tuple[tuple[float, float], ...] | None = None
    rollback: float | None = None
    window: int = 1000

    @classmethod
    def checked(cls, n_out: int, bound: ArrayLike | None, rollback: float | None, window: int) -> Guard:
        """A Guard; SymcError for a bound that is not (lo, hi) per output, a share outside 0 to 1, or no window."""
        pairs = None if bound is None else _pairs(bound, n_out)
        if rollback is not None and not 0.0 <= rollback < 1.0:
            raise SymcError(f"rollback is {rollback}, need a share of the rows, 0 <= rollback < 1")
        if window < 1:
            raise SymcError(f"window is {window}, need at least 1 row")
        return cls(pairs, rollback, int(window))

    def to_json(self) -> dict[str, Any]:
        """A dict of numbers and lists."""
        return asdict(self)

    @classmethod
    def from_json(cls, data: dict[str, Any], n_out: int) -> Guard:
        """The inverse of to_json."""
        return cls.checked(n_out, data["bound"], data["rollback"], data["window"])


class Guarding(nn.Module):
    """Applies a Guard: rows that the equations may not answer go to the network.

    domain (n_in, 2) and safe (n_in,), an input at which the equations are finite.
    """

    low: Tensor
    high: Tensor
    least: Tensor
    most: Tensor
    safe: Tensor

    def __init__(self, guard: Guard, domain: ArrayLike, safe: ArrayLike, n_out: int) -> None:
        super().__init__()
        self.guard = guard
        box = torch.tensor(domain, dtype=torch.float32)
        bound = torch.tensor(guard.bound or [(-math.inf, math.inf)] * n_out, dtype=torch.float32)
        for name, tensor in (
            ("low", box[:, 0]), ("high", box[:, 1]), ("least", bound[:, 0]), ("most", bound[:, 1]),
            ("safe", torch.tensor(safe, dtype=torch.float32)),
        ):  # fmt: skip
            self.register_buffer(name, tensor.clone(), persistent=False)
        self._box = tuple(t.numpy().copy() for t in (self.low, self.high, self.least, self.most))
        self._window = (0, 0)

    def lets_pass(self, x: Tensor, y: Tensor, monitor: Monitor) -> bool:
        """Whether the equations' y (..., n_out) at x (..., n_in) may answer every row, which is counted then.

        Never while torch compiles or traces, where no row may decide what runs."""
        if torch.compiler.is_compiling() or torch.jit.is_tracing() or not self._all_fine(x, y):
            return False
        monitor.count_fine(y.numel() // y.shape[-1])
        return True

    def forward(self, x: Tensor, y: Tensor, equations: Answer, network: Network, monitor: Monitor) -> Tensor:
        """x (..., n_in), the equations' y (..., n_out) -> (..., n_out), of rows that may not all pass.

        In eager mode the network runs only on items of dim 0 that hold a row which may not."""
        compiling = torch.compiler.is_compiling() or torch.jit.is_tracing()
        if not torch.compiler.is_compiling():
            self._join(x.device)
        reasons = self._reasons(x.detach(), y.detach())
        need = reasons[0] | reasons[1] | reasons[2]
        if compiling:
            if not torch.compiler.is_exporting() and not torch.jit.is_tracing():
                monitor.count(need, reasons)
            return torch.where(need[..., None], network(None), equations(self._safely(x, need)))
        # The gradient of a row that is not finite would spoil all of them, even when the row is not taken.
        value = equations(self._safely(x, need)) if y.requires_grad else y
        if x.dim() == 1:
            answer = network(None)
            monitor.count(need, reasons)
            monitor.compare(x, answer, y)
            return answer
        items = need.reshape(len(x), -1).any(dim=1)
        # Counted once it has answered: a call whose network raises has given no row.
        answer = network(items)
        monitor.count(need, reasons)
        monitor.compare(x[items][need[items]], answer[need[items]], y[items][need[items]])
        result = value.to(torch.promote_types(value.dtype, answer.dtype), copy=True)
        result[items] = torch.where(need[items][..., None], answer.to(result.dtype), result[items])
        return result

    def exceeded(self, monitor: Monitor) -> str | None:
        """Why the module must go back to the network, once the window is full; None while it need not."""
        if self.guard.rollback is None:
            return None
        if monitor.rows < self._window[0]:
            # The counters were reset.
            self._window = (0, 0)
        rows, guarded = monitor.rows - self._window[0], int(monitor.guarded) - self._window[1]
        if rows < self.guard.window:
            return None
        self._window = (monitor.rows, int(monitor.guarded))
        if guarded <= self.guard.rollback * rows:
            return None
        counts = ", ".join(
            f"{name.replace('_', ' ')} {value}" for name, value in zip(REASONS, monitor.reasons.tolist(), strict=True)
        )
        return (
            f"back to the network: it answered {guarded / rows:.1%} of the last {rows} rows, "
            f"more than {self.guard.rollback:.1%} (since the start: {counts})"
        )

    def _all_fine(self, x: Tensor, y: Tensor) -> bool:
        """Whether the equations may answer every row: the usual case, in as few operations as it takes."""
        if x.is_cpu and all_unwatched(x, y):
            # numpy's operators take a fifth of the time of torch's where rows are few.
            low, high, least, most = self._box
            rows, results = numbers(x), numbers(y)
            fine = _all((rows >= low) & (rows <= high)) and _all(np.isfinite(results))
            return fine and (self.guard.bound is None or _all((results >= least) & (results <= most)))
        self._join(x.device)
        x, y = x.detach(), y.detach()
        all_fine = ((x >= self.low) & (x <= self.high)).all() & y.isfinite().all()
        if self.guard.bound is not None:
            all_fine &= ((y >= self.least) & (y <= self.most)).all()
        return bool(all_fine)

    def _join(self, device: torch.device) -> None:
        """Hold the box where the rows are: a block without weights says only in its calls where it runs."""
        if self.low.device != device:
            self.to(device)

    def _reasons(self, x: Tensor, y: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        # Written so that a NaN counts as outside.
        outside = ~((x >= self.low) & (x <= self.high)).all(dim=-1)
        not_finite = ~y.isfinite().all(dim=-1)
        beyond = ~((y >= self.least) & (y <= self.most)).all(dim=-1) & ~not_finite
        return outside, not_finite, beyond

    def _safely(self, x: Tensor, need: Tensor) -> Tensor:
        return torch.where(need[..., None], self.safe.to(x.dtype), x)


def _all(held: np.ndarray) -> bool:
    return np.count_nonzero(held) == held.size


def warn_of(rollback: str) -> None:
    """Tell whoever runs the program that a module went back to its network."""
    warnings.warn(f"symc: {rollback}", RuntimeWarning, stacklevel=4)


def _pairs(bound: ArrayLike, n_out: int) -> tuple[tuple[float, float], ...]:
    try:
        pairs = torch.as_tensor(bound, dtype=torch.float64)
    except (TypeError, ValueError, RuntimeError):
        pairs = torch.zeros(0)
    if pairs.shape == (2,):
        pairs = pairs.expand(n_out, 2)
    if pairs.shape != (n_out, 2) or not bool((pairs[:, 0] <= pairs[:, 1]).all()):
        raise SymcError(
            f"the bound is {bound!r}, need (lo, hi) for each of {n_out} outputs, or one (lo, hi) for all of them"
        )
    return tuple((float(lo), float(hi)) for lo, hi in pairs.tolist())
