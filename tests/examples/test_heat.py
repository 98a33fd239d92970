"""The example of the heat equation at reduced size: physics-informed training, search, compiler and verification."""

from __future__ import annotations

import math
import re
from collections.abc import Callable

import pytest
import torch
from torch import Tensor, nn

from tests.examples.conftest import Printed
from tests.tools import require


class Exact(nn.Module):
    """The exact solution with the given decay and wave number, as the network that a training could end with."""

    def __init__(self, decay: float, wave: float) -> None:
        super().__init__()
        self.decay, self.wave = decay, wave

    def forward(self, points: Tensor) -> Tensor:
        x, t = points.split(1, dim=-1)
        return torch.exp(-self.decay * t) * torch.sin(self.wave * x)


def test_residual_and_boundary_vanish_for_the_solution_alone(example_folder: Callable[[str], None]) -> None:
    example_folder("heat")
    import pinn

    at = pinn.points(200, seed=0).double()
    decay = math.pi**2 * pinn.DIFFUSIVITY
    solution = Exact(decay, math.pi)
    torch.testing.assert_close(solution(at), pinn.exact(at))
    assert pinn.residual(solution, at).abs().max() < 1e-12
    assert pinn.boundary_error(solution, 100) < 1e-12
    # One that decays otherwise, and one that also solves the equation but with other values at the right end.
    assert pinn.residual(Exact(1.1 * decay, math.pi), at).abs().max() > 0.1
    other = Exact(4 * pinn.DIFFUSIVITY, 2.0)
    assert pinn.residual(other, at).abs().max() < 1e-12
    assert pinn.boundary_error(other, 100) > 0.1


@pytest.mark.long
def test_equation_is_the_analytic_solution(example: Callable[..., Printed]) -> None:
    require("gcc")
    # A third of the example's training leaves the network itself biased, so the equation is closer by less.
    reduced = ("--steps", "1000", "--operators", "mul,sin,exp", "--bar", "1")
    done = example("heat", *reduced)
    assert done.code == 0, done.text + done.errors
    assert (done.out / "model.pt").is_file() and (done.out / "rod" / "manifest.json").is_file()
    assert "FAIL" not in done.text
    found = re.search(r"u = exp\(-(\d\.\d+)\*t\)\*sin\((\d\.\d+)\*x\)", done.text)
    assert found, done.text
    assert float(found[1]) == pytest.approx(0.2 * math.pi**2, rel=0.03)
    assert float(found[2]) == pytest.approx(math.pi, rel=0.005)
    equation, network = done.row("equation (compiled C)"), done.row("network")
    assert equation[0] < network[0]
    # Beyond the times that training saw, the network guesses and the solution holds.
    assert equation[1] < network[1] / 10


@pytest.mark.long
def test_an_equation_that_is_not_closer_is_exit_code_1(example: Callable[..., Printed]) -> None:
    require("gcc")
    done = example("heat", "--steps", "20", "--evaluations", "1000", "--operators", "mul", "--bar", "1e9")
    assert done.code == 1
    assert "MISSED" in done.text
