"""CUDA C++: a header with device functions for the caller's own kernels, and kernels that evaluate a batch."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from symc.backends import headers
from symc.backends.derived import Derived, body, derived
from symc.backends.layers import core, layers
from symc.backends.listing import Listing, Printer, listing
from symc.backends.operations import TABLE, TABLE64, literal
from symc.backends.registry import Backend
from symc.backends.render import render
from symc.backends.spelling import SPELLINGS, spelling_of
from symc.backends.tiles import THREADS, Tiles, tiles
from symc.backends.unit import Unit
from symc.backends.view import columns, derivatives, equations, view
from symc.ir.formats import FLOAT32, FLOAT64, Format
from symc.ir.layered import Layered
from symc.ir.program import Program

# Arithmetic goes through functions: no flag of the caller's can then fuse it or flush its subnormals.
_CALLED = ("add", "sub", "mul", "div")
PRINTER = Printer(TABLE, literal)
PRINTERS = {
    FLOAT32.name: PRINTER,
    FLOAT64.name: Printer(
        {**TABLE64, **{op: f"symc_double_{op}({{0}}, {{1}})" for op in _CALLED}}, SPELLINGS[FLOAT64.name].literal
    ),
}


# Bytes of shared memory that every device gives a block, and the blocks that are tried for staged rows.
_SHARED = 48 * 1024
_STAGED_THREADS = (128, 64, 32)
_THREADS = 256
# Rows of up to so many inputs and a single output are loaded and stored directly: neighbours share cache lines.
_NARROW = 4
# A thread takes several rows of a narrow program that costs at most this (symc/ir/ops.py): as many as have _AHEAD
# inputs, all on their way from memory at once, and at most _MOST_RUNS loads' worth.
_CHEAP = 64
_AHEAD = 8
_MOST_RUNS = 4
# The grid's limit, and eight blocks for each of 128 multiprocessors.
_MOST_BLOCKS = 2**31 - 1
_TILE_BLOCKS = 1024


@dataclass(frozen=True)
class Shape:
    """How the threads of a kernel share its rows: blocks of `threads`, and one row at a time in each thread, or,
    `staged`, 32 at a time in each warp, by way of shared memory, or, where `run` is not 0, `runs` times `run`
    neighbouring rows in each thread, by loads and stores of whole vectors. A layered program has `tiles` instead."""

    threads: int
    staged: bool = False
    run: int = 0
    runs: int = 1
    tiles: Tiles | None = None

    @property
    def tile(self) -> int:
        """Rows that a block takes at a time, at least."""
        return self.tiles.few if self.tiles else self.threads * max(1, self.run) * self.runs

    @property
    def most_blocks(self) -> int:
        """Blocks of a launch that knows nothing of the device; more of them take small tiles where large ones pay."""
        return _TILE_BLOCKS if self.tiles else _MOST_BLOCKS


def shape(program: Program | Layered, n_in: int, n_out: int) -> Shape:
    """The shape of a kernel that reads `n_in` and writes `n_out` values a row."""
    size = spelling_of(program).size
    if isinstance(program, Layered):
        found = tiles(program)
        if found is not None:
            return Shape(THREADS, tiles=found)
    run = _run(n_in, n_out) if size == 4 else 0
    if run and program.cost <= _CHEAP:
        return Shape(_THREADS, run=run, runs=max(1, min(_AHEAD // (run * n_in), _MOST_RUNS)))
    if n_in <= _NARROW and n_out == 1:
        return Shape(_THREADS)
    return wide_shape(n_in, n_out, size)


def wide_shape(n_in: int, n_out: int, size: int = 4) -> Shape:
    """The shape of a kernel for rows of several arrays, or of many values of `size` bytes."""
    for threads in _STAGED_THREADS:
        if threads * size * ((n_in + n_out) | 1) <= _SHARED:
            return Shape(threads, staged=True)
    return Shape(_THREADS)


def _run(n_in: int, n_out: int) -> int:
    """The neighbouring rows that vectors of at most 4 values hold; 0 where none do."""
    if (n_in, n_out) == (3, 1):
        return 4
    return 4 // max(n_in, n_out) if {n_in, n_out} <= {1, 2, 4} else 0


def files(unit: Unit) -> dict[str, bytes]:
    """Path inside the bundle -> content."""
    further = derived(unit.program, unit.further)
    programs = [unit.program, *(of.straight for of in further), *([] if unit.jacobian is None else [unit.jacobian])]
    used = {header for program in programs for header in headers.direct(program)}
    context = view(unit) | {
        "headers": sorted(used),
        "layers": layers(unit.program, literal),
        "scalar": _body(unit, core(unit.program), equations(unit)),
        "shape": shape(unit.program, unit.program.n_in, unit.program.n_out),
        "jacobian_scalar": None,
        "jacobian_shape": None,
        "derived": [(of, body(unit, of, PRINTERS[of.straight.format.name])) for of in further],
        "derived_shapes": [
            wide_shape(unit.program.n_in + of.n_along, of.width, spelling_of(unit.program).size) for of in further
        ],
    }
    if unit.jacobian is not None:
        context["jacobian_scalar"] = _body(unit, unit.jacobian, derivatives(unit))
        context["jacobian_shape"] = shape(unit.jacobian, unit.jacobian.n_in, unit.jacobian.n_out)
    made = {
        f"cuda/{unit.name}.cuh": render("cuda/NAME.cuh.jinja", **context),
        f"cuda/{unit.name}.cu": render("cuda/NAME.cu.jinja", **context),
    }
    made.update({f"cuda/{path}": content for path, content in headers.closure(used).items()})
    return made


def host_shim_source(
    name: str, *, jacobian: bool, further: Sequence[Derived] = (), format: Format = FLOAT32
) -> str:
    """C++ that compiles the arithmetic of cuda/NAME.cuh for the host, to check its bits where there is no GPU.

    Compile it with the bundle's cuda/ folder as include directory. It defines
    extern "C" void NAME_shim_batch(const float *x, float *y, size_t n) (of double where the format is float64),
    row-major, and with `jacobian`
    NAME_shim_jacobian_batch; for each of `further` NAME_shim_KIND_batch(x, direction, y, g, n), without a direction
    (x, g, n).
    """
    sizes = [(of.kind, of.n_along, of.n_values, of.derivatives.n) for of in further]
    context: dict[str, Any] = {"name": name, "prefix": name.upper(), "jacobian": jacobian, "further": sizes}
    context |= SPELLINGS[format.name].context
    return render("cuda/NAME_shim.cpp.jinja", **context).decode()


def _body(unit: Unit, program: Program, titles: tuple[str, ...]) -> Listing:
    return listing(program, PRINTERS[program.format.name], columns(unit, program), titles)


BACKEND = Backend(files, checks="symc.verify.targets:cuda_checks")
