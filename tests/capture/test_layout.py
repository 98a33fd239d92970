"""Blocks of several tensors: recorded side by side, and answered in the form that the block has."""

from __future__ import annotations

import copy
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn

from symc.capture.inputs import Inputs
from symc.capture.layout import Layout
from symc.capture.record import record
from symc.errors import SymcError
from symc.module.module import SymbolicModule, wrap


class Mixed(nn.Module):
    """Two tensors and a number in; a dict of one tensor (..., 2) and one (...) out."""

    def forward(self, x, *, shift, scale=1.0):
        return {"sum": scale * (x + shift), "size": (x * shift).sum(-1)}


class Parent(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.block = wrap(Mixed())

    def forward(self, x):
        # Of another row, so that no input of the block tells another: the law is then one, not one of many.
        found = self.block(x, shift=x.roll(1, 0) + 1.0, scale=2.0)
        return found["sum"].sum(-1) + found["size"]


def rows(n: int = 64) -> torch.Tensor:
    return torch.from_numpy(np.random.default_rng(0).uniform(0.5, 2.0, (n, 2)).astype(np.float32))


@pytest.fixture(scope="module")
def distilled() -> Parent:
    net = Parent()
    net.block.distill(rows(), parent=net, evaluations=3000, seed=1)
    return net


def test_columns_of_all_tensors(distilled: Parent):
    data = distilled.block.dataset
    assert (data.n_in, data.n_out) == (4, 3)
    x = rows()
    np.testing.assert_array_equal(data.x, torch.cat([x, x.roll(1, 0) + 1.0], dim=1))
    np.testing.assert_allclose(data.y[:, :2], (2 * (x + x.roll(1, 0) + 1.0)).numpy(), rtol=1e-6)
    assert distilled.block.distilled.layout == Layout((2, 2), (2, 0), "dict", ("sum", "size"))


@pytest.mark.parametrize("mode", ["symbolic", "guarded", "shadow"])
@pytest.mark.parametrize("shape", [(5, 2), (3, 4, 2)])
def test_every_mode_answers_in_the_blocks_form(distilled: Parent, mode: str, shape: tuple[int, ...]):
    net = copy.deepcopy(distilled)
    x = rows(12)[: int(np.prod(shape[:-1]))].reshape(shape).clone()
    want = net.block(x, shift=x + 1.0, scale=2.0)
    getattr(net.block, f"switch_to_{mode}")(select="accuracy")
    x.flatten()[0] = 1e3
    got, again = net.block(x, shift=x + 1.0, scale=2.0), net.block.block(x, shift=x + 1.0, scale=2.0)
    assert list(got) == ["sum", "size"] and got["sum"].shape == shape and got["size"].shape == shape[:-1]
    if mode != "symbolic":
        assert torch.equal(got["sum"].flatten()[0], again["sum"].flatten()[0])
    torch.testing.assert_close(got["sum"].flatten()[2:], want["sum"].flatten()[2:], rtol=1e-3, atol=1e-3)


def test_the_form_survives_saving(distilled: Parent, tmp_path: Path):
    distilled.block.switch_to_symbolic(select="accuracy")
    distilled.block.save(tmp_path / "model.pt")
    other = Parent()
    other.block.attach(tmp_path / "model.pt")
    torch.testing.assert_close(other(rows()), distilled(rows()))
    with pytest.raises(SymcError, match="the equations take 2 tensors, not 1"):
        other.block(rows())


@pytest.mark.parametrize(("form", "make"), [("tuple", tuple), ("list", list)])
def test_tuples_and_lists(form: str, make: type):
    class Block(nn.Module):
        def forward(self, x):
            return make((x * 2, x[..., 0]))

    found = record(Block(), None, rows())
    assert found.layout == Layout((2,), (2, 0), form) and found.y.shape == (64, 3)
    answer = found.layout.answer(torch.from_numpy(found.y))
    assert type(answer) is make and answer[1].shape == (64,)


def test_a_function_of_two_arrays():
    def hypotenuse(a, b):
        return (a**2 + b**2) ** 0.5

    found = record(hypotenuse, None, Inputs((rows().numpy()[:, 0], rows().numpy()[:, 1]), {}))
    assert found.layout == Layout((0, 0), (0,)) and found.x.shape == (64, 2)


def test_wrapping_once_only():
    with pytest.raises(SymcError, match="wrapped already"):
        SymbolicModule(wrap(Mixed()))
