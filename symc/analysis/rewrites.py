"""What identities make of a Program: every program that is one rewriting away from it."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from symc.analysis.identities import RULES
from symc.analysis.site import Rule, Site
from symc.ir import passes
from symc.ir.program import Builder, Instruction, Program


def rewritten(program: Program) -> Iterator[Program]:
    """Every program that one rule makes of one instruction."""
    for position, step in enumerate(program.instructions):
        if step.args:
            for rule in RULES:
                found = by_rule(program, position, rule)
                if found is not None and found != program:
                    yield found


def by_rule(program: Program, position: int, rule: Rule) -> Program | None:
    """`program` with the instruction at `position` rewritten; None where the rule does not apply to it."""
    builder = Builder(program.inputs)
    place: list[int] = []
    for k, step in enumerate(program.instructions):
        if k == position:
            new = rule(Site(program, position, builder, place))
            if new is None:
                return None
            place.append(new.position)
        elif step.op == "input":
            place.append(builder.input(step.index))
        elif step.op == "const":
            place.append(builder.const(step.value))
        else:
            place.append(builder.op(step.op, *(place[a] for a in step.args)))
    found = builder.finish(program.outputs, [place[r] for r in program.results])
    for tidy in (_fold_exactly, passes.negate_by_sign, passes.number_values, passes.drop_dead):
        found = tidy(found)
    return found.check()


def _fold_exactly(program: Program) -> Program:
    """Products of constants, where float32 holds them: others would be rounded once more than the error bound knows."""
    folded: list[Instruction] = []
    for step in program.instructions:
        operands = [folded[a] for a in step.args]
        if step.op == "mul" and all(o.op == "const" for o in operands):
            product = operands[0].value * operands[1].value
            if float(np.float32(product)) == product:
                step = Instruction("const", value=product)
        folded.append(step)
    return Program(program.inputs, program.outputs, tuple(folded), program.results)
