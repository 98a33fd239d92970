"""A compressed block on its way into a bundle: the layered program, the equations in it, and what judges them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from msgspec import UNSET

from symc.bundle import manifest as record
from symc.errors import SymcError
from symc.ir.layered import Layered
from symc.ir.lower import lower
from symc.ir.parse import complexity as nodes
from symc.ir.parse import parse
from symc.verify.parity import Recording

if TYPE_CHECKING:
    from symc.frontend.compressed import Compressed
    from symc.frontend.dataset import Dataset


@dataclass(frozen=True)
class Block:
    """A compressed block with all that a bundle tells of its history. `arguments` repeat the build."""

    compressed: Compressed
    arguments: tuple[str, ...]
    kind: ClassVar[str] = "compressed"
    search: ClassVar[None] = None
    dropped: ClassVar[tuple[record.Dropped, ...]] = ()

    @property
    def sha256(self) -> str:
        return self.compressed.sha256

    @property
    def domain(self) -> tuple[tuple[float, float], ...]:
        return domain_of(self.compressed.dataset)

    @property
    def recording(self) -> Recording:
        return recording_of(self.compressed.dataset)

    @property
    def samples(self) -> record.Samples:
        return samples_of(self.compressed.dataset)

    @property
    def notes(self) -> dict[str, str]:
        """How the block was compressed: for the manifest and the comments of the sources."""
        return dict(self.compressed.provenance)

    @property
    def controls(self) -> tuple[record.Control, ...]:
        return tuple(
            record.Control(
                form=row.form, multiply_adds=row.multiply_adds, metric=_known(row.metric), damage=_known(row.damage)
            )
            for row in self.compressed.controls
        )

    def choose(
        self, rule: str | None, complexity: int | Sequence[int] | None
    ) -> tuple[Layered, tuple[record.Equation, ...]]:
        """The program and its equations; SymcError when asked to choose, for there is one form only."""
        if rule is not None or complexity is not None:
            raise SymcError(
                "a compressed block holds one equation per value, so there is nothing to choose",
                hint="Leave --select and --complexity out.",
            )
        program = self.compressed.program
        names = program.equations.inputs
        equations = []
        for value, text in zip(program.equations.outputs, self.compressed.equations, strict=True):
            expression = parse(text, names)
            cost = lower([expression], names, [value]).cost
            equations.append(
                record.Equation(
                    output=value, text=text, complexity=nodes(expression), cost=cost, loss=None, heldout=None
                )
            )
        return program, tuple(equations)


def _known(figure: float) -> float | None:
    return float(figure) if math.isfinite(figure) else None


def domain_of(dataset: Dataset) -> tuple[tuple[float, float], ...]:
    """(lowest, highest) of each input."""
    return tuple((float(low), float(high)) for low, high in dataset.domain)


def recording_of(dataset: Dataset) -> Recording:
    """The samples as a bundle keeps them."""
    return Recording(dataset.x, dataset.y, dataset.train)


def samples_of(dataset: Dataset) -> record.Samples:
    """What the manifest says of the samples."""
    heldout = dataset.n - int(dataset.train.sum())
    return record.Samples(
        sha256=dataset.sha256,
        rows=dataset.n,
        heldout_rows=heldout,
        seed=dataset.seed,
        seen_rows=dataset.seen or UNSET,
        nonfinite_rows=dataset.nonfinite or UNSET,
        weighted=True if dataset.weights is not None else UNSET,
    )
