"""evaluate: errors on every slice beside trivial surrogates, metrics, speed, the worst rows, and limits."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn

import symc
from symc.errors import CheckFailed, SymcError


def network(x: np.ndarray) -> np.ndarray:
    return np.stack([x[:, 0] * x[:, 1], np.sin(x[:, 0])], axis=1)


def surrogate(x: np.ndarray) -> np.ndarray:
    """The network, but the first output is off by 0.5 where x0 > 0.9, and the second is x0."""
    y = network(x)
    y[:, 0] += 0.5 * (x[:, 0] > 0.9)
    y[:, 1] = x[:, 0]
    return y


def rows(n: int = 500) -> np.ndarray:
    return np.random.default_rng(3).uniform(-1.0, 1.0, (n, 2)).astype(np.float32)


def found(**options) -> symc.Evaluation:
    return symc.evaluate(network, surrogate, rows(), **{"speed": False, **options})


def test_errors_in_distribution_are_those_of_numpy():
    x = rows()
    inside = found().fidelity["in distribution"]
    error = np.abs(surrogate(x) - network(x))
    for k, of in enumerate(inside):
        assert of.output == f"y{k}" and of.rows == 500 and of.not_finite == 0
        assert of.rmse == pytest.approx(np.sqrt(np.mean(error[:, k] ** 2)), rel=1e-6)
        np.testing.assert_allclose(of.quantiles, np.quantile(error[:, k], [0.5, 0.9, 0.99, 1.0]), rtol=1e-6)
        assert of.rmse_mean == pytest.approx(network(x)[:, k].std(), rel=1e-6)
    assert inside[0].rmse_affine > 0.9 * inside[0].rmse_mean
    assert inside[1].rmse_affine < 0.1 * inside[1].rmse_mean


def test_slices_out_of_distribution_and_those_given():
    x = rows()
    of = found(slices={"far": np.full((3, 2), 9.0)}).fidelity
    assert list(of) == ["in distribution", "shifted", "scaled", "corners", "far"]
    assert of["corners"][0].rows == 4 and of["corners"][0].rmse == pytest.approx(0.5 / np.sqrt(2))
    assert of["far"][1].largest == pytest.approx(9.0 - np.sin(9.0))
    span = x[:, 0].max() - x[:, 0].min()
    moved = (x[:, 0] + 0.25 * span).astype(np.float64)
    assert of["shifted"][1].largest == pytest.approx(np.abs(moved - np.sin(moved)).max(), rel=1e-5)
    assert of["scaled"][1].largest > of["in distribution"][1].largest


def test_corners_of_many_inputs_are_drawn():
    x = np.random.default_rng(0).uniform(size=(40, 30)).astype(np.float32)
    of = symc.evaluate(lambda v: v.sum(axis=1), lambda v: v.sum(axis=1), x, speed=False).fidelity
    assert of["corners"][0].rows == 256 and of["corners"][0].rmse == 0.0


def test_the_worst_rows_come_first_and_those_that_are_not_finite_before_all():
    worst = found(worst=4).worst
    sizes = [np.abs(np.subtract(row.network, row.surrogate)).max() for row in worst]
    assert len(worst) == 4 and min(sizes) >= 0.499
    x = rows()
    broken = symc.evaluate(network, lambda v: network(v) / (v[:, :1] != x[7, 0]), x, speed=False)
    assert broken.worst[0].x == tuple(x[7].tolist())
    assert broken.fidelity["in distribution"][0].not_finite == 1


def test_metrics_speed_and_modules(tmp_path: Path):
    torch.manual_seed(0)
    net = nn.Sequential(nn.Linear(2, 8), nn.Dropout(0.5), nn.Linear(8, 1)).double().train()
    x = rows()

    def loss(f) -> float:
        y = f(torch.from_numpy(x).double()) if isinstance(f, nn.Module) else torch.from_numpy(f(x))
        return float(y.square().mean())

    result = symc.evaluate(net, lambda v: 2.0 * v[:, :1], x, metrics={"loss": loss}, outputs=("power",))
    assert net.training and net[1].training
    assert result.metrics["loss"][0] == pytest.approx(loss(net.eval()))
    assert result.speed["network"].latency > result.speed["surrogate"].latency > 0.0
    result.save(tmp_path / "evaluation.json")
    text = json.loads((tmp_path / "evaluation.json").read_text())
    assert set(text) == {"fidelity", "metrics", "speed", "worst"} and "power" in text["fidelity"]["shifted"]
    assert "one row, us" in str(result) and "in distribution   power " in str(result)


def test_limits_that_hold_and_limits_that_do_not():
    result = found(metrics={"sum": lambda f: f(rows()).sum()})
    result.require({"rmse": 0.2, "shifted/largest": 2.0, "not_finite": 0, "r2": 0.5, "metric/sum": 1e6})
    with pytest.raises(
        CheckFailed, match=r"in distribution, y0: rmse is 0.1\d+, limit 0.01, 0.0\d+ over it\n.*y1: rmse"
    ):
        result.require({"rmse": 0.01})
    with pytest.raises(CheckFailed, match=r"sum: .* the difference may be 0"):
        result.require({"metric/sum": 0.0})
    with pytest.raises(CheckFailed, match=r"good enough:\n  shifted, y1: r2 is -?[\d.]+, limit 2, [\d.]+ under it\Z"):
        result.require(["shifted/y1.r2 >= 2", "y0.rmse<=0.2"])
    for limit in ("y7.rmse", "rmsd", "elsewhere/rmse", "metric/loss"):
        with pytest.raises(SymcError, match="there is no"):
            result.require({limit: 1.0})


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("rmse", "'rmse' is not a limit. Write it as"),
        ("rmse>=0.1", "'rmse>=0.1' bounds rmse from the wrong side. Write <="),
        ("shifted/r2<=0.5", "from the wrong side. Write >="),
        ("rmse<=small", "the bound of 'rmse' is 'small', which is not a number"),
    ],
)
def test_text_that_is_no_limit(text: str, what: str):
    with pytest.raises(SymcError, match=what):
        found().require(text)


@pytest.mark.parametrize(
    ("options", "what"),
    [
        ({"surrogate": lambda x: network(x)[:, :1]}, r"the model answers \(500, 2\), the surrogate \(500, 1\)"),
        ({"surrogate": lambda x: network(x)[:3]}, r"the surrogate answers \(3, 2\) for inputs \(500, 2\)"),
        ({"slices": {"shifted": rows()}}, "there is a slice called 'shifted' already"),
        ({"slices": {"far": np.zeros((3, 5))}}, "the slice 'far' has 5 columns, the inputs have 2"),
        ({"x": np.zeros(3)}, r"has shape \(3,\)"),
        ({"outputs": ("a",)}, "1 names are given for 2 outputs"),
    ],
)
def test_what_does_not_fit_is_named(options, what):
    given = {"model": network, "surrogate": surrogate, "x": rows(), "speed": False, **options}
    with pytest.raises(SymcError, match=what):
        symc.evaluate(**given)
