"""The families of estimators with a closed form. Adding one is a Family in this folder and one row here."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from symc.errors import SymcError
from symc.registry import Registry
from symc.sources.estimators.family import DISTIL, Family, checked

_HERE = "symc.sources.estimators"
FAMILIES: Registry[Family] = Registry(
    "family of estimators",
    [
        ("linear", f"{_HERE}.linear:LINEAR"),
        ("generalized linear", f"{_HERE}.linear:GENERALIZED"),
        ("partial least squares", f"{_HERE}.linear:PARTIAL"),
        ("constant", f"{_HERE}.linear:DUMMY"),
        ("tree", f"{_HERE}.trees:TREES"),
        ("forest", f"{_HERE}.trees:FORESTS"),
        ("boosted trees", f"{_HERE}.trees:BOOSTING"),
        ("XGBoost", f"{_HERE}.xgboost_trees:XGBOOST"),
        ("LightGBM", f"{_HERE}.lightgbm_trees:LIGHTGBM"),
        ("support vectors", f"{_HERE}.kernels:SUPPORT_VECTORS"),
        ("kernel ridge", f"{_HERE}.kernels:KERNEL_RIDGE"),
        ("perceptron", f"{_HERE}.kernels:PERCEPTRONS"),
        ("scaler", f"{_HERE}.steps:SCALING"),
        ("polynomials", f"{_HERE}.steps:POLYNOMIALS"),
        ("principal components", f"{_HERE}.steps:COMPONENTS"),
        ("selection of columns", f"{_HERE}.steps:SELECTION"),
        ("pipeline", f"{_HERE}.composite:PIPELINES"),
        ("transformed target", f"{_HERE}.composite:TARGETS"),
        ("one regressor per output", f"{_HERE}.composite:SEVERAL"),
        ("vote", f"{_HERE}.composite:VOTES"),
        ("search of parameters", f"{_HERE}.composite:SEARCHES"),
        ("consensus", f"{_HERE}.composite:CONSENSUS"),
    ],
)


def texts_of(model: Any, columns: Sequence[str]) -> list[str]:
    """The outputs of a fitted estimator or step as texts over the texts of its columns.

    Raises SymcError for one that was not fitted, that has another number of columns, of which symc knows no closed
    form, or whose closed form is too long.
    """
    name = type(model).__name__
    family = next((family for _, family in FAMILIES.items() if name in family.classes), None)
    if family is None or library_of(model) != family.library:
        raise SymcError(
            f"a {name} has no closed form that symc knows",
            hint=f"docs/models.md lists those that have. Any other can be distilled: {DISTIL}",
        )
    check_fitted(model)
    width = getattr(model, "n_features_in_", len(columns))
    if width != len(columns):
        raise SymcError(f"the {name} takes {width} columns, and {len(columns)} are given")
    return checked(family.texts(model, columns), model)


def library_of(model: Any) -> str:
    """The package that a model's class is from, whose classes live in private modules of its folders."""
    return type(model).__module__.partition(".")[0]


def check_fitted(model: Any) -> None:
    """SymcError for an estimator that was not fitted yet."""
    from sklearn.exceptions import NotFittedError
    from sklearn.utils.validation import check_is_fitted

    try:
        check_is_fitted(model)
    except NotFittedError:
        raise SymcError(f"the {type(model).__name__} was not fitted yet", hint="Call .fit(X, y) first.") from None
