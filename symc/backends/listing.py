"""Program -> lines of one operation each, grouped by output: the part that all printers share."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from symc.errors import SymcError
from symc.ir.program import Program


@dataclass(frozen=True)
class Printer:
    """How one language spells an operation: `table` maps a primitive to text with {0} and {1} for its operands."""

    table: Mapping[str, str]
    literal: Callable[[float], str]

    def text(self, op: str, operands: Sequence[str]) -> str:
        form = self.table.get(op)
        if form is None:
            raise SymcError(f"operator {op!r} has no entry in this backend's table")
        if form.startswith("{0} "):  # An infix operator: keep the sign of a constant apart from it.
            operands = [operands[0], *(f"({o})" if o.startswith("-") else o for o in operands[1:])]
        return form.format(*operands)


@dataclass(frozen=True)
class Column:
    """Input number `index` and its local variable."""

    index: int
    name: str


@dataclass(frozen=True)
class Line:
    """`name` = `text`: one operation, `op` in the operator table."""

    name: str
    text: str
    op: str


L = TypeVar("L")


@dataclass(frozen=True)
class Group(Generic[L]):
    """Output number `index` under its title: the operations it adds to those before it, and the value it is."""

    title: str
    lines: tuple[L, ...]
    index: int
    value: str


@dataclass(frozen=True)
class Listing:
    """A whole program; `columns` are the inputs it uses."""

    columns: tuple[Column, ...]
    groups: tuple[Group[Line], ...]


def listing(program: Program, printer: Printer, inputs: Sequence[str], titles: Sequence[str]) -> Listing:
    """Print `program`, the operations of an output right before it.

    inputs: the local name of each column; titles: the comment above each output.
    """
    order = by_output(program)
    names = value_names(program, printer, inputs, order)
    groups = (
        Group(title, tuple(line(program, printer, names, p) for p in positions), index, names[program.results[index]])
        for index, (title, positions) in enumerate(zip(titles, order, strict=True))
    )
    return Listing(used_columns(program, inputs), tuple(groups))


def by_output(program: Program) -> list[list[int]]:
    """Per output, the positions of the operations it needs and no output before it does, in program order."""
    done: set[int] = set()
    order = []
    for result in program.results:
        found = []
        stack = [result]
        while stack:
            position = stack.pop()
            step = program.instructions[position]
            if step.op not in ("input", "const") and position not in done:
                done.add(position)
                found.append(position)
                stack += step.args
        order.append(sorted(found))
    return order


def value_names(
    program: Program, printer: Printer, inputs: Sequence[str], order: Sequence[Sequence[int]]
) -> dict[int, str]:
    """What to call every value: an input by its name, a constant by its literal, the others t0, t1, ... in `order`."""
    names = {}
    for position, step in enumerate(program.instructions):
        if step.op == "input":
            names[position] = inputs[step.index]
        elif step.op == "const":
            names[position] = printer.literal(step.value)
    flat = [position for positions in order for position in positions]
    return names | {position: f"t{number}" for number, position in enumerate(flat)}


def used_columns(program: Program, inputs: Sequence[str]) -> tuple[Column, ...]:
    """The inputs that some result depends on, in order."""
    live = {a for positions in by_output(program) for p in positions for a in program.instructions[p].args}
    live.update(program.results)
    used = sorted({program.instructions[v].index for v in live if program.instructions[v].op == "input"})
    return tuple(Column(index, inputs[index]) for index in used)


def line(program: Program, printer: Printer, names: Mapping[int, str], position: int) -> Line:
    """The operation at `position` as text."""
    step = program.instructions[position]
    return Line(names[position], printer.text(step.op, [names[a] for a in step.args]), step.op)
