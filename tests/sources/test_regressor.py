"""SymbolicRegressor: scikit-learn's own checks, and the way from a fit to compiled code."""

from __future__ import annotations

import pickle
from pathlib import Path

import numpy as np
import pytest

import symc
from tests.searches import AFFINE, SHORTEST
from tests.tools import require

require("sklearn", module=True)
from sklearn.model_selection import cross_val_score  # noqa: E402
from sklearn.pipeline import make_pipeline  # noqa: E402
from sklearn.preprocessing import StandardScaler  # noqa: E402
from sklearn.utils.estimator_checks import parametrize_with_checks  # noqa: E402

from symc.regressor import SymbolicRegressor  # noqa: E402

# These fit 10 to 15 rows, or 27 of 30 features; equations are searched on 16 rows or more, and two per feature.
TOO_FEW_ROWS = {
    name: "needs more samples"
    for name in (
        "check_n_features_in_after_fitting",
        "check_estimators_nan_inf",
        "check_regressor_multioutput",
        "check_regressors_no_decision_function",
        "check_fit2d_1feature",
        "check_sample_weights_pandas_series",
        "check_sample_weights_not_an_array",
        "check_sample_weight_equivalence_on_dense_data",
    )
}


def law(n: int = 200, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    x = np.random.default_rng(seed).uniform(0.5, 3.0, size=(n, 3))
    return x, 2.0 * x[:, 0] * x[:, 1] + np.sin(x[:, 2])


@parametrize_with_checks(
    [SymbolicRegressor(**SHORTEST)],
    expected_failed_checks=lambda estimator: TOO_FEW_ROWS,
)
def test_it_is_an_estimator(estimator, check):
    check(estimator)


def test_a_law_is_found_and_compiled_with_the_same_bits(tmp_path: Path):
    x, y = law()
    model = SymbolicRegressor(evaluations=5_000, workers=1, select="accuracy").fit(x, y)
    assert model.score(*law(seed=1)) > 0.9999
    model.save(tmp_path / "law.pt")
    require("gcc")
    bundle = symc.build(tmp_path / "law.pt", out=tmp_path)
    fresh = law(seed=1)[0].astype(np.float32)
    np.testing.assert_array_equal(symc.load(bundle.path)(fresh)[:, 0], model.predict(fresh))
    np.testing.assert_array_equal(pickle.loads(pickle.dumps(model)).predict(fresh), model.predict(fresh))


def test_several_outputs_and_names(tmp_path: Path):
    pandas = pytest.importorskip("pandas")
    x, y = law()
    table = pandas.DataFrame(x, columns=["flow", "head", "tilt"])
    quick = {"operators": ["add", "mul"], "max_complexity": 7}
    model = SymbolicRegressor(evaluations=500, workers=1, **quick).fit(table, np.stack([y, x[:, 0]], axis=1))
    assert model.predict(table).shape == (200, 2) and model.equations_[1] == "flow"
    assert len(model.fronts_) == 2


def test_weights_variables_and_limits():
    x, y = law()
    spoilt = x[:, 2] > 2.5
    weights = np.where(spoilt, 0.0, 1.0)
    options = {"evaluations": 2000, "workers": 1, "max_complexity": 6, "fit_rows": 120, "select": "accuracy"}
    model = SymbolicRegressor(variable_transforms={"p": "x0*x1", "x2": "x2"}, **options)
    model.fit(x, np.where(spoilt, -9.0, y), sample_weight=weights)
    assert model.equations_ == ("2*p + sin(x2)",) and model.distilled_.provenance.max_complexity == 6
    assert model.distilled_.dataset.train.sum() == 120
    np.testing.assert_allclose(model.predict(x), y, rtol=1e-5)


def test_it_works_in_a_pipeline():
    x, y = law(120)
    pipeline = make_pipeline(StandardScaler(), SymbolicRegressor(**AFFINE))
    assert cross_val_score(pipeline, x, y, cv=2).min() > 0.5


def test_what_cannot_be_fitted_says_why():
    x, y = law(10)
    with pytest.raises(ValueError, match="n_samples=10: SymbolicRegressor needs at least 16 samples for 3 features"):
        SymbolicRegressor().fit(x, y)
    with pytest.raises(ValueError, match="unknown engine"):
        SymbolicRegressor(engine="fast").fit(*law(40))
