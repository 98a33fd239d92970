"""Programs of doubles as a whole: random ones give the oracle's bits, derivatives are those of the real function."""

from __future__ import annotations

from collections.abc import Callable

import mpmath
import numpy as np
import pytest

from symc.backends import sources
from symc.backends.unit import Unit
from symc.ir.derive import jacobian
from symc.ir.evaluate import evaluate
from symc.ir.formats import FLOAT64
from symc.ir.ops import OPERATORS, PRIMITIVES
from symc.ir.program import Builder, Program
from symc.load.host import CFunction, NumbaFunction
from symc.load.package import Package
from symc.meaning.compile import program_of

STEPS, RESULTS = 160, 40
CONSTANTS = (0.0, -0.0, 1.0, -1.0, 0.5, 2.0, np.pi, 1e-300, 1e300, 5e-324, 0.1)
# mpmath's own names for what it spells otherwise.
REAL: dict[str, Callable[..., mpmath.mpf]] = {
    "log2": lambda x: mpmath.log(x, 2),
    "exp2": lambda x: mpmath.mpf(2) ** x,
}
STEP = mpmath.mpf(10) ** -13


def random_program(seed: int) -> Program:
    """Every primitive at least once, on inputs, constants and earlier values."""
    generator = np.random.Generator(np.random.PCG64(seed))
    builder = Builder(("x0", "x1", "x2"), FLOAT64)
    values = [*(builder.input(k) for k in range(3)), *(builder.const(c) for c in CONSTANTS)]
    names = [*PRIMITIVES, *generator.choice(PRIMITIVES, STEPS - len(PRIMITIVES))]
    for name in generator.permutation(names):
        # More often of what was just computed, so that values go far.
        places = [values[-1 - int(len(values) * generator.random() ** 2)] for _ in range(OPERATORS[name].arity)]
        values.append(builder.op(str(name), *places))
    results = generator.choice(values[3:], RESULTS).tolist()
    return builder.finish([f"y{k}" for k in range(RESULTS)], results)


def package(program: Program, target: str) -> Package:
    unit = Unit("law", program, None, ("of no text",) * program.n_out, None, (), "", "symc", ())
    return Package("law", program, unit.equations, None, sources(unit, [target]))


def inputs(count: int) -> np.ndarray:
    generator = np.random.Generator(np.random.PCG64(9))
    raw = generator.integers(0, 2**64, (count, 3), dtype=np.uint64).view(np.float64)
    special = generator.choice([*CONSTANTS, np.inf, -np.inf, np.nan, 709.8, -745.2, 1.5707963267948966], (count, 3))
    moderate = generator.uniform(-8.0, 8.0, (count, 3))
    return np.choose(generator.integers(0, 3, (count, 3)), [raw, special, moderate])


@pytest.mark.parametrize("seed", [1, 2])
def test_random_programs_give_the_oracle_s_bits_in_c(seed: int) -> None:
    program, x = random_program(seed), inputs(3000)
    code, wanted = CFunction(package(program, "c")), evaluate(program, x).view(np.uint64)
    code.selftest()
    assert (code.eval_batch(x).view(np.uint64) == wanted).all()
    assert (code.eval_rows(x[:200]).view(np.uint64) == wanted[:200]).all()


@pytest.mark.long
def test_a_random_program_gives_the_oracle_s_bits_in_numba() -> None:
    program, x = random_program(3), inputs(3000)
    code = NumbaFunction(package(program, "numba"))
    assert (np.ascontiguousarray(code.eval_batch(x)).view(np.uint64) == evaluate(program, x).view(np.uint64)).all()


SMOOTH = sorted(
    {name for name in PRIMITIVES if OPERATORS[name].arity == 1}
    - {"neg", "abs", "relu", "floor", "ceil", "round", "trunc", "sign", "gamma"}
)


@pytest.mark.parametrize("name", SMOOTH)
def test_derivatives_have_a_double_s_digits(name: str) -> None:
    """A constant of float32's digits in the operator table would show."""
    low, high = (1.1, 2.5) if name == "acosh" else (0.05, 0.9)
    x = np.random.Generator(np.random.PCG64(4)).uniform(low, high, (12, 1))
    slope = jacobian(program_of([f"{name}(x0)"], ["x0"], ["y"], format=FLOAT64))
    function = REAL.get(name, getattr(mpmath, name, None))
    with mpmath.workdps(40):
        for value, found in zip(x[:, 0].tolist(), evaluate(slope, x)[:, 0].tolist(), strict=True):
            exact = mpmath.diff(function, mpmath.mpf(value), h=STEP)
            assert abs((found - exact) / exact) < 3e-15
