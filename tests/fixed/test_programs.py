"""Random programs over random boxes: the oracle against exact rational numbers, never beyond the proved bound."""

from __future__ import annotations

import math
from collections.abc import Callable
from fractions import Fraction

import numpy as np
import pytest

from symc.analysis.crossing import needed_by
from symc.errors import SymcError
from symc.fixed.constants import Constants
from symc.fixed.evaluate import evaluate, quantized
from symc.fixed.expand import EXPANSIONS, FORMS
from symc.fixed.plan import Proved, plan, read_numbers
from symc.fixed.program import FixedProgram
from symc.ir.program import Builder, Program
from symc.meaning.compile import program_of
from tests.fixed.bundles import COVERAGE

EXACT: dict[str, Callable[..., Fraction]] = {
    "add": lambda x, y: x + y,
    "sub": lambda x, y: x - y,
    "mul": lambda x, y: x * y,
    "div": lambda x, y: x / y,
    "neg": lambda x: -x,
    "abs": abs,
    "min": min,
    "max": max,
    "relu": lambda x: max(x, Fraction(0)),
    "select": lambda x, y, z: y if x > 0 else z,
    "lt": lambda x, y: Fraction(x < y),
    "ge": lambda x, y: Fraction(x >= y),
    "floor": lambda x: Fraction(math.floor(x)),
    "round": lambda x: Fraction(round(x)),
    "sign": lambda x: Fraction((x > 0) - (x < 0)),
}


Box = list[tuple[float, float]]


def random_program(generator: np.random.Generator, without: str = "") -> Program:
    b = Builder(("p", "q"))
    values = [b.input(0), b.input(1), b.const(float(generator.normal() * 10.0 ** generator.integers(-3, 3)))]
    # A product by a power of two is no more than another format.
    values.append(b.const(float(generator.choice([-1.0, 1.0])) * 2.0 ** int(generator.integers(-4, 5))))
    for _ in range(int(generator.integers(2, 9))):
        op = str(generator.choice(["add", "sub", "mul", "mul", "div", *sorted(EXACT.keys() - {without})]))
        x, y, z = (int(generator.choice(values)) for _ in range(3))
        if op == "div":
            # Away from its pole.
            y = b.op("add", b.op("mul", y, y), b.const(0.25))
        arity = {"select": 3, "neg": 1, "abs": 1, "relu": 1, "floor": 1, "round": 1, "sign": 1}.get(op, 2)
        values.append(b.op(op, *(x, y, z)[:arity]))
    return b.finish(("u", "v"), (values[-1], values[-2]))


def exact(program: Program, row: list[Fraction]) -> list[Fraction]:
    values: list[Fraction] = []
    for step in program.instructions:
        if step.op == "input":
            values.append(row[step.index])
        elif step.op == "const":
            values.append(Fraction(step.value))
        else:
            values.append(EXACT[step.op](*(values[a] for a in step.args)))
    return [values[r] for r in program.results]


def box(generator: np.random.Generator) -> Box:
    sides = np.sort(generator.normal(size=(2, 2)) * 10.0 ** generator.integers(-2, 2, (2, 1)), axis=1)
    return [(float(low), float(high)) for low, high in sides.astype(np.float32)]


def planned(
    seed: int, numbers: str, without: str = ""
) -> tuple[np.random.Generator, Program, Box, FixedProgram, Proved]:
    """The first program and box that are not refused: a quotient by a step may not be decided."""
    generator = np.random.Generator(np.random.PCG64(seed))
    for _ in range(4):
        program, domain = random_program(generator, without), box(generator)
        try:
            fixed, proved = plan(program, domain, Constants.exact(program.constants), read_numbers(numbers))
        except SymcError as error:
            assert "not decided" in error.what
            continue
        return generator, program, domain, fixed, proved
    raise AssertionError("four programs were refused")


@pytest.mark.parametrize("numbers", ["fixed", "fixed16"])
@pytest.mark.parametrize("seed", range(16))
def test_never_beyond_the_proved_bound(seed: int, numbers: str) -> None:
    generator, program, domain, fixed, proved = planned(seed, numbers)
    low, high = np.array(domain).T
    inner = low + generator.random((40, 2)) * (high - low)
    x = np.concatenate([inner, [low, high]]).astype(np.float32)
    y = evaluate(fixed, quantized(fixed, x))
    for row, found in zip(x.tolist(), y.tolist(), strict=True):
        wanted = exact(program, [Fraction(value) for value in row])
        for k, (m, point) in enumerate(zip(found, fixed.outputs, strict=True)):
            assert abs(m * Fraction(2) ** -point - wanted[k]) <= Fraction(proved.errors[k])
            assert proved.low[k] <= float(wanted[k]) <= proved.high[k]


@pytest.mark.parametrize("numbers", ["fixed", "fixed16"])
@pytest.mark.parametrize("seed", range(8))
def test_nothing_leaves_its_word(seed: int, numbers: str) -> None:
    """Every value of the program, not the outputs alone: at the ends of the bounds and between, as exact integers."""
    # Whatever a selection does not take may be anything.
    generator, _, _, fixed, _ = planned(100 + seed, numbers, without="select")
    live = frozenset().union(*(needed_by(fixed.program, r) for r in fixed.program.results))
    every = [p for p in sorted(live) if fixed.program.instructions[p].op not in ("input", "const")]
    wide = Program(fixed.program.inputs, tuple(f"v{p}" for p in every), fixed.program.instructions, tuple(every))
    both = FixedProgram(wide, fixed.formats, fixed.spare, fixed.bounds, fixed.bits)
    bounds = np.array(fixed.bounds)
    x = np.concatenate([bounds.T, generator.integers(bounds[:, 0], bounds[:, 1] + 1, (50, 2))]).astype(np.int32)
    m = evaluate(both, x)
    for row, found in zip(x.tolist(), m.tolist(), strict=True):
        given = [value * Fraction(2) ** -point for value, point in zip(row, fixed.inputs, strict=True)]
        for position, value, real in zip(every, found, exact(wide, given), strict=True):
            # A value that had wrapped around would be two of its word's halves away.
            half = fixed.word.largest + 1
            assert abs(real) * Fraction(2) ** fixed.formats[position] < half + half // 2, position
            assert abs(value) <= fixed.word.largest >> fixed.spare[position]


def test_every_operator_is_covered() -> None:
    texts = [text.split("=", 1)[1] for text in COVERAGE]
    program = program_of(texts, ("x0", "x1"), tuple("abcdefgh"), [(-2.0, 2.0), (0.0, 3.0)])
    # Negations may be folded into differences.
    assert {*FORMS, *EXPANSIONS} - program.operators <= {"neg"}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("gamma(x0 + 3)", "gamma has no fixed-point form, as in gamma(x0 + 3)"),
        ("erf(x0)*2", "erf has no fixed-point form"),
        ("1/x0", "the range of y: 1/x0 is not decided"),
        ("log(x0 - 2.5)", "the range of y: log(x0 - 2.5) is not decided"),
    ],
)
def test_what_has_no_form_is_refused_by_name(text: str, said: str) -> None:
    program = program_of([text], ("x0",), ("y",), [(-2.0, 2.0)])
    with pytest.raises(SymcError) as caught:
        plan(program, [(-2.0, 2.0)], Constants(), read_numbers("fixed"))
    assert said in str(caught.value)


def test_one_format_that_does_not_hold_a_value_names_it() -> None:
    program = program_of(["x0*x0*x0/1000"], ("x0",), ("y",), [(0.0, 100.0)])
    with pytest.raises(SymcError) as caught:
        plan(program, [(0.0, 100.0)], Constants(), read_numbers("q15.16"))
    assert "may reach 1e+06 in the domain, which q15.16 does not hold: its largest value is 32768" in str(caught.value)


def test_a_branch_that_is_not_taken_is_not_asked_for() -> None:
    program = program_of(["ifelse(x0 - 0.5, log(x0), x0)"], ("x0",), ("y",), [(-2.0, 2.0)])
    fixed, _ = plan(program, [(-2.0, 2.0)], Constants.exact(program.constants), read_numbers("fixed"))
    x = np.array([[-2.0], [0.25], [0.75], [2.0]], np.float32)
    found = evaluate(fixed, quantized(fixed, x))[:, 0] * 2.0 ** -fixed.outputs[0]
    assert np.abs(found - [-2.0, 0.25, math.log(0.75), math.log(2.0)]).max() < 1e-7


def test_nothing_is_kept_that_no_operation_takes() -> None:
    """A sum of two inputs is coarser than they could be, so they are as coarse: neither is shifted."""
    program = program_of(["x0 + x1", "2*x1 - 1"], ("x0", "x1"), ("y", "z"), [(0.0, 99.0), (0.0, 99.0)])
    fixed, proved = plan(program, [(0.0, 99.0), (0.0, 99.0)], Constants.exact(program.constants), read_numbers("fixed"))
    # x1 is read by the other output in its finest unit.
    assert fixed.inputs == (23, 24) and fixed.outputs == (23, 23)
    assert proved.errors[0] == pytest.approx(2.0**-24 + 2.0**-25 + 2.0**-24)
