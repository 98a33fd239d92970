"""100 random programs, 300 in the long run: C and device arithmetic on the host give the bits of the oracle, every
tenth in Numba too, in the long run every third."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from symc.ir.evaluate import evaluate
from symc.ir.ops import OPERATORS, PRIMITIVES
from symc.ir.program import Builder, Program
from tests.targets import building
from tests.targets.building import NUMERIC, Build
from tests.targets.programs import differences, hard_inputs, unit_of
from tests.tools import require

EXAMPLES = 3
PROGRAMS_PER_EXAMPLE = 100  # Compiled together, as the outputs of one unit: a compiler takes longest to start.
N_IN = 3
CONSTANTS = (0.0, -0.0, 1.0, -1.0, 0.5, 2.0, 3.14, -1.98, 1e-5, 1e30, -1e30, 2.0**-126, 2.0**-149, 16777216.0)

Step = tuple[int, int, int, int]


@st.composite
def steps(draw: st.DrawFn) -> list[Step]:
    """Up to seven operations: an operator and where its operands come from."""
    index = st.integers(0, 15)
    return draw(st.lists(st.tuples(st.integers(0, len(PRIMITIVES) - 1), index, index, index), min_size=1, max_size=7))


def append(b: Builder, recipe: list[Step], constants: int) -> int:
    """Append one random program: operands are its own latest values, the inputs, and constants."""
    pool = [b.input(k) for k in range(N_IN)] + [b.const(CONSTANTS[(constants + k) % len(CONSTANTS)]) for k in range(2)]
    for operator, *choices in recipe:
        name = PRIMITIVES[operator]
        newest_first = pool[::-1]
        args = [newest_first[choice % len(pool)] for choice in choices]
        pool.append(b.op(name, *args[: OPERATORS[name].arity]))
    return pool[-1]


def together(recipes: list[tuple[int, list[Step]]]) -> Program:
    b = Builder([f"x{k}" for k in range(N_IN)])
    results = [append(b, recipe, constants) for constants, recipe in recipes]
    return b.finish([f"y{k}" for k in range(len(results))], results)


RECIPES = st.lists(
    st.tuples(st.integers(0, len(CONSTANTS) - 1), steps()),
    min_size=PROGRAMS_PER_EXAMPLE, max_size=PROGRAMS_PER_EXAMPLE, unique_by=repr,
)  # fmt: skip
DRAWN = settings(
    deadline=None,
    database=None,
    derandomize=True,
    phases=[Phase.generate],  # Shrinking would recompile for minutes; the message shows the failing output's program.
    suppress_health_check=list(HealthCheck),
)


@settings(DRAWN, max_examples=1)
@given(RECIPES)
def test_every_target_gives_the_bits_of_the_oracle(recipes):
    _compare(recipes, in_numba=10)


@pytest.mark.long
@settings(DRAWN, max_examples=EXAMPLES)
@given(RECIPES)
def test_every_target_gives_the_bits_of_the_oracle_for_many_programs(recipes):
    _compare(recipes, in_numba=3)


def _compare(recipes, in_numba: int):
    require("gcc")
    require("g++")
    program = together(recipes)
    # Numba takes ten times as long as the C compilers.
    some = together(recipes[::in_numba])
    x = hard_inputs(N_IN, random=100)
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        root = building.write(folder / "all", unit_of(program, derivatives=False), ("c", "cuda"))
        c = building.c_library(root, Build("gcc", ("-std=c99", "-O3", "-march=native", *NUMERIC)), folder / "c.so")
        shim = building.shim_library(root, Build("g++", ("-std=c++17", "-O1")), folder / "shim.so")
        numba_root = building.write(folder / "some", unit_of(some, derivatives=False), ("numba",))
        module = building.python_module(numba_root / "numba" / "model.py")
        results = {
            "C, row by row": (program, building.call_single(c, "model_eval", x, program.n_out)),
            "C, batch": (program, building.call_batch(c, "model_eval_batch", x, program.n_out)),
            "device on the host": (program, building.call_batch(shim, "model_shim_batch", x, program.n_out)),
            "Numba": (some, module.eval_batch(x)),
        }
    for target, (computed, got) in results.items():
        wrong = differences(got, evaluate(computed, x), x, computed.outputs)
        assert not wrong, f"{target}: {wrong}\n{computed}"
