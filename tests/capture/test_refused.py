"""Capture: which blocks, networks and rows are refused, and what is said of them."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import nn

from symc.capture.record import capture, record
from symc.errors import SymcError
from tests.capture.calling import Calling, hooks_in
from tests.small_network import Small, samples, small


class Half(nn.Module):
    def forward(self, x):
        return x, None


class Product(nn.Module):
    def forward(self, x, y):
        return x * y


@pytest.mark.parametrize(
    ("block", "use", "what"),
    [
        (nn.Linear(2, 2), lambda block, x: x, "never called"),
        (nn.Identity(), lambda block, x: block(x.long()), r"returns int64\(64, 2\), need floating tensors"),
        (Half(), lambda block, x: block(x)[0], r"returns a tuple of float32\(64, 2\), None, need floating tensors"),
        (Product(), lambda block, x: block(x, x[0]), r"maps \(64, 2\), \(2,\) to \(64, 2\), need .* the same leading"),
        (nn.Identity(), lambda block, x: block([x])[0], r"called with a list of float32\(64, 2\), need floating"),
        (nn.Flatten(0), lambda block, x: block(x), r"maps \(64, 2\) to \(128,\), need"),
        (nn.Identity(), lambda block, x: block(x[:, :1]) + block(x).sum(), "different widths: 1 -> 1, 2 -> 2"),
        (nn.Softmax(0), lambda block, x: block(x), "rows depend on each other, on their order or on chance"),
        (nn.Conv1d(2, 2, 3, padding=1), lambda block, x: block(x.T[None]), "rows depend on each other"),
    ],
)
def test_blocks_that_no_equation_can_stand_in_for(block, use, what):
    net = Calling(block, use)
    with pytest.raises(SymcError, match=what):
        record(net, net.block, samples())
    assert hooks_in(net) == 0


@pytest.mark.parametrize("scale", [(1, 1), (1e6, 1), (1, 1e-3)])
def test_a_noisy_column_is_refused_also_beside_a_large_one(scale):
    noise = torch.tensor([0.0, 0.01]) * scale[1]
    with pytest.raises(SymcError, match="or on chance"):
        record(lambda x: x * torch.tensor(scale) + noise * torch.randn_like(x), None, samples())


def test_attention_is_refused_and_its_projection_is_not():
    layer = nn.TransformerEncoderLayer(4, 2, 8, batch_first=True)
    x = np.random.default_rng(0).normal(size=(4, 10, 4)).astype(np.float32)
    with pytest.raises(SymcError, match="rows depend on each other"):
        capture(layer, None, x)
    assert capture(layer, "linear1", x).y.shape == (40, 8)


def test_network_that_raises_is_named_with_shape_and_reason():
    def broken(x):
        raise ZeroDivisionError("one over none")

    with pytest.raises(SymcError, match=r"fails on inputs of shape \(64, 2\): ZeroDivisionError: one over none"):
        record(broken, None, samples())
    with pytest.raises(SymcError, match="inputs have 3 columns, but the network's first layer takes 2"):
        record(Small(), None, samples(width=3))


def logarithm(bad: int) -> np.ndarray:
    """Positive numbers, of which `bad` from row 9 on have no logarithm in column 1."""
    x = np.abs(samples(600)) + 0.1
    x[9 : 9 + bad, 1] *= -1
    return x


def test_rows_that_are_not_finite_are_left_out_and_counted():
    x = logarithm(3)
    rows = record(torch.log, None, x)
    assert (rows.seen, rows.nonfinite, len(rows.x)) == (600, 3, 597)
    np.testing.assert_array_equal(rows.x, np.delete(x, [9, 10, 11], axis=0))
    np.testing.assert_array_equal(rows.numbers, np.delete(np.arange(600), [9, 10, 11]))
    assert "3 rows left out, not finite" in str(capture(torch.log, None, x))


def test_too_many_rows_that_are_not_finite_are_refused():
    what = r"output 1 of the block is nan in row 9; 7 of 600 rows are not finite, more than 1 %.*max_nonfinite"
    with pytest.raises(SymcError, match=what):
        capture(torch.log, None, logarithm(7))
    assert record(torch.log, None, logarithm(7), max_nonfinite=0.02).nonfinite == 7
    with pytest.raises(SymcError, match="1 of 600 rows are not finite, more than 0 %"):
        record(torch.log, None, logarithm(1), max_nonfinite=0)
    with pytest.raises(SymcError, match="max_nonfinite is 1, must be a share"):
        record(torch.log, None, logarithm(1), max_nonfinite=1)
    # 1e5 * 1e5 overflows half precision.
    with pytest.raises(SymcError, match="output 0 of the block is inf in row 0"):
        record(lambda x: x.half() * 1e5, None, samples() + 2)


def test_a_network_without_values_or_in_two_places_says_so():
    net = small()
    with pytest.raises(SymcError, match=r"'encoder\.weight' is on the meta device, which holds no values"):
        record(net.to("meta"), None, samples())
    split = small()
    split.head.to("meta")
    with pytest.raises(SymcError, match=r"'head\.weight' is on the meta device"):
        record(split, split.encoder, samples())


@pytest.mark.parametrize(
    ("answer", "what"),
    [
        (lambda x: None, "the block returns None, need floating tensors"),
        (lambda x: "text", "the block returns a str, need floating tensors"),
        (lambda x: x > 0, r"the block returns bool\(64, 2\), need floating tensors"),
        (lambda x: x.long(), r"the block returns int64\(64, 2\), need floating tensors"),
    ],
)
def test_answers_that_are_no_numbers(answer, what):
    with pytest.raises(SymcError, match=what):
        record(answer, None, samples())
