"""Derivatives of a Program, generated from the operator table by reverse accumulation; no finite differences."""

from __future__ import annotations

from symc.ir import passes
from symc.ir.ops import OPERATORS
from symc.ir.program import Builder, Program


def jacobian(program: Program) -> Program:
    """The program of all partial derivatives.

    Same inputs; outputs are d<output>_d<input>, row-major as (n_out, n_in). At a kink (|x| at 0, min(x, x)) the
    derivative is the one-sided value that the operator table states.
    """
    builder = Builder(program.inputs)
    place = builder.include(program)
    active = active_values(program)
    partials = local_partials(program, builder, place, active)
    names, results = [], []
    for output, result in zip(program.outputs, program.results, strict=True):
        gradient = _gradient(program, builder, partials, active, result)
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


def _gradient(
    program: Program, builder: Builder, partials: list[tuple[int | None, ...]], active: list[bool], result: int
) -> list[int | None]:
    adjoint: dict[int, int] = {result: builder.const(1.0)}
    gradient: list[int | None] = [None] * program.n_in
    for position in range(result, -1, -1):
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
                term = _times(builder, seed, partial)
                known = adjoint.get(operand)
                adjoint[operand] = term if known is None else builder.op("add", known, term)
    return gradient


def _times(builder: Builder, x: int, y: int) -> int:
    for factor, other in ((x, y), (y, x)):
        step = builder.instructions[factor]
        if step.op == "const" and step.value == 1.0:
            return other
        if step.op == "const" and step.value == -1.0:
            return builder.op("neg", other)
    return builder.op("mul", x, y)
