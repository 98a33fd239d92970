"""What a family of estimators is, and the text that all of them are made of."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from symc.errors import SymcError
from symc.sources.scaling import number_text

# Characters of all equations: about what compiles in a minute.
LONGEST = 60_000


class Family(NamedTuple):
    """Classes of `library`, by name, and what makes a fitted one's outputs of the texts of its columns.

    `texts(model, columns)` gives one text per output. Every text, given or made, is an operand: a name, a number, or in
    brackets. SymcError for settings that have no closed form.
    """

    classes: tuple[str, ...]
    texts: Callable[[Any, Sequence[str]], list[str]]
    library: str = "sklearn"


def weighted_sum(weights: Any, columns: Sequence[str], constant: float = 0.0) -> str:
    """constant + sum of weights[k] * columns[k], without what is multiplied by 0."""
    terms = []
    for weight, column in zip(dense(weights).tolist(), columns, strict=True):
        if finite(weight) != 0.0:
            terms.append(column if weight == 1.0 else f"{number_text(weight)}*{column}")
    if finite(constant) != 0.0 or not terms:
        terms.append(number_text(constant))
    return operand(" + ".join(terms))


def dense(values: Any) -> NDArray[np.float64]:
    """The values as float64, also of a sparse matrix."""
    return np.asarray(values.toarray() if hasattr(values, "toarray") else values, dtype=np.float64)


def operand(text: str) -> str:
    return f"({text})"


def at_most(threshold: float) -> float:
    """The largest float32 that is not above the threshold."""
    nearest = np.float32(threshold)
    return float(nearest if float(nearest) <= threshold else np.nextafter(nearest, np.float32(-np.inf)))


def finite(value: float) -> float:
    """The value; SymcError for NaN and for infinity."""
    if not math.isfinite(value):
        raise SymcError(f"the estimator holds the number {value}", hint="Fit it again: it has no prediction.")
    return value


def checked(texts: list[str], model: Any) -> list[str]:
    """The texts; SymcError where they are too long to be compiled."""
    length = sum(map(len, texts))
    if length > LONGEST:
        raise too_large(model, f"{length:,} characters")
    return texts


def too_large(model: Any, size: str) -> SymcError:
    name = type(model).__name__
    return SymcError(
        f"the {name} is {size} of equations, and {LONGEST:,} characters are compiled at most",
        hint="Fit a smaller one (fewer or shallower trees, fewer support vectors or units), or distil it: " + DISTIL,
    )


DISTIL = (
    "symc.wrap(lambda x: torch.from_numpy(model.predict(x.numpy()).reshape(len(x), -1))), "
    "then .distill(domain=...)."
)
