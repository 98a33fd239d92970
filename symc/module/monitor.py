"""What a switched module did: counters, and a bounded sample of the rows where network and equations were compared."""

from __future__ import annotations

import os
import threading
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from symc.capture.reservoir import Reservoir
from symc.evidence.counts import REASONS, Counts, prometheus
from symc.module.waiting import Waiting

CAPACITY = 1024
# Calls of several threads count one after the other. No attribute: a module is copied and pickled.
_counting = threading.RLock()
if hasattr(os, "register_at_fork"):
    # In a fork the thread that held it is missing, and would never give it back.
    os.register_at_fork(after_in_child=_counting._at_fork_reinit)  # type: ignore[attr-defined]


@dataclass(frozen=True)
class Disagreements:
    """Rows on which the network and the equations both answered: a uniform sample of all there were.

    x (k, n_in), network (k, n_out) and equations (k, n_out), float32; `seen` counts the rows it was drawn from.
    """

    x: NDArray[np.float32]
    network: NDArray[np.float32]
    equations: NDArray[np.float32]
    seen: int

    def to_json(self) -> dict[str, Any]:
        """A dict of lists; numbers that are not finite become text, which JSON has no number for."""
        arrays = {"x": self.x, "network": self.network, "equations": self.equations}
        return {"seen": self.seen, **{name: [_plain(row) for row in array.tolist()] for name, array in arrays.items()}}


class Monitor(nn.Module):
    """Counts rows and the reasons for which the network answered; keeps a sample of the rows on which both did.

    The counters are tensors, so that they also count in code made by torch.compile (from torch 2.12 on); the sample is
    kept in eager mode only. Nothing of it enters a state_dict. The counters of compared rows lag behind, until they are
    asked for by a property or as text.
    """

    counted: Tensor
    reasons: Tensor
    guarded: Tensor
    compared: Tensor
    squares: Tensor
    largest: Tensor
    _equations: tuple[nn.Module, ...]

    def __init__(self, n_in: int, n_out: int, capacity: int = CAPACITY, seed: int = 0) -> None:
        super().__init__()
        self.n_in, self.n_out, self.capacity, self.seed = n_in, n_out, capacity, seed
        self.rolled_back: str | None = None
        for name, shape, dtype in (
            ("counted", (), torch.int64),
            ("reasons", (len(REASONS),), torch.int64),
            ("guarded", (), torch.int64),
            ("compared", (), torch.int64),
            ("squares", (n_out,), torch.float64),
            ("largest", (n_out,), torch.float64),
        ):
            self.register_buffer(name, torch.zeros(shape, dtype=dtype), persistent=False)
        self._empty()

    def reset(self) -> None:
        """Forget everything counted and kept."""
        with _counting:
            for buffer in self.buffers():
                buffer.zero_()
            self.rolled_back = None
            self._empty()

    def count_fine(self, rows: int) -> None:
        """Add a guarded call of which the equations answered every row."""
        with _counting:
            self._fine[0] += rows

    @property
    def rows(self) -> int:
        """Rows that came in guarded mode."""
        return int(self.counted) + self._fine[0]

    @torch.no_grad()
    def count(self, need: Tensor, reasons: tuple[Tensor, ...]) -> None:
        """Add a guarded call: `need` and each of `reasons` are bool of one shape, a value per row."""
        if torch.compiler.is_compiling():
            self._count(need, reasons)
            return
        with _counting:
            self._join(need.device)
            self._count(need, reasons)

    def _count(self, need: Tensor, reasons: tuple[Tensor, ...]) -> None:
        self.counted.add_(need.numel())
        self.guarded.add_(need.sum())
        self.reasons.add_(torch.stack([reason.sum() for reason in reasons]))

    def watch(self, x: Tensor, network: Tensor, equations: nn.Module) -> None:
        """Add rows that the network answered: x (..., n_in), network (..., n_out). The equations answer them here.

        Of few rows not at once, but of many calls' together, which takes them a fraction of the time.
        """
        if not torch.compiler.is_compiling() and x.shape[-1:] == (self.n_in,):
            with _counting:
                # The first call does not wait: what is wrong with the equations shows at once.
                if self._equations:
                    if self._unanswered.add(x, network):
                        return
                    self._settle()
                    if self._unanswered.add(x, network):
                        return
        with torch.no_grad():
            self.compare(x, network, equations(x))
        if not torch.compiler.is_compiling():
            self._equations = (equations,)

    def compare(self, x: Tensor, network: Tensor, equations: Tensor) -> None:
        """Add rows on which both answered: x (..., n_in), network and equations (..., n_out)."""
        if torch.compiler.is_compiling():
            self._add(x, network, equations)
            return
        with _counting:
            if not self._waiting.add(x, network, equations):
                self._settle()
                # What is large enough, or watched by torch, does not wait at all.
                if not self._waiting.add(x, network, equations):
                    self._join(x.device)
                    self._add(x, network, equations)

    @torch.no_grad()
    def _settle(self) -> None:
        """Add the compared rows that wait: a dozen operators, and a wait for the device."""
        with _counting:
            if (waited := self._waiting.take()) is not None:
                self._add(*(rows.to(self.squares.device) for rows in waited))
            if (waited := self._unanswered.take()) is not None:
                answers = (*waited, self._equations[0](waited[0]))
                self._add(*(rows.to(self.squares.device) for rows in answers))

    def _join(self, device: torch.device) -> None:
        """Count where the rows are: a block without weights says only in its calls where it runs."""
        if self.counted.device != device:
            self.to(device)

    @torch.no_grad()
    def _add(self, x: Tensor, network: Tensor, equations: Tensor) -> None:
        difference = (network.double() - equations.double()).reshape(-1, self.n_out)
        if difference.shape[0] == 0:
            return
        self.compared.add_(difference.shape[0])
        self.squares.add_(difference.square().sum(0))
        self.largest.copy_(torch.maximum(self.largest, difference.abs().amax(0)))
        if not torch.compiler.is_compiling():
            rows = (t.detach().float().cpu().reshape(-1, t.shape[-1]).numpy() for t in (x, network, equations))
            self._sample.add(*rows)

    @property
    def guard_rate(self) -> float:
        """Share of the rows that the network answered; 0 before any."""
        return float(self.guarded) / max(self.rows, 1)

    @property
    def disagreements(self) -> Disagreements:
        """The sample of rows on which both answered."""
        self._settle()
        if not self._sample.seen:
            none = np.zeros((0, self.n_out), np.float32)
            return Disagreements(np.zeros((0, self.n_in), np.float32), none, none, 0)
        x, network, equations = (rows.copy() for rows in self._sample.rows())
        return Disagreements(x, network, equations, self._sample.seen)

    @property
    def counts(self) -> Counts:
        """What was counted; add those of devices to it (symc.read_log) to see both as one."""
        self._settle()
        return Counts(
            rows=self.rows,
            guarded=int(self.guarded),
            reasons=tuple(self.reasons.tolist()),
            compared=int(self.compared),
            largest=tuple(self.largest.tolist()),
            rolled_back=self.rolled_back,
        )

    def to_json(self) -> dict[str, Any]:
        """All of it as a dict of numbers, lists and text, which json.dumps takes."""
        self._settle()
        rms = (self.squares / max(int(self.compared), 1)).sqrt()
        return {
            **self.counts.to_json(),
            "rms_difference": _plain(rms.tolist()),
            "disagreements": self.disagreements.to_json(),
        }

    def prometheus(self, block: str = "block") -> str:
        """The counters in Prometheus' text format, with the label block=`block`.

        Raises MissingTool without prometheus_client (the extra symc[prometheus]).
        """
        return prometheus({block: self.counts})

    def __str__(self) -> str:
        self._settle()
        counted = zip(REASONS, self.reasons.tolist(), strict=True)
        reasons = ", ".join(f"{value} {name.replace('_', ' ')}" for name, value in counted)
        lines = [f"{self.rows} rows, the network answered {int(self.guarded)} ({reasons})"]
        if int(self.compared):
            largest = ", ".join(f"{v:.3g}" for v in self.largest.tolist())
            lines.append(f"both answered {int(self.compared)} rows, largest difference {largest}")
        return "\n".join([*lines, *([self.rolled_back] if self.rolled_back else [])])

    def _empty(self) -> None:
        # In a list, because setting an attribute of a Module takes as long as the rest of count_fine.
        self._fine = [0]
        self._waiting = Waiting(self.n_in, self.n_out, self.n_out)
        # Rows of x and the network's answers; and the equations, in a tuple so that they are no part of this module.
        self._unanswered = Waiting(self.n_in, self.n_out)
        self._equations = ()
        self._sample = Reservoir(self.capacity, self.seed)


def _plain(values: list[float]) -> list[float | str]:
    return [v if np.isfinite(v) else str(v) for v in values]

