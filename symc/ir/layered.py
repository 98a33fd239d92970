"""Layered: equations between two matrices, the form of a compressed block; as exact in its meaning as a Program."""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from symc.errors import SymcError
from symc.ir.program import Program, Signature, check_names

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    F32 = NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class Affine:
    """v -> weight v + bias, float32: each result starts at its bias and takes up the products in column order.

    Every product and every sum is rounded once to nearest even; nothing is fused or added in another order.
    weight: (n_out, n_in). bias: (n_out,). Both are read-only copies; SymcError when a value is not a finite float32.
    """

    weight: F32
    bias: F32

    def __post_init__(self) -> None:
        object.__setattr__(self, "weight", matrix(self.weight))
        object.__setattr__(self, "bias", matrix(np.asarray(self.bias).reshape(1, -1))[0])
        if len(self.bias) != len(self.weight):
            raise SymcError(f"a matrix of {len(self.weight)} rows has {len(self.bias)} biases", where="layered program")

    @property
    def n_in(self) -> int:
        return int(self.weight.shape[1])

    @property
    def n_out(self) -> int:
        return int(self.weight.shape[0])


@dataclass(frozen=True, eq=False)
class Layered(Signature):
    """z = project(x), h = equations(z), y = expand(h) + direct x, the last products after the others, in column order.

    inputs, outputs: names of the columns of x and y. equations: a Program from the coordinates z to the values h.
    direct: (n_out, n_in), the affine path around the equations, or None.
    """

    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    project: Affine
    equations: Program
    expand: Affine
    direct: F32 | None = None

    def __post_init__(self) -> None:
        if self.direct is not None:
            object.__setattr__(self, "direct", matrix(self.direct))

    @property
    def operators(self) -> frozenset[str]:
        """Names of the operators that occur; the matrices multiply and add."""
        return self.equations.operators | {"mul", "add"}

    @property
    def multiply_adds(self) -> int:
        """Products in the matrices, each added to a sum."""
        parts = [self.project.weight.size, self.expand.weight.size]
        return sum(parts) + (0 if self.direct is None else self.direct.size)

    @property
    def cost(self) -> int:
        """Cost of one evaluation in units of one float32 addition."""
        return 2 * self.multiply_adds + self.equations.cost

    def check(self) -> Layered:
        """Return self if the parts fit together; raise SymcError saying which do not."""
        check_names(self.inputs, self.outputs)
        self.equations.check()
        wanted = {
            "project": (self.project.weight.shape, (self.equations.n_in, self.n_in)),
            "expand": (self.expand.weight.shape, (self.n_out, self.equations.n_out)),
            "direct": ((self.n_out, self.n_in) if self.direct is None else self.direct.shape, (self.n_out, self.n_in)),
        }
        for name, (found, needed) in wanted.items():
            if found != needed:
                raise SymcError(f"matrix {name} has shape {found}, needs {needed}", where="layered program")
        return self

    def to_json(self) -> dict[str, Any]:
        """A dict of lists and text; a matrix is its shape and the base64 of its little-endian float32 values."""
        return {
            "inputs": list(self.inputs),
            "outputs": list(self.outputs),
            "project": _encode_affine(self.project),
            "equations": self.equations.to_json(),
            "expand": _encode_affine(self.expand),
            "direct": None if self.direct is None else _encode(self.direct),
        }

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Layered:
        """The inverse of to_json; raises SymcError when `data` is not a well-formed layered program."""
        try:
            found = cls(
                tuple(map(str, data["inputs"])),
                tuple(map(str, data["outputs"])),
                _decode_affine(data["project"]),
                Program.from_json(data["equations"]),
                _decode_affine(data["expand"]),
                None if data["direct"] is None else _decode(data["direct"]),
            )
        except (KeyError, TypeError, ValueError, IndexError, OverflowError) as error:
            raise SymcError(f"not a layered program: {error}", where="layered program") from None
        return found.check()

    def __str__(self) -> str:
        path = "" if self.direct is None else ", and the inputs directly"
        lines = [
            f"{self.n_in} inputs -> {self.equations.n_in} coordinates -> {self.equations.n_out} values -> "
            f"{self.n_out} outputs{path}; {self.multiply_adds} multiply-adds in matrices",
            str(self.equations),
        ]
        return "\n".join(lines)


def read(data: dict[str, Any]) -> Program | Layered:
    """What to_json of either made; raises SymcError when `data` is neither."""
    return Layered.from_json(data) if "project" in data else Program.from_json(data)


def matrix(values: ArrayLike) -> F32:
    """A read-only float32 copy (rows, columns); SymcError when it is no matrix or holds what is not finite."""
    with np.errstate(over="ignore"):
        array = np.array(values, np.float32, order="C")
    if array.ndim != 2 or not array.size:
        raise SymcError(f"a matrix has shape {array.shape}, needs (rows, columns)", where="layered program")
    if not np.isfinite(array).all():
        raise SymcError(
            "a matrix holds a value that is not a finite float32",
            where="layered program",
            hint="Rescale the inputs or the outputs of the block.",
        )
    array.setflags(write=False)
    return array


def _encode(array: F32) -> dict[str, Any]:
    return {"shape": list(array.shape), "base64": base64.b64encode(array.astype("<f4").tobytes()).decode("ascii")}


def _decode(data: dict[str, Any]) -> F32:
    rows, columns = (int(n) for n in data["shape"])
    try:
        content = base64.b64decode(str(data["base64"]), validate=True)
    except binascii.Error as error:
        raise ValueError(f"a matrix is damaged: {error}") from None
    return np.frombuffer(content, "<f4").reshape(rows, columns).astype(np.float32)


def _encode_affine(part: Affine) -> dict[str, Any]:
    return {"weight": _encode(part.weight), "bias": _encode(part.bias.reshape(1, -1))}


def _decode_affine(data: dict[str, Any]) -> Affine:
    return Affine(_decode(data["weight"]), _decode(data["bias"])[0])
