"""The head that a block ends in: seen in whatever way it is written, told by name, or missed with a warning."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from symc.capture.dataset import Dataset
from symc.capture.plan import Capture
from symc.errors import SymcError
from symc.module.module import wrap

X = torch.randn(64, 2, generator=torch.Generator().manual_seed(0))


class Behind(nn.Module):
    """A linear layer, and a function of what it gives."""

    def __init__(self, function: Callable[[Tensor], Any], n_out: int = 3) -> None:
        super().__init__()
        self.linear = nn.Linear(2, n_out)
        self.function = function
        with torch.no_grad():
            for k, weight in enumerate((self.linear.weight, self.linear.bias)):
                weight.copy_(torch.randn(weight.shape, generator=torch.Generator().manual_seed(k)))

    def forward(self, x: Tensor) -> Any:
        return self.function(self.linear(x))


def taken(block: nn.Module | Callable[..., Any], x: Any = X, parent: nn.Module | None = None, **how: Any) -> Dataset:
    return Capture(**how).of(wrap(block), block, x, parent)[0]


def normalised() -> nn.Module:
    norm = nn.BatchNorm1d(3)
    norm.running_mean.fill_(1.0)
    norm.running_var.fill_(4.0)
    return norm


def changed_in_place(z: Tensor) -> Tensor:
    y = torch.sigmoid(z)
    return y.mul_(2.0)


def goes_on(z: Tensor) -> Tensor:
    y = torch.softmax(z, -1)
    torch.relu(z).sum()
    return y


def by_hand(z: Tensor) -> Tensor:
    powers = z.exp()
    return powers / powers.sum(dim=-1, keepdim=True)


@pytest.mark.parametrize(
    ("function", "head"),
    [
        (nn.Softmax(-1), "softmax"),
        (lambda z: F.softmax(z, dim=1), "softmax"),
        (lambda z: z.softmax(-1), "softmax"),
        (nn.Sequential(nn.Sigmoid(), nn.Dropout(0.5)), "sigmoid"),
        (torch.special.expit, "sigmoid"),
        (lambda z: z.sigmoid_(), "sigmoid"),
        (nn.Tanh(), "tanh"),
        (torch.exp, "exp"),
        (nn.Softplus(), "softplus"),
        (nn.Softplus(beta=2.0), "softplus(2.0)"),
        (nn.ReLU(inplace=True), "relu"),
        (F.relu6, "clamp(0.0, 6.0)"),
        (F.hardtanh, "clamp(-1.0, 1.0)"),
        (nn.Hardtanh(-0.5, 0.25), "clamp(-0.5, 0.25)"),
        (lambda z: z.clamp(min=0.25), "clamp(0.25, inf)"),
        (lambda z: torch.clamp(z, max=0.25), "clamp(-inf, 0.25)"),
        (goes_on, "softmax"),
    ],
)
def test_a_head_is_seen_however_it_is_written(function: Callable[[Tensor], Tensor], head: str) -> None:
    block = Behind(function)
    data = taken(block)
    assert data.logits is not None and str(data.logits.head) == head
    with torch.no_grad():
        np.testing.assert_array_equal(data.logits.values, block.linear(X).numpy())
        np.testing.assert_array_equal(data.y, block.eval()(X).numpy())
    assert head in str(data)


def test_a_normalisation_is_an_affine_head() -> None:
    data = taken(Behind(normalised()))
    assert data.logits is not None
    numbers = np.array(data.logits.head.numbers).reshape(3, 2)
    np.testing.assert_allclose(numbers, [[-0.5, 0.5]] * 3, rtol=1e-4)


def test_in_torchscript_and_in_an_exported_program() -> None:
    block = Behind(nn.Softmax(-1))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        scripted = torch.jit.trace(block, (X,))
    for other in (scripted, torch.export.export(block, (X,)).module()):
        data = taken(other)
        assert data.logits is not None and str(data.logits.head) == "softmax"


def test_inside_a_network_and_without_a_last_dimension() -> None:
    block = Behind(lambda z: torch.sigmoid(z).squeeze(-1), n_out=1)
    net = nn.Sequential(nn.Tanh(), block, nn.Softplus())
    data = taken(block, parent=net)
    assert data.logits is not None and str(data.logits.head) == "sigmoid" and data.logits.values.shape == (64, 1)


def test_a_sample_keeps_logits_beside_their_rows() -> None:
    block = Behind(nn.Sigmoid())
    data = taken(block, iter([X[:20], X[20:]]), memory=32)
    assert data.n == 32 and data.logits is not None
    np.testing.assert_allclose(1 / (1 + np.exp(-data.logits.values)), data.y, atol=1e-6)


@pytest.mark.parametrize(
    ("function", "what"),
    [
        (by_hand, r'lies in \[0, 1\] and adds up to 1, .* such as head="softmax"; head="none"'),
        (lambda z: 1 / (1 + torch.exp(-z)), r'lie between 0 and 1, .* such as head="sigmoid"'),
        (changed_in_place, r'no output is negative, .* such as head="softplus"'),
        (torch.square, r'no output is negative, .* such as head="softplus"'),
        (lambda z: z.abs() * (z > 0), r'no output is negative, .* such as head="relu"'),
    ],
)
def test_what_looks_like_a_head_is_said(function: Callable[[Tensor], Tensor], what: str) -> None:
    with pytest.warns(RuntimeWarning, match=what):
        assert taken(Behind(function)).logits is None
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert taken(Behind(function), head="none").logits is None


@pytest.mark.parametrize(
    "function", [nn.Identity(), lambda z: z + 100.0, nn.GELU(), lambda z: (torch.sigmoid(z), z)]
)
def test_other_ends_are_no_heads_and_no_cause_for_a_warning(function: Callable[[Tensor], Tensor]) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert taken(Behind(function)).logits is None


def test_a_warning_points_at_the_caller() -> None:
    with pytest.warns(RuntimeWarning) as seen, pytest.raises(SymcError, match=r"output .none., which is not there"):
        wrap(Behind(by_hand)).distill(X, evaluations={"none": 1})
    assert seen[0].filename == __file__


@pytest.mark.parametrize(
    ("function", "head"),
    [
        (by_hand, "softmax"),
        (lambda z: 1 / (1 + torch.exp(-z)), "sigmoid"),
        (lambda z: 2 / (1 + torch.exp(-2 * z)) - 1, "tanh"),
        (lambda z: torch.exp2(z * 1.442695), "exp"),
        (lambda z: torch.log(1 + torch.exp(z)), "softplus"),
        (lambda z: 2.0 * z + 1.0, "affine(1, 2)"),
    ],
)
def test_a_head_that_is_named_is_undone_where_it_was_not_seen(function: Callable[[Tensor], Tensor], head: str) -> None:
    block = Behind(function)
    data = taken(block, head=head)
    assert data.logits is not None and data.logits.head.name == head.split("(")[0]
    with torch.no_grad():
        want = block.linear(X)
        want = want - want.mean(dim=1, keepdim=True) if head == "softmax" else want
    np.testing.assert_allclose(data.logits.values, want.numpy(), atol=1e-3)


@pytest.mark.parametrize("head", ["clamp", "clamp(-0.5, 0.25)"])
def test_numbers_that_are_left_out_are_those_seen(head: str) -> None:
    data = taken(Behind(nn.Hardtanh(-0.5, 0.25)), head=head)
    assert data.logits is not None and str(data.logits.head) == "clamp(-0.5, 0.25)"
    assert data.logits.values.min() < -0.5


@pytest.mark.parametrize(
    ("function", "head", "what"),
    [
        (nn.Softmax(0), "auto", r"softmax that runs over dimension 0 of \(64, 3\), across its rows.*dim=-1"),
        (nn.Softmax(0), "none", "rows depend on each other"),
        (nn.Identity(), "sigmoid", "head sigmoid was not seen, and no logit of it gives output . of row ."),
        (F.relu, "softmax", "no logit of it gives output . of row ., 0 "),
        (torch.exp, "softmax", "outputs are not those of the head softmax: row 0"),
        (nn.Identity(), "clamp(0, 1)", r"outputs are not those of the head clamp\(0.0, 1.0\)"),
        (nn.Identity(), "clamp", "needs its numbers"),
        (nn.Identity(), "gumbel", "unknown head 'gumbel'"),
        (lambda z: (torch.sigmoid(z), z), "sigmoid", "returns several tensors"),
    ],
)
def test_heads_that_are_refused(function: Callable[[Tensor], Any], head: str, what: str) -> None:
    with pytest.raises(SymcError, match=what):
        taken(Behind(function), head=head)


def test_some_of_the_outputs() -> None:
    with pytest.warns(RuntimeWarning, match="some outputs of a softmax get equations without the others"):
        assert taken(Behind(nn.Softmax(-1)), output_dims=[0, 2]).logits is None
    with pytest.raises(SymcError, match="softmax needs all outputs"):
        taken(Behind(nn.Softmax(-1)), output_dims=[0, 2], head="softmax")
    block = Behind(normalised())
    data = taken(block, output_dims=[2])
    assert data.logits is not None and len(data.logits.head.numbers) == 2
    with torch.no_grad():
        np.testing.assert_array_equal(data.logits.values, block.linear(X)[:, 2:].numpy())


def test_masked_logits_are_no_head() -> None:
    def masked(z: Tensor) -> Tensor:
        return torch.softmax(torch.cat([z[..., :2], torch.full_like(z[..., :1], -torch.inf)], dim=-1), dim=-1)

    with pytest.warns(RuntimeWarning, match="adds up to 1"):
        assert taken(Behind(masked)).logits is None
