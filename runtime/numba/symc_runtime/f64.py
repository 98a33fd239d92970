# SPDX-License-Identifier: Apache-2.0
"""binary64: bit patterns and the fused multiply-add, as single LLVM instructions."""

from __future__ import annotations

import llvmlite.binding as llvm
from llvmlite import ir
from numba import config, types
from numba.extending import intrinsic

from .jit import F64, U64, inlined

SHIFT = F64(float.fromhex("0x1.8p52"))
INVERSE_LN2 = F64(float.fromhex("0x1.71547652b82fep+0"))
LN2_SHORT = F64(float.fromhex("0x1.62e42fefap-1"))
LN2_SHORT_LOW = F64(float.fromhex("0x1.cf79abc9e3b3ap-40"))
IMPLICIT = U64(0x0010000000000000)
UNIT = F64(1.0)


def _machine_fuses() -> bool:
    """Whether code will be generated for a CPU with fused multiply-add (results are the same with and without)."""
    if config.CPU_NAME or config.CPU_FEATURES:
        return "+fma" in (config.CPU_FEATURES or "")
    triple = llvm.get_default_triple()
    return triple.startswith(("aarch64", "arm64")) or bool(llvm.get_host_cpu_features().get("fma", False))


HAS_FMA = _machine_fuses()


@intrinsic
def bits64(typing_context, v):
    """The bit pattern of a float64, as uint64."""

    def generate(context, builder, signature, args):
        return builder.bitcast(args[0], ir.IntType(64))

    return types.uint64(types.float64), generate


@intrinsic
def from_bits64(typing_context, u):
    """The float64 with the bit pattern u (uint64)."""

    def generate(context, builder, signature, args):
        return builder.bitcast(args[0], ir.DoubleType())

    return types.float64(types.uint64), generate


@intrinsic
def fma(typing_context, a, b, c):
    """a*b + c: fused where the hardware fuses, two roundings where it does not (SYMC_FMA in config.h)."""

    def generate(context, builder, signature, args):
        if HAS_FMA:
            return builder.fma(*args)
        return builder.fadd(builder.fmul(args[0], args[1]), args[2])

    return types.float64(types.float64, types.float64, types.float64), generate


@inlined
def power_of_two(shifted):
    """2**n, n given as n + SHIFT."""
    return from_bits64(U64(bits64(shifted) + U64(1023)) << U64(52))
