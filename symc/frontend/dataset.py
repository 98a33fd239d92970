"""Dataset: what flowed through a block, split for training and held out, with the box it covers."""

from __future__ import annotations

import hashlib
import math
import re
import struct
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike, NDArray

from symc.errors import SymcError

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*\Z")
_FEWEST = 16
_SPLIT = 0x73706C6974


@dataclass(frozen=True, eq=False)
class Dataset:
    """Samples of a function from n_in inputs to n_out outputs; the arrays are read-only copies.

    Attributes
    ----------
    x: (n, n_in) float32, finite.
    y: (n, n_out) float32, finite.
    train: (n,) bool, True for rows that a search may fit; the others are held out to judge it.
    features: names of the inputs.
    outputs: names of the outputs.
    domain: (n_in, 2) float32, lowest and highest validated value of each input; every sample lies inside.
    seed: what the split was drawn with.

    Raises SymcError when the arrays do not fit together, hold NaN or an infinity, are too few, lie outside the
    domain, or when a name is no identifier or occurs twice.
    """

    x: NDArray[np.float32]
    y: NDArray[np.float32]
    train: NDArray[np.bool_]
    features: tuple[str, ...]
    outputs: tuple[str, ...]
    domain: NDArray[np.float32]
    seed: int = 0

    def __post_init__(self) -> None:
        object.__setattr__(self, "features", check_names(self.features, "input"))
        object.__setattr__(self, "outputs", check_names(self.outputs, "output"))
        object.__setattr__(self, "seed", check_seed(self.seed))
        object.__setattr__(self, "x", _matrix(self.x, self.features, "input"))
        object.__setattr__(self, "y", _matrix(self.y, self.outputs, "output"))
        object.__setattr__(self, "train", _frozen(np.asarray(self.train), np.bool_))
        object.__setattr__(self, "domain", _box(self.domain, self.features))
        n = len(self.x)
        if len(self.y) != n:
            raise SymcError(f"{n} rows of inputs but {len(self.y)} rows of outputs")
        if n < fewest_samples(self.n_in):
            raise SymcError(
                f"{n} samples are too few: {fewest_samples(self.n_in)} are needed for {self.n_in} inputs",
                hint="Pass more sample inputs, or sample a domain.",
            )
        if self.train.shape != (n,):
            raise SymcError(f"the split has shape {self.train.shape}, needs ({n},)")
        if self.train.all() or not self.train.any():
            raise SymcError("the split leaves no rows to train on or none to hold out", hint="Set heldout near 0.2.")
        outside = np.argwhere((self.x < self.domain[:, 0]) | (self.x > self.domain[:, 1]))
        if len(outside):
            row, column = outside[0]
            low, high = self.domain[column]
            raise SymcError(
                f"input {self.features[column]!r} is {self.x[row, column]:g} in row {row}, "
                f"outside its domain {low:g} to {high:g}",
                hint="Widen the domain, or leave it out: it is then the box that the samples span.",
            )

    @classmethod
    def from_samples(
        cls,
        x: ArrayLike,
        y: ArrayLike,
        *,
        features: Sequence[str] | None = None,
        outputs: Sequence[str] | None = None,
        heldout: float = 0.2,
        seed: int = 0,
        domain: ArrayLike | None = None,
    ) -> Dataset:
        """Split samples x (n, n_in) and y (n, n_out) by seed; names default to x0.. and y0.., domain to their box."""
        inputs, targets = np.asarray(x), np.asarray(y)
        for name, array in (("inputs", inputs), ("outputs", targets)):
            if array.ndim != 2:
                raise SymcError(f"{name} have shape {array.shape}, need (samples, columns)")
        features = check_names(default_names("x", inputs.shape[1]) if features is None else features, "input")
        outputs = check_names(default_names("y", targets.shape[1]) if outputs is None else outputs, "output")
        inputs = _matrix(inputs, features, "input")
        if len(inputs) < fewest_samples(inputs.shape[1]):
            raise SymcError(
                f"{len(inputs)} samples are too few: {fewest_samples(inputs.shape[1])} are needed for "
                f"{inputs.shape[1]} inputs",
                hint="Pass more sample inputs, or sample a domain.",
            )
        box = np.stack([inputs.min(axis=0), inputs.max(axis=0)], axis=1) if domain is None else domain
        return cls(inputs, targets, split(len(inputs), heldout, seed), features, outputs, np.asarray(box), seed)

    @property
    def n(self) -> int:
        return len(self.x)

    @property
    def n_in(self) -> int:
        return len(self.features)

    @property
    def n_out(self) -> int:
        return len(self.outputs)

    @property
    def constant_outputs(self) -> tuple[str, ...]:
        """Names of the outputs that hold one value in every sample."""
        still = (self.y == self.y[0]).all(axis=0)
        return tuple(name for name, flat in zip(self.outputs, still, strict=True) if flat)

    @cached_property
    def sha256(self) -> str:
        """Hash of names, shapes, values, split, domain and seed; the same on every machine."""
        digest = hashlib.sha256(b"symc dataset 1\0")
        digest.update(("\0".join(self.features) + "\1" + "\0".join(self.outputs)).encode())
        digest.update(struct.pack("<qqqq", self.n, self.n_in, self.n_out, self.seed))
        for array in (self.x, self.y, self.domain):
            digest.update(np.ascontiguousarray(array, dtype="<f4").tobytes())
        digest.update(self.train.astype(np.uint8).tobytes())
        return digest.hexdigest()

    def __eq__(self, other: object) -> bool:
        return self.sha256 == other.sha256 if isinstance(other, Dataset) else NotImplemented

    def __hash__(self) -> int:
        return hash(self.sha256)

    def __reduce__(self) -> tuple[object, ...]:
        # Through the constructor: numpy would bring copies of the arrays back writable.
        fields = (self.x, self.y, self.train, self.features, self.outputs, self.domain, self.seed)
        return Dataset, fields

    def __str__(self) -> str:
        held = self.n - int(self.train.sum())
        lines = [f"{self.n} samples ({held} held out, seed {self.seed}), {self.n_in} inputs, {self.n_out} outputs"]
        width = max(map(len, self.features + self.outputs))
        lines += [
            f"  in  {name:<{width}}  {low:.6g} to {high:.6g}"
            for name, (low, high) in zip(self.features, self.domain.tolist(), strict=True)
        ]
        spread = zip(self.y.min(axis=0).tolist(), self.y.max(axis=0).tolist(), strict=True)
        lines += [
            f"  out {name:<{width}}  {low:.6g} to {high:.6g}"
            for name, (low, high) in zip(self.outputs, spread, strict=True)
        ]
        return "\n".join(lines)

    def __repr__(self) -> str:
        return f"Dataset({self.n} samples, {self.n_in} -> {self.n_out}, sha256 {self.sha256[:12]})"


def split(n: int, heldout: float, seed: int) -> NDArray[np.bool_]:
    """(n,) bool, True for training rows; round(n * heldout) rows, at least one, are held out, drawn by seed.

    The rows are ranked by PCG64's raw output, whose stream numpy guarantees, so a split never moves between versions.
    """
    if not (isinstance(heldout, (int, float)) and math.isfinite(heldout) and 0.0 < heldout < 1.0):
        raise SymcError(f"heldout is {heldout!r}, must lie between 0 and 1", hint="0.2 holds out a fifth of the rows.")
    if n < 2:
        raise SymcError(f"{n} rows cannot be split into rows to train on and rows to hold out")
    # A stream of its own: inputs drawn with default_rng(seed) come from PCG64(seed), and would be split by their value.
    stream = np.random.PCG64(np.random.SeedSequence([check_seed(seed), _SPLIT]))
    order = np.argsort(stream.random_raw(n), kind="stable")
    train = np.ones(n, dtype=np.bool_)
    train[order[: min(max(round(n * heldout), 1), n - 1)]] = False
    return train


def fewest_samples(n_in: int) -> int:
    """The smallest number of samples of n_in inputs that can be fitted, judged and compared with an affine map."""
    return max(_FEWEST, 2 * (n_in + 1))


def default_names(prefix: str, count: int) -> tuple[str, ...]:
    """prefix0, prefix1, ..."""
    return tuple(f"{prefix}{k}" for k in range(count))


def check_names(names: Sequence[str], kind: str) -> tuple[str, ...]:
    """Return names as a tuple; raise SymcError unless each is an identifier and unique."""
    if isinstance(names, str):
        raise SymcError(f"{kind} names are one text {names!r}", hint='Pass a list such as ["a", "b"].')
    names = tuple(names)
    if not names:
        raise SymcError(f"there are no {kind}s")
    for name in names:
        if not isinstance(name, str) or not _NAME.match(name):
            raise SymcError(f"{kind} name {name!r} is not an identifier", hint="Use letters, digits and _.")
    if len(set(names)) != len(names):
        twice = next(name for name in names if names.count(name) > 1)
        raise SymcError(f"two {kind}s are called {twice!r}", hint=f"Give every {kind} its own name.")
    return names


def check_seed(seed: int) -> int:
    """Return seed as an int; raise SymcError unless it is a whole number from 0 to 2^32 - 1."""
    if isinstance(seed, bool) or not isinstance(seed, (int, np.integer)) or not 0 <= int(seed) < 2**32:
        raise SymcError(f"seed is {seed!r}, must be a whole number from 0 to 4294967295")
    return int(seed)


def _matrix(values: NDArray, names: tuple[str, ...], kind: str) -> NDArray[np.float32]:
    array = np.asarray(values)
    if array.ndim != 2:
        raise SymcError(f"{kind}s have shape {array.shape}, need (samples, {len(names)})")
    if array.shape[1] != len(names):
        raise SymcError(f"{array.shape[1]} columns of {kind}s but {len(names)} names: {', '.join(names)}")
    if array.dtype.kind not in "fiub":
        raise SymcError(f"{kind}s are of type {array.dtype}, need real numbers")
    frozen = _frozen(array, np.float32)
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


def _box(domain: ArrayLike, features: tuple[str, ...]) -> NDArray[np.float32]:
    box = _frozen(np.asarray(domain), np.float32)
    if box.shape != (len(features), 2):
        raise SymcError(f"the domain has shape {box.shape}, needs ({len(features)}, 2): lowest and highest per input")
    for name, (low, high) in zip(features, box.tolist(), strict=True):
        if not (math.isfinite(low) and math.isfinite(high) and low <= high):
            raise SymcError(f"the domain of input {name!r} is {low:g} to {high:g}", hint="Give finite lo:hi, lo <= hi.")
    return box


def _frozen(array: NDArray, dtype: type) -> NDArray:
    with np.errstate(over="ignore", invalid="ignore"):
        copy: NDArray = np.array(array, dtype=dtype, order="C")
    copy.setflags(write=False)
    return copy
