"""Numba: one Python module that compiles itself on first use, beside the package of runtime modules it needs."""

from __future__ import annotations

import hashlib
import re
from typing import Any

from symc import resources
from symc.backends.derived import derived, locals_of, titles_of
from symc.backends.functions import SLOW_PATH, over_columns
from symc.backends.headers import double_stems, stems
from symc.backends.layers import core, layers
from symc.backends.listing import Printer
from symc.backends.names import decimal, hides
from symc.backends.registry import Backend
from symc.backends.render import render
from symc.backends.spelling import SPELLINGS, format_of
from symc.backends.stages import Stages, stages
from symc.backends.unit import Unit
from symc.backends.view import columns, derivatives, equations, view
from symc.errors import SymcError
from symc.ir.formats import FLOAT32, FLOAT64
from symc.ir.program import Program

# The packages that come with code of each format.
RUNTIMES = {FLOAT32.name: "symc_runtime", FLOAT64.name: "symc_runtime64"}
_IMPORT = re.compile(r"^from \.([a-z0-9_]+) import", re.M)
# Rows in a block: more than in C, because calling a function for a column costs more here.
ROWS = 128
# The argument that hands column number {} of the block v to a function.
_COLUMN = "rt.offset(v, {} * _ROWS)"
# With the bundle's folder on sys.path, a module of such a name would be imported instead of the real one.

TABLE = {
    "add": "{0} + {1}",
    "sub": "{0} - {1}",
    "mul": "{0} * {1}",
    "div": "{0} / {1}",
    "neg": "rt.neg({0})",
    "abs": "rt.abs_({0})",
    "min": "rt.minimum({0}, {1})",
    "max": "rt.maximum({0}, {1})",
    "relu": "rt.relu({0})",
    "select": "rt.if_positive({0}, {1}, {2})",
    "lt": "rt.lt({0}, {1})",
    "le": "rt.le({0}, {1})",
    "gt": "rt.gt({0}, {1})",
    "ge": "rt.ge({0}, {1})",
    "eq": "rt.eq({0}, {1})",
    "ne": "rt.ne({0}, {1})",
    "floor": "rt.floor({0})",
    "ceil": "rt.ceil({0})",
    "round": "rt.round_({0})",
    "trunc": "rt.trunc({0})",
    "sign": "rt.sign({0})",
    "mod": "rt.mod({0}, {1})",
    "sqrt": "rt.sqrt({0})",
    "cbrt": "rt.cbrt({0})",
    "exp": "rt.exp({0})",
    "exp2": "rt.exp2({0})",
    "expm1": "rt.expm1({0})",
    "log": "rt.log({0})",
    "log2": "rt.log2({0})",
    "log10": "rt.log10({0})",
    "log1p": "rt.log1p({0})",
    "pow": "rt.pow_({0}, {1})",
    "sin": "rt.sin({0})",
    "cos": "rt.cos({0})",
    "tan": "rt.tan({0})",
    "asin": "rt.asin({0})",
    "acos": "rt.acos({0})",
    "atan": "rt.atan({0})",
    "sinh": "rt.sinh({0})",
    "cosh": "rt.cosh({0})",
    "tanh": "rt.tanh({0})",
    "asinh": "rt.asinh({0})",
    "acosh": "rt.acosh({0})",
    "atanh": "rt.atanh({0})",
    "erf": "rt.erf({0})",
    "erfc": "rt.erfc({0})",
    "gamma": "rt.gamma({0})",
}
# They return a pair: the value, and nonzero when it does not count.
FAST = {op: TABLE[op].replace("pow_", "pow").replace("(", "_fast(") for op in SLOW_PATH}


def literal(value: float) -> str:
    """A float32 constant: a bare literal would be a float64 and promote what it touches."""
    return f"np.float32({decimal(value)})"


PRINTER = Printer(TABLE, literal)
# The names are the same for doubles, and a bare literal is one.
PRINTERS = {FLOAT32.name: PRINTER, FLOAT64.name: Printer(TABLE, SPELLINGS[FLOAT64.name].literal)}
# The functions of doubles have one version each.
FASTER: dict[str, dict[str, str]] = {FLOAT32.name: FAST, FLOAT64.name: {}}


def files(unit: Unit) -> dict[str, bytes]:
    """Path inside the bundle -> content; SymcError for a name that would hide a module the code itself imports."""
    if hides(unit.name, "numba"):
        raise SymcError(
            f"the name {unit.name!r} is that of a Python module, which numba/{unit.name}.py would hide",
            where="--name",
            hint="Choose another name, or leave out the target numba.",
        )
    tables = layers(unit.program, decimal)
    out, width = ("y", "N_OUT") if tables is None else ("h", str(tables.n_h))
    parts = [_functions(unit, core(unit.program), equations(unit), "eval", out, width)]
    if unit.jacobian is not None:
        parts.append(_functions(unit, unit.jacobian, derivatives(unit), "jacobian", "J", "N_OUT * N_IN"))
    further = derived(unit.program, unit.further)
    for of in further:
        printer = PRINTERS[of.straight.format.name]
        batch = stages(of.straight, printer, locals_of(unit, of), titles_of(unit, of), _COLUMN)
        part = _part(of.kind, "results", str(of.straight.n_out), batch)
        # Its own name, as an argument may be called v.
        parts.append(part | {"of": of, "block": "columns"})
    called = sorted({variant for part in parts for variant in part["batch"].called})
    jacobian = () if unit.jacobian is None else (unit.jacobian,)
    programs = (core(unit.program), *jacobian, *(of.straight for of in further))
    format = format_of(unit.program).name
    package = RUNTIMES[format]
    needed = {stem for program in programs for stem in modules(program)}
    # In functions of double nothing is narrower, and LLVM fills vectors by itself.
    fills_vectors = bool(called) and format == FLOAT32.name
    if fills_vectors:
        needed.add("loops")
    runtime = _modules(package, needed)
    made = render(
        "numba/NAME.py.jinja",
        **view(unit),
        rows=ROWS,
        column=_COLUMN,
        layers=tables,
        functions=parts,
        called=[over_columns(variant, PRINTERS[format], FASTER[format]) for variant in called],
        fills_vectors=fills_vectors,
        package=package,
        modules=list(runtime),
        runtime_digest=_digest(runtime),
    )
    shipped = {f"numba/{package}/{name}.py": text.encode() for name, text in runtime.items()}
    return {f"numba/{unit.name}.py": made, **shipped}


def modules(program: Program) -> tuple[str, ...]:
    """The names of the runtime's modules that code of `program` uses."""
    if program.format == FLOAT64:
        # What is exact or rounded once is in core.
        return tuple(stem for stem in double_stems(program) if stem not in ("round", "sqrt"))
    return stems(program)


def _modules(package: str, names: set[str]) -> dict[str, str]:
    """The modules of a runtime package with those names, and the ones they import: name -> content."""
    found: dict[str, str] = {}
    waiting = sorted(names | {"__init__", "memory"})
    while waiting:
        name = waiting.pop()
        if name in found:
            continue
        path = resources.runtime() / "numba" / package / f"{name}.py"
        try:
            text = path.read_text(encoding="utf-8")
        except OSError as error:
            raise SymcError(f"cannot read the runtime module: {error.strerror}", where=str(path)) from None
        found[name] = text
        waiting += _IMPORT.findall(text)
    return dict(sorted(found.items()))


def _digest(texts: dict[str, str]) -> str:
    """As the generated module computes it from the files beside it."""
    return hashlib.sha256("".join(name + texts[name] for name in sorted(texts)).encode()).hexdigest()


def _functions(
    unit: Unit, program: Program, titles: tuple[str, ...], stem: str, out: str, width: str
) -> dict[str, Any]:
    batch = stages(program, PRINTERS[program.format.name], columns(unit, program), titles, _COLUMN)
    return _part(stem, out, width, batch)


def _part(stem: str, out: str, width: str, batch: Stages) -> dict[str, Any]:
    return {"stem": stem, "out": out, "width": width, "batch": batch, "of": None, "block": "v"}


BACKEND = Backend(files, checks="symc.verify.targets:numba_checks")
