"""How C writes a program's operations: as calls of the runtime. C++ and CUDA take the same text."""

from __future__ import annotations

from symc.backends.functions import SLOW_PATH
from symc.backends.listing import Printer
from symc.backends.names import decimal
from symc.backends.spelling import SPELLINGS
from symc.ir.formats import FLOAT32, FLOAT64
from symc.ir.program import Program

TABLE = {
    "add": "symc_add({0}, {1})",
    "sub": "symc_sub({0}, {1})",
    "mul": "symc_mul({0}, {1})",
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
# Of doubles, under the names of the headers symc/double.
TABLE64 = {op: text.replace("symc_", "symc_double_") for op, text in TABLE.items()}
TABLE64 |= {"add": "{0} + {1}", "sub": "{0} - {1}", "mul": "{0} * {1}", "div": "{0} / {1}"}
FAST = {op: TABLE[op].replace("(", "_fast(").replace(")", ", &slow)") for op in SLOW_PATH}


def literal(value: float) -> str:
    """A float32 constant, such as 3.14F."""
    return f"{decimal(value)}F"


PRINTER = Printer(TABLE, literal)
PRINTERS = {FLOAT32.name: PRINTER, FLOAT64.name: Printer(TABLE64, SPELLINGS[FLOAT64.name].literal)}
# The functions of doubles have one version each.
FASTER: dict[str, dict[str, str]] = {FLOAT32.name: FAST, FLOAT64.name: {}}


def printer_of(program: Program) -> Printer:
    """How C writes the operations of a program's format."""
    return PRINTERS[program.format.name]
