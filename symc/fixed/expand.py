"""Which operators have a fixed-point form, and how others are written with those that have one."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from fractions import Fraction

from symc.analysis.wording import expression_at
from symc.errors import SymcError
from symc.fixed.program import number_of
from symc.ir.powers import LARGEST_CHAIN, integer_power
from symc.ir.program import Builder, Program

FORMS: tuple[str, ...] = (
    *("add", "sub", "mul", "div", "neg", "abs", "min", "max", "relu", "select"),
    *("lt", "le", "gt", "ge", "eq", "ne", "floor", "ceil", "round", "trunc", "sign"),
    *("sqrt", "exp", "exp2", "log", "log2", "log10", "sin", "cos", "tanh", "atan"),
)


def _tan(b: Builder, x: int) -> int:
    return b.op("div", b.op("sin", x), b.op("cos", x))


def _sinh(b: Builder, x: int) -> int:
    return b.op("mul", b.const(0.5), b.op("sub", b.op("exp", x), b.op("exp", b.op("neg", x))))


def _cosh(b: Builder, x: int) -> int:
    return b.op("mul", b.const(0.5), b.op("add", b.op("exp", x), b.op("exp", b.op("neg", x))))


def _expm1(b: Builder, x: int) -> int:
    return b.op("sub", b.op("exp", x), b.const(1.0))


def _log1p(b: Builder, x: int) -> int:
    return b.op("log", b.op("add", x, b.const(1.0)))


def _asinh(b: Builder, x: int) -> int:
    return b.op("log", b.op("add", x, b.op("sqrt", b.op("add", b.op("mul", x, x), b.const(1.0)))))


def _acosh(b: Builder, x: int) -> int:
    return b.op("log", b.op("add", x, b.op("sqrt", b.op("sub", b.op("mul", x, x), b.const(1.0)))))


def _atanh(b: Builder, x: int) -> int:
    one = b.const(1.0)
    return b.op("mul", b.const(0.5), b.op("log", b.op("div", b.op("add", one, x), b.op("sub", one, x))))


def _asin(b: Builder, x: int) -> int:
    one = b.const(1.0)
    return b.op("atan", b.op("div", x, b.op("sqrt", b.op("mul", b.op("sub", one, x), b.op("add", one, x)))))


def _acos(b: Builder, x: int) -> int:
    one = b.const(1.0)
    ratio = b.op("div", b.op("sub", one, x), b.op("add", one, x))
    return b.op("mul", b.const(2.0), b.op("atan", b.op("sqrt", ratio)))


def _mod(b: Builder, x: int, y: int) -> int:
    return b.op("sub", x, b.op("mul", y, b.op("floor", b.op("div", x, y))))


EXPANSIONS: dict[str, Callable[..., int]] = {
    "tan": _tan,
    "sinh": _sinh,
    "cosh": _cosh,
    "expm1": _expm1,
    "log1p": _log1p,
    "asinh": _asinh,
    "acosh": _acosh,
    "atanh": _atanh,
    "asin": _asin,
    "acos": _acos,
    "mod": _mod,
}
def expanded(program: Program, numbers: Mapping[float, Fraction]) -> Program:
    """`program` in the operators of FORMS, its inputs first, each of its real values as it was.

    numbers: as a FixedProgram has them; an exponent is whole where its number is.
    SymcError for an operator that has no fixed-point form, with those that have one.
    """
    builder = Builder(program.inputs)
    for column in range(program.n_in):
        builder.input(column)
    place: list[int] = []
    for position, step in enumerate(program.instructions):
        args = tuple(place[a] for a in step.args)
        if step.op == "pow":
            exponent = program.instructions[step.args[1]]
            place.append(_power(builder, args[0], args[1], number_of(exponent, numbers)))
        elif step.op in EXPANSIONS:
            place.append(EXPANSIONS[step.op](builder, *args))
        elif step.args and step.op not in FORMS:
            known = ", ".join([*FORMS, *EXPANSIONS, "pow"])
            raise SymcError(
                f"{step.op} has no fixed-point form, as in {expression_at(program, position)}",
                where="--numbers",
                hint=f"Use --numbers float, or equations of these: {known}.",
            )
        elif step.op == "input":
            place.append(builder.input(step.index))
        else:
            place.append(builder.op(step.op, *args) if step.args else builder.const(step.value))
    return builder.finish(program.outputs, [place[r] for r in program.results])


def _power(b: Builder, base: int, exponent: int, value: Fraction | None) -> int:
    """Whole powers as products, halves by the root, others by the logarithm, which needs a base above 0."""
    if value is not None and value == 0:
        return b.const(1.0)
    if value is not None and math.floor(abs(2 * value)) == abs(2 * value) <= 2 * LARGEST_CHAIN:
        whole, half = divmod(int(abs(2 * value)), 2)
        result = integer_power(b, base, whole) if whole else None
        if half:
            root = b.op("sqrt", base)
            result = root if result is None else b.op("mul", result, root)
        assert result is not None
        return b.op("div", b.const(1.0), result) if value < 0 else result
    return b.op("exp2", b.op("mul", exponent, b.op("log2", base)))
