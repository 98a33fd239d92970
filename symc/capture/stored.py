"""A Dataset in a file of torch.save: its arrays as tensors, what is said of it as text."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import torch

from symc.capture.dataset import Dataset
from symc.capture.logits import Logits
from symc.ir.heads import Head

_ARRAYS = ("x", "y", "train", "domain", "weights")


def tensors_of(dataset: Dataset) -> dict[str, torch.Tensor]:
    """Name -> a tensor of its own for every array that the dataset has."""
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
    """The dataset whose tensors are in `data`; `more` are fields of Dataset that have a default.

    `head` is the one that the logits in `data` go into; None: there are none.

    Raises KeyError or AttributeError where a tensor is missing or is none, SymcError as Dataset does.
    """
    arrays: dict[str, Any] = {
        name: np.asarray(data[name].cpu().numpy()) for name in _ARRAYS if name in data or name != "weights"
    }
    if head is not None:
        arrays["logits"] = Logits(head, data["logits"].cpu().numpy())
    return Dataset(**arrays, features=tuple(features), outputs=tuple(outputs), seed=seed, **more)
