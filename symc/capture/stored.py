"""A Dataset in a file of torch.save: its arrays as tensors, what is said of it as text."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from symc.capture.dataset import Dataset
from symc.capture.logits import Logits
from symc.ir.heads import Head

if TYPE_CHECKING:
    import torch

_ARRAYS = ("x", "y", "train", "domain", "weights")


def tensors_of(dataset: Dataset) -> dict[str, torch.Tensor]:
    """Name -> a tensor of its own for every array that the dataset has."""
    import torch

    arrays = {name: getattr(dataset, name) for name in _ARRAYS}
    if dataset.logits is not None:
        arrays["logits"] = dataset.logits.values
    return {name: torch.from_numpy(array.copy()) for name, array in arrays.items() if array is not None}


def dataset_of(
    data: Mapping[str, Any],
    features: Sequence[str],
    outputs: Sequence[str],
    seed: int,
    *,
    head: Head | None = None,
    **more: Any,
) -> Dataset:
    """The dataset whose tensors, or numpy arrays, are in `data`; `more` are fields of Dataset that have a default.

    `head` is the one that the logits in `data` go into; None: there are none.

    Raises KeyError or AttributeError where a tensor is missing or is none, SymcError as Dataset does.
    """
    arrays: dict[str, Any] = {
        name: _array(data[name]) for name in _ARRAYS if name in data or name != "weights"
    }
    if head is not None:
        arrays["logits"] = Logits(head, _array(data["logits"]))
    return Dataset(**arrays, features=tuple(features), outputs=tuple(outputs), seed=seed, **more)


def _array(values: Any) -> np.ndarray:
    return values if isinstance(values, np.ndarray) else np.asarray(values.cpu().numpy())
