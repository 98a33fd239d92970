"""A scikit-learn Pipeline of scalers and a fitted SymbolicRegressor, a TransformedTargetRegressor around it or not."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from symc.errors import SymcError
from symc.sources.fronts import FrontsOrigin
from symc.sources.given import Given
from symc.sources.protocol import Options, Source
from symc.sources.regressor import RegressorSource
from symc.sources.scaling import PLAIN, Affine, Scaling

# Class -> (centre, scale) of a fitted scaler; each makes (x - centre) / scale.
_SCALERS = {
    "StandardScaler": lambda s: (s.mean_ if s.with_mean else None, s.scale_),
    "MinMaxScaler": lambda s: (-s.min_ / s.scale_, 1.0 / s.scale_),
    "MaxAbsScaler": lambda s: (None, s.scale_),
    "RobustScaler": lambda s: (s.center_, s.scale_),
}


@dataclass(frozen=True)
class Scaled:
    """A regressor and the scalers around it."""

    regressor: Any
    scaling: Scaling


class PipelineSource(Source[Scaled]):
    accepts: ClassVar[str] = "a fitted scikit-learn Pipeline of scalers and a SymbolicRegressor"
    holds: ClassVar[str] = "a pipeline"

    def recognises(self, given: Given) -> bool:
        return isinstance(given.model, _classes())

    def open(self, given: Given, options: Options) -> Scaled:
        model, output = given.model, None
        if hasattr(model, "regressor_"):
            model, output = model.regressor_, _transformer(model)
        steps = [step for _, step in model.steps] if hasattr(model, "steps") else [model]
        *scalers, last = [step for step in steps if step not in (None, "passthrough")]
        if not RegressorSource().recognises(Given(last)):
            raise SymcError(
                f"the pipeline ends in a {type(last).__name__}, which holds no equations",
                hint="Its last step must be a SymbolicRegressor.",
            )
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
    names = (("sklearn.pipeline", "Pipeline"), ("sklearn.compose", "TransformedTargetRegressor"))
    return tuple(getattr(sys.modules[module], name) for module, name in names if module in sys.modules)


def _transformer(model: Any) -> Any:
    if model.transformer_ is None or model.func is not None:
        what = "the target is transformed by a function, not by a scaler"
        raise SymcError(what, hint="Give transformer=StandardScaler() or such.")
    return model.transformer_


def _affine(scaler: Any, width: int) -> list[Affine]:
    read = _SCALERS.get(type(scaler).__name__)
    if read is None:
        raise SymcError(
            f"a {type(scaler).__name__} is no affine map of each column that symc knows",
            hint=f"The steps before the regressor may be: {', '.join(_SCALERS)}.",
        )
    if getattr(scaler, "clip", False):
        raise SymcError("a MinMaxScaler that clips is no affine map", hint="Use clip=False.")
    centre, scale = read(scaler)
    centres = np.zeros(width) if centre is None else np.asarray(centre, dtype=np.float64)
    scales = np.ones(width) if scale is None else np.asarray(scale, dtype=np.float64)
    return [Affine(float(c), float(s)) for c, s in zip(centres, scales, strict=True)]
