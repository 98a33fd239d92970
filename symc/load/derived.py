"""Code that a bundle does not ship, generated from its program when something asks for derivatives."""

from __future__ import annotations

from collections.abc import Sequence

from symc.ir.program import Program
from symc.load.package import Package

# The bundle's own vectors test compiler and CPU; a derivative's few only tell that its code was generated whole.
_VECTORS = 16


def derived_package(package: Package, order: int, target: str) -> Package:
    """The package of the order-th derivative: n_out * n_in**order outputs, generated for "c", "numba" or "cuda"."""
    from symc.ir.derive import jacobian

    program = _plain(package.program)
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
    from symc.backends import self_test_vectors, sources
    from symc.backends.unit import Unit, Vectors
    from symc.ir.evaluate import evaluate

    # A derivative takes what its function takes; between matrices no domain was recorded.
    same_inputs = program.inputs == package.program.inputs
    domain = package.domain if same_inputs else None
    inputs = self_test_vectors(package.program if same_inputs else program, domain).inputs[:_VECTORS]
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
        vectors=Vectors(inputs, evaluate(program, inputs)),
    )
    return Package(name, program, unit.equations, domain, sources(unit, targets))


def _plain(program: object) -> Program:
    assert isinstance(program, Program)
    return program
