"""What a bundle has beside its Jacobian: functions for derivatives along directions and for second derivatives."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from symc.backends.listing import Column, Listing, Printer, listing
from symc.backends.names import local_names
from symc.backends.unit import F32, Unit
from symc.backends.view import equations
from symc.errors import SymcError
from symc.ir.along import Along, along
from symc.ir.directional import DIRECTIONAL
from symc.ir.layered import Layered
from symc.ir.program import Program

JACOBIAN = "jacobian"
# What --derivatives may name, in the order in which code is generated.
DERIVATIVES = (JACOBIAN, *DIRECTIONAL)
# Of a compressed block: its matrices make tables of all derivatives too large to be of use.
OF_LAYERED = ("vjp", "jvp")


@dataclass(frozen=True)
class Array:
    """An argument of a function: `n` values a row, the product of the macros that end with `sizes`."""

    name: str
    sizes: tuple[str, ...]
    n: int


@dataclass(frozen=True)
class Place:
    """Value number `index` of a row of `array`."""

    array: Array
    index: int


@dataclass(frozen=True)
class Arrays:
    """The columns of a program, shared out to the arrays that hold them, in order."""

    arrays: tuple[Array, ...]

    def at(self, column: int) -> Place:
        for array in self.arrays:
            if column < array.n:
                return Place(array, column)
            column -= array.n
        raise IndexError(column)

    def unused(self, columns: Sequence[Column]) -> tuple[Array, ...]:
        """The arrays of which `columns` hold nothing."""
        read = {self.at(column.index).array for column in columns}
        return tuple(array for array in self.arrays if array not in read)


@dataclass(frozen=True)
class Derived:
    """The functions NAME_<kind> of one row and NAME_<kind>_batch of many.

    exact: what the oracle says of them. given: x, and the direction where there is one. results: y where the values are
    results, then the derivatives. inner_given, inner_results: the same of `straight`, the part without matrices; the
    whole where there are none.
    """

    exact: Along
    given: Arrays
    results: Arrays
    inner_given: Arrays
    inner_results: Arrays
    meaning: str
    outputs: tuple[str, ...]

    @property
    def kind(self) -> str:
        return self.exact.kind

    @property
    def straight(self) -> Program:
        return self.exact.straight

    @property
    def is_layered(self) -> bool:
        return isinstance(self.exact.program, Layered)

    @property
    def along(self) -> Array | None:
        """The direction."""
        return self.given.arrays[1] if len(self.given.arrays) > 1 else None

    @property
    def derivatives(self) -> Array:
        return self.results.arrays[-1]

    @property
    def n_along(self) -> int:
        """Values of a direction."""
        return self.exact.n_along

    @property
    def n_values(self) -> int:
        """Values of the equations among the results of a row."""
        return self.exact.n_values

    @property
    def has_values(self) -> bool:
        """Whether the values of the equations are results too."""
        return len(self.results.arrays) > 1

    @property
    def width(self) -> int:
        """Results of a row."""
        return self.n_values + self.derivatives.n

    def values(self, x: F32, direction: F32) -> F32:
        """(n, width) by the oracle, at x (n, n_in) along the first values of direction (n, ...)."""
        return self.exact.values(x, direction)


def derived(program: Program | Layered, kinds: Sequence[str]) -> tuple[Derived, ...]:
    """The functions of `kinds` but the Jacobian."""
    return tuple(_derived(along(program, kind)) for kind in kinds if kind != JACOBIAN)


_MEANINGS = {
    "vjp": "gx[i] is the sum over all outputs o of v[o] times the derivative of output o by input i",
    "jvp": "ty[o] is the sum over all inputs i of t[i] times the derivative of output o by input i",
    "hessian": "h[(o * n + i) * n + k], with n inputs, is the second derivative of output o by inputs i and k",
}


def _derived(of: Along) -> Derived:
    program, straight = of.program, of.straight
    x, y = Array("x", ("N_IN",), program.n_in), Array("y", ("N_OUT",), program.n_out)
    given: tuple[Array, ...]
    results: tuple[Array, ...]
    if of.kind == "vjp":
        given, results = (x, Array("v", y.sizes, y.n)), (y, Array("gx", x.sizes, x.n))
    elif of.kind == "jvp":
        given, results = (x, Array("t", x.sizes, x.n)), (y, Array("ty", y.sizes, y.n))
    else:
        given, results = (x,), (Array("h", ("N_OUT", "N_IN", "N_IN"), of.n_results),)
    inner_given, inner_results = given, results
    outputs = straight.outputs
    if isinstance(program, Layered):
        n_z, n_h = program.equations.n_in, program.equations.n_out
        z, h = Array("z", ("N_Z",), n_z), Array("h", ("N_H",), n_h)
        if of.kind == "vjp":
            inner_given, inner_results = (z, Array("gh", h.sizes, n_h)), (h, Array("gz", z.sizes, n_z))
        else:
            inner_given, inner_results = (z, Array("tz", z.sizes, n_z)), (h, Array("th", h.sizes, n_h))
        letter = results[-1].name
        outputs = (*program.outputs, *(f"{letter}[{k}]" for k in range(of.n_results)))
    meaning = _MEANINGS[of.kind]
    return Derived(
        of, Arrays(given), Arrays(results), Arrays(inner_given), Arrays(inner_results), meaning, tuple(outputs)
    )


def read_derivatives(asked: str | Sequence[str]) -> tuple[str, ...]:
    """The kinds named by texts such as "vjp,jvp", each once, in table order; SymcError for one there is not."""
    texts = [asked] if isinstance(asked, str) else list(asked)
    names = {part.strip() for text in texts for part in str(text).split(",") if part.strip()}
    unknown = sorted(names.difference(DERIVATIVES))
    if unknown:
        hint = f"They are {', '.join(DERIVATIVES)}."
        raise SymcError(f"there are no derivatives {unknown[0]!r}", where="--derivatives", hint=hint)
    return tuple(kind for kind in DERIVATIVES if kind in names)


def check_derivatives(kinds: Sequence[str], program: Program | Layered) -> None:
    """Raise SymcError for those of a compressed block that no target computes."""
    absent = [kind for kind in kinds if kind not in OF_LAYERED]
    if absent and isinstance(program, Layered):
        n_in, n_out = program.n_in, program.n_out
        number = n_in * n_out if absent[0] == JACOBIAN else n_in * n_in * n_out
        raise SymcError(
            f"a compressed block has no {absent[0]} in its code: it would be {number} values a row",
            where="--derivatives",
            hint=f"Ask for {' or '.join(OF_LAYERED)}, which give it along a direction.",
        )


def body(unit: Unit, of: Derived, printer: Printer) -> Listing:
    """The part without matrices, printed for one row."""
    return listing(of.straight, printer, locals_of(unit, of), titles_of(unit, of))


def locals_of(unit: Unit, of: Derived) -> tuple[str, ...]:
    """Local variables for the inputs; none is called as an argument of the functions, or as what they keep."""
    taken = ("v", "gx", "t", "ty", "z", "h", "gh", "gz", "tz", "th", "columns", "values", "results")
    return local_names(of.straight.inputs, taken=taken, model=unit.name)


def titles_of(unit: Unit, of: Derived) -> tuple[str, ...]:
    """One title per output of the part without matrices."""
    program = unit.program.equations if isinstance(unit.program, Layered) else unit.program
    inputs, outputs = program.inputs, program.outputs
    if of.kind == "hessian":
        return tuple(f"d2 {o} / d {i} d {k}" for o in outputs for i in inputs for k in inputs)
    direction = of.inner_given.arrays[1].name
    if of.kind == "vjp":
        return (*equations(unit), *(f"d / d {name}, by the weights {direction}" for name in inputs))
    return (*equations(unit), *(f"d {name} along {direction}" for name in outputs))

