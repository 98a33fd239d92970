"""Codes of categories: what a block looks up in its nn.Embedding becomes variables, and the tables go into the code."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn

import symc
from symc.capture.categories import category_variables
from symc.capture.plan import Capture
from symc.capture.variables import Variables
from symc.errors import SymcError
from tests.sources.built import cli, values

N = 240


class Priced(nn.Module):
    """table[kind, 0] x + x^2 + table[kind, 1]; `shift` is added to the code before it is looked up."""

    def __init__(self, shift: int = 0, **options: Any) -> None:
        super().__init__()
        torch.manual_seed(3)
        # A layer in front that would take the codes for columns of numbers.
        self.scale = nn.Linear(1, 1, bias=False)
        nn.init.ones_(self.scale.weight)
        self.kinds = nn.Embedding(5, 2, **options)
        self.shift = shift

    def forward(self, kind: torch.Tensor, x: torch.Tensor) -> torch.Tensor:
        found = self.kinds(kind + self.shift if self.shift else kind)
        return found[..., :1] * self.scale(x) + x * x + found[..., 1:]


def given() -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(0)
    return rng.integers(0, 5, N), rng.uniform(-2, 2, (N, 1)).astype(np.float32)


def expected(net: Priced, kind: np.ndarray, x: np.ndarray) -> np.ndarray:
    table = net.kinds.weight.detach().numpy().astype(np.float64)[kind]
    return table[:, 0] * x[:, 0] + x[:, 0].astype(np.float64) ** 2 + table[:, 1]


def recorded(block: nn.Module, x: Any, **more: Any) -> Any:
    return Capture(**more).of(nn.Identity(), block, x, None)[0]


def test_a_table_as_text_gives_its_own_float32_values() -> None:
    table = np.random.default_rng(1).normal(size=(7, 2)).astype(np.float32)
    texts = category_variables(["kind", "x"], {0: table})
    assert list(texts) == ["kind_0", "kind_1", "x"]
    x = np.stack([np.arange(7), np.zeros(7)], axis=1).astype(np.float32)
    found = Variables.of(("kind", "x"), texts).values(x)
    np.testing.assert_array_equal(found[:, :2].astype(np.float32), table)


def test_equations_are_of_what_codes_stand_for(tmp_path: Path) -> None:
    net, (kind, x) = Priced(), given()
    block = symc.wrap(net)
    block.distill((kind, x), features=["kind", "x"], operators=["add", "mul"], evaluations=2000)
    assert block.dataset.features == ("kind", "x")
    assert [name for name, _ in block.dataset.definitions] == ["kind_0", "kind_1", "x"]
    block.switch_to_symbolic()
    tensors = torch.from_numpy(kind), torch.from_numpy(x)
    np.testing.assert_allclose(block(*tensors)[:, 0].detach().numpy(), expected(net, kind, x), rtol=1e-5, atol=1e-5)
    block.switch_to_guarded()
    torch.testing.assert_close(block(tensors[0], 2 * tensors[1]), net(tensors[0], 2 * tensors[1]))

    block.save(tmp_path / "priced.pt")
    bundle = symc.build(tmp_path / "priced.pt", out=tmp_path / "out", name="priced")
    rows = np.column_stack([kind, x]).astype(np.float32)
    np.testing.assert_allclose(values(bundle, rows)[:, 0], expected(net, kind, x), rtol=1e-5, atol=1e-5)
    assert bundle.manifest.domain[0] == (0.0, 4.0)
    assert cli("verify", bundle.path).exit_code == 0


def test_codes_side_by_side_in_one_tensor() -> None:
    class Two(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.colour, self.size = nn.Embedding(3, 1), nn.Embedding(4, 2)

        def forward(self, codes: torch.Tensor) -> torch.Tensor:
            return self.colour(codes[:, 0]) * self.size(codes[:, 1])

    codes = np.random.default_rng(0).integers(0, 3, (64, 2))
    data = recorded(Two(), codes)
    assert [name for name, _ in data.definitions] == ["x0_0", "x1_0", "x1_1"]


def test_variables_of_ones_own_stand_beside_the_tables() -> None:
    data = recorded(Priced(), given(), features=["kind", "x"], variable_transforms={"s": "x^2"})
    assert [name for name, _ in data.definitions] == ["kind_0", "kind_1", "s"]


@pytest.mark.parametrize(
    ("block", "message"),
    [
        (Priced(shift=1), "kinds looks up what is no input|holds whole numbers"),
        (Priced(max_norm=1.0), "has a max_norm"),
    ],
)
def test_other_lookups_are_refused(block: nn.Module, message: str) -> None:
    kind, x = given()
    with pytest.raises(SymcError, match=message):
        recorded(block, (np.minimum(kind, 3), x))


def test_whole_numbers_that_are_computed_with_are_refused() -> None:
    class Counts(Priced):
        def forward(self, kind: torch.Tensor, x: torch.Tensor) -> torch.Tensor:
            return kind[:, None] * x

    with pytest.raises(SymcError, match="holds whole numbers, and the block computes with them"):
        recorded(Counts(), given())


def test_large_tables_are_refused_by_name() -> None:
    table = np.zeros((300, 4), dtype=np.float32)
    with pytest.raises(SymcError, match=r"1200 numbers \(kind 300 x 4\), and 512"):
        category_variables(["kind"], {0: table})
