"""Functions of the runtime that the full self-test runs by themselves, and what must come out."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np

from symc.backends.selftest import N_SPECIAL, U32, checksum, mixed, moderate, special
from symc.backends.unit import F32
from symc.ir.evaluate import evaluate
from symc.ir.ops import OPERATORS
from symc.ir.program import Builder, Program

_N_DRAWN = 4096
# Operands that the functions decide by branches of their own: results close to half-way between two floats, which the
# headers name, and powers that the rounding test of either profile leaves open.
HARD = (
    *((bits, 0x40000000) for bits in (
        *(0x328885A3, 0x39826222),  # acos
        *(0x655890D3, 0x6EB1A8EC, 0x4BDD65A5),  # acosh, asinh
        *(0x3F083A1A, 0x3D8D6B23),  # asin, atan
        *(0xB76C9F62, 0x3B429D37, 0xBCF3A937),  # erfc, exp2
        *(0x27DE86A9, 0x27E05475, 0x41E886D1),  # gamma
        *(0x3C413D3A, 0x41178FEB, 0x4C5D65A5, 0x65D890D3, 0x6F31A8EC),  # log
        *(0x0EFEEE7A, 0x35400003, 0x3710001B, 0xBB0EC8C4),  # log10, log1p
        *(0x3EFD81AD, 0x41078FEB, 0xB53FFFFD, 0xB70FFFE5),  # log1p
        *(0x3A1285FF, 0x46199998, 0x5F18B878, 0x6115CB11, 0x7908CD73),  # sinh, sin, cos
    )),
    (0xBF800000, 0x40400000),  # (-1)^3
    (0x47A7AC80, 0x3FC00000),  # (293^2)^1.5, exactly half-way
    # Within 2^-49 of half-way: 0.5967878^26.5, 0.9638746^24.5, 0.6783795^33.
    *((0x3F18C716, 0x41D40000), (0x3F76C07C, 0x41C40000), (0x3F2DAA47, 0x42040000)),
)  # fmt: skip
N_CALLS = _N_DRAWN + len(HARD)
# Bits of the self-test's result: first those of the model's own functions, then one for each of the runtime's, as far
# as they reach.
_OWN = (
    *("eval", "eval_batch", "check", "jacobian", "jacobian_batch", "guarded"),
    *("vjp", "vjp_batch", "jvp", "jvp_batch", "hessian", "hessian_batch"),
)
FIRST_CALL = len(_OWN)
LAST_BIT = 30


@dataclass(frozen=True)
class RuntimeCall:
    """A call of operator `op` with operands a, b, c as C text, and the checksum over its results."""

    op: str
    text: str
    checksum: int


@dataclass(frozen=True)
class Fault:
    """A bit of the self-test's result: the end of its macro, its value in C, and the function in words."""

    macro: str
    value: str
    text: str


def faults(name: str, leave_out: Sequence[str], calls: Sequence[RuntimeCall]) -> tuple[Fault, ...]:
    """What the self-test of the model `name` can find, which lacks the functions that `leave_out` names."""
    own = [function for function in _OWN if function not in leave_out]
    found = [Fault(f.upper(), f"0x{1 << _OWN.index(f):x}", f"{name}_{f}") for f in own]
    for position, call in enumerate(calls):
        value = 1 << min(FIRST_CALL + position, LAST_BIT)
        found.append(Fault(call.op.upper(), f"0x{value:x}", f"{call.text.partition('(')[0]} of the runtime"))
    return tuple(found)


def runtime_calls(programs: Iterable[Program], table: dict[str, str]) -> tuple[RuntimeCall, ...]:
    """The calls of every function of the runtime that `programs` use; `table` maps operators to their C text."""
    used = sorted({op for program in programs for op in program.operators if "symc_" in table[op]})
    return tuple(RuntimeCall(op, table[op].format("a", "b", "c"), _expected(op)) for op in used)


@cache
def _expected(op: str) -> int:
    names = ("a", "b", "c")[: OPERATORS[op].arity]
    builder = Builder(names)
    program = builder.finish(("y",), (builder.op(op, *(builder.input(k) for k in range(len(names)))),))
    return checksum(evaluate(program, operands()[:, : len(names)]))


def operands() -> F32:
    """(N_CALLS, 3): what templates/c/_called.jinja makes."""
    k = np.arange(_N_DRAWN, dtype=np.uint32)[:, None]
    place = np.arange(3, dtype=np.uint32)
    v = mixed(np.uint32(3) * k + place)
    kinds = np.choose(k & np.uint32(3), [v, moderate(v), _near_one(v), _quarter(v)])
    n = np.uint32(N_SPECIAL)
    pairs = special(np.where(place == 1, k // n, k))
    drawn = np.where(k < n * n, pairs, kinds)
    hard = np.array(HARD)[:, [0, 1, 0]]
    return np.concatenate([drawn, hard]).astype(np.uint32).view(np.float32)


def _near_one(v: U32) -> U32:
    return (v & np.uint32(0x807FFFFF)) | np.uint32(0x3F000000) | (v >> np.uint32(7) & np.uint32(0x00800000))


def _quarter(v: U32) -> U32:
    return ((v % np.uint32(128)).astype(np.float32) * np.float32(0.25) - np.float32(16)).view(np.uint32)
