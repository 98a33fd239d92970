"""Dataset: what flowed through a block, split for training and held out, with the box it covers."""

from __future__ import annotations

import hashlib
import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike, NDArray

from symc.capture.arrays import domain_box, matrix, read_only, row_weights
from symc.capture.inputs import count
from symc.capture.logits import Logits
from symc.capture.names import check_names, default_names, identifiers, own_names
from symc.capture.split import check_seed, split, split_off
from symc.capture.variables import Variables
from symc.errors import SymcError
from symc.ir.classes import agreeing, are_classes
from symc.tables import labels

_FEWEST = 16
_LARGEST = float(np.finfo(np.float32).max)


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
    weights: (n,) float32, not negative, how much each row counts in fits and in losses; None: all the same.
    definitions: (name, expression over the features) of the variables that equations are made of; none: the features.
    seen: rows that went through the block, where the samples were drawn from more; else 0.
    nonfinite: rows that were left out because a value was NaN or infinite.
    logits: the head that the block ends in and what goes into it, which equations are then made of; None: no head.
    input_names, output_names: the columns' own names, where these are not all identifiers; else ().

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
    weights: NDArray[np.float32] | None = None
    definitions: tuple[tuple[str, str], ...] = ()
    seen: int = 0
    nonfinite: int = 0
    logits: Logits | None = None
    input_names: tuple[str, ...] = ()
    output_names: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        object.__setattr__(self, "features", check_names(self.features, "input"))
        object.__setattr__(self, "outputs", check_names(self.outputs, "output"))
        for own, names in ((self.input_names, self.features), (self.output_names, self.outputs)):
            if own and len(own) != len(names):
                raise SymcError(f"{len(own)} own names are given for {len(names)} columns")
        object.__setattr__(self, "seed", check_seed(self.seed))
        object.__setattr__(self, "x", matrix(self.x, self.features, "input"))
        object.__setattr__(self, "y", matrix(self.y, self.outputs, "output"))
        object.__setattr__(self, "train", read_only(np.asarray(self.train), np.bool_))
        object.__setattr__(self, "domain", domain_box(self.domain, self.features))
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
        if self.logits is not None:
            object.__setattr__(self, "logits", self.logits.checked(n, self.outputs))
        if self.weights is not None:
            object.__setattr__(self, "weights", row_weights(self.weights, self.train))
        outside = np.argwhere((self.x < self.domain[:, 0]) | (self.x > self.domain[:, 1]))
        if len(outside):
            row, column = outside[0]
            low, high = self.domain[column]
            raise SymcError(
                f"input {(self.input_names or self.features)[column]!r} is {self.x[row, column]:g} in row {row}, "
                f"outside its domain {low:g} to {high:g}",
                hint="Widen the domain, or leave it out: it is then the box that the samples span.",
            )
        self._check_variables()

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
        fit_rows: int | None = None,
        weights: ArrayLike | None = None,
        variable_transforms: Mapping[str, str] | None = None,
        seen: int = 0,
        nonfinite: int = 0,
        logits: Logits | None = None,
    ) -> Dataset:
        """Split samples x (n, n_in) and y (n, n_out) by seed; names default to x0.. and y0.., domain to their box.

        A name may be any text: equations use an identifier made of it (symc.capture.names).
        With `fit_rows` that many rows are fitted and all others held out, whatever `heldout` says.
        """
        inputs, targets = np.asarray(x), np.asarray(y)
        for name, array in (("inputs", inputs), ("outputs", targets)):
            if array.ndim != 2:
                raise SymcError(f"{name} have shape {array.shape}, need (samples, columns)")
        own_in = default_names("x", inputs.shape[1]) if features is None else features
        own_out = default_names("y", targets.shape[1]) if outputs is None else outputs
        features, outputs = identifiers(own_in, "input"), identifiers(own_out, "output")
        inputs = matrix(inputs, tuple(own_in), "input")
        targets = matrix(targets, tuple(own_out), "output")
        if len(inputs) < fewest_samples(inputs.shape[1]):
            raise SymcError(
                f"{len(inputs)} samples are too few: {fewest_samples(inputs.shape[1])} are needed for "
                f"{inputs.shape[1]} inputs",
                hint="Pass more sample inputs, or sample a domain.",
            )
        box = np.stack([inputs.min(axis=0), inputs.max(axis=0)], axis=1) if domain is None else domain
        n = len(inputs)
        train = split(n, heldout, seed) if fit_rows is None else split_off(n, fit_rows, seed)
        return cls(
            inputs,
            targets,
            train,
            features,
            outputs,
            np.asarray(box),
            seed,
            None if weights is None else np.asarray(weights),
            Variables.of(features, variable_transforms).definitions,
            seen,
            nonfinite,
            logits,
            own_names(own_in, features),
            own_names(own_out, outputs),
        )

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
    def targets(self) -> NDArray[np.float32]:
        """What equations are made for, (n, n_out): the logits where the block ends in a head, else the outputs."""
        return self.y if self.logits is None else self.logits.values

    @property
    def constant_outputs(self) -> tuple[str, ...]:
        """Names of the outputs whose target is one value in every sample."""
        still = (self.targets == self.targets[0]).all(axis=0)
        return tuple(name for name, flat in zip(self.outputs, still, strict=True) if flat)

    def losses(self, column: int, values: NDArray[np.float32]) -> tuple[float, float]:
        """Mean squared error (weighted, where rows are) of values (n,) of one target: training rows, rows held out.

        Where there is a head, it is the error of the output that it makes of them.
        """
        if self.logits is not None:
            values = self.logits.output(column, values)
        errors = (values.astype(np.float64) - self.y[:, column].astype(np.float64)) ** 2
        if self.weights is None:
            return float(errors[self.train].mean()), float(errors[~self.train].mean())
        weights = self.weights.astype(np.float64)
        train, held = (float(np.average(errors[rows], weights=weights[rows])) for rows in (self.train, ~self.train))
        return train, held

    def agreement(self, column: int, values: NDArray[np.float32]) -> float | None:
        """Share of the rows held out on which values (n,), as one output's logit, leave the network's class as it is.

        None unless the head is a classifier's. The other logits are those that were recorded.
        """
        if self.logits is None or not are_classes(self.logits.head.name):
            return None
        recorded = self.logits.values[~self.train]
        if not self.logits.head.kind.joint:
            return float(np.mean((values[~self.train] > 0.0) == (recorded[:, column] > 0.0)))
        changed = recorded.copy()
        changed[:, column] = values[~self.train]
        return float(np.mean(agreeing(changed, recorded)))

    @cached_property
    def variables(self) -> Variables:
        """What equations about these samples are written in."""
        return Variables(self.features, self.definitions)

    @cached_property
    def sha256(self) -> str:
        """Hash of names, shapes, values, split, domain, seed, weights and definitions; the same on every machine."""
        digest = hashlib.sha256(b"symc dataset 1\0")
        digest.update(("\0".join(self.features) + "\1" + "\0".join(self.outputs)).encode())
        digest.update(struct.pack("<qqqq", self.n, self.n_in, self.n_out, self.seed))
        for array in (self.x, self.y, self.domain):
            digest.update(np.ascontiguousarray(array, dtype="<f4").tobytes())
        digest.update(self.train.astype(np.uint8).tobytes())
        if self.weights is not None:
            digest.update(b"weights" + np.ascontiguousarray(self.weights, dtype="<f4").tobytes())
        if self.logits is not None:
            digest.update(f"head{self.logits.head}\0".encode())
            digest.update(np.ascontiguousarray(self.logits.values, dtype="<f4").tobytes())
        for name, text in self.definitions:
            digest.update(f"\2{name}\0{text}".encode())
        if self.input_names or self.output_names:
            digest.update(("\3" + "\0".join(self.input_names) + "\1" + "\0".join(self.output_names)).encode())
        return digest.hexdigest()

    def __eq__(self, other: object) -> bool:
        return self.sha256 == other.sha256 if isinstance(other, Dataset) else NotImplemented

    def __hash__(self) -> int:
        return hash(self.sha256)

    def __reduce__(self) -> tuple[object, ...]:
        # Through the constructor: numpy would bring copies of the arrays back writable.
        return Dataset, tuple(getattr(self, field.name) for field in fields(self))

    def __str__(self) -> str:
        held = self.n - int(self.train.sum())
        weighted = ", weighted" if self.weights is not None else ""
        head = f"{self.n} samples ({held} held out, seed {self.seed}{weighted})"
        lines = [f"{head}, {count(self.n_in, 'input')}, {count(self.n_out, 'output')}"]
        if self.seen:
            lines.append(f"  drawn from {self.seen} rows")
        if self.nonfinite:
            lines.append(f"  {self.nonfinite} rows left out, not finite")
        names, results = labels(self.features, self.input_names), labels(self.outputs, self.output_names)
        width = max(map(len, names + results))
        lines += [
            f"  in  {name:<{width}}  {low:.6g} to {high:.6g}"
            for name, (low, high) in zip(names, self.domain.tolist(), strict=True)
        ]
        lines += [f"  var {name:<{width}}  = {text}" for name, text in self.definitions]
        spread = zip(self.y.min(axis=0).tolist(), self.y.max(axis=0).tolist(), strict=True)
        lines += [
            f"  out {name:<{width}}  {low:.6g} to {high:.6g}"
            for name, (low, high) in zip(results, spread, strict=True)
        ]
        if self.logits is not None:
            lines.append(f"  head {self.logits.head}, behind the equations; losses are those of its outputs")
        return "\n".join(lines)

    def _check_variables(self) -> None:
        """Raise SymcError where a variable is not finite on a sample."""
        if not self.definitions:
            return
        values = self.variables.values(self.x)
        bad = np.argwhere(~(np.abs(values) < _LARGEST))
        if len(bad):
            row, column = bad[0]
            name, text = self.definitions[column]
            raise SymcError(
                f"variable {name!r} = {text} is {values[row, column]:g} in row {row}",
                hint="Define it so that it is finite on every sample, such as 1/(0.01 + r) for 1/r.",
            )

    def __repr__(self) -> str:
        return f"Dataset({self.n} samples, {self.n_in} -> {self.n_out}, sha256 {self.sha256[:12]})"


def fewest_samples(n_in: int) -> int:
    """The smallest number of samples of n_in inputs that can be fitted, judged and compared with an affine map."""
    return max(_FEWEST, 2 * (n_in + 1))
