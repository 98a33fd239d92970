"""explain: the affine map has the slopes that theory gives, and the equation is at least as faithful."""

from __future__ import annotations

import json
import math

import numpy as np
import pytest
import torch
from torch import nn

import symc
from symc.errors import SymcError

POINT = (0.4, -0.8)
SPREAD = (1.0, 2.0)
# Of operators for which no laws with functions are looked for first: that takes most of a small search.
FAST = {
    "engine": "operon", "evaluations": 2000, "samples": 512, "workers": 1, "operators": ("add", "sub", "mul"),
}  # fmt: skip


def law(x: torch.Tensor) -> torch.Tensor:
    return (torch.sin(x[:, 0]) + x[:, 0] * x[:, 1] + 0.5 * x[:, 1] ** 2)[:, None]


@pytest.fixture(scope="module")
def found() -> symc.Explanation:
    return symc.explain(law, POINT, spread=SPREAD, width=0.2, **FAST)


def test_affine_slopes_are_the_gradient_up_to_what_curvature_and_sampling_make(found: symc.Explanation):
    (model,) = found.models
    p, q = POINT
    gradient = np.array([math.cos(p) + q, p + q])
    # A Gaussian of deviation s whose rows weigh exp(-(d / k)^2) is one of deviation s / sqrt(1 + 2 / k^2); over a
    # Gaussian, the least-squares slope is the mean of the derivative (Stein's lemma).
    k2 = 0.75**2 * 2
    s = 0.2 * np.array(SPREAD) / math.sqrt(1 + 2 / k2)
    # The mean of cos over a Gaussian; the other terms are quadratic, and the mean of their derivative is its value.
    smoothed = np.array([math.cos(p) * math.exp(-(s[0] ** 2) / 2) + q, p + q])
    # What the affine map leaves: the quadratic terms x0 x1, x1^2 / 2 and -sin(p) x0^2 / 2, and less of third order.
    left = math.sqrt((s[0] * s[1]) ** 2 + s[1] ** 4 / 2 + (math.sin(p) * s[0] ** 2) ** 2 / 2)
    # Weights average exp(-d^2/k^2) squared over exp(-2 d^2/k^2): so many of the training rows count.
    rows = 0.8 * FAST["samples"] * (1 + 4 / k2) / (1 + 2 / k2) ** 2
    noise = 4 * left / (s * math.sqrt(rows))
    assert (np.abs(model.coefficients - smoothed) < noise).all()
    # Third derivatives of the law are at most 1, in x0 alone.
    curvature = np.array([s[0] ** 2 / 2, 0.0])
    assert (np.abs(model.coefficients - gradient) < curvature + noise).all()
    assert model.value == pytest.approx(law(torch.tensor([POINT])).item(), rel=1e-6)


def test_the_equation_is_at_least_as_faithful_and_has_the_gradient(found: symc.Explanation):
    (model,) = found.models
    assert model.r2 > 0.99 > 0.9 > model.affine_r2 > 0.5
    np.testing.assert_allclose(model.gradient, [math.cos(0.4) - 0.8, -0.4], atol=0.05)
    assert found.fronts[0].member(model.complexity).equation == model.equation


def test_a_law_that_is_found_gives_the_gradient_itself():
    (model,) = symc.explain(lambda x: x[:, :1] * x[:, 1:], POINT, spread=SPREAD, **FAST).models
    assert model.equation == "x0*x1" and model.r2 > 1.0 - 1e-9
    np.testing.assert_allclose(model.gradient, POINT[::-1], rtol=1e-6)


def test_an_affine_function_of_numpy_is_explained_by_itself():
    (model,) = symc.explain(lambda x: np.asarray(x) @ [3.0, -1.0] + 2.0, POINT, spread=SPREAD, **FAST).models
    np.testing.assert_allclose(model.coefficients, [3.0, -1.0], atol=1e-5)
    np.testing.assert_allclose(model.gradient, [3.0, -1.0], atol=1e-5)
    assert model.intercept == pytest.approx(2.0 + 1.2 + 0.8, abs=1e-5)
    assert min(model.r2, model.affine_r2) > 1.0 - 1e-9


def test_it_prints_as_a_table_and_repeats(found: symc.Explanation):
    text, (model,) = str(found), found.models
    assert text.startswith("y0 = ") and "affine slope" in text
    assert f"weighted R2: equation {model.r2:.4f}, affine map {model.affine_r2:.4f}" in text
    assert json.loads(json.dumps(found.to_json()))["models"][0]["equation"] == found.models[0].equation
    again = symc.explain(law, POINT, spread=SPREAD, width=0.2, **FAST)
    assert again == found


def test_a_network_and_data_with_an_input_that_never_changes():
    torch.manual_seed(0)
    net = nn.Sequential(nn.Linear(3, 16), nn.Tanh(), nn.Dropout(0.5), nn.Linear(16, 2)).train()
    data = np.random.default_rng(0).normal(size=(100, 3)) * [1.0, 1.0, 0.0] + 2.0
    found = symc.explain(net, data[7], data, width=0.05, features=["a", "b", "c"], outputs=["u", "v"], **FAST)
    assert net.training and net[2].training
    point = torch.tensor(data[7], dtype=torch.float32)
    slopes = torch.autograd.functional.jacobian(net.eval(), point).numpy()
    for model, slope in zip(found.models, slopes, strict=True):
        np.testing.assert_allclose(model.coefficients[:2], slope[:2], atol=0.02)
        assert model.coefficients[2] == 0.0 and model.affine_r2 > 0.99 and model.r2 >= model.affine_r2
    assert [m.output for m in found.models] == ["u", "v"] and found.scale[2] == 0.0


def test_an_output_that_does_not_vary_has_no_r2():
    (model,) = symc.explain(lambda x: 0.0 * x[:, :1] + 1.5, POINT, spread=1.0, **FAST).models
    assert (model.equation, model.r2, model.affine_r2) == ("1.5", None, None)


@pytest.mark.parametrize(
    ("given", "what"),
    [
        ({}, "how far the neighbourhood reaches is not said. Give either data or spread"),
        ({"spread": 1.0, "data": np.zeros((3, 2))}, "how far the neighbourhood reaches is not said"),
        ({"data": np.zeros((3, 5))}, r"the data have shape \(3, 5\), need two or more finite rows of 2"),
        ({"data": np.zeros((3, 2))}, r"nothing varies: the width is 0.25, the spread \[0.0, 0.0\]"),
        ({"spread": (1.0, -1.0)}, r"the spread is \(1.0, -1.0\), need one number from 0 on"),
        ({"spread": 1.0, "width": float("nan")}, "nothing varies: the width is nan"),
        ({"spread": 1.0, "point": (np.nan, 0.0)}, "need one finite number per input"),
    ],
)
def test_what_does_not_fit_is_named(given: dict[str, object], what: str):
    with pytest.raises(SymcError, match=what):
        symc.explain(law, **{"point": POINT, **given}, **FAST)


def test_a_point_where_the_function_is_not_finite():
    def pole(x: torch.Tensor) -> torch.Tensor:
        return (1.0 / (x[:, 0] - x[:, 1]))[:, None]

    with pytest.raises(SymcError, match="not finite at the point"):
        symc.explain(pole, (0.5, 0.5), spread=1.0, **FAST)
