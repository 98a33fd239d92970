"""Trees, forests and boosted trees: nested ifelse, which decide exactly as scikit-learn does.

scikit-learn rounds the inputs to float32 and compares them with float64 thresholds. A float32 x is at most t where it
is at most the largest float32 that is not above t, and that is the number in the equation.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from symc.errors import SymcError
from symc.sources.estimators.family import LONGEST, Family, at_most, checked, too_large, weighted_sum
from symc.sources.estimators.nodes import DEEPEST
from symc.sources.scaling import number_text

# A node takes more characters than this.
_NODE = 10


def _tree(model: Any, columns: Sequence[str]) -> list[str]:
    tree = model.tree_
    if tree.max_depth > DEEPEST:
        name = type(model).__name__
        what = f"the {name} is {tree.max_depth} decisions deep, and {DEEPEST} are compiled at most"
        raise SymcError(what, hint=f"Fit it with max_depth={DEEPEST} or less.")
    if tree.node_count * _NODE * tree.value.shape[1] > LONGEST:
        raise too_large(model, f"{tree.node_count:,} nodes")
    return checked([_branch(tree, 0, output, columns) for output in range(tree.value.shape[1])], model)


def _branch(tree: Any, node: int, output: int, columns: Sequence[str]) -> str:
    left, right = tree.children_left[node], tree.children_right[node]
    if left == right:
        return number_text(float(tree.value[node, output, 0]))
    column, limit = columns[tree.feature[node]], number_text(at_most(float(tree.threshold[node])))
    branches = (_branch(tree, child, output, columns) for child in (left, right))
    return f"ifelse({column} <= {limit}, {', '.join(branches)})"


def _forest(model: Any, columns: Sequence[str]) -> list[str]:
    trees = _all(model, model.estimators_, columns)
    weights = np.full(len(trees), 1.0 / len(trees))
    return [weighted_sum(weights, outputs) for outputs in zip(*trees, strict=True)]


def _boosting(model: Any, columns: Sequence[str]) -> list[str]:
    start = 0.0 if isinstance(model.init_, str) or model.init == "zero" else float(np.ravel(model.init_.constant_)[0])
    trees = [texts[0] for texts in _all(model, list(model.estimators_.ravel()), columns)]
    return [weighted_sum(np.full(len(trees), model.learning_rate), trees, start)]


def _all(model: Any, trees: Sequence[Any], columns: Sequence[str]) -> list[list[str]]:
    nodes = sum(tree.tree_.node_count for tree in trees)
    if nodes * _NODE > LONGEST:
        raise too_large(model, f"{len(trees)} trees with {nodes:,} nodes")
    found = [_tree(tree, columns) for tree in trees]
    checked([text for texts in found for text in texts], model)
    return found


TREES = Family(("DecisionTreeRegressor", "ExtraTreeRegressor"), _tree)
FORESTS = Family(("ExtraTreesRegressor", "RandomForestRegressor"), _forest)
BOOSTING = Family(("GradientBoostingRegressor",), _boosting)
