"""Paths: which derivative of a bundle's equations is meant, a letter for each step towards it.

    ""   the values: x -> y
    v    backwards: the inputs of what stands before, a weight for each of its outputs -> a derivative for each input
    t    forwards: its inputs, and a direction of them -> a derivative for each output
    J    all first derivatives; H: all second ones. They stand at the beginning.

"vt" is the derivative along a direction of the gradient: the product of a Hessian and a vector. The inputs of v and t
are those of what stands before, then the direction.
"""

from __future__ import annotations

from collections.abc import Callable

from symc.ir.program import Program

BACKWARDS, FORWARDS, JACOBIAN, HESSIAN = "v", "t", "J", "H"
# The functions of the last step, as --derivatives names them.
KINDS = {BACKWARDS: "vjp", FORWARDS: "jvp", JACOBIAN: "jacobian", HESSIAN: "hessian"}


def has_direction(path: str) -> bool:
    return path[-1:] in (BACKWARDS, FORWARDS)


def widths(path: str, n_in: int, n_out: int) -> tuple[int, int]:
    """Inputs and outputs of a path's function for equations of n_in inputs and n_out outputs."""
    for step in path:
        if step == BACKWARDS:
            n_in, n_out = n_in + n_out, n_in
        elif step == FORWARDS:
            n_in, n_out = 2 * n_in, n_out
        else:
            n_out *= n_in if step == JACOBIAN else n_in * n_in
    return n_in, n_out


def program_of(program: Program, path: str) -> Program:
    """The program that a path leads to; its outputs are the derivatives alone."""
    from symc.ir.derive import jacobian
    from symc.ir.directional import hessian, pullback, pushforward

    steps: dict[str, Callable[[Program], Program]] = {
        BACKWARDS: pullback, FORWARDS: pushforward, JACOBIAN: jacobian, HESSIAN: hessian,
    }  # fmt: skip
    for step in path:
        program = steps[step](program)
    return program
