"""Two bundles of one symc, with derivatives and guards, whose equations share some functions and not others."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import symc
from tests.targets import building
from tests.tools import require

DOMAIN = (-2.0, 2.0)
# In the grammar, and in numpy: what the code must mean.
EQUATIONS = {
    "pump": (
        ("exp(-1.98*x1)*sin(3.14*x0) + tanh(x0*x1)", "3*x0 - exp(x1) + exp(x0)"),
        lambda a, b: (np.exp(-1.98 * b) * np.sin(3.14 * a) + np.tanh(a * b), 3 * a - np.exp(b) + np.exp(a)),
    ),
    "fan": (
        ("sqrt(x0^2 + 1)*atan(x1)", "exp(x0)/(2 + cos(x1))"),
        lambda a, b: (np.sqrt(a**2 + 1) * np.arctan(b), np.exp(a) / (2 + np.cos(b))),
    ),
}


def make_bundle(out: Path, name: str, targets: tuple[str, ...] = ("c",)) -> Path:
    """The bundle out/name of the equations of that name."""
    texts, _ = EQUATIONS[name]
    tables = []
    for number, text in enumerate(texts):
        tables.append(out / f"{name}_{number}.csv")
        tables[-1].write_text(f'Complexity,Loss,Equation\n9,0.5,"{text}"\n')
    domain = f"{DOMAIN[0]}:{DOMAIN[1]}"
    bundle = symc.build(
        tables, out=out, name=name, target=targets, features=["x0", "x1"], domain=domain, outside="clamp"
    )
    return bundle.path


@pytest.fixture(scope="session")
def bundles(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    out = tmp_path_factory.mktemp("bundles")
    return {name: make_bundle(out, name) for name in EQUATIONS}


@pytest.fixture(scope="session")
def inputs() -> np.ndarray:
    """(3000, 2) float32: the domain, beyond it, any bits."""
    rng = np.random.default_rng(5)
    inside = rng.uniform(*DOMAIN, (1500, 2))
    beyond = rng.normal(0, 50, (500, 2))
    bits = rng.integers(0, 2**32, (1000, 2), np.uint32).view(np.float32)
    return np.concatenate([inside.astype(np.float32), beyond.astype(np.float32), bits])


def expected(name: str, x: np.ndarray) -> np.ndarray:
    """(n, 2) float64: the equations of `name` in numpy."""
    _, meaning = EQUATIONS[name]
    return np.stack(meaning(*x.astype(np.float64).T), axis=1)


# A program that calls both models, and fails where one does not give the right values.
BOTH = """
#include "pump.h"
#include "fan.h"

static int differ(float value, double expected)
{
    const double error = (double)value - expected;
    return error > 1e-5 || error < -1e-5;
}

int main(void)
{
    const float x[2] = {0.5F, 1.5F};
    float y[2];
    int wrong = pump_selftest() != 0 || fan_selftest() != 0;
    pump_eval(x, y);
    wrong |= differ(y[0], %r) || differ(y[1], %r);
    fan_eval(x, y);
    wrong |= differ(y[0], %r) || differ(y[1], %r);
    return wrong;
}
"""


def both() -> str:
    """The text of that program."""
    x = np.array([[0.5, 1.5]])
    return BOTH % tuple(float(value) for name in ("pump", "fan") for value in expected(name, x)[0])


def compiled_together(packages: dict[str, Path], includes: list[Path], folder: Path) -> None:
    """Compile the src/*.c of all packages, each alone, with all `includes`; link them with that program and run it."""
    require("gcc")
    (folder / "main.c").write_text(both())
    sources = [source for root in packages.values() for source in sorted((root / "src").glob("*.c"))]
    building.run(["gcc", *building.ONE_SET, "-Wall", "-Werror", *(f"-I{place}" for place in includes),
                  folder / "main.c", *sources, "-o", folder / "both"])  # fmt: skip
    building.run([folder / "both"])
