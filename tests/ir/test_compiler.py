"""Lowering, passes and derivatives: properties over random equations, with the oracle as judge."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest
import sympy
from hypothesis import assume, example, given, settings

from symc.errors import SymcError
from symc.ir import passes
from symc.ir.derive import jacobian
from symc.ir.evaluate import evaluate, evaluate_real
from symc.ir.lower import lower
from symc.ir.ops import OPERATORS, PRIMITIVES
from symc.ir.parse import parse
from symc.ir.program import Builder, Instruction, Program
from tests.ir.expressions import FEATURES, equations


def lowered(text: str) -> Program:
    try:
        return lower([parse(text, FEATURES)], FEATURES, ["y"])
    except SymcError:
        assume(False)
        raise


@settings(max_examples=200, deadline=None)
@given(equations)
def test_every_pass_keeps_the_bits(text: str) -> None:
    program = lowered(text)
    # With dead code added, the passes must find their way back without changing a bit.
    dead = Instruction("const", value=3.0)
    padded = Program(program.inputs, program.outputs, (*program.instructions, dead), program.results)
    x = np.random.default_rng(1).integers(0, 2**32, (256, 3), dtype=np.uint32).view(np.float32)
    expected = evaluate(program, x).view(np.uint32)
    for step in passes.PASSES:
        assert np.array_equal(evaluate(step(padded), x).view(np.uint32), expected)
    assert passes.run(padded) == program


@settings(max_examples=200, deadline=None)
@given(equations)
def test_derivatives_match_finite_differences_where_those_are_good(text: str) -> None:
    program = lowered(text)
    x = np.random.default_rng(2).uniform(0.3, 2.0, (64, 3))
    exact = evaluate_real(jacobian(program), x)
    for k in range(3):
        steps = []
        for h in (1e-5, 2.9e-6, 1e-6):
            step = np.eye(3)[k] * h
            steps.append((evaluate_real(program, x + step) - evaluate_real(program, x - step))[:, 0] / (2 * h))
        # Near kinks, jumps and poles step sizes disagree, and large values cancel: there the differences say nothing.
        good = np.isfinite(exact[:, k]) & (np.abs(evaluate_real(program, x)[:, 0]) < 1e4)
        for other in steps[1:]:
            good &= np.isclose(steps[0], other, rtol=1e-5, atol=1e-6)
        assert np.allclose(exact[good, k], steps[-1][good], rtol=1e-3, atol=1e-3)


@settings(max_examples=100, deadline=None)
@given(equations)
def test_a_program_survives_its_json(text: str) -> None:
    program = lowered(text)
    assert Program.from_json(program.to_json()) == program


@settings(max_examples=100, deadline=None)
@given(equations)
@example("acosh(pow_abs(x0, 229))")
@example("cos(fma((174), (200), x0))")
def test_lowering_keeps_the_real_function(text: str) -> None:
    """The oracle's float32 result agrees with the text evaluated in 50 digits, where that is well conditioned."""
    program = lowered(text)
    x = np.random.default_rng(3).uniform(0.5, 1.5, (16, 3)).astype(np.float32)
    once, twice = evaluate(program, x)[:, 0], evaluate_real(program, x.astype(np.float64))[:, 0]
    good = np.isfinite(twice) & (np.abs(twice) < 1e6)
    # Where the inputs or the constants matter beyond their last digits, those of large values on the way do too.
    steps = tuple(replace(s, value=s.value * (1 + 1e-7)) if s.op == "const" else s for s in program.instructions)
    for other, at in ((program, x.astype(np.float64) * (1 + 1e-7)), (replace(program, instructions=steps), x)):
        nudged = evaluate_real(other, at.astype(np.float64))[:, 0]
        good &= np.abs(nudged - twice) < 1e-5 * (1 + np.abs(twice))
    # What overflows float32 on the way, as acosh(x^229) does, is another matter: docs/meaning.md.
    names, every = tuple(f"v{k}" for k in range(len(program.instructions))), range(len(program.instructions))
    values = evaluate_real(replace(program, outputs=names, results=tuple(every)), x.astype(np.float64))
    good &= ~(np.abs(values) > np.finfo(np.float32).max).any(axis=1)
    assert np.allclose(once[good], twice[good], rtol=1e-3, atol=1e-3)


def test_shared_subexpressions_are_computed_once() -> None:
    names = ["x0", "x1"]
    both = lower([parse(t, names) for t in ("sin(x0*x1) + x0", "sin(x1*x0)*2")], names, ["a", "b"])
    assert sum(step.op == "sin" for step in both.instructions) == 1


def test_features_named_like_cse_temporaries_do_not_collide() -> None:
    names = [f"x{k}" for k in range(6)]
    texts = ["sin(x4*x5) + sin(x4*x5)^2 + x0", "exp(x4*x5) * x1"]
    program = lower([parse(t, names) for t in texts], names, ["a", "b"])
    x = np.random.default_rng(0).uniform(-1, 1, (8, 6)).astype(np.float32)
    s = np.sin(x[:, 4] * x[:, 5])
    assert np.allclose(evaluate(program, x)[:, 0], s + s**2 + x[:, 0], atol=1e-6)


def test_integer_powers_are_chains_of_products() -> None:
    program = lower([parse("x0^7", ["x0"])], ["x0"], ["y"])
    assert [s.op for s in program.instructions] == ["input", "mul", "mul", "mul", "mul"]


def test_multiplying_by_minus_one_flips_the_sign_bit() -> None:
    program = lower([parse("-x0", ["x0"])], ["x0"], ["y"])
    assert [s.op for s in program.instructions] == ["input", "neg"]


def test_an_expression_outside_the_table_is_named() -> None:
    with pytest.raises(SymcError, match="gamma"):
        lower([sympy.gamma(sympy.Symbol("x0", real=True))], ["x0"], ["y"])


def test_a_symbol_that_is_no_input_is_named() -> None:
    with pytest.raises(SymcError, match="'z'"):
        lower([sympy.Symbol("z", real=True) + 1], ["x0"], ["y"])


@pytest.mark.parametrize(
    ("instructions", "what"),
    [
        ((Instruction("input", index=1),), "reads column 1 of 1"),
        ((Instruction("const", value=0.1),), "not a finite float32"),
        ((Instruction("sin", (0,)),), "not computed before"),
        ((Instruction("input"), Instruction("add", (0,))), "has 1 operands, needs 2"),
        ((Instruction("input"), Instruction("square", (0,))), "not a primitive"),
        ((Instruction("input"), Instruction("nonsense", (0,))), "not a primitive"),
    ],
)
def test_an_illegal_program_is_refused(instructions: tuple[Instruction, ...], what: str) -> None:
    with pytest.raises(SymcError, match=what):
        Program(("x0",), ("y",), instructions, (len(instructions) - 1,)).check()


@pytest.mark.parametrize("names", [("a", "a"), ("1a",), ("a b",)])
def test_bad_output_names_are_refused(names: tuple[str, ...]) -> None:
    with pytest.raises(SymcError):
        Program(("x0",), names, (Instruction("input"),), (0,) * len(names)).check()


def test_every_primitive_has_a_derivative_and_every_notation_an_expansion() -> None:
    for name, row in OPERATORS.items():
        assert (row.derivative is not None) == (row.expansion is None) == (name in PRIMITIVES)


@pytest.mark.parametrize("name", sorted(set(OPERATORS) - set(PRIMITIVES)))
def test_notation_means_the_same_expanded_in_a_program_and_in_an_equation(name: str) -> None:
    row, names = OPERATORS[name], ["x0", "x1", "x2"]
    builder = Builder(names)
    assert row.expansion is not None
    made = row.expansion(builder, tuple(builder.input(k) for k in range(row.arity)))
    expanded = passes.run(builder.finish(["y"], [made]))
    assert expanded.cost == row.cost
    text = lower([parse(f"{name}({', '.join(names[: row.arity])})", names)], names, ["y"])
    special = [0.0, -0.0, 1.0, -1.0, 0.4, -2.5, 3.0, 1e-30, 1e30, np.inf, -np.inf, np.nan]
    x = np.array([(p, q, r) for p in special for q in special for r in special], np.float32)
    assert np.array_equal(evaluate(expanded, x).view(np.uint32), evaluate(text, x).view(np.uint32))


def test_lowering_does_not_depend_on_the_hash_seed() -> None:
    script = (
        "import numpy as np\n"
        "from symc.ir.lower import lower\n"
        "from symc.ir.parse import parse\n"
        "rng = np.random.default_rng(0)\n"
        "def grow(d):\n"
        "    if d == 0: return f'x{rng.integers(8)}' if rng.random() < .7 else f'{rng.normal():.5f}'\n"
        "    if rng.random() < .6: return f'({grow(d-1)} {rng.choice([*\"+-*/\"])} {grow(d-1)})'\n"
        "    return f'{rng.choice([\"sin\", \"exp\", \"cos\", \"tanh\"])}({grow(d-1)})'\n"
        "names = [f'x{k}' for k in range(8)]\n"
        "texts = [grow(4) for _ in range(24)]\n"
        "print(lower([parse(t, names) for t in texts], names, [f'y{k}' for k in range(24)]))\n"
    )
    digests = set()
    for seed in ("1", "31337"):
        done = subprocess.run(
            [sys.executable, "-c", script], env={**os.environ, "PYTHONHASHSEED": seed}, capture_output=True, check=True
        )
        digests.add(hashlib.sha256(done.stdout).hexdigest())
    assert len(digests) == 1
