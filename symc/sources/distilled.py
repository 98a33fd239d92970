"""A distilled module, in memory or in the file that its save() wrote."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from symc.errors import SymcError
from symc.sources.fronts import FrontsOrigin
from symc.sources.given import Given
from symc.sources.protocol import Options, Source

if TYPE_CHECKING:
    from symc.module.saved import Distilled


class DistilledSource(Source["Distilled"]):
    accepts: ClassVar[str] = "a module distilled and saved by symc"
    holds: ClassVar[str] = "a distilled module"

    def recognises(self, given: Given) -> bool:
        # torch takes seconds to import, and equations need none.
        if given.equations is not None or (given.paths and given.kind is None):
            return False
        from symc.module.saved import Distilled, is_distilled

        if given.paths:
            return is_distilled(given.content)
        from symc.module.module import SymbolicModule

        return isinstance(given.model, SymbolicModule | Distilled)

    def open(self, given: Given, options: Options) -> Distilled:
        from symc.module.saved import Distilled

        if given.paths:
            return Distilled.decode(given.content, str(given.path))
        found = given.model if isinstance(given.model, Distilled) else given.model.distilled
        if found is None:
            raise SymcError("the block was not distilled yet", hint="Call block.distill(x) first.")
        return found

    def origin(self, held: Distilled, given: Given, options: Options) -> FrontsOrigin:
        return FrontsOrigin.of(held, "distilled", [given.label])

    def describe(self, held: Distilled) -> tuple[str, dict[str, Any]]:
        return describe(held)


def describe(held: Distilled) -> tuple[str, dict[str, Any]]:
    """A distilled module as text and as plain data."""
    fronts = [front.to_json() for front in held.fronts]
    return str(held), {"kind": "distilled", "sha256": held.sha256, "fronts": fronts}
