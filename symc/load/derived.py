"""Code that a bundle does not ship, generated from its program when something asks for derivatives."""

from __future__ import annotations

from collections.abc import Sequence

from symc.errors import SymcError
from symc.ir.formats import FLOAT64
from symc.ir.program import Program
from symc.load.package import Package


def derived_package(package: Package, order: int, target: str) -> Package:
    """The package of the order-th derivative: n_out * n_in**order outputs, generated for "c", "numba" or "cuda"."""
    from symc.ir.derive import jacobian

    program = _plain(package.program)
    if program.format == FLOAT64 and "gamma" in program.operators:
        what = "the derivative of gamma is known to float32's digits alone"
        raise SymcError(what, where=package.name, hint="Build the bundle in float32 for derivatives.")
    for _ in range(order):
        program = jacobian(program)
    return _generated(package, f"{package.name[:48]}_d{order}", program, f"derivative of order {order}", [target])


def core_package(package: Package) -> Package:
    """The package of the equations between the matrices of a layered one, for the targets that it has itself.

    It holds their Jacobian, which is what it is for.
    """
    from symc.ir.derive import jacobian
    from symc.ir.layered import Layered

    assert isinstance(package.program, Layered)
    has = {"c": package.has_c, "numba": package.has_numba, "cuda": package.has_cuda}
    targets = [target for target, present in has.items() if present]
    program = package.program.equations
    name = f"{package.name[:48]}_core"
    return _generated(package, name, program, "between the matrices", targets, jacobian(program))


def _generated(
    package: Package, name: str, program: Program, title: str, targets: Sequence[str], jacobian: Program | None = None
) -> Package:
    from symc.backends import sources
    from symc.backends.unit import Unit

    # A derivative takes what its function takes; between matrices no domain was recorded.
    same_inputs = program.inputs == package.program.inputs
    domain = package.domain if same_inputs else None
    unit = Unit(
        name=name,
        program=program,
        jacobian=jacobian,
        equations=(title,) * program.n_out,
        domain=domain,
        errors=(),
        model_sha256=package.digest,
        tool="symc",
        options=(),
    )
    return Package(name, program, unit.equations, domain, sources(unit, targets))


def _plain(program: object) -> Program:
    assert isinstance(program, Program)
    return program
