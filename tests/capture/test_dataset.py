"""Dataset: what it refuses, and that a split and a hash depend on the content alone."""

from __future__ import annotations

import copy
import pickle

import numpy as np
import pytest

from symc.capture.dataset import Dataset, check_names, fewest_samples, split
from symc.errors import SymcError

X = np.linspace(-1, 1, 60).reshape(30, 2).astype(np.float32)
Y = X[:, :1] * 2 + X[:, 1:]


def test_records_the_box_the_names_and_the_split():
    data = Dataset.from_samples(X, Y, features=["p", "q"], outputs=["law"], heldout=0.2, seed=3)
    assert (data.n, data.n_in, data.n_out, data.features, data.outputs) == (30, 2, 1, ("p", "q"), ("law",))
    assert (~data.train).sum() == 6
    np.testing.assert_array_equal(data.domain, np.stack([X.min(0), X.max(0)], axis=1))
    assert data.x.dtype == data.y.dtype == data.domain.dtype == np.float32
    text = str(data)
    assert "30 samples (6 held out, seed 3)" in text and "law" in text and "-1 to" in text


def test_arrays_are_read_only_copies_also_after_pickling_and_copying():
    source = X.copy()
    data = Dataset.from_samples(source, Y)
    source[:] = 7
    for other in (data, pickle.loads(pickle.dumps(data)), copy.deepcopy(data)):
        assert other == data and other.x[0, 0] == -1
        with pytest.raises(ValueError, match="read-only"):
            other.x[0, 0] = 1


def test_hash_depends_on_every_part_and_on_nothing_else():
    data = Dataset.from_samples(X, Y, seed=1)
    assert data.sha256 == Dataset.from_samples(np.asfortranarray(X.astype(np.float64)), Y, seed=1).sha256
    # Written down: the hash names a model in every bundle, so it may not drift.
    assert data.sha256 == "d0117be488d227a7cf0db5762b0314b54c064f21025f976339709e417d9f4d01"
    moved = Y.copy()
    moved[0, 0] = np.nextafter(moved[0, 0], np.float32(9))
    others = [
        Dataset.from_samples(X, moved, seed=1),
        Dataset.from_samples(X, Y, seed=2),
        Dataset.from_samples(X, Y, seed=1, heldout=0.3),
        Dataset.from_samples(X, Y, seed=1, features=["a", "b"]),
        Dataset.from_samples(X, Y, seed=1, domain=[(-2, 2), (-2, 2)]),
        Dataset.from_samples(X, Y, seed=1, weights=np.ones(30)),
        Dataset.from_samples(X, Y, seed=1, variable_transforms={"s": "x0 + x1"}),
    ]
    assert len({data.sha256, *(other.sha256 for other in others)}) == 8


def test_split_is_the_same_everywhere_and_moves_with_the_seed():
    assert np.flatnonzero(~split(20, 0.25, 0)).tolist() == [3, 14, 16, 18, 19]
    assert not np.array_equal(split(20, 0.25, 0), split(20, 0.25, 1))
    assert split(2, 0.01, 0).sum() == 1 and split(2, 0.99, 0).sum() == 1


def test_a_number_of_rows_to_fit_holds_out_all_others():
    data = Dataset.from_samples(X, Y, fit_rows=20, seed=1)
    assert data.train.sum() == 20
    # As many as a third held out: the same rows.
    assert data == Dataset.from_samples(X, Y, heldout=1 / 3, seed=1)
    for wrong in (0, 30, 2.5, True):
        with pytest.raises(SymcError, match="must be a whole number from 1 to 29: there are 30 samples"):
            Dataset.from_samples(X, Y, fit_rows=wrong)


def test_what_was_left_out_is_told():
    data = Dataset.from_samples(X, Y, seen=5000, nonfinite=3, weights=np.ones(30))
    assert "seed 0, weighted" in str(data) and "drawn from 5000 rows" in str(data)
    assert "3 rows left out, not finite" in str(data)
    assert pickle.loads(pickle.dumps(data)).nonfinite == 3


def test_split_does_not_follow_inputs_drawn_with_the_same_seed():
    for seed in range(5):
        x = np.random.default_rng(seed).random(2000)
        train = split(2000, 0.2, seed)
        assert abs(x[train].mean() - x[~train].mean()) < 0.06


@pytest.mark.parametrize("heldout", [0, 1, -0.1, float("nan"), "a fifth"])
def test_refuses_a_share_that_is_no_share(heldout):
    with pytest.raises(SymcError, match="must lie between 0 and 1"):
        split(10, heldout, 0)


@pytest.mark.parametrize("seed", [-1, 2**32, 1.5, True, None])
def test_refuses_a_seed_that_is_none(seed):
    with pytest.raises(SymcError, match="must be a whole number"):
        Dataset.from_samples(X, Y, seed=seed)


def test_too_few_samples_says_how_many_are_needed():
    with pytest.raises(SymcError, match="5 samples are too few: 16 are needed for 2 inputs"):
        Dataset.from_samples(X[:5], Y[:5])
    wide = np.zeros((30, 40), np.float32)
    assert fewest_samples(40) == 82
    with pytest.raises(SymcError, match="30 samples are too few: 82 are needed for 40 inputs"):
        Dataset.from_samples(wide, Y)


@pytest.mark.parametrize(
    ("value", "what"),
    [(np.nan, "'x1' is nan in row 4 .column 1.; 1 of 30 rows"), (-np.inf, "'x1' is -inf"), (1e39, "overflows float32")],
)
def test_values_that_are_not_finite_name_row_and_column(value, what):
    x = X.astype(np.float64)
    x[4, 1] = value
    with pytest.raises(SymcError, match=what) as caught:
        Dataset.from_samples(x, Y)
    assert caught.value.hint == "Remove those rows."
    with pytest.raises(SymcError, match=r"output 'y0'.*row 4"):
        Dataset.from_samples(X, x[:, 1:])


@pytest.mark.parametrize(
    ("names", "what"),
    [
        (["a", "a"], "two inputs are called 'a'"),
        (["a", " "], "' ' is no name"),
        (["a", "b" * 201], "201 characters"),
        (["a"], "2 columns of inputs but 1 names"),
        ("ab", "names are one text"),
    ],
)
def test_refuses_bad_names(names, what):
    with pytest.raises(SymcError, match=what):
        Dataset.from_samples(X, Y, features=names)


def test_refuses_no_names():
    with pytest.raises(SymcError, match="there are no outputs"):
        check_names([], "output")


@pytest.mark.parametrize(
    ("domain", "what"),
    [
        ([(0, 1), (0, 1)], "'x0' is -1 in row 0, outside its domain 0 to 1"),
        ([(-1, 1)], r"shape \(1, 2\)"),
        ([(1, -1), (-1, 1)], "domain of input 'x0' is 1 to -1"),
        ([(-1, np.inf), (-1, 1)], "domain of input 'x0'"),
    ],
)
def test_refuses_a_domain_that_does_not_hold_the_samples(domain, what):
    with pytest.raises(SymcError, match=what):
        Dataset.from_samples(X, Y, domain=domain)


def test_refuses_arrays_that_do_not_fit_together():
    with pytest.raises(SymcError, match="30 rows of inputs but 29 rows of outputs"):
        Dataset.from_samples(X, Y[:29])
    with pytest.raises(SymcError, match=r"inputs have shape \(60,\)"):
        Dataset.from_samples(X.ravel(), Y)
    with pytest.raises(SymcError, match="need real numbers"):
        Dataset.from_samples(X, Y.astype(str))
    with pytest.raises(SymcError, match="the split leaves no rows"):
        Dataset(X, Y, np.ones(30, bool), ("a", "b"), ("y",), np.array([(-1, 1), (-1, 1)], np.float32))


def test_names_constant_outputs():
    data = Dataset.from_samples(X, np.concatenate([Y, np.full_like(Y, 3)], axis=1), outputs=["moving", "still"])
    assert data.constant_outputs == ("still",)
