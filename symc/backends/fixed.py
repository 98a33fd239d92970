"""C99 of a fixed-point program: integers alone, with the formats of inputs and outputs in the header."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from symc.backends import headers
from symc.backends.fixedtest import self_test
from symc.backends.listing import Group, by_output
from symc.backends.names import local_names
from symc.backends.render import render
from symc.backends.unit import FixedUnit, Unit
from symc.backends.view import equations, view
from symc.fixed.program import FixedProgram, scaled
from symc.fixed.word import COMPARISONS
from symc.ir.ops import OPERATORS

# Functions that take an operand, its format and that of the result; the header each is in.
_FUNCTIONS = {
    **dict.fromkeys(("exp", "exp2"), "exp"),
    **dict.fromkeys(("log", "log2", "log10"), "log"),
    **dict.fromkeys(("sin", "cos"), "sin"),
    "tanh": "tanh",
    "atan": "atan",
}
_HEADERS = {**_FUNCTIONS, "sqrt": "sqrt", "mul": "product", "div": "quotient"}
_UNSIGNED = frozenset({"sin", "cos", "tanh", "atan"})
_PLAIN = {
    **{op: op + "({0}, {1})" for op in ("add", "sub", "min", "max")},
    **{op: op + "({0})" for op in ("neg", "abs", "relu")},
    "select": "if_positive({0}, {1}, {2})",
}
# Of what a call returns, the last bit stands for all inputs from there on.
_LAST_BIT = 31
_FOLDERS = {32: "fixed", 16: "fixed16"}


@dataclass(frozen=True)
class _Side:
    """An input or an output as the header shows it; `low` and `high` are mantissas, `bound` and `measured` texts."""

    name: str
    macro: str
    point: int
    scale: str
    unit: str
    low: int = 0
    high: int = 0
    bit: int = 0
    local: str = ""
    real_low: str = ""
    real_high: str = ""
    bound: str = ""
    measured: str = ""


@dataclass(frozen=True)
class _Line:
    """`name` = `text`, one operation, and the unit of the result."""

    name: str
    text: str
    unit: str


def files(unit: Unit, fixed: FixedUnit) -> dict[str, bytes]:
    """Path inside the bundle -> content, for a unit in fixed point."""
    context = view(unit) | describe(unit, fixed)
    program, name = fixed.program.program, unit.name
    used = direct(fixed.program)
    columns = local_names(unit.program.inputs, taken=("outside",), model=name)
    live = _live(fixed.program)
    read = {program.instructions[p].index for p in live if program.instructions[p].op == "input"}
    unread = [column for k, column in enumerate(columns) if k not in read]
    test = self_test(fixed.program)
    made = {
        "CMakeLists.txt": render("c/CMakeLists.txt.jinja", **context),
        f"include/{name}.h": render("c/fixed/NAME.h.jinja", **context, test=test),
        f"src/{name}.c": render(
            "c/fixed/NAME.c.jinja", **context, headers=used, groups=_groups(unit, fixed.program, columns), unread=unread
        ),
        f"src/{name}_selftest.c": render("c/fixed/NAME_selftest.c.jinja", **context, test=test),
        "test/main.c": render("c/fixed/main.c.jinja", **context),
    }
    made.update({f"src/{path}": content for path, content in headers.closure(used).items()})
    return made


def describe(unit: Unit, fixed: FixedUnit) -> dict[str, Any]:
    """What the header, the README and the sources show of the formats."""
    program, base = fixed.program, view(unit)
    columns = local_names(unit.program.inputs, taken=("outside",), model=unit.name)
    assert unit.domain is not None
    inputs = [
        _Side(
            name, macro, point, _scale(point), _unit_text(point), low, high, 1 << min(k, _LAST_BIT), columns[k],
            f"{unit.domain[k][0]:.9g}", f"{unit.domain[k][1]:.9g}",
        )
        for k, ((name, macro), point, (low, high)) in enumerate(
            zip(base["inputs"], program.inputs, program.bounds, strict=True)
        )
    ]  # fmt: skip
    outputs = [
        _Side(
            name, macro, point, _scale(point), _unit_text(point), real_low=f"{o.low:.9g}", real_high=f"{o.high:.9g}",
            bound=f"{o.error:.3g}", measured=f"{o.measured:.3g}",
        )
        for (name, macro), point, o in zip(base["outputs"], program.outputs, fixed.outputs, strict=True)
    ]  # fmt: skip
    return {
        "fixed_inputs": inputs, "fixed_outputs": outputs, "numbers": fixed.numbers, "points": fixed.points,
        "bits": program.bits, "number": number(program), "runtime": _FOLDERS[program.bits],
    }  # fmt: skip


def number(fixed: FixedProgram) -> str:
    """The type of a mantissa in C."""
    return f"int{fixed.bits}_t"



def direct(fixed: FixedProgram) -> tuple[str, ...]:
    """The headers that the code of `fixed` includes."""
    found = {_HEADERS.get(op, "core") for op in fixed.program.operators}
    return tuple(f"symc/{_FOLDERS[fixed.bits]}/{name}.h" for name in sorted({"core", *found}))


def _scale(point: int) -> str:
    """2^point as a C expression without rounding."""
    return f"* {2**point}.0" if point >= 0 else f"/ {2**-point}.0"


def _unit_text(point: int) -> str:
    return f"2^{-point}" if point else "1"


def _live(fixed: FixedProgram) -> frozenset[int]:
    """The values that results hang on: not what is shifted by all its bits, of which nothing is left."""
    waiting, found = list(fixed.program.results), set[int]()
    while waiting:
        if (position := waiting.pop()) in found:
            continue
        found.add(position)
        args = fixed.program.instructions[position].args
        sides = zip(args, fixed.operands(position), strict=True)
        waiting += [a for a, to in sides if abs(to - fixed.formats[a]) < fixed.bits]
    return frozenset(found)


def _groups(unit: Unit, fixed: FixedProgram, columns: tuple[str, ...]) -> list[Group[_Line]]:
    program = fixed.program
    live = _live(fixed)
    order = [[p for p in positions if p in live] for positions in by_output(program)]
    names = {position: columns[step.index] for position, step in enumerate(program.instructions) if step.op == "input"}
    flat = [position for positions in order for position in positions]
    names |= {position: f"t{number}" for number, position in enumerate(flat)}
    titles = equations(unit)
    return [
        Group(
            titles[k],
            tuple(_Line(names[p], _text(fixed, names, p), _unit_text(fixed.formats[p])) for p in positions),
            k,
            _value(fixed, names, program.results[k], fixed.formats[program.results[k]]),
        )
        for k, positions in enumerate(order)
    ]


def _call(fixed: FixedProgram, text: str) -> str:
    """A call of a function of the runtime for words of that size."""
    return f"symc_{_FOLDERS[fixed.bits]}_{text}"


def _constant(fixed: FixedProgram, value: int) -> str:
    return f"INT{fixed.bits}_C({value})"


def _value(fixed: FixedProgram, names: dict[int, str], position: int, to: int) -> str:
    """A value brought to a format; a constant is written in it."""
    step, own = fixed.program.instructions[position], fixed.formats[position]
    if step.op == "const":
        return _constant(fixed, fixed.mantissa(position, to))
    if to == own:
        return names[position]
    # Nothing is left of what is shifted by all its bits.
    if abs(to - own) >= fixed.bits:
        return "0"
    return _call(fixed, f"{'up' if to > own else 'down'}({names[position]}, {abs(to - own)}u)")


def _text(fixed: FixedProgram, names: dict[int, str], position: int) -> str:
    step, result = fixed.program.instructions[position], fixed.formats[position]
    brought = fixed.operands(position)
    given = [_value(fixed, names, a, to) for a, to in zip(step.args, brought, strict=True)]
    if step.op in _PLAIN:
        return _call(fixed, _PLAIN[step.op].format(*given))
    if step.op == "mul":
        if (same := scaled(fixed.program, position, fixed.formats, fixed.numbers)) is not None:
            other, turns = same
            return _call(fixed, f"neg({names[other]})") if turns else names[other]
        return _product(fixed, step.args, given, sum(brought) - result)
    if step.op == "div":
        return _call(fixed, f"div({given[0]}, {given[1]}, {result + brought[1] - brought[0]}u)")
    if step.op == "sqrt":
        return _call(fixed, f"sqrt({given[0]}, {2 * result - brought[0]}u)")
    if step.op in COMPARISONS:
        return f"{given[0]} {OPERATORS[step.op].symbol} {given[1]} ? {_constant(fixed, 1 << result)} : 0"
    if step.op in _FUNCTIONS:
        own = f"{brought[0]}" if step.op.startswith("log") else f"{brought[0]}u"
        return _call(fixed, f"{step.op}({given[0]}, {own}, {result}{'u' if step.op in _UNSIGNED else ''})")
    whole = _call(fixed, f"sign({given[0]})")
    if step.op in fixed.word.taken:
        point = brought[0]
        whole = (
            _call(fixed, f"{step.op}({given[0]}, {point}u)") if point > 0 else _raised(fixed, given[0], -point)
        )
    return _raised(fixed, whole, result)


def _product(fixed: FixedProgram, args: tuple[int, ...], given: list[str], shift: int) -> str:
    """With its result in the upper half, where the factors have room to be shifted to the left for it."""
    missing = fixed.bits - shift
    steps = [fixed.program.instructions[a] for a in args]
    room = [0 if step.op == "const" else fixed.spare[a] for step, a in zip(steps, args, strict=True)]
    if 0 < missing <= sum(room) and shift:
        first = min(missing, room[0])
        given = [_raised(fixed, given[0], first), _raised(fixed, given[1], missing - first)]
        shift = fixed.bits
    return _call(fixed, f"mul({given[0]}, {given[1]}, {shift}u)")


def _raised(fixed: FixedProgram, text: str, by: int) -> str:
    return _call(fixed, f"up({text}, {by}u)") if by else text
