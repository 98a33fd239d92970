"""Trees of boosting libraries as nested ifelse, with the sizes that are compiled."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from symc.errors import SymcError
from symc.sources.estimators.family import LONGEST, checked, finite, too_large, weighted_sum
from symc.sources.scaling import number_text

# Brackets within brackets that all who read equations take.
DEEPEST = 50


class Leaf(NamedTuple):
    value: float


class Split(NamedTuple):
    """The comparison `column relation limit`, a float32, and the nodes where it holds and where it does not."""

    column: int
    relation: str
    limit: float
    holds: Any
    fails: Any


def sum_of_trees(
    model: Any, trees: Sequence[Any], read: Callable[[Any], Split | Leaf], columns: Sequence[str], start: float
) -> str:
    """start + the trees, whose roots and nodes `read` opens. SymcError for trees too large or too deep to compile."""
    texts: list[str] = []
    for tree in trees:
        texts.append(_branch(model, tree, read, columns, 0))
        if sum(map(len, texts)) > LONGEST:
            raise too_large(model, f"{len(trees)} trees of more than {LONGEST:,} characters")
    return checked([weighted_sum([1.0] * len(texts), texts, start)], model)[0]


def _branch(model: Any, node: Any, read: Callable[[Any], Split | Leaf], columns: Sequence[str], depth: int) -> str:
    if depth > DEEPEST:
        what = f"the {type(model).__name__} is more than {DEEPEST} decisions deep, which is the most that is compiled"
        raise SymcError(what, hint="Fit it with max_depth.")
    found = read(node)
    if isinstance(found, Leaf):
        return number_text(finite(found.value))
    branches = (_branch(model, child, read, columns, depth + 1) for child in (found.holds, found.fails))
    return f"ifelse({columns[found.column]} {found.relation} {number_text(found.limit)}, {', '.join(branches)})"
