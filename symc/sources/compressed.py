"""A compressed block, in memory or in the file that its save() wrote."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, ClassVar

from msgspec import UNSET, UnsetType

from symc.bundle import manifest as record
from symc.bundle.parity import Recording
from symc.describe import control_table
from symc.errors import SymcError
from symc.ir.lower import lower
from symc.ir.parse import complexity as nodes
from symc.ir.parse import parse
from symc.sources.given import Given
from symc.sources.protocol import Choice, Options, Source
from symc.sources.samples import domain_of, names_of, recording_of, samples_of

if TYPE_CHECKING:
    from symc.compression.saved import Compressed, Control

CHOSEN = "chosen"


class CompressedSource(Source["Compressed"]):
    accepts: ClassVar[str] = "a compressed block saved by symc"
    holds: ClassVar[str] = "a compressed block"

    def recognises(self, given: Given) -> bool:
        # torch takes seconds to import, and equations need none.
        if given.equations is not None or (given.paths and given.kind is None):
            return False
        from symc.compression.saved import Compressed, is_compressed

        return is_compressed(given.content) if given.paths else isinstance(given.model, Compressed)

    def open(self, given: Given, options: Options) -> Compressed:
        from symc.compression.saved import Compressed

        return Compressed.decode(given.content, str(given.path)) if given.paths else given.model

    def origin(self, held: Compressed, given: Given, options: Options) -> BlockOrigin:
        return BlockOrigin(held, (given.label,))

    def describe(self, held: Compressed) -> tuple[str, dict[str, Any]]:
        controls = BlockOrigin(held, ()).controls
        text = "\n\n".join([str(held), *([control_table(controls)] if controls else [])])
        return text, {"kind": "compressed", "sha256": held.sha256, "program": held.program.to_json()}


@dataclass(frozen=True)
class BlockOrigin:
    """The Origin of a layered program."""

    compressed: Compressed
    arguments: tuple[str, ...]
    kind: ClassVar[str] = "compressed"
    search: ClassVar[None] = None
    dropped: ClassVar[tuple[record.Dropped, ...]] = ()
    head: ClassVar[None] = None

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
    def names(self) -> record.Names | UnsetType:
        return names_of(self.compressed.dataset)

    @property
    def notes(self) -> dict[str, str]:
        """How the block was compressed: for the manifest and the comments of the sources."""
        return dict(self.compressed.provenance)

    @property
    def controls(self) -> tuple[record.Control, ...]:
        return tuple(
            record.Control(
                form=row.form,
                multiply_adds=row.multiply_adds,
                metric=_known(row.metric),
                damage=_known(row.damage),
                classes=self._classes(row) or UNSET,
            )
            for row in self.compressed.controls
        )

    @property
    def agreement(self) -> tuple[record.Agreement, ...]:
        """Of the whole network with the block replaced, as it was counted when the block was compressed."""
        found = [self._classes(row) for row in self.compressed.controls if row.form == CHOSEN]
        return tuple(classes for classes in found if classes is not None)

    def _classes(self, row: Control) -> record.Agreement | None:
        if row.classes is None:
            return None
        of_network = self.compressed.controls[0].classes
        return record.Agreement(
            split="held-out",
            rows=row.classes.rows,
            agreeing=row.classes.agreeing,
            right=_counted(row.classes.right),
            network_right=_counted(None if of_network is None else of_network.right),
        )

    def choose(self, rule: str | None, complexity: int | Sequence[int] | None) -> Choice:
        """The program and its equations; SymcError when asked to choose, for there is one form only."""
        if rule is not None or complexity is not None:
            raise SymcError(
                "a compressed block holds one equation per value, so there is nothing to choose",
                hint="Leave --select and --complexity out.",
            )
        program = replace(self.compressed.program, equations=self.compressed.compiled)
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
        return Choice(program, tuple(equations))


def _known(figure: float) -> float | None:
    return float(figure) if math.isfinite(figure) else None


def _counted(number: int | None) -> int | UnsetType:
    return UNSET if number is None else number
