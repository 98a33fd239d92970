"""A bundle in double precision: its program, compiled from the texts as they were written, and its domain."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec
import numpy as np

from symc.analysis.ranges import analyse
from symc.bundle.manifest import Equation
from symc.bundle.numbers import NUMBERS, lacks_derivatives
from symc.bundle.references import references
from symc.errors import CheckFailed, SymcError
from symc.ir.evaluate import evaluate
from symc.ir.formats import FLOAT64
from symc.ir.layered import Layered
from symc.ir.program import Program
from symc.meaning.compile import program_of

_WHERE = f"--{NUMBERS}"
Box = tuple[tuple[float, float], ...]


def in_doubles(
    program: Program | Layered, equations: Sequence[Equation], options: Mapping[str, str], head: bool
) -> tuple[Program, tuple[Equation, ...]]:
    """The program of the same equations in double precision, in the order of their texts, and the equations with them.

    The texts are those that were given: ours have constants in float32's digits. SymcError for a compressed block and
    behind a head, which have no such form.
    """
    if isinstance(program, Layered) or head:
        what = "a compressed block" if isinstance(program, Layered) else "a head such as softmax"
        raise SymcError(f"{what} has no form in double precision", where=_WHERE, hint=f"Leave {_WHERE} out.")
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


def refuse_poles(single: Program, double: Program, domain: Box | None) -> None:
    """Raise CheckFailed where a pole, a missing value or an overflow is found in the domain.

    single: the same equations in float32, of which the places are found. What happens there counts where it happens in
    double precision too, and where a divisor changes its sign between two neighbours. Where none is found, nothing is
    proved: float32's places are not all that doubles have.
    """
    if domain is None:
        return
    # A place names those inputs alone that it hangs on.
    middle = {name: (low + high) / 2.0 for name, (low, high) in zip(double.inputs, domain, strict=True)}
    for found in analyse(single, domain).unsafe:
        row = [[found.place.get(name, middle[name]) for name in double.inputs]]
        if found.beside or not np.isfinite(evaluate(double, row)).all():
            raise CheckFailed(
                f"inside the domain {found}",
                hint="Narrow the domain, choose another equation with --complexity, or pass --allow-poles.",
            )


def domain_of(domain: Box | None) -> Box | None:
    """A domain whose ends are float32 numbers, as it was written: each end's shortest decimal, as a double."""
    return None if domain is None else tuple((_written(low), _written(high)) for low, high in domain)


def _written(end: float) -> float:
    return float(str(np.float32(end)))
