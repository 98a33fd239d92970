"""XGBoost's regressors: the sum of their trees, which compare float32 inputs with float32 limits, `x < limit`.

Everything is read from the JSON that the library itself saves.
"""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from symc.errors import SymcError
from symc.sources.estimators.family import Family, checked
from symc.sources.estimators.nodes import Leaf, Split, sum_of_trees

# By what an objective makes of the sum of the trees: nothing, or exp.
_PLAIN = (
    "reg:squarederror",
    "reg:absoluteerror",
    "reg:pseudohubererror",
    "reg:squaredlogerror",
    "reg:quantileerror",
)
_EXP = ("count:poisson", "reg:gamma", "reg:tweedie")


def _xgboost(model: Any, columns: Sequence[str]) -> list[str]:
    if not math.isnan(float(model.missing)):
        what = f"the {type(model).__name__} takes {model.missing} for a missing value, which the code cannot"
        raise SymcError(what, hint="Fit it with missing=nan.")
    booster = model.get_booster()
    # Where training stopped early, the trees after the best one are not those that predict.
    best = booster.attr("best_iteration")
    learner = json.loads((booster if best is None else booster[: int(best) + 1]).save_raw("json"))["learner"]
    held, objective = learner["gradient_booster"], learner["objective"]["name"]
    if held["name"] != "gbtree":
        raise _refused(model, f"uses the booster {held['name']}", "Fit it with booster='gbtree'.")
    if objective not in (*_PLAIN, *_EXP):
        raise _refused(model, f"has the objective {objective}", f"Those read are: {', '.join((*_PLAIN, *_EXP))}.")
    trees, outputs = held["model"]["trees"], held["model"]["tree_info"]
    if any(int(tree["tree_param"]["size_leaf_vector"]) > 1 for tree in trees):
        raise _refused(model, "has several outputs in each tree", "Fit it with multi_strategy='one_output_per_tree'.")
    if any(any(tree["split_type"]) for tree in trees):
        raise _refused(model, "splits by categories", "Give it numbers in their place.")
    start = np.ravel(json.loads(learner["learner_model_param"]["base_score"]))
    texts = []
    for output in range(max(int(learner["learner_model_param"]["num_target"]), 1)):
        own = [(tree, 0) for tree, of in zip(trees, outputs, strict=True) if of == output]
        centre = float(start[output % len(start)])
        if objective in _EXP:
            texts.append(f"exp{sum_of_trees(model, own, _read, columns, math.log(centre))}")
        else:
            texts.append(sum_of_trees(model, own, _read, columns, centre))
    return checked(texts, model)


def _read(node: tuple[Any, int]) -> Split | Leaf:
    tree, k = node
    left, right = tree["left_children"][k], tree["right_children"][k]
    # The limit of a leaf is its value.
    limit = float(np.float32(tree["split_conditions"][k]))
    return Leaf(limit) if left == -1 else Split(tree["split_indices"][k], "<", limit, (tree, left), (tree, right))


def _refused(model: Any, what: str, hint: str) -> SymcError:
    return SymcError(f"the {type(model).__name__} {what}, which has no closed form that symc knows", hint=hint)


XGBOOST = Family(("XGBRegressor", "XGBRFRegressor"), _xgboost, "xgboost")
