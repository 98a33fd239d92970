"""Derivatives along directions, and second derivatives: Programs made from the operator table, as the Jacobian is.

A derivative along a direction computes the values as well, because it needs nearly all that they need: the outputs of
`vjp` and `jvp` are the program's own, then the derivatives, and the two share every common operation.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence

from symc.ir import passes
from symc.ir.derive import active_values, gradient_of, jacobian, local_partials, times
from symc.ir.program import Builder, Program


def vjp(program: Program) -> Program:
    """One pass backwards: (x, v) -> (y, gx), gx[i] = sum over outputs o of v[o] * dy[o]/dx[i].

    Its inputs are the program's, then a weight per output; its outputs the program's, then a derivative per input.
    """
    builder = Builder((*program.inputs, *_names("v", program.n_out, program.inputs)), program.format)
    place = builder.include(program)
    active = active_values(program)
    partials = local_partials(program, builder, place, active)
    seeds = [(result, builder.input(program.n_in + o)) for o, result in enumerate(program.results)]
    gradient = gradient_of(program, builder, partials, active, seeds)
    return _finish(program, builder, place, "g", gradient)


def jvp(program: Program) -> Program:
    """One pass forwards: (x, t) -> (y, ty), ty[o] = sum over inputs i of dy[o]/dx[i] * t[i].

    Its inputs are the program's, then a direction per input; its outputs the program's, then a derivative per output.
    """
    builder = Builder((*program.inputs, *_names("t", program.n_in, program.inputs)), program.format)
    place = builder.include(program)
    active = active_values(program)
    partials = local_partials(program, builder, place, active)
    tangents: list[int | None] = []
    for position, step in enumerate(program.instructions):
        tangent = builder.input(program.n_in + step.index) if step.op == "input" else None
        if partials[position]:
            for operand, partial in zip(step.args, partials[position], strict=True):
                along = tangents[operand]
                if partial is not None and along is not None:
                    term = times(builder, partial, along)
                    tangent = term if tangent is None else builder.op("add", tangent, term)
        tangents.append(tangent)
    return _finish(program, builder, place, "d", [tangents[result] for result in program.results])


def pullback(program: Program) -> Program:
    """`vjp` without the values: (x, v) -> gx."""
    return _behind(vjp(program), program.n_out)


def pushforward(program: Program) -> Program:
    """`jvp` without the values: (x, t) -> ty."""
    return _behind(jvp(program), program.n_out)


def hessian(program: Program) -> Program:
    """x -> second derivatives, row-major as (n_out, n_in, n_in); symmetric to the bit: each pair is computed once."""
    slopes = jacobian(program)
    builder = Builder(program.inputs, program.format)
    place = builder.include(slopes)
    active = active_values(slopes)
    partials = local_partials(slopes, builder, place, active)
    n, zero = program.n_in, builder.const(0.0)
    found: dict[tuple[int, int, int], int] = {}
    for entry, result in enumerate(slopes.results):
        o, i = divmod(entry, n)
        gradient = gradient_of(slopes, builder, partials, active, [(result, builder.const(1.0))])
        for j in range(i, n):
            second = gradient[j]
            found[o, i, j] = found[o, j, i] = zero if second is None else second
    names = [f"h{o}_{i}_{j}" for o, i, j in sorted(found)]
    return passes.run(builder.finish(names, [found[key] for key in sorted(found)]))


# What --derivatives may name beside the Jacobian, in the order in which code is generated.
DIRECTIONAL: dict[str, Callable[[Program], Program]] = {"vjp": vjp, "jvp": jvp, "hessian": hessian}


def _finish(
    program: Program, builder: Builder, place: Sequence[int], letter: str, derivatives: Sequence[int | None]
) -> Program:
    names = _names(letter, len(derivatives), program.outputs)
    results = [builder.const(0.0) if value is None else value for value in derivatives]
    return passes.run(builder.finish((*program.outputs, *names), [*(place[r] for r in program.results), *results]))


def _behind(program: Program, first: int) -> Program:
    """Without the first outputs, and what only they need."""
    names, places = program.outputs[first:], program.results[first:]
    kept = Program(program.inputs, names, program.instructions, places, program.format)
    return passes.run(kept)


def _names(letter: str, count: int, taken: Collection[str]) -> list[str]:
    """`count` names that begin with `letter` and are not among `taken`."""
    while any(f"{letter}{k}" in taken for k in range(count)):
        letter += "_"
    return [f"{letter}{k}" for k in range(count)]
