"""What every template may use of a Unit, prepared once: names, titles, bounds."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from symc.backends import headers
from symc.backends.guard import guard
from symc.backends.layers import core, outline, span
from symc.backends.log import log
from symc.backends.names import local_names, macro_names
from symc.backends.spelling import format_of, spelling_of
from symc.backends.unit import Unit
from symc.ir.layered import Layered
from symc.ir.program import Program
from symc.meaning.units import shown
from symc.tables import printable

# With more inputs or outputs than this, names of each give way to tables.
_WIDE = 32


def view(unit: Unit) -> dict[str, Any]:
    """The context shared by all templates."""
    spelling = spelling_of(unit.program)
    shows = spelling.decimal
    return {
        "name": unit.name,
        "prefix": unit.name.upper(),
        "tool": unit.tool,
        "version": version(unit.tool),
        "options": unit.options,
        "errors": unit.errors,
        "model_sha256": unit.model_sha256,
        "runtime_check": headers.check,
        "made": unit.origin.made,
        "caution": unit.caution,
        "reference": unit.origin.reference,
        "inputs": tuple(zip(unit.program.inputs, macro_names(unit.program.inputs), strict=True)),
        "outputs": tuple(zip(unit.program.outputs, macro_names(unit.program.outputs), strict=True)),
        "equations": outline(unit.program, unit.equations) if isinstance(unit.program, Layered) else equations(unit),
        "promise": unit.promise,
        "domain": None if unit.domain is None else tuple((shows(lo), shows(hi)) for lo, hi in unit.domain),
        "format": format_of(unit.program).name,
        **spelling.context,
        "input_units": tuple(map(shown, unit.units.inputs)) if unit.units else (),
        "output_units": tuple(map(shown, unit.units.outputs)) if unit.units else (),
        "described": described(unit),
        "named": named(unit),
        "jacobian": unit.jacobian is not None,
        "further": unit.further,
        "selftest": unit.selftest,
        **guard(unit),
        **log(unit),
        "n_in": unit.program.n_in,
        "n_out": unit.program.n_out,
        "many_inputs": unit.program.n_in > _WIDE,
        "many_outputs": unit.program.n_out > _WIDE,
        "all_inputs": span(unit.program.inputs),
        "all_outputs": span(unit.program.outputs),
    }


def equations(unit: Unit) -> tuple[str, ...]:
    """One line per equation: "density = 1.2 * p / T"."""
    return tuple(f"{o} = {e}" for o, e in zip(core(unit.program).outputs, unit.equations, strict=True))


def described(unit: Unit) -> tuple[str, ...]:
    """One line per input and output with its unit: "x[0] pressure, bar, 0.5 to 2.0"; none without units."""
    if unit.units is None:
        return ()
    domain = [""] * unit.program.n_in
    if unit.domain is not None:
        shows = spelling_of(unit.program).decimal
        domain = [f", {shows(lo)} to {shows(hi)}" for lo, hi in unit.domain]
    named = zip(unit.program.inputs, unit.units.inputs, domain, strict=True)
    results = zip(unit.program.outputs, unit.units.outputs, strict=True)
    return (
        *(f"x[{k}] {name}, {shown(of)}{box}" for k, (name, of, box) in enumerate(named)),
        *(f"y[{k}] {name}, {shown(of)}" for k, (name, of) in enumerate(results)),
    )


def named(unit: Unit) -> tuple[str, ...]:
    """One line per column that has another name of its own: 'x[0] flow_rate is "flow rate"'."""
    if not unit.own_names:
        return ()
    sides = (("x", unit.program.inputs, unit.own_names[0]), ("y", unit.program.outputs, unit.own_names[1]))
    return tuple(
        f'{array}[{k}] {name} is "{printable(own)}"'
        for array, names, owns in sides
        for k, (name, own) in enumerate(zip(names, owns, strict=True))
        if name != own
    )


def derivatives(unit: Unit) -> tuple[str, ...]:
    """One title per entry of the Jacobian, row-major."""
    return tuple(f"d {o} / d {i}" for o in unit.program.outputs for i in unit.program.inputs)


def columns(unit: Unit, program: Program) -> Sequence[str]:
    """Local variables for the inputs; none is called as one of the model's own functions, tables or macros."""
    arrays = ("z", "h") if isinstance(unit.program, Layered) else ()
    return local_names(program.inputs, taken=arrays, model=unit.name)


def version(tool: str) -> str:
    """The number in "symc 0.1.0", for build systems; "0" when there is none."""
    match = re.search(r"\d+(\.\d+){0,3}", tool)
    return match.group() if match else "0"
