"""How a CUDA block shares the sums of a layered program: tiles of rows, and columns of weights over its threads."""

from __future__ import annotations

from dataclasses import dataclass

from symc.ir.layered import Layered

THREADS = 128
# Floats of shared memory for the inputs of a tile, a part of each row at a time, and for what lies between the
# matrices: 24 KiB, of which every multiprocessor holds several.
_INPUTS = 4096
_BETWEEN = 2048
# Rows of a tile: at most a thread each for the equations; at most so many sums in the registers of a thread. Of 32,
# some compilers spill; a compiler left to choose how many blocks a multiprocessor holds spills of fewer, for more.
_MOST_ROWS = THREADS
_MOST_SUMS = 24
_RESIDENT = 4
# More rows for each weight loaded than this are not worth larger tiles.
_ENOUGH_SUMS = 16
# A tile of few rows is there to be fast: so many sums in a thread.
_FEW_SUMS = 4


@dataclass(frozen=True)
class Tiles:
    """A tile has `many` rows, or `few` where there are not enough rows for all blocks.

    z_columns, y_columns: neighbouring threads that take neighbouring columns of a matrix; each of the z_groups and
    y_groups of them takes its share of the rows. width: inputs of a row that are in shared memory at a time, at a
    distance of `pitch` from the next row's; the values between the matrices lie `between` apart. room: rows that have
    room there. resident: blocks that a multiprocessor must be able to hold, which bounds their registers.
    """

    few: int
    many: int
    z_columns: int
    z_groups: int
    y_columns: int
    y_groups: int
    width: int
    pitch: int
    between: int
    room: int
    resident: int = _RESIDENT


def tiles(program: Layered) -> Tiles | None:
    """The tiles of `program`; None where not even one row has room between the matrices."""
    n_z, n_h = program.equations.n_in, program.equations.n_out
    z_columns, y_columns = min(n_z, THREADS), min(program.n_out, THREADS)
    y_groups = THREADS // y_columns
    between = _apart(max(n_z, n_h))
    most = min(_BETWEEN // between, _MOST_SUMS * y_groups, _MOST_ROWS)
    if most == 0:
        return None
    z_groups = min(THREADS // z_columns, most)
    many = z_groups * min(most // z_groups, _ENOUGH_SUMS)
    # The last rows of a thread may be beyond those of the tile.
    room = max(many, -(-many // y_groups) * y_groups)
    width = min(-(-program.n_in // 4) * 4, _INPUTS // room // 4 * 4 - 4)
    few = min(z_groups, _FEW_SUMS * y_groups)
    return Tiles(few, many, z_columns, z_groups, y_columns, y_groups, width, _apart(width), between, room)


def _apart(width: int) -> int:
    """The distance of rows of `width` values: whole vectors of 4, an odd number of them, which spreads the memory's
    banks."""
    return -(-width // 4) // 2 * 8 + 4
