"""CUDA C++: a header with device functions for the caller's own kernels, and kernels that evaluate a batch."""

from __future__ import annotations

from symc.backends import headers
from symc.backends.c import TABLE, literal
from symc.backends.layers import core, layers
from symc.backends.listing import Listing, Printer, listing
from symc.backends.registry import Backend
from symc.backends.render import render
from symc.backends.unit import Unit
from symc.backends.view import columns, derivatives, equations, view
from symc.ir.program import Program

# Arithmetic goes through functions too: no flag of the caller's can then fuse it or flush its subnormals.
PRINTER = Printer(
    {**TABLE, **{op: f"symc_{op}({{0}}, {{1}})" for op in ("add", "sub", "mul", "div")}},
    literal,
)


def files(unit: Unit) -> dict[str, bytes]:
    """Path inside the bundle -> content."""
    programs = (unit.program,) if unit.jacobian is None else (unit.program, unit.jacobian)
    used = {header for program in programs for header in headers.direct(program)}
    context = view(unit) | {
        "headers": sorted(used),
        "layers": layers(unit.program, literal),
        "scalar": _body(unit, core(unit.program), equations(unit)),
        "jacobian_scalar": None if unit.jacobian is None else _body(unit, unit.jacobian, derivatives(unit)),
    }
    made = {
        f"cuda/{unit.name}.cuh": render("cuda/NAME.cuh.jinja", **context),
        f"cuda/{unit.name}.cu": render("cuda/NAME.cu.jinja", **context),
    }
    made.update({f"cuda/{path}": content for path, content in headers.closure(used).items()})
    return made


def host_shim_source(name: str) -> str:
    """C++ that compiles the arithmetic of cuda/NAME.cuh for the host, to check its bits where there is no GPU.

    Compile it with the bundle's cuda/ folder as include directory. It defines
    extern "C" void NAME_shim_batch(const float *x, float *y, size_t n), row-major.
    """
    return render("cuda/NAME_shim.cpp.jinja", name=name, prefix=name.upper()).decode()


def _body(unit: Unit, program: Program, titles: tuple[str, ...]) -> Listing:
    return listing(program, PRINTER, columns(unit, program), titles)


BACKEND = Backend(files, checks="symc.verify.targets:CUDA_CHECKS")
