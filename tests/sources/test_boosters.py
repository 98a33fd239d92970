"""XGBoost and LightGBM: the code computes what predict says, and decides as the library does at each limit."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

import symc
from symc.errors import SymcError
from symc.ir.evaluate import evaluate
from symc.sources.registry import resolve
from tests.tools import require

require("sklearn", module=True)

RNG = np.random.default_rng(5)
X = RNG.normal(size=(300, 3)).astype(np.float32)
Y = X[:, 0] * X[:, 1] + np.abs(X[:, 2])
SMALL = {"n_estimators": 5, "max_depth": 3, "learning_rate": 0.3}


def boosters() -> Any:
    return pytest.importorskip(require("xgboost", module=True))


def light() -> Any:
    return pytest.importorskip(require("lightgbm", module=True))


def fitted(library: str, y: np.ndarray = Y, **options: Any) -> Any:
    if library == "xgboost":
        return boosters().XGBRegressor(n_jobs=1, **{**SMALL, **options}).fit(X, y)
    return light().LGBMRegressor(n_jobs=1, verbose=-1, **{**SMALL, **options}).fit(X, y)


def computed(model: Any, x: np.ndarray) -> np.ndarray:
    return evaluate(resolve(model).choose(None, None).program, x.astype(np.float32))


def agree(model: Any, x: np.ndarray) -> None:
    expected = np.asarray(model.predict(x), dtype=np.float64).reshape(len(x), -1)
    np.testing.assert_allclose(computed(model, x), expected, rtol=2e-6, atol=2e-6 * np.abs(expected).max())


def at_the_limits(limits: set[tuple[int, float]]) -> np.ndarray:
    """Rows with one input at a limit, and at the float32 below and above it."""
    assert len(limits) > 10
    rows = []
    for column, limit in sorted(limits):
        nearest = np.float32(limit)
        for value in (np.nextafter(nearest, np.float32(-9)), nearest, np.nextafter(nearest, np.float32(9))):
            row = X[len(rows) % len(X)].copy()
            row[column] = value
            rows.append(row)
    return np.array(rows)


@pytest.mark.parametrize("library", ["xgboost", "lightgbm"])
@pytest.mark.parametrize("options", [{}, {"objective": "poisson"}, {"objective": "tweedie"}, {"objective": "gamma"}])
def test_code_computes_what_is_predicted(library: str, options: dict[str, Any]) -> None:
    names = {"poisson": "count:poisson", "tweedie": "reg:tweedie", "gamma": "reg:gamma"}
    if options and library == "xgboost":
        options = {"objective": names[options["objective"]]}
    agree(fitted(library, np.abs(Y) + 0.1 if options else Y, **options), X)


def test_xgboost_decides_at_each_limit() -> None:
    model = fitted("xgboost")
    frame = model.get_booster().trees_to_dataframe()
    splits = frame[frame.Feature != "Leaf"]
    limits = {(int(name[1:]), float(limit)) for name, limit in zip(splits.Feature, splits.Split, strict=True)}
    agree(model, at_the_limits(limits))


def test_lightgbm_decides_at_each_limit() -> None:
    model = fitted("lightgbm")
    frame = model.booster_.trees_to_dataframe()
    splits = frame[frame.split_feature.notna()]
    pairs = zip(splits.split_feature, splits.threshold, strict=True)
    agree(model, at_the_limits({(int(name.rpartition("_")[2]), float(limit)) for name, limit in pairs}))


@pytest.mark.parametrize("library", ["xgboost", "lightgbm"])
def test_the_trees_up_to_the_best_are_those_that_predict(library: str) -> None:
    noise = RNG.normal(size=300)
    options: dict[str, Any] = {**SMALL, "n_estimators": 40, "learning_rate": 0.9}
    if library == "xgboost":
        model = boosters().XGBRegressor(early_stopping_rounds=3, **options)
        model.fit(X[:200], (Y + noise)[:200], eval_set=[(X[200:], (Y + noise)[200:])], verbose=False)
        assert model.best_iteration + 1 < model.get_booster().num_boosted_rounds()
    else:
        model = light().LGBMRegressor(early_stopping_round=3, verbose=-1, **options)
        model.fit(X[:200], (Y + noise)[:200], eval_set=[(X[200:], (Y + noise)[200:])])
        assert 0 < model.best_iteration_ < 40
    agree(model, X)


def test_several_outputs_and_forests_of_xgboost() -> None:
    agree(fitted("xgboost", np.column_stack([Y, X[:, 0] ** 2])), X)
    agree(boosters().XGBRFRegressor(n_estimators=6, max_depth=3).fit(X, Y), X)


@pytest.mark.parametrize("library", ["xgboost", "lightgbm"])
def test_a_bundle_and_a_pipeline(library: str, tmp_path: Path) -> None:
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    bundle = symc.build(fitted(library), domain="-2:2", samples=256, out=tmp_path, name="boosted")
    assert bundle.manifest.program.inputs == ("x0", "x1", "x2")
    assert all(p.rmse < 1e-6 for p in bundle.manifest.parity)
    part = fitted(library)
    piped = make_pipeline(StandardScaler(), part).fit(X, Y)
    # Limits lie at rows it was fitted to; behind a scaler an input within rounding of one may take the other branch.
    fresh = RNG.normal(size=(300, 3)).astype(np.float32)
    found, expected = computed(piped, fresh)[:, 0], piped.predict(fresh)
    assert np.mean(np.abs(found - expected) < 1e-5) > 0.99


@pytest.mark.parametrize(
    ("library", "options", "what"),
    [
        ("xgboost", {"booster": "dart"}, "uses the booster dart"),
        ("xgboost", {"booster": "gblinear", "max_depth": None}, "uses the booster gblinear"),
        ("xgboost", {"missing": 0.0}, "takes 0.0 for a missing value"),
        ("xgboost", {"objective": "reg:logistic"}, "has the objective reg:logistic"),
        ("xgboost", {"n_estimators": 2000}, "60,000 characters are compiled at most"),
        ("lightgbm", {"boosting_type": "rf", "bagging_freq": 1, "bagging_fraction": 0.5}, "does not add up its trees"),
        ("lightgbm", {"linear_tree": True}, "linear models in its leaves"),
        ("lightgbm", {"zero_as_missing": True}, "was fitted with missing values"),
        ("lightgbm", {"objective": "regression", "reg_sqrt": True}, "has the objective regression sqrt"),
        ("lightgbm", {"n_estimators": 2000, "min_child_samples": 1}, "60,000 characters are compiled at most"),
    ],
)
def test_what_is_not_read_is_refused_by_name(library: str, options: dict[str, Any], what: str) -> None:
    y = (Y > 0).astype(np.float32) if "logistic" in str(options) else Y
    model = fitted(library, y, **options)
    with pytest.raises(SymcError, match=what):
        resolve(model)


@pytest.mark.parametrize("library", ["xgboost", "lightgbm"])
def test_classifiers_and_unfitted_ones(library: str) -> None:
    kinds = (boosters().XGBRegressor, boosters().XGBClassifier) if library == "xgboost" else (
        light().LGBMRegressor, light().LGBMClassifier)  # fmt: skip
    with pytest.raises(SymcError, match="was not fitted yet"):
        resolve(kinds[0]())
    with pytest.raises(SymcError, match="has no closed form"):
        resolve(kinds[1](n_estimators=2).fit(X, Y > 0))
