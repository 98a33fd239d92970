"""C99: the header, the functions, the self-test and the CMake project of a bundle."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from symc.backends import headers
from symc.backends.batches import COLUMNS_HEADER, ROWS, called, copies, is_fetched, loops, loops_along, sizes
from symc.backends.calls import FIRST_CALL, HARD, LAST_BIT, N_CALLS, faults, runtime_calls
from symc.backends.derived import Derived, body, derived, locals_of
from symc.backends.functions import Function, repeated, single
from symc.backends.layers import core, layers
from symc.backends.listing import Printer, by_output, listing, value_names
from symc.backends.names import hides
from symc.backends.nans import HEADER as NAN_HEADER
from symc.backends.nans import NanTest, nan_test
from symc.backends.operations import TABLE, literal, printer_of
from symc.backends.registry import Backend
from symc.backends.render import render
from symc.backends.selftest import N_SPECIAL, self_test
from symc.backends.spelling import format_of, spelling_of
from symc.backends.unit import Unit
from symc.backends.view import columns, derivatives, equations, view
from symc.errors import SymcError
from symc.ir.directional import DIRECTIONAL
from symc.ir.formats import FLOAT32
from symc.ir.layered import Layered
from symc.ir.program import Program

# Bytes of weights that AVR can take: an array holds 32 KiB there.
MOST_FLASH = 32 * 1024

def files(unit: Unit) -> dict[str, bytes]:
    """Path inside the bundle -> content; SymcError for a name whose header would hide one of the system's."""
    if hides(unit.name, "c"):
        raise SymcError(
            f"the name {unit.name!r} is that of a C header, which include/{unit.name}.h would hide",
            where="--name",
            hint="Choose another name, or leave out the target c.",
        )
    if unit.fixed is not None:
        from symc.backends import fixed

        return fixed.files(unit, unit.fixed)
    is_single = format_of(unit.program) == FLOAT32
    tables = layers(unit.program, literal)
    further = derived(unit.program, unit.further)
    context = view(unit) | {"rows": ROWS, "layers": tables, "most_flash": MOST_FLASH, "derived": further}
    context |= _self_test(unit, further)
    name = unit.name
    functions = _functions(unit, core(unit.program), equations(unit), name)
    # The values between matrices are at hand.
    functions["fetched"] = tables is None and functions["fetched"]
    row_headers = _row_headers(unit.program, functions)
    used = {*row_headers, *([NAN_HEADER] if is_single else [])}
    made = {
        "CMakeLists.txt": render("c/CMakeLists.txt.jinja", **context),
        f"include/{name}.h": render("c/NAME.h.jinja", **context, **sizes(unit, tables, further)),
        f"src/{name}.c": render(
            "c/NAME.c.jinja" if tables is None else "c/NAME_layered.c.jinja",
            **context, **functions, headers=row_headers,
        ),
        f"src/{name}_selftest.c": render(
            "c/NAME_selftest.c.jinja" if is_single else "c/double/NAME_selftest.c.jinja",
            **context, headers=_called_headers(unit, further),
        ),
        "test/main.c": render("c/main.c.jinja", **context),
    }  # fmt: skip
    if is_single:
        made["MISRA.md"] = render("c/MISRA.md.jinja", **context)
    if unit.outside is not None:
        made[f"src/{name}_guard.c"] = render("c/NAME_guard.c.jinja", **context)
        made[f"src/{name}_counts.c"] = render("c/NAME_counts.c.jinja", **context)
    if unit.jacobian is not None:
        functions = _functions(unit, unit.jacobian, derivatives(unit), f"{name}_jacobian")
        row_headers = _row_headers(unit.jacobian, functions)
        made[f"src/{name}_jacobian.c"] = render(
            "c/NAME_jacobian.c.jinja", **context, **functions, headers=row_headers
        )
        used.update(row_headers)
    if tables is not None and further:
        made[f"src/{name}_tables.h"] = render("c/NAME_tables.h.jinja", **context)
    for of in further:
        functions = _along(unit, of)
        direct = sorted({*_row_headers(of.straight, functions), *([] if tables is None else ["symc/affine.h"])})
        template = "c/NAME_derived.c.jinja" if tables is None else "c/NAME_derived_layered.c.jinja"
        made[f"src/{name}_{of.kind}.c"] = render(template, **context, **functions, of=of, headers=direct)
        used.update(direct)
    made.update({f"src/{path}": content for path, content in headers.closure(used).items()})
    return made


def _row_headers(program: Program | Layered, functions: dict[str, Any]) -> tuple[str, ...]:
    """What a source includes that holds a function of one row."""
    tested = (NAN_HEADER,) if functions["nan_test"] is not None else ()
    return (*headers.direct(program), *_block_headers(functions), *tested)


def _block_headers(functions: dict[str, Any]) -> tuple[str, ...]:
    """What a source includes for its blocks of rows."""
    return (COLUMNS_HEADER,) if functions["copies"].tiles or functions["fetched"] else ()


def _functions(unit: Unit, program: Program, titles: tuple[str, ...], own: str) -> dict[str, Any]:
    """`own` begins the names of the file's private functions, so that all sources can be compiled as one file."""
    batch = loops(unit, program, titles)
    scalar, shared = _sharing(program, own)
    names = value_names(program, scalar, columns(unit, program), by_output(program))
    return {
        "own": own,
        "scalar": listing(program, scalar, columns(unit, program), titles),
        # Doubles are made canonical one by one.
        "nan_test": nan_test(program, names) if program.format == FLOAT32 else None,
        "repeated": shared,
        "batch": batch,
        "copies": copies(batch.columns, (program.n_in,)),
        "fetched": is_fetched(program, batch),
        "called": called(program, batch),
    }


def _along(unit: Unit, of: Derived) -> dict[str, Any]:
    own = f"{unit.name}_{of.kind}"
    batch = loops_along(unit, of)
    scalar, shared = _sharing(of.straight, own)
    return {
        "own": own,
        "scalar": body(unit, of, scalar),
        "nan_test": _tested_derivatives(unit, of, scalar),
        "repeated": shared,
        "batch": batch,
        "copies": copies(batch.columns, [array.n for array in of.inner_given.arrays]),
        "fetched": False,
        "called": called(of.straight, batch),
    }


def _tested_derivatives(unit: Unit, of: Derived, printer: Printer) -> NanTest | None:
    """The test behind the derivatives of a row; values are wanted or not, and made canonical one by one."""
    program, first = of.straight, of.n_values
    if of.is_layered or program.format != FLOAT32:
        return None
    names = value_names(program, printer, locals_of(unit, of), by_output(program))
    alone = Program(program.inputs, program.outputs[first:], program.instructions, program.results[first:])
    return nan_test(alone, names)


def _sharing(program: Program, own: str) -> tuple[Printer, list[Function]]:
    """How a function of one row is printed, and the functions of which it has one copy for their many uses."""
    shared, usual, prefix = repeated(program), printer_of(program), spelling_of(program).own
    renamed = {op: usual.table[op].replace(prefix, f"{own}_") for op in shared}
    return Printer({**usual.table, **renamed}, usual.literal), [single(op, usual) for op in shared]


def _self_test(unit: Unit, further: Sequence[Derived]) -> dict[str, Any]:
    test = self_test(unit, ROWS, [of.values for of in further])
    calls = runtime_calls(_programs(unit, further), TABLE) if unit.selftest == "full" else ()
    spelling = spelling_of(unit.program)
    along, values = _tested_along(further)
    return {
        "test": test,
        "ranges": [(spelling.decimal(lo), spelling.decimal(hi)) for lo, hi in test.made.ranges],
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
    along = sum(_tested_along(derived(unit.program, unit.further)))
    row = n_in + n_out * (1 if unit.jacobian is None else n_in) + along
    held = 0 if unit.outside is None else n_out
    return spelling_of(unit.program).size * (row * rows + held)


def _tested_along(further: Sequence[Derived]) -> tuple[int, int]:
    """Floats that a direction of any of the functions takes, and their values."""
    return max((of.n_along for of in further), default=0), max((of.width for of in further), default=0)


def _left_out(unit: Unit) -> tuple[str, ...]:
    without_jacobian = ("jacobian", "jacobian_batch") if unit.jacobian is None else ()
    absent = (f"{kind}{end}" for kind in DIRECTIONAL if kind not in unit.further for end in ("", "_batch"))
    return (*without_jacobian, *(() if unit.outside else ("guarded",)), *absent)


def _programs(unit: Unit, further: Sequence[Derived]) -> tuple[Program, ...]:
    jacobian = () if unit.jacobian is None else (unit.jacobian,)
    return (core(unit.program), *jacobian, *(of.straight for of in further))


def _called_headers(unit: Unit, further: Sequence[Derived]) -> list[str]:
    """What a self-test includes that calls the runtime itself."""
    if unit.selftest != "full":
        return []
    return sorted({header for program in _programs(unit, further) for header in headers.direct(program)})


BACKEND = Backend(files, checks="symc.verify.targets:c_checks")
