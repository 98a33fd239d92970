"""Models to measure: equations in text, their bundles, and the numpy code that a person would run instead."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

import symc
from symc.ir.parse import complexity, parse

_UNARY = ("sin({})", "cos({})", "exp({})", "tanh({})", "sqrt(abs({}))", "({})^2")
_BINARY = ("({} + {})", "({} - {})", "({} * {})", "({} / {})")


def write_bundle_of(equations: Sequence[str], n_in: int, out: Path, name: str, targets: Sequence[str] = ("c",)) -> Path:
    """Build the bundle out/name of `equations` over x0, x1, ... through a PySR hall of fame, and return its folder."""
    features = [f"x{k}" for k in range(n_in)]
    paths = []
    for k, text in enumerate(equations):
        path = out / f"hall_of_fame_output{k + 1}.csv"
        path.write_text(f'Complexity,Loss,Equation\n{complexity(parse(text, features))},0.001,"{text}"\n')
        paths.append(path)
    return symc.build(paths, out=out, target=targets, name=name, features=features).path


def random_equations(count: int, n_in: int, size: int, seed: int, functions: float = 0.2) -> list[str]:
    """`count` random equations of complexity near `size` (as PySR counts it) over `n_in` inputs.

    `functions` is the probability that a node is a function of one argument; as in PySR's results, none has a constant
    as its argument. 0.2 gives one or two transcendental functions in an equation of size 24.
    """
    generator = random.Random(seed)
    features = [f"x{k}" for k in range(n_in)]
    found: list[str] = []
    while len(found) < count:
        text = _tree(generator, features, size, functions)
        if abs(complexity(parse(text, features)) - size) <= 2:
            found.append(text)
    return found


def _tree(generator: random.Random, features: Sequence[str], size: int, functions: float) -> str:
    if size <= 2:
        return generator.choice(features)
    if generator.random() < functions:
        return generator.choice(_UNARY).format(_tree(generator, features, size - 1, functions))
    left = generator.randint(1, size - 2)
    first = f"{generator.uniform(0.1, 3):.4f}" if left == 1 and generator.random() < 0.4 else ""
    return generator.choice(_BINARY).format(
        first or _tree(generator, features, left, functions), _tree(generator, features, size - 1 - left, functions)
    )


def numpy_function(equations: Sequence[str], n_in: int) -> Callable[[np.ndarray], np.ndarray]:
    """x (n, n_in) -> y (n, n_out) by numpy: sympy's lambdify with common subexpressions, as PySR's users run it."""
    import sympy

    from symc.ir.parse import symbol

    features = [f"x{k}" for k in range(n_in)]
    expressions = [parse(text, features) for text in equations]
    columns = sympy.lambdify([symbol(f) for f in features], expressions, "numpy", cse=True)

    def evaluate(x: np.ndarray) -> np.ndarray:
        y = np.empty((len(x), len(expressions)), x.dtype)
        with np.errstate(all="ignore"):
            for k, value in enumerate(columns(*x.T)):
                y[:, k] = value
        return y

    return evaluate
