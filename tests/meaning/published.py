"""Equations like those on published fronts: as PySR, Operon and people write them, drawn by seed."""

from __future__ import annotations

import random
from collections.abc import Callable

FEATURES = ("x0", "x1", "x2")
# Speed of light, Planck, Boltzmann, Avogadro, elementary charge, gravity, gas constant, Stefan-Boltzmann, vacuum.
PHYSICAL = (
    *("299792458.0", "6.62607015e-34", "1.380649e-23", "6.02214076e23", "1.602176634e-19", "6.6743e-11"),
    *("8.314462618", "5.670374419e-8", "8.8541878128e-12", "1.0e-50", "1.0e40"),
)
_UNARY = ("sin", "cos", "exp", "log", "sqrt", "tanh", "abs", "square", "cube", "inv", "neg", "sigmoid", "relu", "erf")
_PROTECTED = ("log_abs", "sqrt_abs", "log1p_abs", "acosh_abs", "atanh_clip")


def equation(seed: int) -> str:
    """One equation over FEATURES."""
    draw = random.Random(seed)
    shapes: tuple[Callable[[random.Random], str], ...] = (
        lambda d: _tree(d, d.randint(2, 5)),
        _long_sum,
        _nested_power,
        _protected,
        _physics,
        _rational,
        _cancelling,
        _exponentials,
    )
    return draw.choice(shapes)(draw)


def _constant(d: random.Random) -> str:
    kind = d.random()
    if kind < 0.4:
        return f"{d.uniform(-5, 5):.{d.randint(0, 16)}f}"
    if kind < 0.7:
        return repr(d.uniform(-1, 1) * 10.0 ** d.randint(-6, 6))
    return d.choice(("1.0", "2.0", "0.5", "-1.0", "3", "pi", "2.718281828459045", "0.3333333333333333"))


def _leaf(d: random.Random) -> str:
    return d.choice(FEATURES) if d.random() < 0.7 else f"({_constant(d)})"


def _tree(d: random.Random, depth: int) -> str:
    if depth == 0 or d.random() < 0.15:
        return _leaf(d)
    kind = d.random()
    if kind < 0.3:
        return f"{d.choice(_UNARY)}({_tree(d, depth - 1)})"
    if kind < 0.4:
        return f"({_tree(d, depth - 1)})^{d.choice(('2', '3', '0.5', '-1', '-0.5', '1.5', '-2', '4', '0.33'))}"
    if kind < 0.45:
        return f"{d.choice(('min', 'max', 'mod', 'aq'))}({_tree(d, depth - 1)}, {_tree(d, depth - 1)})"
    return f"({_tree(d, depth - 1)} {d.choice('+-*/')} {_tree(d, depth - 1)})"


def _long_sum(d: random.Random) -> str:
    return " + ".join(f"{_constant(d)}*{_tree(d, 1)}" for _ in range(d.randint(6, 20))).replace("+ -", "- ")


def _nested_power(d: random.Random) -> str:
    inner = _tree(d, 2)
    for _ in range(d.randint(2, 3)):
        inner = f"({inner})^{d.choice(('2', '0.5', '3', '-1', '1.5', '0.25'))}"
    return f"{_constant(d)}*{inner}"


def _protected(d: random.Random) -> str:
    return f"{d.choice(_PROTECTED)}({_tree(d, 2)}) {d.choice('+-*/')} {d.choice(_PROTECTED)}({_tree(d, 2)})"


def _physics(d: random.Random) -> str:
    parts = [d.choice(PHYSICAL) if d.random() < 0.6 else _tree(d, 1) for _ in range(d.randint(2, 5))]
    text = d.choice(FEATURES)
    for part in parts:
        text = f"({text} {d.choice('*/')} {part})" if d.random() < 0.7 else f"{text} {d.choice('*/')} {part}"
    return text


def _rational(d: random.Random) -> str:
    return f"({_long_sum(d)}) / ({_tree(d, 2)} {d.choice('+-')} {_constant(d)})"


def _cancelling(d: random.Random) -> str:
    part = _tree(d, 2)
    return d.choice(
        (
            f"({part}) / ({part}) * {_leaf(d)}",
            f"({part}) - ({part}) + {_leaf(d)}",
            f"sqrt({part}) * sqrt({part})",
            f"exp(log({part}))",
            f"log(exp({part}))",
            f"({part})^0.5 * ({part})^1.5",
            f"abs({part}) * abs(1/({part}))",
        )
    )


def _exponentials(d: random.Random) -> str:
    return f"exp({_tree(d, 1)}) {d.choice('*/')} exp({_tree(d, 1)}) {d.choice('*/')} {_constant(d)}"
