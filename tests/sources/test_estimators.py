"""Fitted estimators of scikit-learn: the code computes what predict says, at the edges of trees exactly."""

from __future__ import annotations

import json
import shlex
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import symc
from symc.errors import SymcError
from symc.ir.evaluate import evaluate
from symc.sources.registry import inspect, resolve
from tests.searches import SHORTEST
from tests.sources.built import cli
from tests.tools import require

require("sklearn", module=True)
from sklearn.compose import TransformedTargetRegressor  # noqa: E402
from sklearn.cross_decomposition import PLSRegression  # noqa: E402
from sklearn.decomposition import PCA  # noqa: E402
from sklearn.dummy import DummyRegressor  # noqa: E402
from sklearn.ensemble import (  # noqa: E402
    AdaBoostRegressor,
    ExtraTreesRegressor,
    GradientBoostingRegressor,
    RandomForestRegressor,
    VotingRegressor,
)
from sklearn.feature_selection import SelectKBest, f_regression  # noqa: E402
from sklearn.kernel_ridge import KernelRidge  # noqa: E402
from sklearn.linear_model import (  # noqa: E402
    ElasticNet,
    Lasso,
    LinearRegression,
    PoissonRegressor,
    RANSACRegressor,
    Ridge,
    TweedieRegressor,
)
from sklearn.model_selection import GridSearchCV  # noqa: E402
from sklearn.multioutput import MultiOutputRegressor  # noqa: E402
from sklearn.neighbors import KNeighborsRegressor  # noqa: E402
from sklearn.neural_network import MLPRegressor  # noqa: E402
from sklearn.pipeline import make_pipeline  # noqa: E402
from sklearn.preprocessing import (  # noqa: E402
    FunctionTransformer,
    MaxAbsScaler,
    MinMaxScaler,
    PolynomialFeatures,
    RobustScaler,
    StandardScaler,
)
from sklearn.svm import SVR, LinearSVR  # noqa: E402
from sklearn.tree import DecisionTreeRegressor  # noqa: E402

RNG = np.random.default_rng(7)
X = RNG.uniform([-2.0, 10.0, 1e-3], [3.0, 40.0, 5e-3], (150, 3))
Y = np.sin(X[:, 0]) * X[:, 1] + 1e4 * X[:, 2] + 50.0
BOTH = np.stack([Y, X[:, 0] ** 2], axis=1)
FRESH = RNG.uniform(X.min(axis=0), X.max(axis=0), (400, 3)).astype(np.float32)


def small(kind: type, **settings: Any) -> Any:
    """One that is fitted with its inputs scaled, as it has to be."""
    return make_pipeline(StandardScaler(), kind(**settings))


ONE = {
    "linear": LinearRegression(),
    "ridge": make_pipeline(RobustScaler(), Ridge()),
    "lasso": make_pipeline(MinMaxScaler(), Lasso(alpha=0.1)),
    "elastic net": make_pipeline(MaxAbsScaler(), ElasticNet(alpha=0.01)),
    "linear svr": small(LinearSVR, max_iter=200),
    "ransac": RANSACRegressor(random_state=0),
    "poisson": small(PoissonRegressor),
    "tweedie": small(TweedieRegressor, power=0),
    "polynomials": make_pipeline(StandardScaler(), PolynomialFeatures(3), Ridge()),
    "products": make_pipeline(MinMaxScaler((-1, 1)), PolynomialFeatures(2, interaction_only=True), LinearRegression()),
    "principal": make_pipeline(StandardScaler(), PCA(2, whiten=True), LinearRegression()),
    "selected": make_pipeline(SelectKBest(f_regression, k=2), "passthrough", StandardScaler(), Ridge()),
    "clip": make_pipeline(MinMaxScaler(clip=True), LinearRegression()),
    "pls": PLSRegression(2),
    "constant": DummyRegressor(),
    "tree": DecisionTreeRegressor(max_depth=5),
    "forest": RandomForestRegressor(5, max_depth=3, random_state=0),
    "extra trees": ExtraTreesRegressor(4, max_depth=3, random_state=0),
    "boosting": GradientBoostingRegressor(n_estimators=8, max_depth=2, random_state=0),
    "boosting from 0": GradientBoostingRegressor(n_estimators=3, max_depth=2, init="zero", random_state=0),
    "svr": small(SVR, C=5.0, epsilon=8.0),
    "svr poly": small(SVR, kernel="poly", degree=2, coef0=1.0, epsilon=8.0),
    "svr linear": small(SVR, kernel="linear", epsilon=15.0),
    "svr sigmoid": small(SVR, kernel="sigmoid", gamma=0.1, epsilon=15.0),
    "perceptron": small(MLPRegressor, hidden_layer_sizes=(5,), max_iter=80, random_state=0),
    "two layers": small(MLPRegressor, hidden_layer_sizes=(4, 3), activation="tanh", max_iter=80, random_state=0),
    "logistic": small(MLPRegressor, hidden_layer_sizes=(3,), activation="logistic", max_iter=80, random_state=0),
    "scaled target": TransformedTargetRegressor(small(Ridge), transformer=StandardScaler()),
    "log target": TransformedTargetRegressor(small(Ridge), func=np.log1p, inverse_func=np.expm1),
    "vote": VotingRegressor([("a", LinearRegression()), ("b", DecisionTreeRegressor(max_depth=2))], weights=[1, 3]),
    "search": GridSearchCV(small(Ridge), {"ridge__alpha": [0.1, 1.0]}, cv=2),
}
SEVERAL = {
    "linear": LinearRegression(),
    "tree": DecisionTreeRegressor(max_depth=3),
    "forest": RandomForestRegressor(3, max_depth=2, random_state=0),
    "kernel ridge": small(KernelRidge, kernel="rbf", alpha=0.1),
    "one each": MultiOutputRegressor(small(Ridge)),
    "perceptron": small(MLPRegressor, hidden_layer_sizes=(4,), max_iter=80, random_state=0),
}


def fitted(model: Any, y: np.ndarray = Y, rows: int = 150) -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return model.fit(X[:rows], y[:rows])


def computed(model: Any, x: np.ndarray = FRESH) -> np.ndarray:
    return evaluate(resolve(model).choose(None, None).program, x)


@pytest.mark.parametrize("name", ONE)
def test_code_computes_what_is_predicted(name: str) -> None:
    model = fitted(ONE[name], rows=60)
    want = np.ravel(model.predict(FRESH))
    # The inputs and every operation are rounded to float32: some units of 6e-8 of the largest value on the way.
    np.testing.assert_allclose(computed(model)[:, 0], want, rtol=0, atol=4e-6 * np.abs(want).max())


@pytest.mark.parametrize("name", SEVERAL)
def test_several_outputs(name: str) -> None:
    model = fitted(SEVERAL[name], BOTH, rows=16)
    want = model.predict(FRESH)
    np.testing.assert_allclose(computed(model), want, rtol=0, atol=4e-6 * np.abs(want).max())


@pytest.mark.parametrize("scale", [1.0, 1e-3, 1e7])
def test_a_tree_decides_at_its_thresholds_as_scikit_learn_does(scale: float) -> None:
    model = DecisionTreeRegressor(max_depth=6).fit(X * scale, Y)
    rows = [(FRESH * np.float32(scale)).astype(np.float32)]
    tree = model.tree_
    for column, threshold in zip(tree.feature, tree.threshold, strict=True):
        if column >= 0:
            edge = np.float32(threshold)
            for value in (edge, np.nextafter(edge, np.float32(-np.inf)), np.nextafter(edge, np.float32(np.inf))):
                row = rows[0][:20].copy()
                row[:, column] = value
                rows.append(row)
    x = np.concatenate(rows)
    np.testing.assert_array_equal(computed(model, x)[:, 0], model.predict(x).astype(np.float32))


def test_a_deep_tree() -> None:
    x = np.arange(60.0)[:, None]
    model = DecisionTreeRegressor().fit(x, 2.0 ** np.arange(60.0))
    assert model.get_depth() > 30
    found = computed(model, x.astype(np.float32))
    np.testing.assert_array_equal(found[:, 0], model.predict(x).astype(np.float32))


def test_a_chain_of_decisions_is_refused_and_not_run_out_of_stack() -> None:
    x = np.arange(900.0)[:, None]
    model = DecisionTreeRegressor().fit(x, np.exp(np.linspace(-700, 700, 900)))
    with pytest.raises(SymcError, match=r"is \d+ decisions deep, and 50 are compiled at most.*max_depth"):
        resolve(model)


def test_sparse_parts() -> None:
    sparse = pytest.importorskip("scipy.sparse")
    model = SVR(kernel="linear", epsilon=20.0).fit(sparse.csr_matrix(X[:60] - X.mean(axis=0)), Y[:60])
    want = model.predict(sparse.csr_matrix(FRESH))
    np.testing.assert_allclose(computed(model)[:, 0], want, rtol=0, atol=4e-6 * np.abs(want).max())


def test_inputs_are_taken_by_their_names() -> None:
    pandas = pytest.importorskip(require("pandas", module=True))
    table = pandas.DataFrame(X, columns=["a", "b", "c"])
    model = LinearRegression().fit(table, Y)
    origin = resolve(model, inputs=table[["c", "a", "b"]].assign(note="text"))
    np.testing.assert_array_equal(origin.recording.x, X.astype(np.float32))
    np.testing.assert_allclose(origin.recording.y[:, 0], model.predict(table), rtol=1e-5)


def test_a_search_around_a_symbolic_regressor() -> None:
    law = symc.SymbolicRegressor(**SHORTEST)
    model = GridSearchCV(make_pipeline(StandardScaler(), law), {"symbolicregressor__heldout": [0.2]}, cv=2)
    with pytest.raises(SymcError, match="the regressor was not fitted yet"):
        resolve(model)
    model.fit(X, 3 * X[:, 0])
    origin = resolve(model)
    assert origin.kind == "regressor"
    np.testing.assert_allclose(computed(model)[:, 0], model.predict(FRESH), rtol=1e-4, atol=1e-4)


def test_what_has_no_closed_form_is_distilled_as_the_hint_says() -> None:
    import torch

    model = KNeighborsRegressor(50).fit(X, X[:, 0])
    block = symc.wrap(lambda x: torch.from_numpy(model.predict(x.numpy()).reshape(len(x), -1)))
    block.distill(domain="-2:3,10:40,0.001:0.005", samples=64, **SHORTEST)
    np.testing.assert_allclose(block.dataset.y[:, 0], model.predict(block.dataset.x), rtol=1e-6)


def test_a_bundle_has_parity_names_and_the_way_it_was_made(tmp_path: Path) -> None:
    pandas = pytest.importorskip(require("pandas", module=True))
    table = pandas.DataFrame(X, columns=["angle", "flow rate", "Δp"])
    model = small(Ridge).fit(table, Y)
    built = symc.build(model, domain="-2:3,10:40,0.001:0.005", out=tmp_path, name="law", samples=256)
    manifest = built.manifest
    assert manifest.model.kind == "estimator" and "Ridge" in manifest.options["estimator"]
    assert manifest.names.inputs == ("angle", "flow rate", "Δp")
    assert manifest.samples.rows == 256 and manifest.parity[0].rmse < 1e-5 * np.ptp(Y)
    recorded = np.load(tmp_path / "law" / "parity.npz")
    named = pandas.DataFrame(recorded["x"], columns=table.columns)
    np.testing.assert_allclose(recorded["y"][:, 0], model.predict(named), rtol=1e-6)
    assert symc.verify(built.path, rows=200).ok
    rows = table.iloc[:40]
    again = symc.build(model, inputs=rows, out=tmp_path, name="rows").manifest
    np.testing.assert_allclose(np.array(again.domain)[:, 0], np.float32(rows.min()))
    assert again.program == manifest.program and again.model == manifest.model


def test_the_command_in_a_bundle_builds_it_again(tmp_path: Path) -> None:
    built = symc.build(fitted(LinearRegression()), domain="-1:1", out=tmp_path / "a", name="law", features=list("abc"))
    words = shlex.split(built.manifest.reproduce)
    assert words[:2] == ["symc", "build"] and words[-1] == "OUT"
    done = cli(*words[1:-1], tmp_path / "b", "--json")
    assert done.exit_code == 0, done.output
    again = json.loads(done.stdout)["manifest"]
    assert again["program"] == json.loads(built.manifest.to_bytes())["program"]


def test_inspect_shows_the_equations() -> None:
    text, data = inspect(fitted(Ridge()), features=["a", "b", "c"])
    assert data["kind"] == "estimator" and data["features"] == ["a", "b", "c"]
    assert data["equations"]["y0"] in text and "*a + " in text


@pytest.mark.parametrize(
    ("model", "what"),
    [
        (Ridge(), "the Ridge was not fitted yet.*fit"),
        (make_pipeline(StandardScaler(), Ridge()), "was not fitted yet"),
        (fitted(KNeighborsRegressor()), r"a KNeighborsRegressor has no closed form.*docs/models.md.*symc.wrap"),
        (fitted(AdaBoostRegressor(n_estimators=2)), "a AdaBoostRegressor has no closed form"),
        (fitted(make_pipeline(FunctionTransformer(np.abs), Ridge())), "a FunctionTransformer has no closed form"),
        (fitted(StandardScaler()), "a StandardScaler predicts nothing"),
        (fitted(RandomForestRegressor(100)), r"the RandomForestRegressor is 100 trees with [\d,]+ nodes.*shallower"),
        (fitted(KernelRidge(kernel="laplacian")), "the kernel 'laplacian' of the KernelRidge is no closed form"),
        (fitted(GridSearchCV(Ridge(), {"alpha": [1.0]}, cv=2, refit=False)), "GridSearchCV"),
        (
            fitted(TransformedTargetRegressor(Ridge(), func=np.abs, inverse_func=np.cbrt)),
            "the target is transformed back by <ufunc 'cbrt'>",
        ),
        (
            fitted(small(MLPRegressor, hidden_layer_sizes=(50, 50), max_iter=5)),
            "the MLPRegressor is .* of equations.*compiled at most",
        ),
    ],
)
def test_what_has_no_closed_form_is_refused(model: Any, what: str, tmp_path: Path) -> None:
    with pytest.raises(SymcError, match=what) as caught:
        symc.build(model, domain="0:1", out=tmp_path, name="law")
    assert caught.value.exit_code == 2 and caught.value.hint and not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("options", "what"),
    [
        ({"domain": "0:1,0:1"}, "gives 2 ranges, but the model takes 3 inputs"),
        ({"inputs": np.zeros((20, 2))}, "has 2 columns, but the model takes 3 inputs"),
        ({"features": ["a", "b"]}, "takes 3 columns, and 2 are given"),
        ({"outputs": ["a", "b"]}, "2 names for 1 outputs"),
        ({"evaluations": 100}, "holds an estimator, so there is no use for --evaluations"),
        ({"inputs": X, "samples": 10}, "--samples goes with --domain"),
    ],
)
def test_options_that_do_not_fit(options: dict[str, Any], what: str) -> None:
    with pytest.raises(SymcError, match=what):
        resolve(fitted(Ridge()), **options)
