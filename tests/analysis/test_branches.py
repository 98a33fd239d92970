"""What a condition says holds where its branch is taken: nothing of the code or of the text leaves what is proved."""

from __future__ import annotations

import numpy as np
import pytest

from symc.analysis.ranges import analyse
from symc.analysis.roundoff import roundoff
from symc.analysis.trace import Boxes, trace
from symc.bundle.ranges import as_written_in
from symc.errors import SymcError
from symc.ir.evaluate import evaluate
from symc.ir.program import Builder, Program
from symc.ir.reading import read
from symc.ir.reference import real_values
from symc.meaning.compile import program_of

UNIT = (-1.0, 1.0)
NAMES = ("x0", "x1", "x2")


def program(text: str, n: int) -> Program:
    return program_of([text], NAMES[:n], ["y"], [UNIT] * n)


def sampled(n: int, seed: int, rows: int = 4000) -> np.ndarray:
    """Points of the unit box, many of them at its corners, on its diagonals and beside zero."""
    rng = np.random.default_rng(seed)
    x = rng.uniform(-1.0, 1.0, (rows, n)).astype(np.float32)
    x[: rows // 4] = rng.choice(np.float32([-1, -0.1, 0, 1e-30, 0.1, 0.5, 1]), (rows // 4, n))
    x[rows // 4 : rows // 2] = x[rows // 4 : rows // 2, :1]
    near = rng.integers(-2, 3, (rows // 8, n)).astype(np.int32)
    x[rows // 4 : rows // 4 + rows // 8] = (x[rows // 4 : rows // 4 + rows // 8].view(np.int32) + near).view(np.float32)
    return x.clip(-1.0, 1.0)


@pytest.mark.parametrize(
    ("text", "n", "low", "high"),
    [
        ("Piecewise((log(x0), x0 > 0.1), (0, True))", 1, np.log(0.1), 0.0),
        ("Piecewise((log(x0 - x1), (x0 > 0.1) & (x1 < x0)), (0, True))", 2, np.log(2.0**-28), np.log(2.0)),
        ("Piecewise((0, (x0 < 0.1) | (x1 >= x0)), (log(x0 - x1), True))", 2, np.log(2.0**-28), np.log(2.0)),
        ("Piecewise((log(x0)*sqrt(x1), Min(x0, x1) > 0.1), (0, True))", 2, np.log(0.1), 0.0),
        ("Piecewise((1/x1, ~(x1 < 0.25)), (x0, True))", 2, -1.0, 4.0),
        ("Piecewise((1/x1, x1 >= 0.5), (sqrt(-x0), x0 < 0), (0, True))", 2, 0.0, 2.0),
        ("ifelse(2*x0 + 1 > 1.5, log(x0), 0)", 1, np.log(0.25), 0.0),
        ("ifelse(exp(x0) > 1.5, 1/x0, 0)", 1, 0.0, 1 / np.log(1.5)),
        ("ifelse(abs(x0) > 0.1, 1/x0, 0)", 1, -10.0, 10.0),
        ("ifelse(x0*x0 > 0.25, 1/x0, 0)", 1, -2.0, 2.0),
        ("ifelse(max(x0, x1) > 0.5, 1/max(x0, x1), 0)", 2, 0.0, 2.0),
        ("ifelse(x0 > x1, sqrt(x0 - x1), sqrt(x1 - x0))", 2, 0.0, np.sqrt(2.0)),
        ("ifelse((x0 > x1) & (x1 > 0.5), log(x0/x1), 0)", 2, 0.0, np.log(2.0)),
        ("log(clamp(x0, 0.001, 1))", 1, np.log(0.001), 0.0),
        # A pole that the condition leaves out, and nothing beside it.
        ("Piecewise((sin(x0)/x0, x0 != 0), (1, True))", 1, 0.84147, 1.05),
        # Guarded twice, and a value that both branches share.
        ("ifelse(x0 > 0.1, ifelse(x1 > x0, log(x1 - 0.05), x0), -x0)", 2, np.log(0.05), 1.0),
    ],
)
def test_what_a_condition_protects_is_safe(text: str, n: int, low: float, high: float) -> None:
    compiled = program(text, n)
    found = analyse(compiled, [UNIT] * n)
    assert not found.findings
    proved = found.outputs["y"]
    slack = 0.1 * (high - low) + 1e-6
    assert low - slack <= proved[0] and proved[1] <= high + slack
    x = sampled(n, 1)
    y = evaluate(compiled, x)[:, 0]
    assert proved[0] <= y.min() and y.max() <= proved[1]
    assert np.isfinite(found.errors["y"])
    # The bound covers the points at which code and text take different branches.
    real = real_values(read(text, NAMES[:n]), NAMES[:n], x[::16])
    assert np.abs(y[::16] - real).max() <= found.errors["y"]


@pytest.mark.parametrize(
    ("text", "n", "kind"),
    [
        ("Piecewise((log(x0), x0 > -0.1), (0, True))", 1, "pole"),
        ("Piecewise((log(x0), (x0 > 0.1) | (x1 > 0.1)), (0, True))", 2, "pole"),
        ("Piecewise((log(x0 - x1), x0 >= x1), (0, True))", 2, "pole"),
        ("ifelse(x0 > 0.1, 0, log(x0))", 1, "pole"),
        ("ifelse(x0 > x1, sqrt(x1 - x0), 0)", 2, "undefined"),
        ("ifelse(abs(x0) > 0.1, log(x0), 0)", 1, "undefined"),
        ("ifelse(x0 < 0.5, 1/(x0 - 0.25), 0)", 1, "pole"),
        # The condition protects one use and not the other.
        ("ifelse(x0 > 0.1, log(x0), 0) + log(x0)", 1, "pole"),
    ],
)
def test_what_a_condition_does_not_protect_stays_unsafe(text: str, n: int, kind: str) -> None:
    compiled = program(text, n)
    (first, *_) = analyse(compiled, [UNIT] * n).unsafe
    assert first.kind == kind
    if first.kind == "undefined":
        point = np.float32([[first.place.get(name, 0.0) for name in NAMES[:n]]])
        assert np.isnan(evaluate(compiled, point)).all()


UNARY = ("neg", "abs", "relu", "sqrt", "log", "exp", "floor", "ceil", "tanh", "cbrt", "sign", "log1p", "asin")
BINARY = ("add", "sub", "mul", "div", "min", "max")
TRUTHS = ("lt", "le", "gt", "ge", "eq", "ne")


def random_program(rng: np.random.Generator) -> Program:
    builder = Builder(NAMES)
    values = [builder.input(k) for k in range(3)] + [builder.const(float(c)) for c in (0.0, 0.1, 1.0, -0.5)]
    truths: list[int] = []
    for _ in range(30):
        kind = rng.random()
        if kind < 0.3:
            truths.append(builder.op(str(rng.choice(TRUTHS)), *map(int, rng.choice(values, 2))))
        elif kind < 0.4 and len(truths) > 1:
            truths.append(builder.op(str(rng.choice(["min", "max"])), *map(int, rng.choice(truths, 2))))
        elif kind < 0.65 and truths:
            condition = int(rng.choice(truths if rng.random() < 0.8 else values))
            values.append(builder.op("select", condition, *map(int, rng.choice(values[-8:], 2))))
        elif kind < 0.8:
            values.append(builder.op(str(rng.choice(UNARY)), int(rng.choice(values))))
        else:
            values.append(builder.op(str(rng.choice(BINARY)), *map(int, rng.choice(values, 2))))
    return builder.finish(["y"], [values[-1]])


def boxes_around(x: np.ndarray, rng: np.random.Generator) -> Boxes:
    """Boxes of every size that hold the points."""
    size = np.float32(10.0) ** rng.uniform(-6, 0.3, (len(x), 1)).astype(np.float32)
    low = (x - size * rng.random(x.shape)).astype(np.float32).clip(-1.0, None)
    return Boxes(np.minimum(low, x), np.maximum((x + size * rng.random(x.shape)).astype(np.float32).clip(None, 1.0), x))


def values_of(compiled: Program, x: np.ndarray) -> np.ndarray:
    """(instructions, n): what the oracle gives for each."""
    every = range(len(compiled.instructions))
    shown = Program(compiled.inputs, tuple(f"v{p}" for p in every), compiled.instructions, tuple(every))
    return evaluate(shown, x).T


def matters(compiled: Program, values: np.ndarray) -> np.ndarray:
    """(instructions, n): whether the result hangs on it at that point, by what the selections take there."""
    needed = np.zeros(values.shape, np.bool_)
    needed[compiled.results[0]] = True
    for position in reversed(range(len(values))):
        step = compiled.instructions[position]
        for slot, argument in enumerate(step.args):
            taken = values[step.args[0]] > 0
            through = {1: taken, 2: ~taken}.get(slot, True) if step.op == "select" else True
            needed[argument] |= needed[position] & through
    return needed


@pytest.mark.parametrize("part", [0, *(pytest.param(part, marks=pytest.mark.long) for part in range(1, 4))])
def test_no_value_of_a_random_program_leaves_its_interval_where_it_matters(part: int) -> None:
    narrower = 0
    for seed in range(part * 75, part * 75 + 75):
        rng = np.random.default_rng(seed)
        compiled = random_program(rng)
        x = sampled(3, seed, 256)
        around = trace(compiled, boxes_around(x, rng))
        values = values_of(compiled, x)
        for position, needed in enumerate(matters(compiled, values)):
            value, inside, plain = values[position], around.values[position], around.base[position]
            assert not (needed & ~around.needed[position]).any(), (seed, position)
            unknown = np.isnan(value)
            assert not (needed & unknown & ~inside.nan).any(), (seed, position)
            within = (inside.low <= value) & (value <= inside.high)
            assert not (needed & ~unknown & ~within).any(), (seed, position)
            given = np.logical_and.reduce([np.isfinite(values[a]) for a in compiled.instructions[position].args])
            # Where finite operands give no finite value, a danger is told.
            fails = needed & given & ~np.isfinite(value)
            assert not (fails & around.values[position].finite).any(), (seed, position)
            narrower += int((needed & ((inside.low > plain.low) | (inside.high < plain.high))).sum())
    assert narrower > 100


def random_text(rng: np.random.Generator, depth: int) -> str:
    if depth == 0:
        return str(rng.choice([*NAMES, "0.1", "(-0.3)", "0.7"]))
    a, b = random_text(rng, depth - 1), random_text(rng, depth - 1)
    form = int(rng.integers(8))
    if form == 0:
        return f"ifelse(({a} > {b}) & ({random_text(rng, 1)} < 0.6), {random_text(rng, depth - 1)}, {a})"
    if form == 1:
        return f"ifelse({a} {rng.choice(['<', '<=', '>', '>='])} 0.2, {b}, {random_text(rng, depth - 1)})"
    if form == 2:
        return f"ifelse({a} > {b}, sqrt({a} - {b}), log(1.5 + tanh({b})))"
    if form == 3:
        return f"max({a}, {b})"
    if form == 4:
        return f"exp({a})*0.3"
    return f"({a} {rng.choice(['+', '-', '*'])} {b})"


@pytest.mark.parametrize("part", [0, *(pytest.param(part, marks=pytest.mark.long) for part in range(1, 3))])
def test_no_error_of_a_random_selection_is_above_its_bound(part: int) -> None:
    checked = 0
    for seed in range(part * 25, part * 25 + 25):
        rng = np.random.default_rng(seed)
        text = random_text(rng, 3)
        try:
            compiled = program(text, 3)
        except SymcError:
            continue
        if "select" not in compiled.operators:
            continue
        x = sampled(3, seed, 200)
        bounds = roundoff(trace(compiled, boxes_around(x, rng)))[compiled.results[0]]
        real = real_values(read(text, NAMES), NAMES, x)
        known = np.isfinite(real) & np.isfinite(bounds)
        measured = np.abs(evaluate(compiled, x)[:, 0].astype(np.float64) - np.where(known, real, 0.0))
        assert (measured[known] <= bounds[known]).all(), (seed, text)
        checked += int(known.sum())
    assert checked > 1000


@pytest.mark.parametrize(("threshold", "most"), [("0.5", 1e-6), ("0.1", 3.0)])
def test_a_threshold_that_float32_holds_is_crossed_by_code_and_text_together(threshold: str, most: float) -> None:
    text = f"Piecewise((log(x0), x0 > {threshold}), (5, True))"
    compiled = program(text, 1)
    found = analyse(compiled, [UNIT], source=as_written_in([text], compiled))
    # log(0.1) and 5 are 7.3 apart: at the float32 beside 0.1 code and text take different branches.
    assert (found.errors["y"] < most) == (threshold == "0.5")
    x = np.concatenate([sampled(1, 2), np.float32([[threshold], [np.nextafter(np.float32(threshold), np.float32(1))]])])
    real = real_values(read(text, NAMES[:1]), NAMES[:1], x)
    assert np.abs(evaluate(compiled, x)[:, 0] - real).max() <= found.errors["y"]
