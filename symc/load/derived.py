"""Code that a bundle does not ship, generated from its program when something asks for derivatives."""

from __future__ import annotations

from collections.abc import Sequence

from symc.arithmetic import usual
from symc.errors import SymcError
from symc.ir.formats import FLOAT64
from symc.ir.layered import Layered
from symc.ir.program import Program
from symc.load.package import Package
from symc.load.paths import JACOBIAN, KINDS, program_of


def derived_package(package: Package, path: str, target: str) -> Package:
    """The package with the function of the last step of `path`, generated for "c", "numba" or "cuda".

    SymcError for what a layered package has no function for: tables of all derivatives, and derivatives of derivatives.
    """
    base, last = path[:-1], path[-1:]
    program = package.program
    if isinstance(program, Layered):
        if path not in ("v", "t"):
            raise SymcError(f"the compressed block {package.name} has no code for its derivatives of this kind")
    else:
        if program.format == FLOAT64 and "gamma" in program.operators:
            what = "the derivative of gamma is known to float32's digits alone"
            raise SymcError(what, where=package.name, hint="Build the bundle in float32 for derivatives.")
        program = program_of(program, base)
    title = "derivatives of" if base else "derivatives of the equations of"
    return _generated(package, f"{package.name[:48]}_{path}", program, f"{title} {package.name}", [target], KINDS[last])


def core_package(package: Package) -> Package:
    """The package of the equations between the matrices of a layered one, for the targets that it has itself.

    It holds their Jacobian, which is what it is for beside their derivatives along directions.
    """
    assert isinstance(package.program, Layered)
    has = {"c": package.has_c, "numba": package.has_numba, "cuda": package.has_cuda}
    targets = [target for target, present in has.items() if present]
    program = package.program.equations
    return _generated(package, f"{package.name[:48]}_core", program, "between the matrices", targets, KINDS[JACOBIAN])


@usual
def _generated(
    package: Package, name: str, program: Program | Layered, title: str, targets: Sequence[str], kind: str
) -> Package:
    from symc.backends import sources
    from symc.backends.layers import core
    from symc.backends.unit import Unit
    from symc.ir.derive import jacobian

    # A derivative takes what its function takes; between matrices, or beside a direction, no domain was recorded.
    same_inputs = program.inputs == package.program.inputs
    domain = package.domain if same_inputs else None
    is_jacobian = kind == KINDS[JACOBIAN]
    unit = Unit(
        name=name,
        program=program,
        jacobian=jacobian(program) if is_jacobian and isinstance(program, Program) else None,
        equations=(title,) * core(program).n_out,
        domain=domain,
        errors=(),
        model_sha256=package.digest,
        tool="symc",
        options=(),
        further=() if is_jacobian else (kind,),
    )
    return Package(name, program, unit.equations, domain, sources(unit, targets))
