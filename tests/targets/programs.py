"""Programs and inputs that every backend must pass, and units made of them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from symc.backends import Unit
from symc.backends.layers import core
from symc.backends.origins import ORIGINS
from symc.ir.derive import jacobian
from symc.ir.layered import Affine, Layered
from symc.ir.lower import lower
from symc.ir.ops import OPERATORS, PRIMITIVES
from symc.ir.parse import parse
from symc.ir.program import Builder, Program

SPECIAL_BITS = (
    *(0x7FC00000, 0xFFC00001, 0x7F800001, 0x7F800000, 0xFF800000),  # NaNs, infinities
    *(0x00000000, 0x80000000, 0x00000001, 0x80000001, 0x007FFFFF, 0x807FFFFF),  # zeros, subnormals
    *(0x00800000, 0x80800000, 0x7F7FFFFF, 0xFF7FFFFF),  # least and greatest normals
    *(0x3F800000, 0xBF800000, 0x3F800001, 0x3F7FFFFF, 0x40000000, 0xC0000000, 0x40400000, 0x3F000000),  # near one
    *(0x3FC90FDB, 0x40490FDB, 0x48C00001, 0x501502F9, 0xC2D00000, 0x42B17218),  # pi/2, pi, limits of trig and exp
    *(0x3FC00000, 0xBFC00000, 0x40200000, 0xC0200000, 0x4AFFFFFF, 0x4B000001, 0xBF000000),  # halves, whole numbers
    *(0x43000000, 0xC3150000, 0xC3160000, 0x42B2D4FC, 0x4120CCCD, 0xC0800001),  # limits of exp2, sinh, erfc, erf
    *(0x420C290F, 0x420C2910, 0xC0400000, 0xC2260000, 0xC2260001, 0xC22AFFFF, 0x3F7FFFFE),  # poles and limits of gamma
)
SPECIAL = np.array(SPECIAL_BITS, np.uint32).view(np.float32)


def coverage_program(once: bool = False) -> Program:
    """Every primitive operator on inputs, on constants and on earlier results; one output per operator and chain.

    `once`: those of one argument on earlier results alone.
    """
    b = Builder(("a", "b"))
    x, y = b.input(0), b.input(1)
    half = b.const(0.5)
    names, results = [], []
    for name in PRIMITIVES:
        if once and OPERATORS[name].arity == 1:
            continue
        args = (x, y, x)[: OPERATORS[name].arity]
        names.append(f"on_{name}")
        results.append(b.op(name, *args))
    chain = b.op("add", b.op("mul", x, y), b.const(-1.25))
    for name in PRIMITIVES:
        args = (chain, half, y)[: OPERATORS[name].arity]
        names.append(f"chain_{name}")
        results.append(b.op(name, *args))
    names += ["same", "constant"]
    results += [x, b.const(-2.5)]
    return b.finish(names, results)


def layered_program(
    n_in: int = 5, n_out: int = 4, texts: Sequence[str] = ("z0*z1 - 0.5*z2", "exp(-z0^2)"), direct: bool = True
) -> Layered:
    """Equations in z0, z1, ... between two random matrices; a coordinate for each name up to the highest one used."""
    rng = np.random.Generator(np.random.PCG64(n_in + n_out))
    n_z = next(k for k in range(64, 0, -1) if k == 1 or any(f"z{k - 1}" in text for text in texts))
    z, h = [f"z{k}" for k in range(n_z)], [f"h{k}" for k in range(len(texts))]
    return Layered(
        tuple(f"x{k}" for k in range(n_in)),
        tuple(f"y{k}" for k in range(n_out)),
        Affine(rng.normal(size=(n_z, n_in)) / n_in**0.5, rng.normal(size=n_z)),
        lower([parse(text, z) for text in texts], z, h),
        Affine(rng.normal(size=(n_out, len(h))), rng.normal(size=n_out)),
        rng.normal(size=(n_out, n_in)) if direct else None,
    ).check()


def hard_inputs(n_in: int, seed: int = 0, random: int = 600) -> np.ndarray:
    """Pairs of special values over the columns, random bit patterns, and moderate numbers: (n, n_in) float32."""
    rng = np.random.Generator(np.random.PCG64(seed))
    first, second = (grid.ravel() for grid in np.meshgrid(SPECIAL, SPECIAL))
    special = np.stack([(first, second)[k % 2] for k in range(n_in)], axis=1)
    bits = rng.integers(0, 2**32, (random, n_in), dtype=np.uint32).view(np.float32)
    moderate = rng.uniform(-4, 4, (random, n_in)).astype(np.float32)
    return np.concatenate([special, bits, moderate])


def unit_of(
    program: Program | Layered,
    name: str = "model",
    equations: Sequence[str] | None = None,
    domain: Sequence[tuple[float, float]] | None = None,
    derivatives: bool = True,
    further: Sequence[str] = (),
) -> Unit:
    """A unit with the parts that a build would fill in."""
    return Unit(
        name=name,
        program=program,
        jacobian=jacobian(program) if derivatives and isinstance(program, Program) else None,
        further=tuple(further),
        equations=tuple(equations or core(program).outputs),
        domain=None if domain is None else tuple(domain),
        errors=("held-out RMSE 1.2e-4 (0.03 % of the output's range)",),
        model_sha256="0123456789abcdef" * 4,
        tool="symc 0.1.0",
        options=(("engine", "operon"), ("seed", "0")),
        origin=ORIGINS["network"],
    )


def unit_from_text(
    equations: Sequence[str],
    features: Sequence[str],
    outputs: Sequence[str],
    name: str = "model",
    domain: Sequence[tuple[float, float]] | None = None,
) -> Unit:
    """A unit of equations written in symc's grammar."""
    program = lower([parse(e, features) for e in equations], features, outputs)
    return unit_of(program, name, equations, domain)


def bits(x: np.ndarray) -> np.ndarray:
    """The bit patterns of a float32 array."""
    return np.ascontiguousarray(x, np.float32).view(np.uint32)


def differences(got: np.ndarray, want: np.ndarray, x: np.ndarray, outputs: Sequence[str]) -> str:
    """The first few places where two results differ, for a message; empty when every bit agrees."""
    places = np.argwhere(bits(got) != bits(want)).tolist()
    lines = [
        f"{outputs[c]} at {[v.hex() for v in x[r].tolist()]}: {bits(got)[r, c]:08x}, expected {bits(want)[r, c]:08x}"
        for r, c in places[:5]
    ]
    return f"{len(places)} values differ\n" + "\n".join(lines) if lines else ""
