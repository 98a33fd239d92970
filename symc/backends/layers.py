"""The matrices of a layered program as tables of literals, by input, the way symc/affine.h reads them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from symc.backends.unit import F32
from symc.ir.layered import Layered
from symc.ir.program import Program


@dataclass(frozen=True)
class Table:
    """Float32 values `rows` under `name`: a row per input of a matrix, or the one row of a bias; `title` for people.

    `sizes` are the ends of the macros whose product is the number of values.
    """

    name: str
    title: str
    sizes: tuple[str, ...]
    rows: tuple[str, ...]


@dataclass(frozen=True)
class Layers:
    """What surrounds the equations of a layered program.

    n_z, n_h: numbers of coordinates before and of values after the equations; has_direct: whether the inputs also add
    to the outputs directly; n_bytes: of all `tables`. turned: the matrices once more, by what they give in place of
    what they take, for derivatives backwards where vectors take neighbouring sums.
    """

    n_z: int
    n_h: int
    has_direct: bool
    tables: tuple[Table, ...]
    n_bytes: int
    turned: tuple[Table, ...]


def core(program: Program | Layered) -> Program:
    """The program itself, or the one between the matrices."""
    return program.equations if isinstance(program, Layered) else program


def layers(program: Program | Layered, literal: Callable[[float], str]) -> Layers | None:
    """The tables of `program`, values spelled by `literal`; None when it has no matrices."""
    if not isinstance(program, Layered):
        return None
    z, h = program.equations.inputs, program.equations.outputs
    matrices = [
        ("project_bias", f"p: where {span(z)} begin.", ("N_Z",), program.project.bias[None]),
        ("project", f"P: weights from the inputs to {span(z)}, by input.", ("N_IN", "N_Z"), program.project.weight.T),
        ("expand_bias", "q: where the outputs begin.", ("N_OUT",), program.expand.bias[None]),
        ("expand", f"Q: weights from {span(h)} to the outputs, by value.", ("N_H", "N_OUT"), program.expand.weight.T),
    ]
    if program.direct is not None:
        title = "D: weights from the inputs to the outputs, by input."
        matrices.append(("direct", title, ("N_IN", "N_OUT"), program.direct.T))
    tables = tuple(Table(name, title, sizes, _rows(values, literal)) for name, title, sizes, values in matrices)
    n_bytes = sum(values.nbytes for *_, values in matrices)
    turned = [
        ("project_turned", f"P by {span(z)}.", ("N_Z", "N_IN"), program.project.weight),
        ("expand_turned", "Q by output.", ("N_OUT", "N_H"), program.expand.weight),
    ]
    if program.direct is not None:
        turned.append(("direct_turned", "D by output.", ("N_OUT", "N_IN"), program.direct))
    backwards = tuple(Table(name, title, sizes, _rows(values, literal)) for name, title, sizes, values in turned)
    return Layers(len(z), len(h), program.direct is not None, tables, n_bytes, backwards)


def outline(program: Layered, equations: Sequence[str]) -> tuple[str, ...]:
    """The program in lines for people: into the coordinates, one line per equation, and out of the values."""
    z, h = program.equations.inputs, program.equations.outputs
    direct = " + D x" if program.direct is not None else ""
    return (
        f"{span(z)} = P x + p",
        *(f"{name} = {text}" for name, text in zip(h, equations, strict=True)),
        f"{span(program.outputs)} = Q ({span(h)}) + q{direct}",
    )


def span(names: Sequence[str]) -> str:
    """Names in short: a, or a, b, or a ... c."""
    return ", ".join(names) if len(names) <= 2 else f"{names[0]} ... {names[-1]}"


def _rows(values: F32, literal: Callable[[float], str]) -> tuple[str, ...]:
    return tuple(", ".join(map(literal, row)) for row in np.asarray(values).tolist())
