"""What a block that was distilled shows of it: samples, fronts, the chosen equations, and the file with all of them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from torch import nn

from symc.capture.dataset import Dataset
from symc.errors import SymcError
from symc.module.saved import Distilled, Provenance, save_distilled
from symc.module.state import Mode
from symc.module.torch_eval import Equations
from symc.module.trainable import TrainableEquations

if TYPE_CHECKING:
    from symc.ir.program import Program
    from symc.search.front import Front

_NOT_DISTILLED = "Call distill(x, parent=network) first."


class Results(nn.Module):
    """The results' side of a SymbolicModule; `symbolic` is what runs the equations while they run."""

    symbolic: nn.Module | None
    _mode: Mode
    _distilled: Distilled | None

    @property
    def mode(self) -> Mode:
        return self._mode

    @property
    def distilled(self) -> Distilled | None:
        """All that was distilled, as save writes it; None before."""
        if isinstance(self.symbolic, TrainableEquations):
            return self.symbolic.distilled
        return self._distilled

    @property
    def dataset(self) -> Dataset:
        """The samples that were recorded; SymcError before distill."""
        return self._required().dataset

    @property
    def fronts(self) -> tuple[Front, ...]:
        """One Pareto front per output, which prints as a table; SymcError before distill."""
        return self._required().fronts

    @property
    def search(self) -> Provenance:
        """Record of the search: engine, version, seed, budgets, what stopped it; SymcError before distill."""
        return self._required().provenance

    @property
    def equations(self) -> tuple[str, ...]:
        """Text of the chosen equation of each output, or of its logit; SymcError before any was chosen."""
        members = self._required().members
        if members is None:
            raise SymcError("no equations are chosen yet", hint="Call switch_to_symbolic().")
        return tuple(m.equation for m in members)

    @property
    def head(self) -> str:
        """What stands behind the equations, such as "softmax"; "none" for nothing. SymcError before distill."""
        return str(self._required().head or "none")

    @property
    def program(self) -> Program:
        """The chosen equations, with the head behind them, as one Program; SymcError before any was chosen."""
        if isinstance(self.symbolic, (Equations, TrainableEquations)):
            return self.symbolic.program
        if self.equations:
            return self._required().program
        raise SymcError("no equations are chosen yet", hint="Call switch_to_symbolic().")

    def save(self, path: str | Path) -> None:
        """Write samples, fronts, choice and provenance: tensors and text, which torch.load(weights_only=True) opens.

        The network's weights are not in it. Written beside and renamed: a failure leaves an earlier file as it was.
        """
        save_distilled(self._required(), path)

    def _required(self) -> Distilled:
        found = self.distilled
        if found is None:
            raise SymcError("the block was not distilled yet", hint=_NOT_DISTILLED)
        return found

    def extra_repr(self) -> str:
        head = "" if self._distilled is None or self.head == "none" else f", behind them {self.head}"
        chosen = f", {'; '.join(self.equations)}{head}" if self.mode != "neural" else ""
        variables = f", where {self.dataset.variables}" if chosen and self.dataset.definitions else ""
        return f"mode={self.mode}, {'distilled' if self._distilled else 'not distilled'}{chosen}{variables}"
