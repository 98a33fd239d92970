"""Laws of conservation: a sum of outputs that is constant, or equal to an expression of the inputs, at every input.

That a law holds of the equations is shown in exact arithmetic on their texts, with every number as its decimals say:
the difference of both sides must cancel. The code then keeps it up to the bounds of its rounding errors.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np

from symc.errors import SymcError
from symc.ir.evaluate import evaluate
from symc.ir.heads import Head
from symc.ir.ops import OPERATORS
from symc.ir.program import Program
from symc.ir.reading import Steps, fold, read
from symc.ir.reference import real_values
from symc.meaning.points import Box, inside

_POINTS = 512
# Operations of an expression that sympy is asked to simplify; beyond, it may take minutes.
_MOST_CANCELLED, _MOST_SIMPLIFIED = 2000, 200
_UP = 1.0 + 1e-9
# Of sums in float64.
_TINY = 1e-14
# What sympy has as its own function; everything else it leaves as it is.
_KNOWN = {
    **{name: name for name in ("exp", "log", "sin", "cos", "tan", "sinh", "cosh", "tanh", "asin", "acos", "atan")},
    "sqrt": "sqrt",
    "abs": "Abs",
}


@dataclass(frozen=True)
class Law:
    """weights: of each output, in the sum. right: what it equals, over the inputs; None where it is a constant."""

    weights: tuple[Fraction, ...]
    right: str | None


@dataclass(frozen=True)
class Balance:
    """value: the constant, where there is no right side. within: how far the code's sum is from it at most.

    Where the law is not proved, `refuted` says at which inputs it does not hold, if such were found.
    """

    proved: bool
    value: float | None = None
    within: float = math.inf
    refuted: str | None = None


def law_of(left: str, right: str | None, outputs: Sequence[str], inputs: Sequence[str]) -> Law:
    """left: outputs, with commas between them, or a sum of them with weights. SymcError for anything else."""
    import sympy

    steps = read(left.replace(",", "+"), outputs)
    symbols = [sympy.Symbol(name, real=True) for name in outputs]
    total = sympy.expand(_exact(steps, outputs, symbols))
    weights = [total.coeff(one) for one in symbols]
    rest = sympy.expand(total - sum(w * one for w, one in zip(weights, symbols, strict=True)))
    if rest != 0 or not all(w.is_Rational for w in weights) or not any(weights):
        raise SymcError(
            f"{left!r} is no sum of outputs", hint=f"Name outputs, as y0,y1 or 2*y0 + y1: {', '.join(outputs)}."
        )
    if right is not None:
        read(right, inputs)
    return Law(tuple(Fraction(int(w.p), int(w.q)) for w in weights), right)


def balance(
    law: Law, program: Program, texts: Sequence[str], head: Head | None, domain: Box, errors: Sequence[float]
) -> Balance:
    """Whether the law holds in the box. texts: of the outputs, before the head. errors: bounds of |code - text|."""
    weights = [float(w) for w in law.weights]
    within = sum(abs(w) * e for w, e in zip(weights, errors, strict=True) if w) * _UP
    value = _constant(law, texts, head, program)
    if value is not None and math.isfinite(within):
        rounded = float(value)
        return Balance(True, None if law.right else rounded, within + abs(rounded) * _TINY)
    return Balance(False, refuted=_refuted(law, program, domain, within) if math.isfinite(within) else None)


def _constant(law: Law, texts: Sequence[str], head: Head | None, program: Program) -> Any | None:
    """What both sides differ by, where that is one number, and 0 where there is a right side."""
    import sympy

    symbols = [sympy.Symbol(name, real=True) for name in program.inputs]
    values = [_exact(read(text, program.inputs), program.inputs, symbols) for text in texts]
    if head is not None:
        values = _behind(head, values)
    used = [(w, v) for w, v in zip(law.weights, values, strict=True) if w]
    difference = sum(sympy.Rational(w.numerator, w.denominator) * v for w, v in used)
    if law.right is not None:
        difference -= _exact(read(law.right, program.inputs), program.inputs, symbols)
    ways: list[tuple[int, Callable[[Any], Any]]] = [
        (_MOST_CANCELLED, sympy.expand),
        (_MOST_CANCELLED, lambda d: sympy.cancel(sympy.together(d))),
        (_MOST_SIMPLIFIED, sympy.simplify),
    ]
    size = sympy.count_ops(difference)
    for most, way in ways:
        if size > most:
            continue
        found = way(difference)
        if found == 0 or (law.right is None and not found.free_symbols and found.is_finite):
            return found
    return None


def _refuted(law: Law, program: Program, domain: Box, within: float) -> str | None:
    """Inputs at which the sums of the code differ by more than their rounding explains."""
    x = inside(domain, program.n_in, _POINTS)
    used = [k for k, w in enumerate(law.weights) if w]
    sums = evaluate(program, x)[:, used].astype(np.float64) @ np.array([float(law.weights[k]) for k in used])
    if law.right is not None:
        right = real_values(read(law.right, program.inputs), program.inputs, x)
        apart = np.where(np.isfinite(right), np.abs(sums - right), np.inf)
        worst = int(apart.argmax())
        if not apart[worst] > within:
            return None
        return f"it is {sums[worst]:.6g}, the other side {right[worst]:.6g}, at {_place(program, x[worst])}"
    least, most = int(sums.argmin()), int(sums.argmax())
    if not sums[most] - sums[least] > 2.0 * within:
        return None
    ends = [f"{sums[row]:.6g} at {_place(program, x[row])}" for row in (least, most)]
    return f"it is {ends[0]}, and {ends[1]}"


def _place(program: Program, row: np.ndarray[Any, np.dtype[np.float32]]) -> str:
    return ", ".join(f"{name} = {value}" for name, value in zip(program.inputs, row, strict=True))


def _exact(steps: Steps, names: Sequence[str], symbols: Sequence[Any]) -> Any:
    return fold(steps, _Exact(dict(zip(names, symbols, strict=True))))


def _behind(head: Head, logits: list[Any]) -> list[Any]:
    made = _Exact({})
    # A head is made by whatever makes instructions; here they are sympy's expressions.
    return list(head.kind.build(made, logits, head.numbers))  # type: ignore[arg-type]


class _Exact:
    """sympy's expressions with rational numbers, as an algebra to read in and to write notation out with."""

    def __init__(self, names: dict[str, Any]) -> None:
        self.names = names

    def number(self, text: str) -> Any:
        import sympy

        return sympy.pi if text == "pi" else sympy.Rational(text.lower().replace("f", "e"))

    def const(self, value: float) -> Any:
        import sympy

        return sympy.Rational(Fraction(value).numerator, Fraction(value).denominator)

    def name(self, text: str) -> Any:
        return self.names[text]

    def op(self, name: str, *args: Any) -> Any:
        return self.apply(name, args)

    def apply(self, operator: str, args: Sequence[Any]) -> Any:
        import sympy

        if operator in _ARITHMETIC:
            return _ARITHMETIC[operator](*args)
        if operator in _KNOWN:
            return getattr(sympy, _KNOWN[operator])(*args)
        expansion = OPERATORS[operator].expansion
        if expansion is not None:
            return expansion(self, tuple(args))
        ordered = sorted(args, key=sympy.default_sort_key) if OPERATORS[operator].commutative else args
        return sympy.Function(f"op_{operator}", real=True)(*ordered)


_ARITHMETIC: dict[str, Callable[..., Any]] = {
    "add": lambda x, y: x + y,
    "sub": lambda x, y: x - y,
    "mul": lambda x, y: x * y,
    "div": lambda x, y: x / y,
    "neg": lambda x: -x,
    "pow": lambda x, y: x**y,
}
