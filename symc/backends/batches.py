"""Functions of many rows in C: their loops, and the arrays that they keep on the stack."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from symc.backends.derived import Derived, locals_of, titles_of
from symc.backends.functions import Function, over_columns
from symc.backends.layers import Layers, core
from symc.backends.listing import Column
from symc.backends.operations import FASTER, printer_of
from symc.backends.spelling import spelling_of
from symc.backends.stages import Stages, stages
from symc.backends.unit import Unit
from symc.backends.view import columns, derivatives, equations
from symc.ir.layered import Layered
from symc.ir.program import Program

# Rows in a block: enough for the longest SIMD registers, few enough for the first-level cache.
ROWS = 32
# Fewer sums than this symc/affine.h computes for many rows at once, so many inputs of which it copies by column.
AFFINE_FEW, AFFINE_INPUTS = 8, 8
# The most outputs that wait in the block until a last loop stores whole rows: compilers turn columns into rows with
# shuffles there, and write element by element what is stored by itself. More would crowd the first-level cache.
TOGETHER = 16
# The header that turns rows into columns, and how many neighbours it takes at a time, though one alone be wanted.
COLUMNS_HEADER = "symc/columns.h"
TILE = 4
# Bytes of a block's rows that are worth asking for while the block before is computed: the processor finds the start of
# shorter ones by itself, and longer ones would drive out of the first-level cache what is computed with.
FETCHED = range(1024, 16 * 1024 + 1)


@dataclass(frozen=True)
class Tile:
    """Neighbouring inputs from number `index` on, and where in the block their columns are; None for one not used."""

    index: int
    slots: tuple[int | None, ...]


@dataclass(frozen=True)
class Copies:
    """How the inputs of a block get there: by tiles, and to the slots `others` from rows shorter than a tile."""

    tiles: tuple[Tile, ...]
    others: tuple[int, ...]


def loops(unit: Unit, program: Program, titles: tuple[str, ...]) -> Stages:
    """The loops of the function that computes `program` for many rows."""
    return stages(program, printer_of(program), columns(unit, program), titles, together=TOGETHER)


def loops_along(unit: Unit, of: Derived) -> Stages:
    """The same of a derivative along directions."""
    printer, names, titles = printer_of(of.straight), locals_of(unit, of), titles_of(unit, of)
    return stages(of.straight, printer, names, titles, "columns[{}]", together=TOGETHER)


def copies(columns: Sequence[Column], widths: Sequence[int]) -> Copies:
    """Of the inputs `columns`, which arrays with so many values a row hold one after another."""
    slots = {column.index: slot for slot, column in enumerate(columns)}
    tiles: list[Tile] = []
    others: list[int] = []
    begin = 0
    for width in widths:
        left = sorted(index for index in slots if begin <= index < begin + width)
        if width < TILE:
            others += [slots[index] for index in left]
            left = []
        while left:
            # The last tile of a row may lie over the one before.
            first = min(left[0], begin + width - TILE)
            inside = [index for index in left if index < first + TILE]
            tiles.append(Tile(first, tuple(slots[k] if k in inside else None for k in range(first, first + TILE))))
            left = left[len(inside) :]
        begin += width
    return Copies(tuple(tiles), tuple(others))


def is_fetched(program: Program, batch: Stages) -> bool:
    """Whether the rows of a block are asked for early: they have a fitting size, and most of them is read."""
    size = spelling_of(program).size * ROWS * program.n_in
    return size in FETCHED and 2 * len(batch.columns) >= program.n_in


def called(program: Program, batch: Stages) -> list[Function]:
    """The functions that the loops call, each over columns of rows."""
    return [over_columns(variant, printer_of(program), FASTER[program.format.name]) for variant in batch.called]


def sizes(unit: Unit, tables: Layers | None, further: Sequence[Derived]) -> dict[str, Any]:
    """Bytes of the arrays that the functions keep on the stack."""
    slots = loops(unit, core(unit.program), equations(unit)).slots
    jacobian_slots = 0 if unit.jacobian is None else loops(unit, unit.jacobian, derivatives(unit)).slots
    between, size = 0 if tables is None else 4 * (tables.n_z + tables.n_h), spelling_of(unit.program).size
    return {
        "row_buffer": between,
        "buffer": ROWS * (size * slots + between) + _few_sums(unit.program),
        "jacobian_buffer": size * ROWS * jacobian_slots,
        "along_row_buffers": {of.kind: _between(of) for of in further},
        "along_buffers": {of.kind: _along_buffer(unit, of) for of in further},
    }


def _along_buffer(unit: Unit, of: Derived) -> int:
    size = spelling_of(unit.program).size
    slots = size * ROWS * loops_along(unit, of).slots
    if not of.is_layered:
        return slots + size * ROWS * of.n_values
    return ROWS * _between(of) + slots + _few_sums(unit.program, turned=of.kind == "vjp")


def _few_sums(program: Program | Layered, *, turned: bool = False) -> int:
    """Bytes that symc_affine_few takes, where a matrix has so few sums that its rows are vectorised.

    turned: whether the matrices are there by output as well.
    """
    if not isinstance(program, Layered):
        return 0
    weights = (program.project.weight, program.expand.weight, program.direct)
    shapes = [weight.shape for weight in weights if weight is not None]
    if turned:
        shapes += [(n_in, n_out) for n_out, n_in in shapes]
    taken = any(1 < n_out < AFFINE_FEW and n_in >= AFFINE_INPUTS for n_out, n_in in shapes)
    return 4 * ROWS * (AFFINE_FEW + AFFINE_INPUTS) if taken else 0


def _between(of: Derived) -> int:
    """Bytes of the arrays between the matrices, for one row."""
    arrays = (*of.inner_given.arrays, *of.inner_results.arrays) if of.is_layered else ()
    return 4 * sum(array.n for array in arrays)
