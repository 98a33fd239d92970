"""Derivatives of a Program, generated from the operator table by reverse accumulation; no finite differences."""

from __future__ import annotations

from collections.abc import Sequence

from symc.ir import passes
from symc.ir.ops import OPERATORS
from symc.ir.program import Builder, Instruction, Program

# What the derivative of a selection chooses from.
_ONE, _NONE = Instruction("const", value=1.0), Instruction("const", value=0.0)


def jacobian(program: Program) -> Program:
    """The program of all partial derivatives.

    Same inputs; outputs are d<output>_d<input>, row-major as (n_out, n_in). At a kink (|x| at 0, min(x, x)) the
    derivative is the one-sided value that the operator table states.
    """
    builder = Builder(program.inputs, program.format)
    place = builder.include(program)
    active = active_values(program)
    partials = local_partials(program, builder, place, active)
    names, results = [], []
    for output, result in zip(program.outputs, program.results, strict=True):
        gradient = gradient_of(program, builder, partials, active, [(result, builder.const(1.0))])
        for feature, partial in zip(program.inputs, gradient, strict=True):
            names.append(f"d{output}_d{feature}")
            results.append(builder.const(0.0) if partial is None else partial)
    return passes.run(builder.finish(names, results))


def active_values(program: Program) -> list[bool]:
    """Which values depend on an input."""
    active: list[bool] = []
    for step in program.instructions:
        active.append(step.op == "input" or any(active[a] for a in step.args))
    return active


def local_partials(
    program: Program, builder: Builder, place: list[int], active: list[bool]
) -> list[tuple[int | None, ...]]:
    """For each instruction the places of its derivatives by its operands; None is zero, () nothing that is active."""
    partials: list[tuple[int | None, ...]] = []
    for position, step in enumerate(program.instructions):
        operator = OPERATORS.get(step.op)
        if operator is None or operator.derivative is None or not active[position]:
            partials.append(())
        else:
            partials.append(operator.derivative(builder, tuple(place[a] for a in step.args), place[position]))
    return partials


def gradient_of(
    program: Program,
    builder: Builder,
    partials: list[tuple[int | None, ...]],
    active: list[bool],
    seeds: Sequence[tuple[int, int]],
) -> list[int | None]:
    """The places of the derivatives by each input of the sum of results times weights, in one pass backwards.

    seeds: (a result's position in `program`, its weight's place in `builder`) each. None is zero.
    """
    adjoint: dict[int, int] = {}
    for result, weight in seeds:
        known = adjoint.get(result)
        adjoint[result] = weight if known is None else builder.op("add", known, weight)
    gradient: list[int | None] = [None] * program.n_in
    for position in range(max(adjoint, default=-1), -1, -1):
        seed = adjoint.get(position)
        step = program.instructions[position]
        if seed is None or not active[position]:
            continue
        if step.op == "input":
            known = gradient[step.index]
            gradient[step.index] = seed if known is None else builder.op("add", known, seed)
            continue
        for operand, partial in zip(step.args, partials[position], strict=True):
            if partial is not None and active[operand]:
                term = times(builder, seed, partial)
                known = adjoint.get(operand)
                adjoint[operand] = term if known is None else builder.op("add", known, term)
    return gradient


def times(builder: Builder, x: int, y: int) -> int:
    """The place of x * y; no product where one of them is 1 or -1, or is 1 and 0 by turns."""
    for factor, other in ((x, y), (y, x)):
        step = builder.instructions[factor]
        if step.op == "const" and step.value == 1.0:
            return other
        if step.op == "const" and step.value == -1.0:
            return builder.op("neg", other)
        if step.op == "select":
            condition, first, second = step.args
            choice = [builder.instructions[a] for a in (first, second)]
            # A product would make NaN of an infinite factor that is not chosen.
            if choice == [_ONE, _NONE]:
                return builder.op("select", condition, other, second)
            if choice == [_NONE, _ONE]:
                return builder.op("select", condition, first, other)
    return builder.op("mul", x, y)
