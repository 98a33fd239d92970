"""A bundle in double precision: its program, compiled from the texts as they were written."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec

from symc.bundle.manifest import Equation
from symc.bundle.numbers import NUMBERS, lacks_derivatives
from symc.bundle.references import references
from symc.errors import SymcError
from symc.ir.formats import FLOAT64
from symc.ir.layered import Layered
from symc.ir.program import Program
from symc.meaning.compile import program_of

_WHERE = f"--{NUMBERS}"


def in_doubles(
    program: Program | Layered, equations: Sequence[Equation], options: Mapping[str, str]
) -> tuple[Program, tuple[Equation, ...]]:
    """The program of the same equations in double precision, in the order of their texts, and the equations with them.

    The texts are those that were given: ours have constants in float32's digits. SymcError for a compressed block,
    which has no such form.
    """
    if isinstance(program, Layered):
        what = "a compressed block has no form in double precision"
        raise SymcError(what, where=_WHERE, hint=f"Leave {_WHERE} out.")
    texts = references(equations, options, program.inputs)
    as_given = tuple(
        msgspec.structs.replace(equation, text=text, written=msgspec.UNSET)
        for equation, text in zip(equations, texts, strict=True)
    )
    return program_of(texts, program.inputs, program.outputs, format=FLOAT64), as_given


def check_derivatives(kinds: Sequence[str], program: Program) -> None:
    """Raise SymcError where derivatives are asked for that `program` lacks."""
    if kinds and lacks_derivatives(program):
        what = "the derivative of gamma is known to float32's digits alone"
        raise SymcError(what, where="--derivatives", hint=f"Leave --derivatives out, or {_WHERE}.")

