"""What a bundle has beside its Jacobian: functions for derivatives along directions and for second derivatives."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from symc.backends.listing import Listing, Printer, listing
from symc.backends.names import local_names
from symc.backends.unit import F32, Unit
from symc.backends.view import equations
from symc.errors import SymcError
from symc.ir.directional import DIRECTIONAL
from symc.ir.evaluate import evaluate
from symc.ir.layered import Layered
from symc.ir.program import Program

JACOBIAN = "jacobian"
# What --derivatives may name, in the order in which code is generated.
DERIVATIVES = (JACOBIAN, *DIRECTIONAL)


@dataclass(frozen=True)
class Derived:
    """The function NAME_<kind> of one row.

    program: its inputs are the model's, then `n_along` of the direction; its outputs the model's `n_values`, then
    `n_results` derivatives. along, result: what the arguments are called, `along` "" where there is no direction.
    """

    kind: str
    program: Program
    along: str
    result: str
    meaning: str
    n_along: int
    n_values: int

    @property
    def n_results(self) -> int:
        return self.program.n_out - self.n_values

    def values(self, x: F32, direction: F32) -> F32:
        """(n, n_values + n_results) by the oracle, at x (n, n_in) along the first n_along of direction (n, ...)."""
        return evaluate(self.program, np.column_stack([x, direction[:, : self.n_along]]))


def derived(program: Program | Layered, kinds: Sequence[str]) -> tuple[Derived, ...]:
    """The functions of `kinds` but the Jacobian."""
    assert isinstance(program, Program) or not kinds
    return tuple(_derived(program, kind) for kind in kinds if kind != JACOBIAN)


def _derived(program: Program | Layered, kind: str) -> Derived:
    assert isinstance(program, Program)
    made = DIRECTIONAL[kind](program)
    if kind == "vjp":
        meaning = "gx[i] is the sum over all outputs o of v[o] times the derivative of output o by input i"
        return Derived(kind, made, "v", "gx", meaning, program.n_out, program.n_out)
    if kind == "jvp":
        meaning = "ty[o] is the sum over all inputs i of t[i] times the derivative of output o by input i"
        return Derived(kind, made, "t", "ty", meaning, program.n_in, program.n_out)
    meaning = "h[(o * n + i) * n + k], with n inputs, is the second derivative of output o by inputs i and k"
    return Derived(kind, made, "", "h", meaning, 0, 0)


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
    """Raise SymcError for a compressed block, of which no target computes derivatives."""
    if kinds and isinstance(program, Layered):
        hint = "Leave it out: the loaded module is differentiable."
        raise SymcError("a compressed block has no derivatives in its code", where="--derivatives", hint=hint)


def body(unit: Unit, of: Derived, printer: Printer) -> Listing:
    """The function printed for one row."""
    return listing(of.program, printer, locals_of(unit, of), titles_of(unit, of))


def locals_of(unit: Unit, of: Derived) -> tuple[str, ...]:
    """Local variables for the inputs; none is called as an argument of the functions, or as what they keep."""
    taken = ("v", "gx", "t", "ty", "h", "columns", "block", "beside")
    return local_names(of.program.inputs, taken=taken, model=unit.name)


def titles_of(unit: Unit, of: Derived) -> tuple[str, ...]:
    """One title per output."""
    inputs, outputs = unit.program.inputs, unit.program.outputs
    if of.kind == "vjp":
        return (*equations(unit), *(f"d / d {name}, by the weights v" for name in inputs))
    if of.kind == "jvp":
        return (*equations(unit), *(f"d {name} along t" for name in outputs))
    return tuple(f"d2 {o} / d {i} d {k}" for o in outputs for i in inputs for k in inputs)
