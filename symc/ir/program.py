"""Program: straight-line code in SSA form over numbers of one format, the one meaning that every target shares."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from symc.errors import SymcError
from symc.ir.formats import FLOAT32, Format, format_of
from symc.ir.ops import COMMUTATIVE, OPERATORS

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*\Z")


@dataclass(frozen=True, slots=True)
class Instruction:
    """One value: an input column, a constant, or an operator applied to earlier values.

    `op` is "input" (then `index` is the column), "const" (then `value` is a finite number of the format), or the name
    of a primitive row of the operator table (then `args` are positions of earlier instructions).
    """

    op: str
    args: tuple[int, ...] = ()
    index: int = 0
    value: float = 0.0


class Signature:
    """What goes into a program and what comes out, by name."""

    inputs: tuple[str, ...]
    outputs: tuple[str, ...]

    @property
    def n_in(self) -> int:
        return len(self.inputs)

    @property
    def n_out(self) -> int:
        return len(self.outputs)


@dataclass(frozen=True)
class Program(Signature):
    """Instructions in evaluation order; `results[k]` is the position of the value of `outputs[k]`.

    The order is the meaning: every instruction is one IEEE-754 operation of `format`, rounded once to nearest even, or
    one function: in binary32 correctly rounded, in binary64 by the one algorithm of symc.ir.binary64. No target may
    fuse, reorder or re-associate them.
    """

    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    instructions: tuple[Instruction, ...]
    results: tuple[int, ...]
    format: Format = FLOAT32

    @cached_property
    def operators(self) -> frozenset[str]:
        """Names of the operators that occur."""
        return frozenset(i.op for i in self.instructions) - {"input", "const"}

    @property
    def cost(self) -> int:
        """Cost of one evaluation in units of one float32 addition (the operator table's own figures)."""
        return sum(OPERATORS[i.op].cost for i in self.instructions if i.op not in ("input", "const"))

    @property
    def constants(self) -> tuple[float, ...]:
        """Values of the "const" instructions, in order."""
        return tuple(i.value for i in self.instructions if i.op == "const")

    def check(self) -> Program:
        """Return self if it is well formed; raise SymcError naming the first instruction that is not."""
        check_names(self.inputs, self.outputs)
        for position, step in enumerate(self.instructions):
            problem = _problem(step, position, self.n_in, self.format)
            if problem:
                raise SymcError(f"instruction {position} ({step.op}) {problem}", where="program")
        if len(self.results) != self.n_out or any(not 0 <= r < len(self.instructions) for r in self.results):
            raise SymcError("every output needs the position of one instruction", where="program")
        return self

    def to_json(self) -> dict[str, Any]:
        """A dict of lists and strings; constants are written as hexadecimal floats, so no bit is lost.

        "format" is there where it is not float32.
        """
        named = {} if self.format == FLOAT32 else {"format": self.format.name}
        return {
            **named,
            "inputs": list(self.inputs),
            "outputs": list(self.outputs),
            "instructions": [_encode(i) for i in self.instructions],
            "results": list(self.results),
        }

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Program:
        """The inverse of to_json; raises SymcError when `data` is not a well-formed program."""
        try:
            program = cls(
                tuple(map(str, data["inputs"])),
                tuple(map(str, data["outputs"])),
                tuple(_decode(str(text)) for text in data["instructions"]),
                tuple(int(r) for r in data["results"]),
                format_of(str(data.get("format", FLOAT32.name))),
            )
        except (KeyError, TypeError, ValueError, IndexError, OverflowError) as error:
            raise SymcError(f"not a program: {error}", where="program") from None
        return program.check()

    def __str__(self) -> str:
        lines = [f"({', '.join(self.inputs)}) -> ({', '.join(self.outputs)})"]
        lines += [f"  v{k} = {_encode(i, self.inputs, self.format)}" for k, i in enumerate(self.instructions)]
        lines += [f"  {name} = v{r}" for name, r in zip(self.outputs, self.results, strict=True)]
        return "\n".join(lines)


class Builder:
    """Appends instructions to a program under construction; an instruction that exists already is reused."""

    def __init__(self, inputs: Sequence[str], format: Format = FLOAT32) -> None:
        self.inputs, self.format = tuple(inputs), format
        self.instructions: list[Instruction] = []
        self._position: dict[tuple[Any, ...], int] = {}

    def input(self, index: int) -> int:
        return self._append(Instruction("input", index=index))

    def const(self, value: float) -> int:
        """A constant, rounded to the format; raises SymcError when that is not finite."""
        rounded = self.format.rounded(value)
        if not math.isfinite(rounded):
            what = f"constant {value!r} is not a finite {self.format.name}"
            raise SymcError(what, hint="Rescale the equation's variables.")
        return self._append(Instruction("const", value=rounded))

    def op(self, name: str, *args: int) -> int:
        return self._append(Instruction(name, args=args))

    def include(self, program: Program) -> list[int]:
        """Append all of a program with the same inputs; returns where each of its instructions is now."""
        place: list[int] = []
        for step in program.instructions:
            args = tuple(place[a] for a in step.args)
            place.append(self._append(Instruction(step.op, args, step.index, step.value)))
        return place

    def finish(self, outputs: Sequence[str], results: Iterable[int]) -> Program:
        steps = tuple(self.instructions)
        return Program(self.inputs, tuple(outputs), steps, tuple(results), self.format).check()

    def _append(self, step: Instruction) -> int:
        args = tuple(sorted(step.args)) if step.op in COMMUTATIVE else step.args
        # repr keeps -0.0 apart from 0.0.
        key = (step.op, args, step.index, repr(step.value))
        position = self._position.get(key)
        if position is None:
            position = len(self.instructions)
            self.instructions.append(step)
            self._position[key] = position
        return position


def check_names(inputs: Sequence[str], outputs: Sequence[str]) -> None:
    """Raise SymcError unless the names are identifiers, and each occurs once among the inputs or the outputs."""
    for kind, names in (("input", inputs), ("output", outputs)):
        for name in names:
            if not _NAME.match(name):
                raise SymcError(f"{kind} name {name!r} is not an identifier", hint="Use letters, digits and _.")
        if len(set(names)) != len(names):
            twice = next(n for n in names if names.count(n) > 1)
            raise SymcError(f"two {kind}s are called {twice!r}", hint=f"Give every {kind} its own name.")


def _problem(step: Instruction, position: int, n_in: int, format: Format) -> str | None:
    if step.op == "input":
        return None if 0 <= step.index < n_in else f"reads column {step.index} of {n_in}"
    if step.op == "const":
        exact = math.isfinite(step.value) and format.rounded(step.value) == step.value
        return None if exact else f"holds {step.value!r}, which is not a finite {format.name}"
    operator = OPERATORS.get(step.op)
    if operator is None or operator.expansion is not None:
        return "is not a primitive operator"
    if len(step.args) != operator.arity:
        return f"has {len(step.args)} operands, needs {operator.arity}"
    if any(not 0 <= a < position for a in step.args):
        return "uses a value that is not computed before it"
    return None


def _encode(step: Instruction, inputs: Sequence[str] | None = None, format: Format = FLOAT32) -> str:
    if step.op == "input":
        return f"input {step.index}" if inputs is None else inputs[step.index]
    if step.op == "const":
        return f"const {step.value.hex()}" if inputs is None else repr(format.dtype(step.value).item())
    return " ".join([step.op, *(f"v{a}" for a in step.args)])


def _decode(text: str) -> Instruction:
    op, *rest = text.split()
    if op == "input":
        return Instruction(op, index=int(rest[0]))
    if op == "const":
        return Instruction(op, value=float.fromhex(rest[0]))
    return Instruction(op, args=tuple(int(a.removeprefix("v")) for a in rest))
