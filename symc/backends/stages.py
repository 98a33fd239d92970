"""Program -> stages over a block of rows: loops of arithmetic, and calls that apply one function to a whole column.

Every function is compiled (and vectorised) once, however often it occurs; that keeps the code small, compiles in time
linear in the program, and leaves the registers of each loop to one function's constants. A call redoes its own column
where some row needs more than the branch-free version of the function.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

from symc.backends.functions import FUNCTIONS, Variant
from symc.backends.listing import Column, Line, Printer, by_output, line, used_columns, value_names
from symc.ir.ops import OPERATORS
from symc.ir.program import Program

# Cost of the operations that are scheduled together, which bounds how many values wait in the block.
PART_COST = 256


@dataclass(frozen=True)
class Slot:
    """Column `index` of the block holds the value called `name`."""

    index: int
    name: str


@dataclass(frozen=True)
class Stored:
    """Output number `index`, described by `title`, is the value called `value`."""

    title: str
    index: int
    value: str


@dataclass(frozen=True)
class Loop:
    """One pass over the rows of the block."""

    loads: tuple[Slot, ...]
    lines: tuple[Line, ...]
    stores: tuple[Slot, ...]
    outputs: tuple[Stored, ...]
    is_loop: ClassVar[bool] = True


@dataclass(frozen=True)
class Call:
    """Function `variant` applied to `arguments`, into column `result` of the block; `text` says so in names."""

    variant: Variant
    arguments: tuple[str, ...]
    result: int
    text: str
    is_loop: ClassVar[bool] = False


@dataclass(frozen=True)
class Stages:
    """A program over a block v of `slots` columns; the inputs `columns` come first, in this order.

    `parts` are runs of stages of bounded cost, in order.
    """

    columns: tuple[Column, ...]
    slots: int
    parts: tuple[tuple[Loop | Call, ...], ...]

    @property
    def stages(self) -> tuple[Loop | Call, ...]:
        return tuple(stage for part in self.parts for stage in part)

    @property
    def called(self) -> tuple[Variant, ...]:
        """The functions that some stage calls."""
        return tuple(sorted({stage.variant for stage in self.stages if isinstance(stage, Call)}))


@dataclass(frozen=True)
class _Plan:
    """A stage before its values have places: operations, then outputs."""

    positions: tuple[int, ...]
    outputs: tuple[int, ...]
    is_call: bool


def stages(
    program: Program,
    printer: Printer,
    inputs: Sequence[str],
    titles: Sequence[str],
    argument: str = "v[{}]",
    together: int = 0,
) -> Stages:
    """Print `program` for a block of rows.

    inputs: the local name of each column; titles: the comment above each output; argument: how a function is given
    the block's column of a number; together: several outputs, up to so many,
    wait for a last loop that stores all of them.
    """
    order = by_output(program)
    names = value_names(program, printer, inputs, order)
    at_the_end = 1 < len(order) <= together
    parts = [_schedule(program, part, at_the_end) for part in _cut(program, order, at_the_end)]
    columns = used_columns(program, inputs)
    place, size = _places(program, [plan for part in parts for plan in part], columns)

    def loop(plan: _Plan) -> Loop:
        loads = sorted(v for v in _reads(program, plan).difference(plan.positions) if v in place)
        stores = [v for v in plan.positions if v in place]
        return Loop(
            tuple(Slot(place[v], names[v]) for v in loads),
            tuple(line(program, printer, names, v) for v in plan.positions),
            tuple(Slot(place[v], names[v]) for v in stores),
            tuple(Stored(titles[o], o, names[program.results[o]]) for o in plan.outputs),
        )

    def call(plan: _Plan) -> Call:
        step = program.instructions[plan.positions[0]]
        variant = Variant(step.op, tuple(program.instructions[a].op != "const" for a in step.args))
        arguments = tuple(argument.format(place[a]) if a in place else names[a] for a in step.args)
        text = f"{names[plan.positions[0]]} = {step.op}({', '.join(names[a] for a in step.args)})"
        return Call(variant, arguments, place[plan.positions[0]], text)

    made = (tuple(call(plan) if plan.is_call else loop(plan) for plan in part) for part in parts)
    return Stages(columns, size, tuple(part for part in made if part))


def _cut(program: Program, order: Sequence[Sequence[int]], at_the_end: bool) -> list[tuple[list[int], list[int]]]:
    """The operations and the outputs to store with them, in parts whose cost stays below the limit."""
    parts: list[tuple[list[int], list[int]]] = [([], [])]
    spent = 0
    for output, positions in enumerate(order):
        for position in positions:
            cost = OPERATORS[program.instructions[position].op].cost
            if spent and spent + cost > PART_COST:
                parts.append(([], []))
                spent = 0
            parts[-1][0].append(position)
            spent += cost
        if not at_the_end:
            parts[-1][1].append(output)
    if at_the_end:
        parts[-1][1].extend(range(len(order)))
    return parts


def _schedule(program: Program, part: tuple[list[int], list[int]], at_the_end: bool) -> list[_Plan]:
    """As early as possible: arithmetic on even levels, one loop each; function calls on odd levels.

    Outputs are stored as early as possible too, or all at the end.
    """
    positions, outputs = part
    level: dict[int, int] = {}
    for position in positions:
        step = program.instructions[position]
        is_call = step.op in FUNCTIONS and any(program.instructions[a].op != "const" for a in step.args)
        level[position] = _even(max((level.get(a, 0) for a in step.args), default=0)) + is_call
    # Two on from the last arithmetic, in a loop of their own: compilers shuffle what such a loop loads and stores, and
    # write element by element where arithmetic stands between.
    last = _even(max(level.values(), default=0)) + 2
    stored = {o: last if at_the_end else _even(level.get(program.results[o], 0)) for o in outputs}
    plans = []
    for number in range(max([*level.values(), *stored.values()], default=0) + 1):
        here = tuple(p for p in positions if level[p] == number)
        if number % 2:
            plans += [_Plan((p,), (), True) for p in here]
        else:
            plans.append(_Plan(here, tuple(o for o in outputs if stored[o] == number), False))
    return [plan for plan in plans if plan.positions or plan.outputs]


def _even(number: int) -> int:
    return number + number % 2


def _reads(program: Program, plan: _Plan) -> set[int]:
    reads = {a for p in plan.positions for a in program.instructions[p].args}
    return reads | {program.results[o] for o in plan.outputs}


def _places(
    program: Program, plans: Sequence[_Plan], columns: Sequence[Column]
) -> tuple[Mapping[int, int], int]:
    """The block's column for every value that outlives its stage, each freed after its last use; and their number."""
    column_of = {column.index: slot for slot, column in enumerate(columns)}
    place = {
        position: column_of[step.index]
        for position, step in enumerate(program.instructions)
        if step.op == "input" and step.index in column_of
    }
    last: dict[int, int] = {}
    for number, plan in enumerate(plans):
        last.update(dict.fromkeys(_reads(program, plan), number))
    free: list[int] = []
    size = len(columns)
    for number, plan in enumerate(plans):
        for value in plan.positions:
            if plan.is_call or last.get(value, number) > number:
                if not free:
                    free.append(size)
                    size += 1
                place[value] = free.pop()
        ended = [v for v in (*_reads(program, plan), *plan.positions) if last.get(v, number) == number]
        spare = {place[v] for v in ended if v in place and program.instructions[v].op != "input"}
        free = sorted({*free, *spare}, reverse=True)
    return place, size
