"""Identities of real numbers under which float32 code loses less: what cancels is computed without the difference.

Each rule turns one instruction into others that have the same real value wherever both have one. Sources: Hamming,
"Numerical Methods for Scientists and Engineers" (1973), chapter 3; Higham, "Accuracy and Stability of Numerical
Algorithms" (2002), section 1.7. Whether a rule helps at a place is not known here (symc/analysis/accuracy.py).
"""

from __future__ import annotations

from symc.analysis.site import HALF, ONE, TWO, Constant, New, Rule, Site


def _exponential_less_one(s: Site) -> New | None:
    if not (pair := s.difference()):
        return None
    a, b = pair
    if b == ONE and (x := s.operand("exp", a)) is not None:
        return s.make("expm1", x)
    if a == ONE and (x := s.operand("exp", b)) is not None:
        return s.make("neg", s.make("expm1", x))
    return None


def _exponentials(s: Site) -> New | None:
    """exp(x) - exp(-x) and exp(x) + exp(-x)."""
    for pair, op in ((s.difference(), "sinh"), (s.sum(), "cosh")):
        if pair and (x := s.operand("exp", pair[0])) is not None:
            y = s.operand("exp", pair[1])
            below = s.ratio(pair[1])
            inverse = below is not None and below == (ONE, pair[0])
            if inverse or (y is not None and (s.negative(y) == x or s.negative(x) == y)):
                return s.make("mul", TWO, s.make(op, x))
    return None


def _one_less_cosine(s: Site) -> New | None:
    if not (pair := s.difference()):
        return None
    a, b = pair
    x = s.operand("cos", b if a == ONE else a) if ONE in pair else None
    if x is None:
        return None
    half = s.make("sin", s.make("mul", HALF, x))
    twice = s.make("mul", TWO, s.make("mul", half, half))
    return twice if a == ONE else s.make("neg", twice)


def _squares(s: Site) -> New | None:
    if not (pair := s.difference()) or pair == (ONE, ONE):
        return None
    a, b = s.root(pair[0]), s.root(pair[1])
    return None if a is None or b is None else s.make("mul", s.make("sub", a, b), s.make("add", a, b))


def _roots(s: Site) -> New | None:
    if not (pair := s.difference()):
        return None
    inner = [ONE if v == ONE else s.operand("sqrt", v) for v in pair]
    if None in inner or inner == [ONE, ONE]:
        return None
    x, y = inner
    assert x is not None and y is not None
    return s.make("div", s.make("sub", x, y), s.make("add", *pair))


def _cancelled(s: Site) -> New | None:
    """(x + y) - y and its like."""
    if not (pair := s.difference()):
        return None
    a, b = pair
    if inner := s.sum(a):
        return s.kept(inner[0]) if inner[1] == b else s.kept(inner[1]) if inner[0] == b else None
    if (inner := s.difference(a)) and inner[0] == b:
        return s.make("neg", inner[1])
    if (inner := s.sum(b)) and a in inner:
        return s.make("neg", inner[1] if inner[0] == a else inner[0])
    if (inner := s.difference(b)) and inner[0] == a:
        return s.kept(inner[1])
    return None


def _put_back(s: Site) -> New | None:
    """(x - y) + y."""
    if not (pair := s.sum()):
        return None
    for a, b in (pair, pair[::-1]):
        if (inner := s.difference(a)) and inner[1] == b:
            return s.kept(inner[0])
    return None


def _quotients(s: Site) -> New | None:
    """a/b - c/d over one denominator; also with 1 in the place of either."""
    for pair, op in ((s.difference(), "sub"), (s.sum(), "add")):
        if not pair or not (s.ratio(pair[0]) or s.ratio(pair[1])):
            continue
        (a, b), (c, d) = ((v, ONE) if (found := s.ratio(v)) is None else found for v in pair)
        if b == d:
            return s.make("div", s.make(op, a, c), b)
        if b == ONE:
            return s.make("div", s.make(op, s.make("mul", a, d), c), d)
        if d == ONE:
            return s.make("div", s.make(op, a, s.make("mul", c, b)), b)
        return s.make("div", s.make(op, s.make("mul", a, d), s.make("mul", c, b)), s.make("mul", b, d))
    return None


def _common_factor(s: Site) -> New | None:
    """a*b - a*c and a*b + a*c; also a by itself, which is a*1."""
    for pair, op in ((s.difference(), "sub"), (s.sum(), "add")):
        if not pair or ONE in pair:
            continue
        left, right = ((v, ONE) if (found := s.product(v)) is None else found for v in pair)
        for factor, first in (left, left[::-1]):
            if factor in right and factor != ONE:
                second = right[1] if right[0] == factor else right[0]
                return s.make("mul", factor, s.make(op, first, second))
    return None


def _constant_cancelled(s: Site) -> New | None:
    """c*a/c, for a constant."""
    if not (pair := s.ratio(s.position)) or not isinstance(pair[1], Constant) or not (inner := s.product(pair[0])):
        return None
    return s.kept(inner[1] if inner[0] == pair[1] else inner[0]) if pair[1] in inner and pair[1].value else None


def _one_less_function(s: Site) -> New | None:
    """1 - tanh(x), 1 - erf(x), 1 - erfc(x)."""
    if not (pair := s.difference()) or pair[0] != ONE:
        return None
    if (x := s.operand("tanh", pair[1])) is not None:
        return s.make("div", TWO, s.make("add", s.make("exp", s.make("mul", TWO, x)), ONE))
    for op, other in (("erf", "erfc"), ("erfc", "erf")):
        if (x := s.operand(op, pair[1])) is not None:
            return s.make(other, x)
    return None


def _sines(s: Site) -> New | None:
    """sin(x) - sin(y) and cos(x) - cos(y)."""
    if not (pair := s.difference()):
        return None
    for op in ("sin", "cos"):
        x, y = (s.operand(op, v) for v in pair)
        if x is None or y is None:
            continue
        middle, half = s.make("mul", HALF, s.make("add", x, y)), s.make("mul", HALF, s.make("sub", x, y))
        if op == "sin":
            return s.make("mul", s.make("mul", TWO, s.make("cos", middle)), s.make("sin", half))
        return s.make("neg", s.make("mul", s.make("mul", TWO, s.make("sin", middle)), s.make("sin", half)))
    return None


def _logarithms(s: Site) -> New | None:
    pair = s.difference()
    inner = [s.operand("log", v) for v in pair] if pair else [None]
    if None in inner:
        return None
    x, y = inner
    assert x is not None and y is not None
    return s.make("log", s.make("div", x, y))


def _logarithm_near_one(s: Site) -> New | None:
    """log(x) by what x differs from 1."""
    if (x := s.operand("log")) is None:
        return None
    if (pair := s.sum(x)) and ONE in pair:
        return s.make("log1p", pair[1] if pair[0] == ONE else pair[0])
    if (pair := s.difference(x)) and pair[0] == ONE:
        return s.make("log1p", s.make("neg", pair[1]))
    if pair := s.ratio(x):
        return s.make("log1p", s.make("div", s.make("sub", *pair), pair[1]))
    return s.make("log1p", s.make("sub", x, ONE))


def _arc_cosine_near_one(s: Site) -> New | None:
    """acos(1 - x)."""
    x = s.operand("acos")
    if x is None or not (pair := s.difference(x)) or pair[0] != ONE:
        return None
    return s.make("mul", TWO, s.make("asin", s.make("sqrt", s.make("mul", HALF, pair[1]))))


def _sum_of_sum(s: Site) -> New | None:
    """(x + y) - z as x + (y - z), and (x + y) + z as x + (y + z)."""
    for pair, op in ((s.difference(), "sub"), (s.sum(), "add")):
        if pair and (inner := s.sum(pair[0])):
            return s.make("add", inner[0], s.make(op, inner[1], pair[1]))
    return None


RULES: tuple[Rule, ...] = (
    _exponential_less_one, _exponentials, _one_less_cosine, _squares, _roots, _cancelled, _put_back, _quotients,
    _common_factor, _constant_cancelled, _one_less_function, _sines, _logarithms, _logarithm_near_one,
    _arc_cosine_near_one, _sum_of_sum,
)  # fmt: skip
