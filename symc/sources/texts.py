"""Equations as people wrote them, made members of a front."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from symc.errors import SymcError
from symc.ir.formats import FLOAT32, Format
from symc.search.member import Member

if TYPE_CHECKING:
    import sympy

_MANY_STEPS = 2000


def member_of(
    text: str,
    features: tuple[str, ...],
    complexity: int,
    loss: float,
    heldout: float | None = None,
    format: Format = FLOAT32,
) -> Member | str:
    """The equation as a member, or the reason why it cannot be compiled.

    Its equation is in our own form where code of that is nowhere worse than the text, else the text itself, as in every
    format but float32: our form has constants of that many digits. Raises ParseError for text that is no equation.
    """
    from symc.ir.reading import ParseError, read
    from symc.ir.written import as_written
    from symc.meaning.compile import is_as_good, program_of

    try:
        # What the order of its own text cannot compute is refused; the text is arranged only where our form is not.
        written = as_written([read(text, features)], features, ["y"], format)
        if format != FLOAT32:
            return Member(text, complexity, loss, heldout, written.cost)
        ours = _arranged(text, features)
        if ours is not None:
            arranged = program_of([ours], features, ["y"])
            if is_as_good(arranged, text):
                return Member(ours, complexity, loss, heldout, arranged.cost, text)
        return Member(text, complexity, loss, heldout, program_of([text], features, ["y"]).cost, text)
    except ParseError:
        raise
    except SymcError as error:
        return error.what


def respelled(text: str, names: Sequence[str]) -> str:
    """The same steps without the parentheses that writing out brings; as it is where it is long: every part is text."""
    from symc.ir.reading import fold, read
    from symc.ir.spelling import Spelling

    steps = read(text, names)
    return text if len(steps) > _MANY_STEPS else fold(steps, Spelling()).text


def _arranged(equation: str, features: tuple[str, ...]) -> str | None:
    """The equation as we write it; None where a constant of it is none that float32 holds."""
    from symc.ir.parse import format_expression, parse

    try:
        return format_expression(_folded(parse(equation, features)))
    except SymcError:
        return None


def _folded(expression: sympy.Expr) -> sympy.Expr:
    """Multiplied out where that is simpler: 2.5*(cos(x0) - 0.2) + 0.1 has one constant to fold."""
    import sympy

    from symc.ir.parse import complexity

    other = sympy.expand_mul(expression)
    return other if complexity(other) < complexity(expression) else expression
