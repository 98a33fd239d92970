"""What a search is told besides the samples: weights of rows, variables, and settings of each output."""

from __future__ import annotations

import numpy as np
import pytest

from symc.capture.dataset import Dataset
from symc.errors import SymcError
from symc.ir.evaluate import evaluate
from symc.ir.lower import lower
from symc.ir.parse import parse
from symc.search.draws import resample
from symc.search.engines.protocol import DEFAULT_EVALUATIONS
from symc.search.judge import judge
from symc.search.operators import DEFAULT_OPERATORS
from symc.search.refit import Samples, fit
from symc.search.run import search
from symc.search.task import Settings, settings_of

RNG = np.random.default_rng(4)
X = RNG.uniform(0.5, 2.0, (300, 2)).astype(np.float32)


def test_a_weight_counts_as_so_many_equal_rows():
    y = np.exp(0.7 * X[:, 0]) + RNG.normal(size=300)
    weights = RNG.integers(0, 4, 300)
    expression = parse("1.0 + exp(0.5*a) + 0.2*b", ("a", "b"))
    x = X.astype(np.float64)
    weighted = fit(expression, Samples(x, y, ("a", "b"), weights.astype(np.float64)))
    repeated = fit(expression, Samples(np.repeat(x, weights, axis=0), np.repeat(y, weights), ("a", "b")))
    np.testing.assert_allclose(weighted.template.values, repeated.template.values, rtol=1e-6)
    assert weighted.loss == pytest.approx(repeated.loss, rel=1e-9)


def test_rows_without_weight_do_not_bend_the_front_and_losses_are_weighted():
    y = 2 * X[:, 0] * X[:, 1] + 1
    spoilt = X[:, 0] > 1.5
    y[spoilt] += 5
    weights = np.where(spoilt, 0.0, X[:, 1])
    dataset = Dataset.from_samples(X, y[:, None], weights=weights)
    front = judge(dataset, 0, ["x0*x1"], operators=DEFAULT_OPERATORS)
    assert front.members[-1].equation == "2*x0*x1 + 1"
    assert "2*x0*x1 + 1" not in [m.equation for m in judge(Dataset.from_samples(X, y[:, None]), 0, ["x0*x1"]).members]
    first = front.members[0]
    errors = (np.float64(float(first.equation)) - dataset.y[:, 0].astype(np.float64)) ** 2
    for rows, loss in ((dataset.train, first.loss), (~dataset.train, first.heldout)):
        assert loss == pytest.approx(np.average(errors[rows], weights=weights[rows]), rel=1e-5)


@pytest.mark.long
def test_a_weighted_search_finds_the_law_of_the_rows_that_weigh():
    y = np.where(X[:, 0] < 1.2, 3 * X[:, 0] * X[:, 1], 9.0)
    weights = (X[:, 0] < 1.2).astype(np.float32)
    found = search(Dataset.from_samples(X, y[:, None], weights=weights), "operon", 4000, workers=1)
    assert found.fronts[0].pick("best").equation == "3*x0*x1"
    assert found == search(Dataset.from_samples(X, y[:, None], weights=weights), "operon", 4000, workers=1)


def test_resampling_takes_each_row_as_often_as_it_weighs():
    weights = RNG.uniform(0, 3, 50)
    drawn = np.bincount(resample(weights, 1000, 7), minlength=50)
    share = 1000 * weights / weights.sum()
    assert drawn.sum() == 1000 and (np.abs(drawn - share) < 1).all()
    assert resample(weights, 1000, 7).tolist() == np.repeat(np.arange(50), drawn).tolist()


@pytest.mark.parametrize(
    ("weights", "what"),
    [
        (np.ones(299), r"need one number for each of 300 rows"),
        (np.full(300, -1.0), "weight of row 0 is -1.0, must be finite and not negative"),
        (np.where(np.arange(300) == 7, np.nan, 1), "weight of row 7 is nan"),
        (np.zeros(300), "weights of all rows to train on, or of all rows held out, are zero"),
    ],
)
def test_weights_that_are_none(weights, what):
    with pytest.raises(SymcError, match=what):
        Dataset.from_samples(X, X, weights=weights)


def test_equations_are_made_of_the_variables_and_computed_from_the_inputs():
    rows = RNG.uniform(-2, 2, (400, 3)).astype(np.float32)
    rows[:, 2] = np.abs(rows[:, 2]) + 0.5
    r = np.sqrt(rows[:, 0] ** 2 + rows[:, 1] ** 2) + 0.1
    dataset = Dataset.from_samples(
        rows,
        (3 * rows[:, 2] / r)[:, None],
        features=["dx", "dy", "m"],
        variable_transforms={"r": "sqrt(dx^2 + dy^2) + 0.1", "m": "m"},
    )
    assert "r = sqrt(dx^2 + dy^2) + 0.1" in str(dataset).replace("  ", " ").replace("  ", " ")
    member = search(dataset, "operon", 3000, workers=1).fronts[0].pick("best")
    assert member.equation in ("3*m/r", "3/r*m") and member.complexity == 5
    text = dataset.variables.written_out(member.equation)
    program = lower([parse(text, dataset.features)], dataset.features, ["y"])
    assert program.inputs == ("dx", "dy", "m") and member.cost == program.cost
    errors = (evaluate(program, dataset.x)[:, 0].astype(np.float64) - dataset.y[:, 0]) ** 2
    assert member.heldout == errors[~dataset.train].mean() and errors.max() < 1e-9


@pytest.mark.parametrize(
    ("transforms", "what"),
    [
        ({}, "need a dict of names and expressions"),
        ({"r": "x0 +"}, "variable 'r': "),
        ({"r": "z*2"}, "variable 'r': .*z"),
        ({"r": "__import__('os')"}, "variable 'r': "),
        ({"2r": "x0"}, "variable name '2r' is not an identifier"),
        ({"x0": "x1"}, "variable 'x0' is 'x1', but an input has that name"),
        ({"r": "log(x0 - 1)"}, r"variable 'r' = log\(x0 - 1\) is nan in row"),
    ],
)
def test_variables_that_are_none(transforms, what):
    with pytest.raises(SymcError, match=what):
        Dataset.from_samples(X, X, variable_transforms=transforms)


def test_settings_of_each_output():
    outputs = ("u", "v")
    assert settings_of(outputs, ["add"], 10, None) == (Settings(("add",), 10),) * 2
    assert settings_of(outputs, {"v": "add,sin"}, {"u": 10}, {"v": 4}) == (
        Settings(DEFAULT_OPERATORS, 10, None),
        Settings(("add", "sin"), DEFAULT_EVALUATIONS, 4),
    )
    for what, given in (
        ("operators are given for output 'w'", ({"w": ["add"]}, 10, None)),
        ("unknown operator 'sine'", ({"u": ["sine"]}, 10, None)),
        ("budget is 0 evaluations", (None, {"u": 0}, None)),
        ("max_complexity is 0, must be", (None, 10, {"v": 0})),
    ):
        with pytest.raises(SymcError, match=what):
            settings_of(outputs, *given)


def test_each_output_is_searched_by_its_own_settings():
    y = np.stack([np.sin(X[:, 0]) * X[:, 1]] * 2, axis=1)
    options = {"evaluations": {"y0": 3000, "y1": 1500}, "operators": {"y0": ["add", "mul", "sin"], "y1": "add,mul"}}
    found = search(Dataset.from_samples(X, y), "operon", workers=1, max_complexity={"y0": 6, "y1": 5}, **options)
    sine, polynomial = found.fronts
    assert sine.members[-1].complexity <= 6 and "sin" in sine.members[-1].equation
    assert polynomial.members[-1].complexity <= 5 and "sin" not in str(polynomial)
    assert found.evaluations <= 4500 + 2 * 300
