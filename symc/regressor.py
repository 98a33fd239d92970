"""SymbolicRegressor: the search and the compiler behind scikit-learn's interface, without any network."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from symc.arithmetic import usual
from symc.errors import MissingTool, SymcError

try:
    from sklearn.base import BaseEstimator, MultiOutputMixin, RegressorMixin
    from sklearn.utils.validation import check_is_fitted, validate_data
except ImportError:
    raise MissingTool("scikit-learn is not installed", hint="pip install 'symc[sklearn]'.") from None

from symc.capture.dataset import Dataset, fewest_samples
from symc.capture.names import default_names
from symc.ir.evaluate import evaluate
from symc.module.distillation import Request
from symc.module.saved import SAMPLES, save_distilled
from symc.search.engines.protocol import DEFAULT_EVALUATIONS
from symc.search.front import Front
from symc.search.front import select as pick


class SymbolicRegressor(MultiOutputMixin, RegressorMixin, BaseEstimator):
    """Regression by equations: fit(X, y), predict(X), then save() for `symc build`.

    Parameters
    ----------
    select: the rule that picks from each Pareto front: "best", "accuracy", "score", "knee" or "cheapest:TOL".
    engine, evaluations, time_budget, operators, max_complexity, variable_transforms, workers: as
        SymbolicModule.distill takes them.
    heldout: share of the rows that judges the equations and is never fitted.
    fit_rows: how many rows to fit instead; all others judge.
    random_state: int from 0 to 2^32 - 1; fixes the split and the search.

    Attributes
    ----------
    fronts_: one Pareto front per output.
    equations_: the text of the equation picked for each output.
    n_features_in_, feature_names_in_: as scikit-learn has them. Equations use an identifier made of each name, such as
        flow_rate for "flow rate" (symc.capture.names); bundles show both.

    Inputs are rounded to float32, and predict() gives the very bits that the compiled code gives on every target.
    """

    def __init__(
        self,
        *,
        select: str = "best",
        engine: str = "auto",
        evaluations: int | Mapping[str, int] = DEFAULT_EVALUATIONS,
        time_budget: float | None = None,
        operators: Sequence[str] | Mapping[str, Sequence[str]] | None = None,
        max_complexity: int | Mapping[str, int] | None = None,
        variable_transforms: Mapping[str, str] | None = None,
        heldout: float = 0.2,
        fit_rows: int | None = None,
        workers: int | None = None,
        random_state: int = 0,
    ) -> None:
        self.select = select
        self.engine = engine
        self.evaluations = evaluations
        self.time_budget = time_budget
        self.operators = operators
        self.max_complexity = max_complexity
        self.variable_transforms = variable_transforms
        self.heldout = heldout
        self.fit_rows = fit_rows
        self.workers = workers
        self.random_state = random_state

    @usual
    def fit(self, X: ArrayLike, y: ArrayLike, sample_weight: ArrayLike | None = None) -> SymbolicRegressor:
        """Search equations for y (n,) or (n, n_out) of X (n, n_in), rows weighted by sample_weight (n,).

        Raises ValueError for data that do not fit, as scikit-learn's estimators do.
        """
        x, targets = validate_data(self, X, y, multi_output=True, y_numeric=True, ensure_min_samples=2)
        fewest = fewest_samples(x.shape[1])
        if len(x) < fewest:
            raise ValueError(
                f"n_samples={len(x)}: SymbolicRegressor needs at least {fewest} samples for {x.shape[1]} features"
            )
        self._flat = targets.ndim == 1
        columns = targets.reshape(len(targets), -1)
        try:
            dataset = Dataset.from_samples(
                x,
                columns,
                features=self._names(x.shape[1]),
                heldout=self.heldout,
                fit_rows=self.fit_rows,
                weights=sample_weight,
                variable_transforms=self.variable_transforms,
                seed=self.random_state,
            )
            request = Request(
                engine=self.engine, evaluations=self.evaluations, time_budget=self.time_budget,
                seed=self.random_state, operators=self.operators, max_complexity=self.max_complexity,
                workers=self.workers,
            )  # fmt: skip
            _, found = request.distil(dataset, SAMPLES)
            fronts = [front.over_inputs(dataset.variables) for front in found.fronts]
            members = pick(fronts, rule=self.select, features=dataset.features)
        except SymcError as error:
            raise ValueError(str(error)) from error
        self.distilled_ = found.choosing(tuple(m.complexity for m in members))
        return self

    @usual
    def predict(self, X: ArrayLike) -> NDArray[np.float32]:
        """The equations' values, (n,) or (n, n_out) as y was, float32."""
        check_is_fitted(self)
        x = validate_data(self, X, reset=False)
        y = evaluate(self.distilled_.program, x)
        return y[:, 0] if self._flat else y

    @property
    def fronts_(self) -> tuple[Front, ...]:
        check_is_fitted(self)
        return self.distilled_.fronts

    @property
    def equations_(self) -> tuple[str, ...]:
        check_is_fitted(self)
        return tuple(m.equation for m in self.distilled_.members or ())

    def save(self, path: str | Path) -> None:
        """Write samples, fronts and choice to a file that `symc build` takes."""
        check_is_fitted(self)
        save_distilled(self.distilled_, path)

    def __sklearn_is_fitted__(self) -> bool:
        return "distilled_" in self.__dict__

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        # A small budget on a few rows of noise does not reach the score that the tests of estimators ask for.
        tags.regressor_tags.poor_score = True
        return tags

    def _names(self, n_in: int) -> tuple[str, ...]:
        names = getattr(self, "feature_names_in_", None)
        return default_names("x", n_in) if names is None else tuple(map(str, names))
