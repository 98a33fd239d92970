"""What is proved of a compressed block withstands sampling and ascent; a danger counts when inputs lead to it."""

from __future__ import annotations

import numpy as np
import pytest

from symc.analysis.matrices import analyse_layered
from symc.ir.evaluate import evaluate, evaluate_real
from symc.ir.layered import Affine, Layered
from symc.ir.program import Program
from symc.meaning.compile import program_of

SAFE = (
    "tanh(z0)*z1",
    "z0*z0 - 0.3*z1*z2",
    "exp(-z0*z0)",
    "z2/(1 + abs(z1))",
    "sin(3*z0) + z2",
    "ifelse(z0 > 0.5, log(z0), z1)",
    "sqrt(1 + z1*z1)",
)


def core(texts: list[str]) -> Program:
    return program_of(texts, [f"z{k}" for k in range(3)], [f"h{k}" for k in range(len(texts))], None)


def block(rng: np.random.Generator, texts: list[str], n_in: int, n_out: int, direct: bool) -> Layered:
    def weights(rows: int, columns: int) -> np.ndarray:
        return rng.normal(size=(rows, columns)) * (rng.random((rows, columns)) < 0.8)

    return Layered(
        tuple(f"x{k}" for k in range(n_in)),
        tuple(f"y{k}" for k in range(n_out)),
        Affine(weights(3, n_in), rng.normal(size=3)),
        core(texts),
        Affine(weights(n_out, len(texts)), rng.normal(size=n_out)),
        weights(n_out, n_in) if direct else None,
    ).check()


def real(program: Layered, x: np.ndarray) -> np.ndarray:
    """In float64, with the matrices and constants as stored."""
    z = x.astype(np.float64) @ program.project.weight.astype(np.float64).T + program.project.bias
    y = evaluate_real(program.equations, z) @ program.expand.weight.astype(np.float64).T + program.expand.bias
    return y if program.direct is None else y + x.astype(np.float64) @ program.direct.astype(np.float64).T


def attempts(program: Layered, low: np.ndarray, high: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Random points, corners, and points moved to where some output is greatest or least."""
    n = program.n_in
    x = [low + rng.random((400, n)) * (high - low), np.where(rng.random((400, n)) < 0.5, low, high)]
    for column in range(program.n_out):
        for sign in (1.0, -1.0):
            best = x[0][:20]
            for scale in 0.6 ** np.arange(12):
                moved = np.clip(best + rng.normal(size=best.shape) * scale * (high - low), low, high)
                values = [sign * evaluate(program, p.astype(np.float32))[:, column] for p in (best, moved)]
                best = np.where((values[1] > values[0])[:, None], moved, best)
            x.append(best)
    return np.clip(np.concatenate(x).astype(np.float32), low, high)


@pytest.mark.parametrize("seed", range(12))
def test_no_output_leaves_its_proved_range(seed: int) -> None:
    rng = np.random.default_rng(seed)
    texts = [str(t) for t in rng.choice(SAFE, 4)]
    program = block(rng, texts, int(rng.integers(1, 9)), 3, direct=bool(seed % 2))
    low = rng.uniform(-2.0, 0.0, program.n_in).astype(np.float32)
    high = (low + rng.uniform(0.0, 2.0, program.n_in)).astype(np.float32)
    found = analyse_layered(program, list(zip(low.tolist(), high.tolist(), strict=True)), work=400_000)
    assert not found.findings
    x = attempts(program, low, high, rng)
    y, exact = evaluate(program, x), real(program, x)
    for k, name in enumerate(program.outputs):
        least, most = found.outputs[name]
        assert least <= y[:, k].min() and y[:, k].max() <= most
        # Correlated coordinates make a box wider than what is reached, but not without bounds.
        assert most - least <= 60.0 * (y[:, k].max() - y[:, k].min() + 0.1)
        if not any("ifelse" in t for t in texts):
            error = np.abs(y[:, k] - exact[:, k]).max()
            assert error <= found.errors[name] <= 1e4 * (error + 1e-9)


def test_the_affine_path_alone_is_reached_at_its_corners() -> None:
    rng = np.random.default_rng(3)
    program = block(rng, ["0*z0", "0*z1"], 5, 2, direct=True)
    low, high = np.full(5, -1.5, np.float32), np.full(5, 0.25, np.float32)
    found = analyse_layered(program, [(-1.5, 0.25)] * 5)
    assert program.direct is not None
    for k, name in enumerate(program.outputs):
        rises = program.direct[k] >= 0.0
        corners = np.stack([np.where(rises, low, high), np.where(rises, high, low)])
        assert found.outputs[name] == tuple(evaluate(program, corners)[:, k].tolist())


def through(texts: list[str], bias: float) -> Layered:
    """z0 = x0 + x1 + bias, z1 = x0 - x1, z2 = x0: the coordinates are not independent."""
    project = Affine(np.array([[1.0, 1.0], [1.0, -1.0], [1.0, 0.0]]), np.array([bias, 0.0, 0.0]))
    return Layered(("x0", "x1"), ("y0", "y1"), project, core(texts), Affine(np.eye(2), np.zeros(2))).check()


def test_a_danger_that_inputs_reach_is_unsafe_at_them() -> None:
    program = through(["sqrt(z0)", "z1"], 0.5)
    found = analyse_layered(program, [(-1.0, 1.0)] * 2)
    (finding,) = found.unsafe
    assert finding.outputs == ("y0",) and set(finding.place) == {"x0", "x1"}
    assert np.isnan(evaluate(program, np.float32([[finding.place["x0"], finding.place["x1"]]]))[0, 0])
    assert found.outputs["y0"] == (-np.inf, np.inf) and found.outputs["y1"] == (-2.0, 2.0)


def test_a_danger_of_the_coordinates_alone_is_undecided_and_said_to_be_so() -> None:
    # z0 - z1 + 1.5 is 2*x1 + 1.5 + bias > 0 for all inputs, but the box of z0 and z1 does not know.
    program = through(["log(z0 - z1 + 1.5)", "z2"], 1.0)
    found = analyse_layered(program, [(-1.0, 1.0)] * 2)
    (finding,) = found.findings
    assert finding.verdict == "undecided" and finding.outputs == ("y0",) and set(finding.part) <= {"z0", "z1", "z2"}
    assert "%" not in str(finding) and "as in z0 = " in str(finding)


@pytest.mark.parametrize("part", ["project", "expand"])
def test_a_matrix_whose_sum_overflows_is_unsafe(part: str) -> None:
    big = Affine(np.full((2, 2), 3e38), np.zeros(2))
    small = Affine(np.eye(2), np.zeros(2))
    equations = program_of(["z0", "z1"], ["z0", "z1"], ["h0", "h1"], None)
    pair = (big, small) if part == "project" else (small, big)
    program = Layered(("x0", "x1"), ("y0", "y1"), pair[0], equations, pair[1]).check()
    found = analyse_layered(program, [(0.0, 1.0)] * 2)
    assert found.unsafe and found.unsafe[0].kind == "overflow"
    place = np.float32([[found.unsafe[0].place[name] for name in program.inputs]])
    assert not np.isfinite(evaluate(program, place)).all()
