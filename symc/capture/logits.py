"""Logits: what goes into the head that a block ends in, on every row of a Dataset."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from symc.capture.arrays import matrix
from symc.errors import SymcError
from symc.ir.evaluate import evaluate, evaluate_real
from symc.ir.heads import Head

F32 = NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class Logits:
    """A head and its logits on every row, values (n, n_out) float32."""

    head: Head
    values: F32

    def checked(self, rows: int, outputs: Sequence[str]) -> Logits:
        """The same as a read-only copy; SymcError unless it is finite and fits so many rows and these outputs."""
        self.head.check(len(outputs))
        values = matrix(self.values, tuple(outputs), "logit")
        if len(values) != rows:
            raise SymcError(f"{rows} rows of inputs but {len(values)} rows of logits")
        return Logits(self.head, values)

    def outputs(self) -> F32:
        """What the head makes of the logits, (n, n_out)."""
        return evaluate(self.head.program(self.values.shape[1]), self.values)

    def output(self, column: int, values: F32) -> F32:
        """Output `column` (n,) with `values` (n,) for its logit, and the other logits as they were recorded."""
        rest = self.head.kind.rest
        if rest is None:
            return evaluate(self.head.only([column]).program(1), values[:, None])[:, 0]
        others = rest(np.delete(self.values.astype(np.float64), column, axis=1))
        # In double precision: it measures errors, which those of the rest in float32 would add to.
        two = np.stack([values.astype(np.float64), others], axis=1)
        return evaluate_real(self.head.program(2), two)[:, 0].astype(np.float32)
