"""symc.compress: what it chooses, what it leaves alone, and what its table says."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor, nn

import symc
from symc.compression.saved import load_compressed
from symc.errors import SymcError
from symc.ir.evaluate import evaluate
from tests.compression.networks import WIDTH, Residual, change_of, perceptrons, rows
from tests.tools import require

BLOCK = "blocks.0"


def compress(network: nn.Module, blocks: str | list[str] = BLOCK, **more) -> symc.Compression:
    options = {"metric": change_of(network, 1), "held_out": change_of(network, 2), "batch": 250, "budget": 400}
    return symc.compress(network, blocks, rows(1500, 0), **(options | more))


def test_the_choice_beats_every_control_that_is_as_cheap_and_says_what_it_costs() -> None:
    network = perceptrons(1)
    judge = change_of(network, 2)
    found = compress(network, budget=600)
    chosen = found.row("chosen")
    assert chosen.multiply_adds <= 600 < found.row("affine").multiply_adds
    assert chosen.damage < 0.6 * found.row("affine").damage
    assert chosen.damage < 0.6 * min(found.row(name).damage for name in ("zero", "mean", "PCA + block"))
    assert found.row("original").multiply_adds == 2 * 4 * WIDTH * WIDTH
    # The table is what the network does with the form in place, and restore undoes it.
    assert judge(found.apply()) == pytest.approx(chosen.metric, rel=1e-6)
    assert judge(found.restore()) == 0.0


def test_what_the_network_does_not_mind_is_not_kept() -> None:
    """A loud axis of the output that nothing reads takes all of PCA's variance, and none of ours."""

    class Loud(nn.Module):
        def forward(self, x: Tensor) -> Tensor:
            y = torch.zeros_like(x)
            y[..., :12] = 100.0 * torch.sin(3.0 * x[..., :12])
            y[..., 12] = x[..., 20] * x[..., 21]
            return y

    network = Residual([Loud()])
    with torch.no_grad():
        network.last.weight[:, :12] = 0.0
    found = compress(network, budget=300)
    assert found.row("PCA + block").damage > 0.9 * found.row("mean").damage
    assert found.row("chosen").damage < 0.05 * found.row("mean").damage


def test_the_cheapest_form_within_the_tolerance_is_taken() -> None:
    network = perceptrons(1)
    metric = change_of(network, 1)
    loose, tight = (compress(network, metric=metric, budget=None, tolerance=t) for t in (0.02, 0.007))
    for found, tolerance in ((loose, 0.02), (tight, 0.007)):
        block = found[BLOCK]
        assert block.chosen is not None and block.chosen.damage <= tolerance
        cheaper = [c for c in block.candidates if c.multiply_adds < block.chosen.multiply_adds]
        assert cheaper and all(c.damage > tolerance for c in cheaper)
        assert metric(found.apply()) <= tolerance
        found.restore()
    assert loose.row("chosen").multiply_adds < tight.row("chosen").multiply_adds


def test_a_block_that_nothing_can_replace_stays(tmp_path: Path) -> None:
    network = perceptrons(1)
    original = network.blocks[0]
    found = compress(network, budget=None, tolerance=1e-9)
    assert found[BLOCK].form is None and found.forms == {}
    assert found.row("chosen").damage == 0.0
    assert found.row("chosen").multiply_adds == found.row("original").multiply_adds
    assert "blocks.0 stays" in str(found)
    assert found.apply().blocks[0] is original
    with pytest.raises(SymcError, match="the block stays"):
        found.save(tmp_path / "block.pt")


def test_the_network_is_left_as_it_was() -> None:
    network = perceptrons(2).train()
    x = rows(20, 5)
    before, state = network(x), {name: value.clone() for name, value in network.state_dict().items()}
    compress(network, ["blocks.1", BLOCK], finetune=5)
    assert network.training and all(p.requires_grad and p.grad is None for p in network.parameters())
    assert torch.equal(network(x), before)
    assert all(torch.equal(value, state[name]) for name, value in network.state_dict().items())


def test_tuning_lowers_the_damage() -> None:
    network = perceptrons(1)
    plain, tuned = (compress(network, methods=["quadratic"], budget=600, finetune=steps) for steps in (0, 120))
    assert tuned[BLOCK].chosen.tuned
    assert tuned.row("chosen").damage < 0.9 * plain.row("chosen").damage


def test_blocks_are_taken_in_the_order_they_run_and_share_the_tolerance() -> None:
    network = perceptrons(2)
    metric = change_of(network, 1)
    found = compress(network, ["blocks.1", BLOCK], metric=metric, budget=None, tolerance=0.04)
    assert [block.name for block in found.blocks] == [BLOCK, "blocks.1"]
    first, second = (block.chosen.damage for block in found.blocks)
    assert first <= 0.02 and second <= 0.04
    # The second block's figure is of both together.
    assert metric(found.apply()) == pytest.approx(second, rel=1e-6)


def test_forms_in_torch_and_as_programs_say_the_same() -> None:
    network = perceptrons(1)
    block = compress(network, finetune=10, methods=["low_rank", "quadratic", "ramps"])[BLOCK]
    x = block.samples.x[:64]
    kinds = set()
    for candidate in block.candidates:
        if candidate.label in ("zero", "mean"):
            continue
        program, texts = candidate.form.layered()
        with torch.no_grad():
            expected = candidate.form(x).numpy()
        np.testing.assert_allclose(evaluate(program, x.numpy()), expected, rtol=2e-5, atol=2e-5)
        assert len(texts) == program.equations.n_out
        # Common subexpressions may save a little of what the form counts; a sum's first term saves an addition.
        assert 0.97 * candidate.multiply_adds - program.n_out <= program.cost / 2 <= candidate.multiply_adds
        kinds.add(candidate.form.label.split()[0])
    assert kinds == {"affine", "low", "quadratic", "ramps"}


def test_the_saved_block_holds_the_program_the_samples_and_the_table(tmp_path: Path) -> None:
    found = compress(perceptrons(1))
    found.save(tmp_path / "block.pt")
    again = load_compressed(tmp_path / "block.pt")
    assert again.sha256 == found.compressed().sha256
    assert again.controls == found.table
    assert again.provenance["block"] == BLOCK
    assert np.array_equal(again.dataset.x, found[BLOCK].samples.x.numpy())


def test_a_constant_has_nothing_to_build(tmp_path: Path) -> None:
    network = perceptrons(1)
    found = compress(network, tolerance=1e6)
    assert found[BLOCK].chosen.label == "mean"
    with pytest.raises(SymcError, match="no equations to build"):
        found.save(tmp_path / "block.pt")


def test_the_same_seed_finds_the_same() -> None:
    first, second = (compress(perceptrons(1), finetune=10).compressed().sha256 for _ in range(2))
    assert first == second


def test_principal_components_with_searched_equations() -> None:
    found = compress(perceptrons(1), methods=["low_rank"], search_evaluations=300)
    row = found.row("PCA + search")
    assert WIDTH * (24 + 8) < row.multiply_adds < 3000
    assert row.damage > found.row("chosen").damage


def test_a_search_of_what_a_low_rank_map_leaves() -> None:
    block = compress(perceptrons(1), methods=["low_rank", "searched"], budget=400)[BLOCK]
    straight, searched = (
        [c for c in block.candidates if c.label.startswith(method)] for method in ("low rank", "searched")
    )
    assert min(c.damage for c in searched) < min(c.damage for c in straight)
    for candidate in searched:
        rank = candidate.label.removeprefix("searched ")
        program, texts = candidate.form.layered()
        assert len(texts) == int(rank) and all(text.startswith(f"z{k}") for k, text in enumerate(texts))
        x = block.samples.x[:64]
        with torch.no_grad():
            expected = candidate.form(x).numpy()
        np.testing.assert_allclose(evaluate(program, x.numpy()), expected, rtol=2e-5, atol=2e-5)


def test_the_curve_is_drawn(tmp_path: Path) -> None:
    require("matplotlib", module=True)
    found = compress(perceptrons(1))
    found.plot(tmp_path / "curve.svg")
    assert "multiply-adds per row" in (tmp_path / "curve.svg").read_text()
    with pytest.raises(SymcError, match="no picture"):
        found.plot(tmp_path / "curve.txt")


class _Twice(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.part = nn.Linear(12, 12)

    def forward(self, x: Tensor) -> Tensor:
        return self.part(self.part(x))


class _Mixing(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.part = nn.Softmax(dim=0)

    def forward(self, x: Tensor) -> Tensor:
        return self.part(x)


@pytest.mark.parametrize(
    ("network", "block", "options", "message"),
    [
        (perceptrons(1), "blocks.7", {}, "no layer 'blocks.7'"),
        (perceptrons(1), [], {}, "no block is named"),
        (perceptrons(1), BLOCK, {"budget": None}, "neither a tolerance nor a budget"),
        (perceptrons(1), BLOCK, {"methods": ["magic"]}, "unknown method 'magic'"),
        (perceptrons(1), BLOCK, {"distance": "far"}, "unknown distance 'far'"),
        (perceptrons(1), BLOCK, {"metric": lambda _: float("nan")}, "metric of the original network is nan"),
        (_Twice(), "part", {}, "more than once"),
        (_Mixing(), "part", {}, "rows depend on each other"),
    ],
)
def test_bad_requests_are_refused(network: nn.Module, block: str | list[str], options: dict, message: str) -> None:
    with pytest.raises(SymcError, match=message):
        compress(network, block, **options)
