"""Program -> lines of one operation each, grouped by output and cut into segments; the part that printers share."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from symc.errors import SymcError
from symc.ir.ops import OPERATORS
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
class Line:
    """`name` = `text`: one operation."""

    name: str
    text: str


@dataclass(frozen=True)
class Output:
    """Output number `index` is the value called `value`."""

    index: int
    value: str


@dataclass(frozen=True)
class Group:
    """The operations that one output adds to those before it, under its title."""

    title: str
    lines: tuple[Line, ...]
    outputs: tuple[Output, ...]


@dataclass(frozen=True)
class Slot:
    """Place `index` of the buffer that carries values from one segment to a later one."""

    index: int
    name: str


@dataclass(frozen=True)
class Segment:
    """A run of operations: the inputs and carried values it reads, what it computes, what it carries on."""

    inputs: tuple[Output, ...]
    loads: tuple[Slot, ...]
    groups: tuple[Group, ...]
    stores: tuple[Slot, ...]


@dataclass(frozen=True)
class Listing:
    """A program as segments, in order; `slots` is the size of the buffer between them (0 for a single segment)."""

    segments: tuple[Segment, ...]
    slots: int

    @property
    def reads_input(self) -> bool:
        return any(segment.inputs for segment in self.segments)


@dataclass
class _Part:
    """Positions of one output's operations within a segment; `result` is set in the segment that completes it."""

    output: int
    steps: list[int] = field(default_factory=list)
    complete: bool = False


def listing(
    program: Program, printer: Printer, inputs: Sequence[str], titles: Sequence[str], limit: int | None = None
) -> Listing:
    """Print `program`; `inputs` are the local names of the columns, `titles` the comments above each output.

    An output's operations stand together, right before the output. With `limit`, segments are cut so that the cost
    of each stays below it: a compiler's time grows faster than the length of a loop.
    """
    parts = _cut(program, limit)
    names = _names(program, printer, inputs, parts)
    used = [_reads(program, segment) for segment in parts]
    made = [{step for part in segment for step in part.steps} for segment in parts]
    last = {value: number for number, values in enumerate(used) for value in values}
    slot_of: dict[int, int] = {}
    free: list[int] = []
    size = 0
    segments = []
    for number, segment in enumerate(parts):
        carried = sorted(value for value in made[number] if last.get(value, number) > number)
        loads = sorted(v for v in used[number] - made[number] if program.instructions[v].op not in ("input", "const"))
        for value in carried:
            if not free:
                free.append(size)
                size += 1
            slot_of[value] = free.pop()
        columns = sorted({program.instructions[v].index for v in used[number] if program.instructions[v].op == "input"})
        segments.append(
            Segment(
                tuple(Output(c, inputs[c]) for c in columns),
                tuple(Slot(slot_of[v], names[v]) for v in loads),
                tuple(_group(program, printer, names, titles, part) for part in segment),
                tuple(Slot(slot_of[v], names[v]) for v in carried),
            )
        )
        free += sorted((slot_of[v] for v in loads if last[v] == number), reverse=True)
    return Listing(tuple(segments), size)


def _cut(program: Program, limit: int | None) -> list[list[_Part]]:
    segments: list[list[_Part]] = [[]]
    done: set[int] = set()
    spent = 0
    for output, result in enumerate(program.results):
        segments[-1].append(_Part(output))
        for step in _missing(program, result, done):
            cost = OPERATORS[program.instructions[step].op].cost
            if limit is not None and spent and spent + cost > limit:
                segments.append([_Part(output)])
                spent = 0
            segments[-1][-1].steps.append(step)
            spent += cost
        segments[-1][-1].complete = True
    return [[part for part in segment if part.steps or part.complete] for segment in segments]


def _missing(program: Program, result: int, done: set[int]) -> list[int]:
    """The operations that `result` needs and that are not in `done` yet, in program order; adds them to `done`."""
    found = []
    stack = [result]
    while stack:
        position = stack.pop()
        step = program.instructions[position]
        if step.op in ("input", "const") or position in done:
            continue
        done.add(position)
        found.append(position)
        stack += step.args
    return sorted(found)


def _names(program: Program, printer: Printer, inputs: Sequence[str], parts: list[list[_Part]]) -> dict[int, str]:
    names = {}
    for position, step in enumerate(program.instructions):
        if step.op == "input":
            names[position] = inputs[step.index]
        elif step.op == "const":
            names[position] = printer.literal(step.value)
    order = [step for segment in parts for part in segment for step in part.steps]
    names.update({position: f"t{number}" for number, position in enumerate(order)})
    return names


def _reads(program: Program, segment: list[_Part]) -> set[int]:
    reads = {a for part in segment for step in part.steps for a in program.instructions[step].args}
    return reads | {program.results[part.output] for part in segment if part.complete}


def _group(
    program: Program, printer: Printer, names: Mapping[int, str], titles: Sequence[str], part: _Part
) -> Group:
    lines = []
    for position in part.steps:
        step = program.instructions[position]
        lines.append(Line(names[position], printer.text(step.op, [names[a] for a in step.args])))
    outputs = (Output(part.output, names[program.results[part.output]]),) if part.complete else ()
    return Group(titles[part.output], tuple(lines), outputs)
