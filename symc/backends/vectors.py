"""Self-test vectors: inputs that tell apart builds which differ, and the oracle's outputs for them."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from functools import cache

import numpy as np

from symc.backends.unit import F32, Vectors
from symc.ir.evaluate import evaluate, evaluate_real
from symc.ir.layered import Layered
from symc.ir.ops import OPERATORS
from symc.ir.program import Builder, Program

_CORNERS = 8
_SAMPLES = 16
_PROBES = 4
_CANDIDATES = 512
_NO_DOMAIN = (-4.0, 4.0)
# Wide rows are fewer: numbers in the vectors of a layered program, but no fewer rows than the other figure.
_MOST_NUMBERS = 4096
_FEWEST_ROWS = 16

_SPECIAL = np.array(
    [
        *(0x7FC00000, 0xFFC12345, 0x7F800000, 0xFF800000),  # NaN, a NaN with a payload, the infinities
        *(0x00000000, 0x80000000, 0x00000001, 0x807FFFFF),  # zeros, the least and the greatest subnormal
        *(0x00800000, 0x7F7FFFFF, 0xFF7FFFFF, 0x3F800001),  # the least normal, the greatest, one and a bit
    ],
    dtype=np.uint32,
).view(np.float32)


def self_test_vectors(
    program: Program | Layered, domain: Sequence[tuple[float, float]] | None, seed: int = 0
) -> Vectors:
    """Vectors for `program`: corners and evenly spread points of the domain, special values, and probes.

    A probe is a point of the domain where the result changes when multiply and add are fused, or when subnormals are
    flushed; there are none when the program has no such point among the candidates. `domain`: (lo, hi) per input;
    None stands for -4 to 4. A layered program of many inputs and outputs has fewer vectors, of all these kinds. The
    same arguments give the same bits.
    """
    lo, hi = np.array(domain if domain is not None else [_NO_DOMAIN] * program.n_in, np.float64).reshape(-1, 2).T
    points = _lattice(lo, hi, _CANDIDATES, seed)
    kinds = [
        ((lo + hi) / 2).astype(np.float32)[None],
        _corners(lo, hi),
        points[:_SAMPLES],
        *_specials(points),
        *_probes(program, points),
    ]
    inputs = np.concatenate(kinds)
    if isinstance(program, Layered):
        inputs = _in_turn(kinds)[: max(_MOST_NUMBERS // (program.n_in + program.n_out), _FEWEST_ROWS)]
    return Vectors(inputs, evaluate(program, inputs))


def _in_turn(kinds: Sequence[F32]) -> F32:
    """The first row of each kind, then the second of each that has one, and so on."""
    return np.stack([row for turn in itertools.zip_longest(*kinds) for row in turn if row is not None])


def _lattice(lo: np.ndarray, hi: np.ndarray, count: int, seed: int) -> F32:
    """Latin hypercube points (McKay, Beckman and Conover 1979): each input takes `count` even steps, jittered.

    Numpy alone, because scipy.stats takes a second to import, which every build would pay.
    """
    generator = np.random.Generator(np.random.PCG64(seed))
    steps = np.argsort(generator.random((count, len(lo))), axis=0, kind="stable")
    unit = (steps + generator.random((count, len(lo)))) / count
    return np.clip(lo + unit * (hi - lo), lo, hi).astype(np.float32)


def _corners(lo: np.ndarray, hi: np.ndarray) -> F32:
    """All corners of a small box; of a large one the first few in binary order, the pattern repeated."""
    chosen = itertools.product((False, True), repeat=min(len(lo), _CORNERS.bit_length() - 1))
    rows = [np.where(np.resize(corner, len(lo)), hi, lo) for corner in chosen]
    return np.array(rows, np.float64).astype(np.float32)


def _specials(points: F32) -> tuple[F32, F32]:
    """Every special value in all inputs at once; and in one input of a point, the inputs taking turns."""
    everywhere = np.repeat(_SPECIAL[:, None], points.shape[1], axis=1)
    single = points[_SAMPLES : _SAMPLES + len(_SPECIAL)].copy()
    single[np.arange(len(_SPECIAL)), np.arange(len(_SPECIAL)) % points.shape[1]] = _SPECIAL
    return everywhere, single


def _probes(program: Program | Layered, points: F32) -> list[F32]:
    """Points that give other bits on a machine that fuses multiply and add, and on one that flushes subnormals."""
    with np.errstate(all="ignore"):
        right = _simulate(program, points)
        faulty = (_simulate(program, points, fuse=True), _simulate(program, points, flush=True))
    differs = [(right.view(np.uint32) != wrong.view(np.uint32)).any(axis=1) for wrong in faulty]
    return [points[different][:_PROBES] for different in differs]


def _simulate(program: Program | Layered, points: F32, fuse: bool = False, flush: bool = False) -> F32:
    """What a machine computes that fuses multiply and add, or flushes subnormals."""
    if not isinstance(program, Layered):
        return _simulate_program(program, points, fuse, flush)
    z = _simulate_sums(program.project.bias, [(program.project.weight, points)], fuse, flush)
    parts = [(program.expand.weight, _simulate_program(program.equations, z, fuse, flush))]
    if program.direct is not None:
        parts.append((program.direct, points))
    return _simulate_sums(program.expand.bias, parts, fuse, flush)


def _simulate_sums(bias: F32, parts: Sequence[tuple[F32, F32]], fuse: bool, flush: bool) -> F32:
    sums = np.tile(bias, (len(parts[0][1]), 1))
    for weight, values in parts:
        for column, weights in zip(values.T, weight.T, strict=True):
            product = np.multiply.outer(column, weights, dtype=np.float64 if fuse else np.float32)
            sums = (sums + _flushed(product, flush)).astype(np.float32)
            sums = _flushed(sums, flush)
    return sums


def _simulate_program(program: Program, points: F32, fuse: bool, flush: bool) -> F32:
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
    return np.stack([values[r] for r in program.results], axis=1)


def _flushed(value: np.ndarray, flush: bool) -> np.ndarray:
    return np.where(np.abs(value) < np.finfo(np.float32).tiny, value.dtype.type(0), value) if flush else value


def _apply(op: str, operands: list[np.ndarray]) -> np.ndarray:
    """One operation in numpy's float32: close enough to find candidates, the oracle then says what is right."""
    return evaluate_real(_single(op), np.stack(operands, axis=1))[:, 0]


@cache
def _single(op: str) -> Program:
    names = [f"a{k}" for k in range(OPERATORS[op].arity)]
    builder = Builder(names)
    return builder.finish(("value",), (builder.op(op, *(builder.input(k) for k in range(len(names)))),))
