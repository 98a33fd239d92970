"""Derivatives that a bundle does not ship, generated from its program when something asks for them."""

from __future__ import annotations

from symc.load.package import Package

# The bundle's own vectors test compiler and CPU; a derivative's few only tell that its code was generated whole.
_VECTORS = 16


def derived_package(package: Package, order: int, target: str) -> Package:
    """The package of the order-th derivative: n_out * n_in**order outputs, generated for "c", "numba" or "cuda"."""
    from symc.backends import self_test_vectors, sources
    from symc.backends.unit import Unit, Vectors
    from symc.ir.derive import jacobian
    from symc.ir.evaluate import evaluate

    program = package.program
    for _ in range(order):
        program = jacobian(program)
    inputs = self_test_vectors(package.program, package.domain).inputs[:_VECTORS]
    name = f"{package.name[:48]}_d{order}"
    unit = Unit(
        name=name,
        program=program,
        jacobian=None,
        equations=(f"derivative of order {order}",) * program.n_out,
        domain=package.domain,
        errors=(),
        model_sha256=package.digest,
        tool="symc",
        options=(),
        vectors=Vectors(inputs, evaluate(program, inputs)),
    )
    return Package(name, program, unit.equations, package.domain, sources(unit, [target]))
