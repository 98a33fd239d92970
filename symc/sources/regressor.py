"""A SymbolicRegressor that was fitted: equations of plain data, with no network anywhere."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any, ClassVar

from symc.errors import SymcError
from symc.sources.distilled import describe
from symc.sources.fronts import FrontsOrigin
from symc.sources.given import Given
from symc.sources.protocol import Options, Source

if TYPE_CHECKING:
    from symc.module.saved import Distilled


class RegressorSource(Source["Distilled"]):
    accepts: ClassVar[str] = "a fitted SymbolicRegressor"
    holds: ClassVar[str] = "a fitted regressor"

    def recognises(self, given: Given) -> bool:
        # scikit-learn is optional: where the class was not imported, nothing can be an instance of it.
        module = sys.modules.get("symc.regressor")
        return module is not None and isinstance(given.model, module.SymbolicRegressor)

    def open(self, given: Given, options: Options) -> Distilled:
        found: Distilled | None = getattr(given.model, "distilled_", None)
        if found is None:
            raise SymcError("the regressor was not fitted yet", hint="Call regressor.fit(X, y) first.")
        return found

    def origin(self, held: Distilled, given: Given, options: Options) -> FrontsOrigin:
        return FrontsOrigin.of(held, "regressor", [given.label])

    def describe(self, held: Distilled) -> tuple[str, dict[str, Any]]:
        return describe(held)
