"""Whole powers as chains of products."""

from __future__ import annotations

from symc.ir.program import Builder

# x**64 is six products; beyond that a chain's rounding error is worse than one correctly rounded pow.
LARGEST_CHAIN = 64


def integer_power(b: Builder, value: int, n: int) -> int:
    """value**n, n >= 1, by left-to-right binary exponentiation (Knuth, TAOCP 2, 4.6.3): a fixed chain of products."""
    result = value
    for bit in f"{n:b}"[1:]:
        result = b.op("mul", result, result)
        if bit == "1":
            result = b.op("mul", result, value)
    return result
