"""Named steps from Program to Program, run in this order; the specification is checked after each."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from symc.errors import SymcError
from symc.ir.evaluate import evaluate
from symc.ir.formats import Format
from symc.ir.program import Builder, Instruction, Program


def fold_constants(program: Program) -> Program:
    """Replace an operator whose operands are all constants by its exact value, where that is finite."""
    folded: list[Instruction] = []
    for step in program.instructions:
        operands = [folded[a] for a in step.args]
        if operands and all(o.op == "const" for o in operands):
            value = _value(step, operands, program.format)
            if np.isfinite(value):
                step = Instruction("const", value=float(value))
        folded.append(step)
    return Program(program.inputs, program.outputs, tuple(folded), program.results, program.format)


def negate_by_sign(program: Program) -> Program:
    """Multiplying or dividing by -1 is a flip of the sign bit: write it so."""
    steps = []
    for step in program.instructions:
        if step.op in ("mul", "div"):
            minus = [k for k, a in enumerate(step.args) if program.instructions[a] == Instruction("const", value=-1.0)]
            if step.op == "mul" and minus:
                step = Instruction("neg", (step.args[1 - minus[0]],))
            elif step.op == "div" and 1 in minus:
                step = Instruction("neg", (step.args[0],))
        steps.append(step)
    return Program(program.inputs, program.outputs, tuple(steps), program.results, program.format)


def number_values(program: Program) -> Program:
    """Compute the same value once (Alpern, Wegman and Zadeck's value numbering, over the whole program)."""
    builder = Builder(program.inputs, program.format)
    place = builder.include(program)
    return builder.finish(program.outputs, [place[r] for r in program.results])


def drop_dead(program: Program) -> Program:
    """Drop instructions that no output depends on, and keep the order of the rest."""
    # Only what is live is visited: each output of a large program is asked for by itself.
    live: set[int] = set()
    waiting = list(program.results)
    while waiting:
        position = waiting.pop()
        if position not in live:
            live.add(position)
            waiting.extend(program.instructions[position].args)
    kept = sorted(live)
    place = {old: new for new, old in enumerate(kept)}
    steps = tuple(
        Instruction(step.op, tuple(place[a] for a in step.args), step.index, step.value)
        for step in map(program.instructions.__getitem__, kept)
    )
    return Program(program.inputs, program.outputs, steps, tuple(place[r] for r in program.results), program.format)


PASSES: tuple[Callable[[Program], Program], ...] = (fold_constants, negate_by_sign, number_values, drop_dead)


def run(program: Program) -> Program:
    """Run every pass; raises SymcError that names the pass after which the program is not well formed."""
    for step in PASSES:
        try:
            program = step(program).check()
        except SymcError as error:
            raise SymcError(f"after pass {step.__name__}: {error.what}", where=error.where) from error
    return program


def _value(step: Instruction, operands: list[Instruction], format: Format) -> np.floating:
    builder = Builder(("unused",), format)
    result = builder.op(step.op, *(builder.const(o.value) for o in operands))
    return evaluate(builder.finish(("value",), (result,)), np.zeros((1, 1), format.dtype))[0, 0]


def alone(program: Program, column: int) -> Program:
    """One output of a program, with what it needs."""
    names, places = (program.outputs[column],), (program.results[column],)
    return drop_dead(Program(program.inputs, names, program.instructions, places, program.format))
