"""Machines that compute otherwise: what a program gives where products fuse with sums, or subnormals are flushed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np

from symc.backends.unit import F32
from symc.ir.evaluate import evaluate
from symc.ir.layered import Layered
from symc.ir.ops import OPERATORS
from symc.ir.program import Builder, Program


@dataclass(frozen=True)
class Run:
    """`values` of every instruction (n,), of a layered program of those between its matrices; `results` (n, n_out)."""

    values: tuple[np.ndarray, ...]
    results: F32


def simulate(program: Program | Layered, points: F32, *, fuse: bool = False, flush: bool = False) -> Run:
    """A run at points (n, n_in) on a machine that fuses multiply and add, or flushes subnormals, or is sound."""
    with np.errstate(all="ignore"):
        if not isinstance(program, Layered):
            return _run(program, points, fuse, flush)
        z = _sums(program.project.bias, [(program.project.weight, points)], fuse, flush)
        between = _run(program.equations, z, fuse, flush)
        parts = [(program.expand.weight, between.results)]
        if program.direct is not None:
            parts.append((program.direct, points))
        return Run(between.values, _sums(program.expand.bias, parts, fuse, flush))


def _sums(bias: F32, parts: Sequence[tuple[F32, F32]], fuse: bool, flush: bool) -> F32:
    sums = np.tile(bias, (len(parts[0][1]), 1))
    for weight, values in parts:
        for column, weights in zip(values.T, weight.T, strict=True):
            product = np.multiply.outer(column, weights, dtype=np.float64 if fuse else np.float32)
            sums = (sums + _flushed(product, flush)).astype(np.float32)
            sums = _flushed(sums, flush)
    return sums


def _run(program: Program, points: F32, fuse: bool, flush: bool) -> Run:
    products: dict[int, np.ndarray] = {}  # Exact in double.
    values: list[np.ndarray] = []
    for position, step in enumerate(program.instructions):
        if step.op == "input":
            value = points[:, step.index]
        elif step.op == "const":
            value = np.full(len(points), step.value, np.float32)
        else:
            operands = [values[a] for a in step.args]
            if step.op == "mul":
                products[position] = operands[0].astype(np.float64) * operands[1].astype(np.float64)
            fused = [a for a in step.args if a in products] if fuse and step.op in ("add", "sub") else []
            if fused:
                exact = [products[a] if a == fused[0] else v for a, v in zip(step.args, operands, strict=True)]
                value = (exact[0] + exact[1] if step.op == "add" else exact[0] - exact[1]).astype(np.float32)
            else:
                value = _apply(step.op, operands)
        values.append(_flushed(value, flush))
    return Run(tuple(values), np.stack([values[r] for r in program.results], axis=1))


def _flushed(value: np.ndarray, flush: bool) -> np.ndarray:
    return np.where(np.abs(value) < np.finfo(np.float32).tiny, value.dtype.type(0), value) if flush else value


def _apply(op: str, operands: list[np.ndarray]) -> np.ndarray:
    """One operation, exactly: what is chosen by it must not depend on this machine's numpy."""
    return evaluate(_single(op), np.stack(operands, axis=1))[:, 0]


@cache
def _single(op: str) -> Program:
    names = [f"a{k}" for k in range(OPERATORS[op].arity)]
    builder = Builder(names)
    return builder.finish(("value",), (builder.op(op, *(builder.input(k) for k in range(len(names)))),))
