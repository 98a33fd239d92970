"""The arrays of a Dataset: checked, converted to float32, and made read-only copies."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike, NDArray

from symc.errors import SymcError


def matrix(values: NDArray, names: tuple[str, ...], kind: str) -> NDArray[np.float32]:
    array = np.asarray(values)
    if array.ndim != 2:
        raise SymcError(f"{kind}s have shape {array.shape}, need (samples, {len(names)})")
    if array.shape[1] != len(names):
        raise SymcError(f"{array.shape[1]} columns of {kind}s but {len(names)} names: {', '.join(names)}")
    if array.dtype.kind not in "fiub":
        raise SymcError(f"{kind}s are of type {array.dtype}, need real numbers")
    frozen = read_only(array, np.float32)
    bad = np.argwhere(~np.isfinite(frozen))
    if len(bad):
        row, column = bad[0]
        value = array[row, column]
        found = f"{value}" if not np.isfinite(value) else f"{value}, which overflows float32,"
        raise SymcError(
            f"{kind} {names[column]!r} is {found} in row {row} (column {column}); "
            f"{len(set(bad[:, 0].tolist()))} of {len(array)} rows are not finite",
            hint=(
                "Remove those rows." if kind == "input" else "Sample inputs for which the network's outputs are finite."
            ),
        )
    return frozen


def row_weights(weights: NDArray, train: NDArray[np.bool_]) -> NDArray[np.float32]:
    array = np.asarray(weights)
    if array.shape != train.shape or array.dtype.kind not in "fiub":
        raise SymcError(f"weights are {array.dtype}{array.shape}, need one number for each of {len(train)} rows")
    frozen = read_only(array, np.float32)
    bad = np.flatnonzero(~(np.isfinite(frozen) & (frozen >= 0.0)))
    if len(bad):
        raise SymcError(f"the weight of row {bad[0]} is {array[bad[0]]}, must be finite and not negative")
    if not frozen[train].any() or not frozen[~train].any():
        raise SymcError(
            "the weights of all rows to train on, or of all rows held out, are zero", hint="Give more rows a weight."
        )
    return frozen


def domain_box(domain: ArrayLike, features: tuple[str, ...]) -> NDArray[np.float32]:
    box = read_only(np.asarray(domain), np.float32)
    if box.shape != (len(features), 2):
        raise SymcError(f"the domain has shape {box.shape}, needs ({len(features)}, 2): lowest and highest per input")
    for name, (low, high) in zip(features, box.tolist(), strict=True):
        if not (math.isfinite(low) and math.isfinite(high) and low <= high):
            raise SymcError(f"the domain of input {name!r} is {low:g} to {high:g}", hint="Give finite lo:hi, lo <= hi.")
    return box


def read_only(array: NDArray, dtype: type) -> NDArray:
    with np.errstate(over="ignore", invalid="ignore"):
        copy: NDArray = np.array(array, dtype=dtype, order="C")
    copy.setflags(write=False)
    return copy
