"""Ranges in double precision: they hold for what the code gives, at random and beside the ends; poles are found."""

from __future__ import annotations

import itertools
import math
from pathlib import Path

import mpmath
import numpy as np
import pytest

from symc.analysis.ranges import analyse
from symc.errors import CheckFailed
from symc.evidence.claims import claims_of
from symc.ir.binary64 import BINARY64
from symc.ir.evaluate import evaluate
from symc.ir.formats import FLOAT64
from symc.ir.program import Program
from symc.meaning.compile import program_of
from symc.verify import verify
from tests.float64.bundles import build

# Where each function has a value, and bounds between which boxes lie.
BOXES = {
    **dict.fromkeys(("exp", "sinh", "cosh"), (-745.2, 709.7)),
    **dict.fromkeys(("expm1", "exp2"), (-1030.0, 700.0)),
    **dict.fromkeys(("log", "log2", "log10", "gamma"), (1e-3, 150.0)),
    **dict.fromkeys(("asin", "acos"), (-1.0, 1.0)),
    **dict.fromkeys(("sin", "cos", "tanh", "atan", "asinh", "cbrt", "erf", "erfc"), (-40.0, 40.0)),
    **{"tan": (-1.57, 1.57), "acosh": (1.0, 1e6), "atanh": (-0.999, 0.999), "log1p": (-0.999, 1e3)},
}


def of(text: str, n_in: int = 1) -> Program:
    return program_of([text], [f"x{k}" for k in range(n_in)], ["y"], format=FLOAT64)


def points(low: float, high: float, count: int, generator: np.random.Generator) -> np.ndarray:
    """In the box: at random, and the doubles next to its ends."""
    ends = [low, high]
    for _ in range(20):
        ends += [math.nextafter(ends[-2], high), math.nextafter(ends[-1], low)]
    return np.clip([*generator.uniform(low, high, count), *ends], low, high)[:, None]


def test_every_function_has_a_box() -> None:
    assert {*BOXES, "pow"} == set(BINARY64)


@pytest.mark.parametrize("name", sorted(BOXES))
def test_ranges_enclose_what_functions_give(name: str) -> None:
    """In boxes of every width, down to a few doubles: there a wrong order of two neighbours would show."""
    program, generator = of(f"{name}(x0)"), np.random.Generator(np.random.PCG64(7))
    least, most = BOXES[name]
    for width in (1.0, 1e-3, 1e-8, 1e-14, 3e-16):
        for _ in range(2):
            low = float(generator.uniform(least, most))
            high = min(low + width * (most - least) * 0.5, most)
            found = analyse(program, [(low, high)], work=20_000)
            assert not found.findings
            bounds = found.outputs["y"]
            y = evaluate(program, points(low, high, 200, generator))
            assert bounds[0] <= y.min() and y.max() <= bounds[1], (low, high, bounds)
            # Close to what is reached, too: within eight units and a hundredth of the range.
            room = 8.0 * np.spacing(np.abs(y).max()) + 0.02 * float(y.max() - y.min())
            assert y.min() - bounds[0] <= room + 1e-300 and bounds[1] - y.max() <= room + 1e-300, (low, high)


def test_ranges_hold_for_the_real_values_of_functions() -> None:
    """The interval of tanh(exp(x)) * sin(x) beside mpmath's values: the code's are within rounding of these."""
    text, box = "tanh(exp(x0))*sin(x0) + x0^1.7", (0.3, 2.9)
    low, high = analyse(of(text), [box]).outputs["y"]
    with mpmath.workdps(40):
        values = [
            mpmath.tanh(mpmath.exp(x)) * mpmath.sin(x) + x ** mpmath.mpf("1.7")
            for x in map(mpmath.mpf, np.linspace(*box, 300).tolist())
        ]
        assert low - 1e-15 <= min(values) and max(values) <= high + 1e-15


@pytest.mark.parametrize(
    ("text", "box", "told"),
    [
        ("1/(x0 - 0.1)", (-1.0, 1.0), "pole beside x0 = 0.09999999999999999"),
        ("1/(x0^2 - 2)", (0.0, 2.0), "pole beside x0 = 1.414213562373095"),
        ("tan(x0)", (-2.0, 2.0), "pole beside x0 ="),
        ("log(x0)", (0.0, 1.0), "pole at x0 = 0.0"),
        ("sqrt(x0)", (-1e-300, 1.0), "no value at x0 = -1e-300"),
        ("x0^2*1e300", (-1e5, 1e5), "overflows at x0 = -100000.0"),
        ("exp(x0)", (0.0, 710.0), "overflows at x0 = 710.0"),
        ("1/(x0 - 1e200)", (0.0, 1e300), "pole"),
    ],
)
def test_what_happens_in_doubles_stops_the_build(
    text: str, box: tuple[float, float], told: str, tmp_path: Path
) -> None:
    domain = f"{box[0]!r}:{box[1]!r}"
    with pytest.raises(CheckFailed, match=told):
        build(tmp_path, (f"y = {text}",), domain=domain)
    built = build(tmp_path, (f"y = {text}",), domain=domain, allow_poles=True)
    assert "unsafe (allowed)" in str(built)


@pytest.mark.parametrize(
    ("text", "box", "wanted"),
    [
        ("1/(1 + exp(-x0))", (-1000.0, 1000.0), (0.0, 1.0)),
        ("exp(x0)", (0.0, 700.0), (1.0, 1.014232054735005e304)),
        ("sqrt(expm1(x0))", (0.0, 1.0), (0.0, 1.3108324944320862)),
        ("1/(x0^2 + 1e-300)", (-1.0, 1.0), (1.0, 1e300)),
        ("x0^3 - 2*x0", (-1e100, 1e100), (-1e300, 1e300)),
    ],
)
def test_what_float32_cannot_prove(text: str, box: tuple[float, float], wanted: tuple[float, float]) -> None:
    found = analyse(of(text), [box])
    assert not found.unsafe and not found.undecided
    np.testing.assert_allclose(found.outputs["y"], wanted, rtol=1e-14, atol=0.0)


def test_random_programs_stay_in_their_ranges() -> None:
    generator = np.random.Generator(np.random.PCG64(11))
    inner = ("sin({})", "exp({}/9)", "log(abs({}) + 0.5)", "{}^2", "sqrt(abs({}))", "atan({})", "mod({}, 1.3)")
    pairs = list(itertools.product(inner, repeat=2))
    for k in generator.permutation(len(pairs))[:12].tolist():
        one, other = (form.format(name) for form, name in zip(pairs[k], ("x0", "x1"), strict=True))
        program = of(f"({one} - 0.1)*({other} + x0) - ifelse(x0 - x1, {one}, {other}*0.7)", 2)
        low, high = analyse(program, [(-3.0, 2.0), (0.1, 4.0)], work=200_000).outputs["y"]
        y = evaluate(program, generator.uniform((-3.0, 0.1), (2.0, 4.0), (4000, 2)))
        assert low <= y.min() and y.max() <= high


def test_proved_is_said_where_it_is_proved(tmp_path: Path) -> None:
    """Of arithmetic alone; functions rest on tests, and the header, the README and the evidence say so."""
    exact, tested = build(tmp_path, ("y = x0/3 - x1",), name="a"), build(tmp_path, ("y = exp(x0) - x1",), name="b")
    for bundle, proved in ((exact, True), (tested, False)):
        header = (bundle.path / f"include/{bundle.manifest.name}.h").read_text()
        assert ("Proved for every x in the domain" in header) == proved
        assert ("with functions within one unit in the last place, as tested" in header) != proved
        assert ("Ranges: proved in the domain" in str(bundle)) == proved
        assert ("takes functions to be within one unit" in (bundle.path / "README.md").read_text()) != proved
        report = verify(bundle.path, rows=64)
        (claim,) = (c for c in claims_of(bundle.manifest, report, bundle.path) if "finite in the domain" in c.what)
        assert claim.holds and claim.how == ("proved" if proved else "measured")


@pytest.mark.parametrize("policy", ["clamp", "nan", "hold"])
def test_guards_give_the_oracle_s_bits(policy: str, tmp_path: Path) -> None:
    bundle = build(tmp_path, ("y = 0.1*x0 + exp(-x1)", "z = log(x0)"), domain="0.1:0.3,-20:700", outside=policy)
    report = verify(bundle.path, rows=400)
    assert report.ok, str(report)
    assert {"c: guarded", "c: self-test"} <= {check.name for check in report.checks}
