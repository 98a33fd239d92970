"""A scikit-learn Pipeline of scalers and a fitted SymbolicRegressor, a TransformedTargetRegressor around it or not."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from typing import Any, ClassVar

from symc.errors import SymcError
from symc.sources.fronts import FrontsOrigin
from symc.sources.given import Given
from symc.sources.protocol import Options, Source
from symc.sources.regressor import RegressorSource
from symc.sources.scalers import affine_of
from symc.sources.scaling import PLAIN, Affine, Scaling


@dataclass(frozen=True)
class Scaled:
    """A regressor and the scalers around it."""

    regressor: Any
    scaling: Scaling


class PipelineSource(Source[Scaled]):
    accepts: ClassVar[str] = "a fitted scikit-learn Pipeline of scalers and a SymbolicRegressor"
    holds: ClassVar[str] = "a pipeline"

    def recognises(self, given: Given) -> bool:
        if not isinstance(given.model, _classes()):
            return False
        model = _best(given.model)
        steps = _steps(getattr(model, "regressor_", getattr(model, "regressor", model)))
        return bool(steps) and RegressorSource().recognises(Given(steps[-1]))

    def open(self, given: Given, options: Options) -> Scaled:
        model, output = _best(given.model), None
        if hasattr(model, "regressor_"):
            model, output = model.regressor_, _transformer(model)
        *scalers, last = _steps(model)
        data = RegressorSource().open(Given(last), {}).dataset
        inputs = [PLAIN] * data.n_in
        for scaler in scalers:
            inputs = [new.after(old) for old, new in zip(inputs, _affine(scaler, data.n_in), strict=True)]
        outputs = [PLAIN] * data.n_out if output is None else _affine(output, data.n_out)
        return Scaled(last, Scaling(tuple(inputs), tuple(outputs)))

    def origin(self, held: Scaled, given: Given, options: Options) -> FrontsOrigin:
        source = RegressorSource()
        inner = Given(held.regressor)
        return held.scaling.around(source.origin(source.open(inner, {}), inner, {}))

    def describe(self, held: Scaled) -> tuple[str, dict[str, Any]]:
        source = RegressorSource()
        text, data = source.describe(source.open(Given(held.regressor), {}))
        return f"scaled by {held.scaling}\n{text}", {**data, "kind": "pipeline"}


def _classes() -> tuple[type, ...]:
    """The classes, where something imported them: nothing can be an instance of them elsewhere."""
    names = (
        ("sklearn.pipeline", "Pipeline"),
        ("sklearn.compose", "TransformedTargetRegressor"),
        ("sklearn.model_selection", "GridSearchCV"),
        ("sklearn.model_selection", "RandomizedSearchCV"),
    )
    return tuple(getattr(sys.modules[module], name) for module, name in names if module in sys.modules)


def _best(model: Any) -> Any:
    """What a search of parameters found; before it was fitted, what it is to search for."""
    searches = hasattr(model, "param_grid") or hasattr(model, "param_distributions")
    return getattr(model, "best_estimator_", model.estimator) if searches else model


def _steps(model: Any) -> list[Any]:
    steps = [step for _, step in model.steps] if hasattr(model, "steps") else [model]
    return [step for step in steps if step not in (None, "passthrough")]


def _transformer(model: Any) -> Any:
    if model.transformer_ is None or model.func is not None:
        what = "the target is transformed by a function, not by a scaler"
        raise SymcError(what, hint="Give transformer=StandardScaler() or such.")
    return model.transformer_


def _affine(scaler: Any, width: int) -> list[Affine]:
    if getattr(scaler, "clip", False):
        raise SymcError("a MinMaxScaler that clips is no affine map", hint="Use clip=False.")
    return affine_of(scaler, width)
