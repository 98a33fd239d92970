"""Distilled modules and compressed blocks made by hand: real samples of known equations, without a search."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from symc.capture.dataset import Dataset
from symc.compression.saved import Compressed, Control
from symc.ir.evaluate import evaluate
from symc.ir.lower import lower
from symc.ir.parse import complexity, format_expression, parse
from symc.module.saved import Distilled, Provenance, save_distilled
from symc.search.front import Front
from symc.search.member import Member
from tests.targets.programs import layered_program

LAW = ("x0^2 + 2.5382*cos(x1) - 0.5", "x0*exp(-x1)")


def distilled(
    laws: Sequence[str] = LAW, n_in: int = 2, rows: int = 512, noise: float = 1e-3, outputs: Sequence[str] | None = None
) -> Distilled:
    """Samples of `laws` over [0.1, 2] with noise, and for each a front of two members: a constant and the law."""
    features = [f"x{k}" for k in range(n_in)]
    rng = np.random.default_rng(0)
    x = rng.uniform(0.1, 2.0, (rows, n_in)).astype(np.float32)
    expressions = [parse(text, features) for text in laws]
    names = tuple(outputs) if outputs else tuple(f"y{k}" for k in range(len(laws)))
    exact = evaluate(lower(expressions, features, [f"y{k}" for k in range(len(laws))]), x)
    y = (exact + noise * rng.standard_normal(exact.shape)).astype(np.float32)
    dataset = Dataset.from_samples(x, y, features=features, outputs=names, seed=0)
    fronts = []
    for k, expression in enumerate(expressions):
        mean = float(np.float32(y[dataset.train, k].mean()))
        members = []
        for e in (parse(repr(mean), features), expression):
            program = lower([e], features, ["y"])
            error = evaluate(program, x)[:, 0].astype(np.float64) - y[:, k]
            train, held = (float(np.mean(error[rows_] ** 2)) for rows_ in (dataset.train, ~dataset.train))
            members.append(Member(format_expression(e), complexity(e), train, held, program.cost))
        fronts.append(Front(names[k], tuple(members), (("1/(x0 - x0)", "not finite on the domain"),)))
    history = Provenance("a law with noise", "none", "0", 0, 0, "evaluations")
    return Distilled(dataset, tuple(fronts), history)


def save_model(path: Path, laws: Sequence[str] = LAW, **options: object) -> Path:
    """Save such a module as a file and return its path."""
    save_distilled(distilled(laws, **options), path)  # type: ignore[arg-type]
    return path


BLOCK = ("z0*z1 - 0.5*z2", "tanh(z0) + z1^2")


def compressed(
    n_in: int = 6, n_out: int = 12, rows: int = 400, noise: float = 1e-2, equations: tuple[str, ...] = BLOCK
) -> Compressed:
    """A block of equations between random matrices, and samples that differ from it by noise."""
    program = layered_program(n_in, n_out, equations)
    rng = np.random.default_rng(0)
    x = rng.uniform(-2, 2, (rows, n_in)).astype(np.float32)
    exact = evaluate(program, x)
    y = exact + noise * rng.standard_normal(exact.shape).astype(np.float32)
    controls = (
        Control("original", n_in * n_out, 2.0, 0.0),
        Control("zero", 0, float("inf"), float("inf")),
        Control("ours", 99, 2.1, 0.1),
    )
    return Compressed(
        program, equations, Dataset.from_samples(x, y), {"method": "by hand", "metric": "invented figures"}, controls
    )
