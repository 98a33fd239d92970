"""Gradients of few rows by numpy: those of torch's operators, of every order and through every transform."""

from __future__ import annotations

import copy
import pickle

import numpy as np
import pytest
import torch

from symc.ir.lower import lower
from symc.ir.parse import parse
from symc.module.torch_eval import Equations

SMOOTH = ["2.5*sin(1.5*x0)*exp(-x1) + x2^3", "x0/(x1*x1 + 1) + tanh(x2)*log(x0*x0 + 2)"]
CORNERS = ["abs(x0) + min(x1, x2)", "relu(x0)*x1"]
FEATURES = ["x0", "x1", "x2"]


def equations(texts: list[str]) -> Equations:
    return Equations(lower([parse(t, FEATURES) for t in texts], FEATURES, ["y0", "y1"]))


def rows(*shape: int) -> torch.Tensor:
    return torch.randn(*shape, 3, generator=torch.Generator().manual_seed(0)).requires_grad_()


@pytest.mark.parametrize("shape", [(), (1,), (7,), (2, 3), (0,)])
def test_values_and_gradients_are_those_of_torchs_operators(shape: tuple[int, ...]) -> None:
    block, x = equations(SMOOTH), rows(*shape)
    y, by_torch = block(x), block.graph(x)
    assert type(y.grad_fn).__name__ == "_NodeBackward"
    torch.testing.assert_close(y, by_torch, rtol=1e-6, atol=1e-6)
    v = torch.randn(y.shape, generator=torch.Generator().manual_seed(1))
    (found,), (expected,) = (torch.autograd.grad(values, x, v) for values in (y, by_torch))
    assert found.shape == x.shape
    torch.testing.assert_close(found, expected, rtol=1e-5, atol=1e-6)


def test_the_gradient_is_that_of_the_equation() -> None:
    x = rows(5)
    (found,) = torch.autograd.grad(equations(SMOOTH)(x)[:, 0].sum(), x)
    a, b, c = x.detach().double().numpy().T
    means = [3.75 * np.cos(1.5 * a) * np.exp(-b), -2.5 * np.sin(1.5 * a) * np.exp(-b), 3 * c**2]
    np.testing.assert_allclose(found.numpy(), np.stack(means, axis=1), rtol=1e-5, atol=1e-6)


def test_second_derivatives_and_batched_gradients() -> None:
    block, x = equations(SMOOTH), rows(4)
    hessians = []
    for run in (block, block.graph):
        (first,) = torch.autograd.grad(run(x).sum(), x, create_graph=True)
        hessians.append(torch.autograd.grad(first.sin().sum(), x)[0])
    torch.testing.assert_close(hessians[0], hessians[1], rtol=1e-5, atol=1e-5)
    y = block(x)
    v = torch.eye(y.numel()).reshape(-1, *y.shape)
    (batched,) = torch.autograd.grad(y, x, v, is_grads_batched=True, retain_graph=True)
    one = torch.stack([torch.autograd.grad(y, x, row, retain_graph=True)[0] for row in v])
    torch.testing.assert_close(batched, one, rtol=1e-5, atol=1e-6)
    y = block(x.detach())
    torch.testing.assert_close(torch.func.jacrev(block)(x.detach()), torch.func.jacfwd(block)(x.detach()))


def test_gradients_of_gradients_flow_to_the_weights_too() -> None:
    block, x = equations(SMOOTH), rows(3)
    found = []
    for run in (block, block.graph):
        weight = torch.ones(2, requires_grad=True)
        (first,) = torch.autograd.grad((run(x) * weight).sum(), x, create_graph=True)
        found.append(torch.autograd.grad((first**2).sum(), weight)[0])
    torch.testing.assert_close(found[0], found[1], rtol=1e-5, atol=1e-5)


def test_corners_keep_torchs_derivatives() -> None:
    block = equations(CORNERS)
    x = torch.tensor([[0.0, 1.0, 1.0]], requires_grad=True)
    y = block(x)
    assert type(y.grad_fn).__name__ == "StackBackward0"
    assert torch.autograd.grad(y[0, 0], x)[0].tolist() == [[0.0, 0.5, 0.5]]


def test_copies_and_pickles_record_too() -> None:
    block, x = equations(SMOOTH), rows(2)
    block(x).sum().backward()
    for other in (copy.deepcopy(block), pickle.loads(pickle.dumps(block))):
        again = x.detach().clone().requires_grad_()
        other(again).sum().backward()
        assert torch.equal(again.grad, x.grad)
