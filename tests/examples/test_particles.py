"""The example of the graph network at reduced size: what its answers say about pairs, and the law found in them."""

from __future__ import annotations

from collections.abc import Callable
from types import ModuleType
from typing import Any

import pytest
import torch

import symc
from tests.examples.conftest import Printed
from tests.tools import require


@pytest.fixture
def modules(example_folder: Callable[[str], None]) -> tuple[ModuleType, ModuleType]:
    example_folder("particles")
    import graph_network
    import systems

    return systems, graph_network


def _r2(predicted: torch.Tensor, true: torch.Tensor) -> float:
    return float(1 - (predicted - true).square().sum() / (true - true.mean()).square().sum())


@pytest.mark.parametrize("law", ["springs", "gravity"])
def test_forces_of_a_system_cancel(modules: tuple[Any, Any], law: str) -> None:
    systems, _ = modules
    s = systems.sample(systems.LAWS[law], 50, seed=1, bodies=5)
    # Newton's third law: the masses times the accelerations of a closed system add up to nothing.
    total = (s.masses[..., None] * s.accelerations).sum(dim=1)
    torch.testing.assert_close(total, torch.zeros(50, 2), atol=1e-3, rtol=0)
    assert s.pairs.distance.min() > systems.CLOSEST
    assert torch.equal(s.positions, systems.sample(systems.LAWS[law], 50, seed=1, bodies=5).positions)


def test_two_bodies_fall_towards_each_other(modules: tuple[Any, Any]) -> None:
    systems, _ = modules
    positions, masses = torch.tensor([[[0.0, 0.0], [2.0, 0.0]]]), torch.tensor([[1.5, 2.0]])
    by_gravity = systems.accelerations(systems.LAWS["gravity"].force, positions, masses)
    torch.testing.assert_close(by_gravity, torch.tensor([[[2.0 / 4, 0.0], [-1.5 / 4, 0.0]]]))
    by_spring = systems.accelerations(systems.LAWS["springs"].force, positions, masses)
    torch.testing.assert_close(by_spring, torch.tensor([[[2.0 / 1.5, 0.0], [-2.0 / 2.0, 0.0]]]))


def test_shares_do_not_depend_on_how_the_network_writes_its_messages(modules: tuple[Any, Any]) -> None:
    systems, graph_network = modules
    pairs = systems.sample(systems.LAWS["springs"], 20, seed=0).pairs
    torch.manual_seed(0)
    network = graph_network.GraphNetwork().double()
    pairs = systems.Pairs(*(getattr(pairs, name).double() for name in vars(pairs)))
    before = network.messages(pairs), network.left_out(pairs), network.mirrored(pairs)

    # Turned, stretched and shifted messages, and a node network that undoes it: the same function of its inputs.
    change, shift = torch.tensor([[0.0, 2.0], [-0.5, 1.0]]).double(), torch.tensor([0.3, -0.2]).double()
    with torch.no_grad():
        network.edge[-1].weight.copy_(change @ network.edge[-1].weight)
        network.edge[-1].bias.copy_(change @ network.edge[-1].bias + shift)
        heard = network.node[0].weight[:, 1:] @ torch.linalg.inv(change)
        network.node[0].weight[:, 1:] = heard
        network.node[0].bias -= heard @ (3 * shift)  # of four bodies each hears three

    assert not torch.allclose(network.messages(pairs), before[0], atol=0.1)
    torch.testing.assert_close(network.mirrored(pairs), before[2])
    # Leaving a message out also leaves the shift out.
    assert not torch.allclose(network.left_out(pairs), before[1], atol=1e-3)


@pytest.mark.long
def test_springs_at_reduced_size(modules: tuple[Any, Any]) -> None:
    require("sklearn", module=True)
    systems, graph_network = modules
    law = systems.LAWS["springs"]
    seen, searched, fresh = (systems.sample(law, n, seed) for seed, n in enumerate((20_000, 500, 1000)))
    network = graph_network.train(seen, steps=400, seed=0)
    pairs = fresh.pairs
    true = law.force(pairs.distance, pairs.own_mass, pairs.other_mass) / pairs.own_mass
    regressor = symc.SymbolicRegressor(select="score", operators=("sub", "mul", "div"), evaluations=180_000)
    with torch.no_grad():
        target = network.mirrored(searched.pairs).flatten()
        assert _r2(network.mirrored(pairs), true) > 0.95
        assert _r2(network.mirrored(pairs), true) > _r2(network.left_out(pairs), true)
    regressor.fit(searched.pairs.scalars.reshape(-1, 3).numpy(), target.numpy())
    found = torch.from_numpy(regressor.predict(pairs.scalars.reshape(-1, 3).numpy()))
    # A fifth of the training of the example, whose own bar is 0.99.
    assert _r2(found, true.flatten()) > 0.98
    # The pull is on the mass of the body itself; the other's does not matter.
    assert "x1" in regressor.equations_[0] and "x2" not in regressor.equations_[0]


@pytest.mark.long
def test_gravity_from_training_to_verified_c(example: Callable[..., Printed]) -> None:
    require("sklearn", module=True)
    require("pandas", module=True)
    require("gcc")
    reduced = ("--steps", "400", "--evaluations", "180000", "--operators", "mul,div")
    done = example("particles", "--law", "gravity", *reduced)
    assert done.code == 0, done.text + done.errors
    assert (done.out / "gravity" / "manifest.json").is_file()
    assert "FAIL" not in done.text and "held" in done.text
    (network, network_of_8), (law, law_of_8) = done.row("network"), done.row("law found (compiled C)")
    assert min(law, law_of_8) > 0.99
    assert network_of_8 < network < law


@pytest.mark.long
def test_a_law_that_is_missed_is_exit_code_1(example: Callable[..., Printed]) -> None:
    require("sklearn", module=True)
    require("pandas", module=True)
    require("gcc")
    done = example("particles", "--law", "springs", "--steps", "5", "--evaluations", "1000")
    assert done.code == 1
    assert "MISSED" in done.text
