"""Units as text, and equations that can or cannot be right in them."""

from __future__ import annotations

import math
import random
from fractions import Fraction

import pytest

from symc.errors import SymcError
from symc.ir.ops import OPERATORS
from symc.ir.reading import fold, read
from symc.ir.reference import real_value
from symc.ir.spelling import Spelling
from symc.meaning.dimensions import CONSISTENT, INCONSISTENT, UNDECIDED, check_dimensions
from symc.meaning.units import Units, dimension, read_units, scale

UNITS = {"p": "bar", "T": "K", "c": "degC", "k": "bar", "q": "Pa", "r": "1", "d": "kg/m3", "u": "?"}


def check(equation: str, output: str = "?") -> tuple[str, str, str]:
    found = check_dimensions(read(equation, list(UNITS)), UNITS, output)
    return found.outcome, found.part, found.why


# Constants take whatever unit makes their term fit.
CONSISTENT_ONES = [
    ("2.5*p + 0.3*T", "kg/m3"),
    ("exp(0.1*p)", "1"),
    ("exp(0.1*p)*2.5 - 3.0", "kg/m3"),
    ("p + 2.5", "bar"),
    ("sin(0.1*p/q)", "1"),
    ("tanh(0.5*(p - 1.5))", "1"),
    ("(p^2)^0.5 + p", "bar"),
    ("((p^3)^(1/3))^2 + p*p", "?"),
    ("p^0.33333334*p^0.6666667 + p", "bar"),
    ("sqrt(p*k) + abs(p) - relu(-k)", "bar"),
    ("cbrt(cube(p)) + 1/inverse(p)", "bar"),
    ("p/T*T - p", "bar"),
    ("2.0*p/T", "kg/m3"),
    ("p^0.37*exp(1.5)", "bar"),
    ("min(p, k) + max(p, 2.0, k)", "bar"),
    ("mod(p, k)", "bar"),
    ("clamp(p, 1.0, 2.0)", "bar"),
    ("ifelse(T, p, k)", "bar"),
    ("ifelse(T > 300, p, 2*T)", "bar"),
    ("cond(T, p)", "bar"),
    ("(p > k) + (T < 273.15)", "1"),
    ("sign(p)*logical_or(p, T)", "-"),
    ("fma(p, 0.5, T)", "K"),
    ("c + 2.5*T", "degC"),
    ("(p/k)^r", "1"),
    ("r + r^2 + 2^r", "1"),
    ("floor(0.1*p)*T", "K"),
    ("aq(p, r)", "bar"),
    ("(p + T*(0.5 + 0.25*T))/d", "?"),
    ("2.0^0.5 + pi", "kg/m3"),
    ("p^pi/p^pi", "1"),
]


@pytest.mark.parametrize(("equation", "output"), CONSISTENT_ONES)
def test_what_units_of_the_constants_can_make_right(equation: str, output: str) -> None:
    assert check(equation, output) == (CONSISTENT, "", "")


INCONSISTENT_ONES = [
    ("sin(p)", "?", "sin(p)", "p is in bar, not a pure number"),
    ("2.0*exp(p)", "?", "exp(p)", "p is in bar, not a pure number"),
    ("1.5*(p + T) - 3", "?", "p + T", "p is in bar, T is in K"),
    ("p - T*d", "?", "p - T*d", "p is in bar, T*d is in K kg/m3"),
    ("max(2*p, min(p, T))", "?", "min(p, T)", "p is in bar, T is in K"),
    ("ifelse(r, p, T)", "?", "select(r, p, T)", "p is in bar, T is in K"),
    ("0.5*(p < T)", "?", "p < T", "p is in bar, T is in K"),
    ("mod(p, T)", "?", "mod(p, T)", "p is in bar, T is in K"),
    ("clamp(p, 1.0, T)", "?", "clamp(p, 1.0, T)", "p is in bar, T is in K"),
    ("tanh(p*T)", "?", "tanh(p*T)", "p*T is in bar K, not a pure number"),
    ("log(p/T^2)", "?", "log(p/T^2)", "p/T^2 is in bar K^-2, not a pure number"),
    ("sqrt(sqrt(p)) + p", "?", "sqrt(sqrt(p)) + p", "sqrt(sqrt(p)) is in bar^(1/4), p is in bar"),
    ("sqrt(d) - d", "?", "sqrt(d) - d", "sqrt(d) is in (kg/m3)^(1/2), d is in kg/m3"),
    ("(p^2)^1.5 + p^2", "?", "(p^2)^1.5 + p^2", "(p^2)^1.5 is in bar^3, p^2 is in bar^2"),
    ("2^p", "?", "2^p", "p is in bar, not a pure number"),
    ("p^r", "?", "p^r", "p is in bar, not a pure number"),
    ("floor(p)", "?", "floor(p)", "p is in bar, not a pure number"),
    ("fma(p, T, p)", "?", "fma(p, T, p)", "p*T is in bar K, p is in bar"),
    ("aq(r, p)", "?", "aq(r, p)", "p is in bar, not a pure number"),
    ("(p > 1.0) + p", "?", "(p > 1.0) + p", "p > 1.0 is dimensionless, p is in bar"),
    ("p/T", "kg/m3", "p/T", "the equation is in bar K^-1, its output in kg/m3"),
    ("p/q", "bar", "p/q", "the equation is in bar Pa^-1, its output in bar"),
    ("p^0.37", "bar", "p^0.37", "the equation is in bar^0.37, its output in bar"),
    # A unit that is not known is one all the same: no unit of u is right here.
    ("u + u*p", "?", "u + u*p", "u is in ?, u*p is in ? bar"),
    ("sin(u + p)", "?", "sin(u + p)", "u + p is in bar, not a pure number"),
    ("sin(u)*(u + p)", "?", "u + p", "u is dimensionless, p is in bar"),
]


@pytest.mark.parametrize(("equation", "output", "part", "why"), INCONSISTENT_ONES)
def test_what_no_units_of_the_constants_can_make_right(equation: str, output: str, part: str, why: str) -> None:
    assert check(equation, output) == (INCONSISTENT, part, why)


@pytest.mark.parametrize(
    ("equation", "output", "part", "why"),
    [
        ("p + q", "?", "p + q", "p is in bar, q is in Pa"),
        ("2.5*max(T, c)", "?", "max(T, c)", "T is in K, c is in degC"),
        ("sin(a)", "1", "sin(a)", "a is in deg, not a pure number"),
        ("exp(p/q)", "1", "exp(p/q)", "p/q is in bar Pa^-1, not a pure number"),
        ("p", "kPa", "p", "the equation is in bar, its output in kPa"),
    ],
)
def test_units_of_one_dimension_that_meet_without_a_factor(equation: str, output: str, part: str, why: str) -> None:
    units = {**UNITS, "a": "deg"}
    found = check_dimensions(read(equation, list(units)), units, output)
    told = (CONSISTENT, part, f"{why} (the dimensions agree, the scales do not)")
    assert (found.outcome, found.part, found.why) == told


def test_scales() -> None:
    assert scale("bar") == pytest.approx(1e5) and scale("1") == scale("rad") == scale("kg/m3") == scale("N s^2/m") == 1
    assert math.isnan(scale("degC")) and math.isnan(scale("dBm")) and math.isnan(scale("Ym^99"))


@pytest.mark.parametrize("equation", ["u + p", "sin(u)*p", "u^2 + 2*p", "exp(u*p)"])
def test_an_unknown_input_leaves_it_open(equation: str) -> None:
    assert check(equation)[0] == UNDECIDED


_DRAWN = (
    *("add", "sub", "mul", "div", "min", "max", "mod", "lt", "select", "square", "sqrt_abs", "inverse"),
    *("sin", "tanh", "aq", "sign"),
)


def _random_equation(rng: random.Random, depth: int) -> str:
    """Without constants, over a in m, b in s and r without a unit."""
    if depth == 0:
        return rng.choice("aabr")
    row = OPERATORS[rng.choice(_DRAWN)]
    args = [_random_equation(rng, rng.randrange(depth)) for _ in range(row.arity)]
    return f"({args[0]} {row.symbol} {args[1]})" if row.symbol else f"{row.name}({', '.join(args)})"


def test_what_is_consistent_gives_the_same_quantity_in_other_units() -> None:
    """Metres to millimetres and seconds to quarters of one: all values change by one factor, a power of both."""
    rng = random.Random(0)
    rows = [(rng.uniform(0.5, 2.0), rng.uniform(0.5, 2.0), rng.uniform(0.5, 2.0)) for _ in range(5)]
    seen = set()
    for _ in range(3000):
        equation = _random_equation(rng, 4)
        steps = read(equation, ["a", "b", "r"])
        if check_dimensions(steps, {"a": "m", "b": "s", "r": "1"}, "?").outcome != CONSISTENT:
            continue
        ratios = set()
        for a, b, r in rows:
            before, after = (real_value(steps, ["a", "b", "r"], row) for row in ((a, b, r), (1000 * a, 4 * b, r)))
            # Where the value is 0, or hangs on a step or a pole, nothing can be said.
            if before is not None and after is not None and (after / before).is_finite():
                ratios.add(f"{float((after / before).mid()):.6g}")
        assert len(ratios) <= 1, equation
        seen |= ratios
    # Some were of another unit than a plain number's.
    assert len(seen) > 10


def test_every_operator_is_consistent_of_pure_numbers_and_of_constants() -> None:
    for operator in OPERATORS.values():
        for name in ("r", "2.5"):
            text = f"{operator.name}({', '.join([name] * operator.arity)})" if not operator.symbol else "1.0"
            assert check(text, "1")[0] == CONSISTENT, text


def test_an_operator_that_is_not_told_apart_takes_pure_numbers() -> None:
    strict = {
        name for name, row in OPERATORS.items()
        if not row.symbol and check(f"{name}({', '.join(['p'] * row.arity)})")[0] == INCONSISTENT
    }  # fmt: skip
    functions = "exp exp2 expm1 log log2 log10 log1p sin cos tan asin acos atan sinh cosh tanh asinh acosh atanh"
    more = "erf erfc gamma log_abs log2_abs log10_abs log1p_abs acosh_abs atanh_clip sigmoid silu softplus"
    others = "floor ceil round trunc pow pow_abs aq fma div_protected log_protected inverse_protected"
    assert strict == set(f"{functions} {more} {others}".split())


@pytest.mark.parametrize(
    "text",
    [
        "a - (b - c)", "a - b - c", "a*(b + c)", "(a*b)/c", "a/(b*c)", "-a*b", "(-a)*b", "a^b^c", "(a^b)^c", "(-a)^2",
        "-a^2", "a^(-b)", "a + -b", "-(a + b)", "-(-a)", "(a < b) + c", "a + b < c*2.5e-3", "sin(a < b)", "a*b/c*pi",
        "select(a, b - c, min(a, b))",
    ],
)  # fmt: skip
def test_spelled_steps_read_as_the_same_steps(text: str) -> None:
    steps = read(text, ["a", "b", "c"])
    spelled = fold(steps, Spelling()).text
    assert read(spelled, ["a", "b", "c"]) == steps
    assert len(spelled) <= len(text)


def test_a_long_sum_keeps_its_texts_short() -> None:
    outcome, part, _ = check(" + ".join(["p"] * 20_000) + " + T")
    assert outcome == INCONSISTENT and len(part) <= 300


BY_NAME = {"[mass]": 1, "[length]": -3}


@pytest.mark.parametrize(
    "unit", ["kg/m3", "kg/m^3", "kg/m**3", "kg m-3", "kg*m^-3", "kg/(m m^2)", "g/cm3", "kg/(m^(1/2))^6"]
)
def test_spellings_of_one_unit(unit: str) -> None:
    assert dimension(unit) == BY_NAME


def test_dimensions() -> None:
    assert dimension("?") is None
    assert dimension("1") == dimension("-") == dimension("%") == dimension("rad") == dimension("kg/kg") == {}
    assert dimension("degC") == dimension("°C") == dimension("K") == {"[temperature]": 1}
    assert dimension("m^0.5") == {"[length]": Fraction(1, 2)}
    assert dimension("a0") == {"[length]": 1}


def test_units_are_kept_as_they_are_written() -> None:
    units = read_units(" bar,kg/m3 ,?->  - ")
    assert units == Units(("bar", "kg/m3", "?"), ("-",)) and str(units) == "bar, kg/m3, ? -> -"


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("bar, K", "there is no arrow in 'bar, K'.*Units of the inputs in order, an arrow"),
        ("bar -> K -> 1", "there are 2 arrows"),
        ("bar,, K -> 1", "a unit is missing"),
        ("bar ->", "a unit is missing"),
        ("Bar -> 1", "'Bar' is not a unit that pint knows. Did you mean 'bar'"),
        ("kg/foo -> 1", "'kg/foo' is not a unit that pint knows: there is no foo"),
        ("J/kg K -> 1", r"'J/kg K' can be read in two ways. Write J/\(kg K\)"),
        ("1000 kg -> 1", "'1000 kg' is not a product of units and their powers"),
        ("m + m -> 1", "is not a product of units"),
        ("9^9^9^9 -> 1", "is not a product of units"),
        ("m^99^99 -> 1", "is not a product of units"),
        ("(m -> 1", r"'\(m' is not a unit that pint can read"),
        (f"{'m*' * 60}m -> 1", "is not a product of units"),
    ],
)
def test_units_that_are_refused(text: str, what: str) -> None:
    with pytest.raises(SymcError, match=what):
        read_units(text)
