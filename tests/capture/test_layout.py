"""Blocks of several tensors: recorded side by side, and answered in the form that the block has."""

from __future__ import annotations

import copy
import pickle
from collections import OrderedDict
from dataclasses import dataclass, fields
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest
import torch
from torch import nn

from symc.capture.inputs import Inputs
from symc.capture.layout import Layout
from symc.capture.record import record
from symc.errors import SymcError
from symc.module.module import SymbolicModule, wrap
from tests.searches import AFFINE, SHORTEST


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
    net.block.distill(rows(), parent=net, **{**AFFINE, "operators": ["add", "mul"]})
    return net


def test_columns_of_all_tensors(distilled: Parent):
    data = distilled.block.dataset
    assert (data.n_in, data.n_out) == (4, 3)
    x = rows()
    np.testing.assert_array_equal(data.x, torch.cat([x, x.roll(1, 0) + 1.0], dim=1))
    np.testing.assert_allclose(data.y[:, :2], (2 * (x + x.roll(1, 0) + 1.0)).numpy(), rtol=1e-6)
    assert distilled.block.distilled.layout == Layout((2, 2), (2, 0), "dict", ("sum", "size"))
    assert data.outputs == ("sum_0", "sum_1", "size")


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


class Pair(NamedTuple):
    total: torch.Tensor
    parts: torch.Tensor
    note: torch.Tensor | None = None


@dataclass
class Answer:
    total: torch.Tensor
    parts: torch.Tensor | None = None
    note: torch.Tensor | None = None

    def doubled(self) -> torch.Tensor:
        return 2 * self.total


class ModelOutput(OrderedDict):
    """As transformers' class of this name: a dataclass that is a dict of those fields that are not None."""

    def __post_init__(self) -> None:
        for item in fields(self):
            if getattr(self, item.name) is not None:
                self[item.name] = getattr(self, item.name)


@dataclass
class Logits(ModelOutput):
    total: torch.Tensor | None = None
    parts: torch.Tensor | None = None
    note: torch.Tensor | None = None


class Recording(nn.Module):
    def __init__(self, kind: type) -> None:
        super().__init__()
        self.kind = kind

    def forward(self, x):
        return self.kind(total=x[..., 0] + x[..., 1], parts=2 * x)


@pytest.mark.parametrize("kind", [Pair, Answer, Logits])
def test_records_keep_their_class_and_name_their_columns(kind: type, tmp_path: Path):
    block = wrap(Recording(kind))
    block.distill(rows(), **AFFINE)
    data = block.dataset
    assert data.outputs == ("total", "parts_0", "parts_1")
    np.testing.assert_allclose(data.y, np.column_stack([data.x.sum(1), 2 * data.x]), rtol=1e-6)
    x = rows(10)
    want = block(x)
    for mode in ("symbolic", "guarded", "shadow"):
        for net in (block, copy.deepcopy(block), pickle.loads(pickle.dumps(block))):
            getattr(net, f"switch_to_{mode}")(select="accuracy")
            got = net(x)
            assert type(got) is kind and got.note is None
            torch.testing.assert_close(got.total, want.total, rtol=1e-5, atol=1e-5)
            torch.testing.assert_close(got.parts, want.parts, rtol=1e-5, atol=1e-5)
    if kind is Logits:
        assert list(got) == ["total", "parts"]
    block.switch_to_symbolic(select="accuracy")
    block.save(tmp_path / "model.pt")
    other = wrap(Recording(kind))
    other.attach(tmp_path / "model.pt")
    other.switch_to_symbolic()
    # A file names no class, since that would name code.
    assert other(x)._fields == ("total", "parts")
    torch.testing.assert_close(other(x).parts, got.parts, rtol=1e-5, atol=1e-5)


def test_chosen_columns_of_a_record():
    block = wrap(Recording(Answer))
    block.distill(rows(), output_dims=[0, 2], **SHORTEST)
    assert block.dataset.outputs == ("total", "parts_1")


def test_a_record_of_more_than_tensors_is_refused():
    with pytest.raises(SymcError, match=r"the block returns .*, need floating tensors"):
        record(lambda x: Answer(total=x, parts=3), None, rows().numpy())
    with pytest.raises(ValueError):
        Layout.from_json({"inputs": [2], "outputs": [1], "form": "record", "keys": ["a b"]})


def test_a_compiled_block_answers_in_a_record():
    block = wrap(Recording(Pair))
    block.distill(rows(), **AFFINE)
    block.switch_to_symbolic(select="accuracy")
    compiled = torch.compile(block, fullgraph=True, backend="eager")
    torch.testing.assert_close(compiled(rows(5)).parts, block(rows(5)).parts)


def test_wrapping_once_only():
    with pytest.raises(SymcError, match="wrapped already"):
        SymbolicModule(wrap(Mixed()))
