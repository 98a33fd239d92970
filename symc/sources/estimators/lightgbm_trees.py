"""LightGBM's regressor: the sum of its trees, which compare with float64 limits, `x <= limit`.

A float32 x is at most the limit where it is at most the largest float32 that is not above it. Everything is read from
the JSON that the library itself dumps.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from symc.errors import SymcError
from symc.sources.estimators.family import Family, at_most
from symc.sources.estimators.nodes import Leaf, Split, sum_of_trees

_PLAIN = ("regression", "regression_l1", "huber", "fair", "quantile", "mape")
_EXP = ("poisson", "gamma", "tweedie")


def _lightgbm(model: Any, columns: Sequence[str]) -> list[str]:
    held = model.booster_.dump_model()
    # What stands behind the name are settings; one of them, sqrt, bends the output.
    objective, *settings = held["objective"].split()
    if objective not in (*_PLAIN, *_EXP) or "sqrt" in settings:
        raise _refused(f"has the objective {held['objective']}", f"Those read are: {', '.join((*_PLAIN, *_EXP))}.")
    if held["average_output"] or held["num_tree_per_iteration"] != 1:
        raise _refused("does not add up its trees", "Fit it with boosting_type='gbdt'.")
    trees = [tree["tree_structure"] for tree in held["tree_info"]]
    text = sum_of_trees(model, trees, _read, columns, 0.0)
    return [f"exp{text}" if objective in _EXP else text]


def _read(node: Mapping[str, Any]) -> Split | Leaf:
    if "leaf_coeff" in node:
        raise _refused("has linear models in its leaves", "Fit it with linear_tree=False.")
    if "split_feature" not in node:
        return Leaf(float(node["leaf_value"]))
    if node["decision_type"] != "<=":
        raise _refused("splits by categories", "Give it numbers in their place.")
    if node["missing_type"] != "None":
        raise _refused("was fitted with missing values", "Fit it with use_missing=False, on rows that miss none.")
    limit = at_most(float(node["threshold"]))
    return Split(node["split_feature"], "<=", limit, node["left_child"], node["right_child"])


def _refused(what: str, hint: str) -> SymcError:
    return SymcError(f"the LGBMRegressor {what}, which has no closed form that symc knows", hint=hint)


LIGHTGBM = Family(("LGBMRegressor",), _lightgbm, "lightgbm")
