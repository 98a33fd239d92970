"""C99: the header, the functions, the self-test and the CMake project of a bundle."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from symc.backends import fixed, headers
from symc.backends.calls import FIRST_CALL, HARD, LAST_BIT, N_CALLS, faults, runtime_calls
from symc.backends.derived import Derived, body, derived
from symc.backends.functions import SLOW_PATH, Function, over_columns, repeated, single
from symc.backends.layers import Layers, core, layers
from symc.backends.listing import Printer, listing
from symc.backends.names import decimal, hides
from symc.backends.registry import Backend
from symc.backends.render import render
from symc.backends.selftest import N_SPECIAL, self_test
from symc.backends.stages import Stages, stages
from symc.backends.unit import Unit
from symc.backends.view import columns, derivatives, equations, view
from symc.errors import SymcError
from symc.ir.directional import DIRECTIONAL
from symc.ir.program import Program

# Rows in a block: enough for the longest SIMD registers, few enough for the first-level cache.
ROWS = 32
# Bytes of weights that AVR can take: an array holds 32 KiB there.
MOST_FLASH = 32 * 1024

TABLE = {
    "add": "{0} + {1}",
    "sub": "{0} - {1}",
    "mul": "{0} * {1}",
    "div": "symc_div({0}, {1})",
    "neg": "symc_neg({0})",
    "abs": "symc_abs({0})",
    "min": "symc_min({0}, {1})",
    "max": "symc_max({0}, {1})",
    "relu": "symc_relu({0})",
    "select": "symc_if_positive({0}, {1}, {2})",
    "lt": "symc_lt({0}, {1})",
    "le": "symc_le({0}, {1})",
    "gt": "symc_gt({0}, {1})",
    "ge": "symc_ge({0}, {1})",
    "eq": "symc_eq({0}, {1})",
    "ne": "symc_ne({0}, {1})",
    "floor": "symc_floor({0})",
    "ceil": "symc_ceil({0})",
    "round": "symc_round({0})",
    "trunc": "symc_trunc({0})",
    "sign": "symc_sign({0})",
    "mod": "symc_mod({0}, {1})",
    "sqrt": "symc_sqrt({0})",
    "cbrt": "symc_cbrt({0})",
    "exp": "symc_exp({0})",
    "exp2": "symc_exp2({0})",
    "expm1": "symc_expm1({0})",
    "log": "symc_log({0})",
    "log2": "symc_log2({0})",
    "log10": "symc_log10({0})",
    "log1p": "symc_log1p({0})",
    "pow": "symc_pow({0}, {1})",
    "sin": "symc_sin({0})",
    "cos": "symc_cos({0})",
    "tan": "symc_tan({0})",
    "asin": "symc_asin({0})",
    "acos": "symc_acos({0})",
    "atan": "symc_atan({0})",
    "sinh": "symc_sinh({0})",
    "cosh": "symc_cosh({0})",
    "tanh": "symc_tanh({0})",
    "asinh": "symc_asinh({0})",
    "acosh": "symc_acosh({0})",
    "atanh": "symc_atanh({0})",
    "erf": "symc_erf({0})",
    "erfc": "symc_erfc({0})",
    "gamma": "symc_gamma({0})",
}
FAST = {op: TABLE[op].replace("(", "_fast(").replace(")", ", &slow)") for op in SLOW_PATH}


def literal(value: float) -> str:
    """A float32 constant, such as 3.14F."""
    return f"{decimal(value)}F"


PRINTER = Printer(TABLE, literal)


def files(unit: Unit) -> dict[str, bytes]:
    """Path inside the bundle -> content; SymcError for a name whose header would hide one of the system's."""
    if hides(unit.name, "c"):
        raise SymcError(
            f"the name {unit.name!r} is that of a C header, which include/{unit.name}.h would hide",
            where="--name",
            hint="Choose another name, or leave out the target c.",
        )
    if unit.fixed is not None:
        return fixed.files(unit, unit.fixed)
    tables = layers(unit.program, literal)
    further = derived(unit.program, unit.further)
    context = view(unit) | {"rows": ROWS, "layers": tables, "most_flash": MOST_FLASH, "derived": further}
    context |= _self_test(unit, further)
    name = unit.name
    functions = _functions(unit, core(unit.program), equations(unit), name)
    used = {*headers.direct(unit.program)}
    made = {
        "CMakeLists.txt": render("c/CMakeLists.txt.jinja", **context),
        f"include/{name}.h": render("c/NAME.h.jinja", **context, **_sizes(unit, tables)),
        f"src/{name}.c": render(
            "c/NAME.c.jinja" if tables is None else "c/NAME_layered.c.jinja",
            **context, **functions, headers=headers.direct(unit.program),
        ),
        f"src/{name}_selftest.c": render("c/NAME_selftest.c.jinja", **context, headers=_called_headers(unit, further)),
        "test/main.c": render("c/main.c.jinja", **context),
        "MISRA.md": render("c/MISRA.md.jinja", **context),
    }  # fmt: skip
    if unit.outside is not None:
        made[f"src/{name}_guard.c"] = render("c/NAME_guard.c.jinja", **context)
        made[f"src/{name}_counts.c"] = render("c/NAME_counts.c.jinja", **context)
    if unit.jacobian is not None:
        functions = _functions(unit, unit.jacobian, derivatives(unit), f"{name}_jacobian")
        made[f"src/{name}_jacobian.c"] = render(
            "c/NAME_jacobian.c.jinja", **context, **functions, headers=headers.direct(unit.jacobian)
        )
        used.update(headers.direct(unit.jacobian))
    for of in further:
        direct = headers.direct(of.program)
        made[f"src/{name}_{of.kind}.c"] = render(
            "c/NAME_derived.c.jinja", **context, **_one_row(unit, of), of=of, headers=direct
        )
        used.update(direct)
    made.update({f"src/{path}": content for path, content in headers.closure(used).items()})
    return made


def _functions(unit: Unit, program: Program, titles: tuple[str, ...], own: str) -> dict[str, Any]:
    """`own` begins the names of the file's private functions, so that all sources can be compiled as one file."""
    batch = _batch(unit, program, titles)
    scalar, shared = _sharing(program, own)
    return {
        "own": own,
        "scalar": listing(program, scalar, columns(unit, program), titles),
        "repeated": shared,
        "batch": batch,
        "called": [over_columns(variant, PRINTER, FAST) for variant in batch.called],
    }


def _one_row(unit: Unit, of: Derived) -> dict[str, Any]:
    own = f"{unit.name}_{of.kind}"
    scalar, shared = _sharing(of.program, own)
    return {"own": own, "scalar": body(unit, of, scalar), "repeated": shared, "called": []}


def _sharing(program: Program, own: str) -> tuple[Printer, list[Function]]:
    """How a function of one row is printed, and the functions of which it has one copy for their many uses."""
    shared = repeated(program)
    printer = Printer({**TABLE, **{op: TABLE[op].replace("symc_", f"{own}_") for op in shared}}, literal)
    return printer, [single(op, PRINTER) for op in shared]


def _batch(unit: Unit, program: Program, titles: tuple[str, ...]) -> Stages:
    return stages(program, PRINTER, columns(unit, program), titles)


def _sizes(unit: Unit, tables: Layers | None) -> dict[str, Any]:
    """Bytes of the arrays that the functions keep on the stack."""
    slots = _batch(unit, core(unit.program), equations(unit)).slots
    jacobian_slots = 0 if unit.jacobian is None else _batch(unit, unit.jacobian, derivatives(unit)).slots
    between = 0 if tables is None else 4 * (tables.n_z + tables.n_h)
    return {
        "row_buffer": between,
        "buffer": ROWS * (4 * slots + between),
        "jacobian_buffer": 4 * ROWS * jacobian_slots,
    }


def _self_test(unit: Unit, further: Sequence[Derived]) -> dict[str, Any]:
    test = self_test(unit, ROWS, [of.values for of in further])
    calls = runtime_calls(_programs(unit, further), TABLE) if unit.selftest == "full" else ()
    along, values = _along(further)
    return {
        "test": test,
        "ranges": [(decimal(lo), decimal(hi)) for lo, hi in test.made.ranges],
        "n_special": N_SPECIAL,
        "calls": calls,
        "n_calls": N_CALLS,
        "hard": HARD,
        "faults": faults(unit.name, _left_out(unit), calls),
        "first_call": FIRST_CALL,
        "most_calls": LAST_BIT - FIRST_CALL,
        "selftest_along": along,
        "selftest_values": values,
        "selftest_buffer": selftest_stack(unit),
        "selftest_row_buffer": selftest_stack(unit, rows=1),
    }


def selftest_stack(unit: Unit, rows: int = ROWS + 1) -> int:
    """Bytes of the arrays that NAME_selftest keeps on the stack; with one row where it leaves functions of many out."""
    n_in, n_out = unit.program.n_in, unit.program.n_out
    row = n_in + n_out * (1 if unit.jacobian is None else n_in)
    held = 0 if unit.outside is None else n_out
    return 4 * (row * rows + sum(_along(derived(unit.program, unit.further))) + held)


def _along(further: Sequence[Derived]) -> tuple[int, int]:
    """Floats that a direction of any of the functions takes, and their values."""
    return max((of.n_along for of in further), default=0), max((of.program.n_out for of in further), default=0)


def _left_out(unit: Unit) -> tuple[str, ...]:
    without_jacobian = ("jacobian", "jacobian_batch") if unit.jacobian is None else ()
    absent = (kind for kind in DIRECTIONAL if kind not in unit.further)
    return (*without_jacobian, *(() if unit.outside else ("guarded",)), *absent)


def _programs(unit: Unit, further: Sequence[Derived]) -> tuple[Program, ...]:
    jacobian = () if unit.jacobian is None else (unit.jacobian,)
    return (core(unit.program), *jacobian, *(of.program for of in further))


def _called_headers(unit: Unit, further: Sequence[Derived]) -> list[str]:
    """What a self-test includes that calls the runtime itself."""
    if unit.selftest != "full":
        return []
    return sorted({header for program in _programs(unit, further) for header in headers.direct(program)})


BACKEND = Backend(files, checks="symc.verify.targets:c_checks")
