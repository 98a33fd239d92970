"""What benchmarks/beside_others.py measures beside a bundle's C: that it is the same function, and the same network."""

from __future__ import annotations

from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
import torch

import symc
from symc.bundle import Manifest
from symc.bundle.opened import read_manifest
from symc.toolchain.emulators import run
from tests.tools import require, require_board

BENCHMARKS = Path(__file__).resolve().parents[2] / "benchmarks"
ROWS = np.random.default_rng(0).uniform(0.1, 2.0, (40, 2)).astype(np.float32)


@pytest.fixture
def peers(monkeypatch: pytest.MonkeyPatch) -> tuple[ModuleType, ModuleType]:
    """The benchmark's two files: the examples' networks, and the C of others."""
    monkeypatch.syspath_prepend(BENCHMARKS)
    import _examples
    import _peers_c

    return _examples, _peers_c


@pytest.fixture(scope="module")
def manifest(tmp_path_factory: pytest.TempPathFactory) -> Manifest:
    equations = ["y0 = sqrt(b)*exp(-0.5*a) + tanh(b)", "y1 = sqrt(b) - a^3/b"]
    out = tmp_path_factory.mktemp("beside")
    return read_manifest(symc.build(equations, domain="0.1:2,0.1:2", out=out, name="two").path)


def answers(peers_c: ModuleType, manifest: Manifest, source: str, folder: Path, *includes: Path) -> np.ndarray:
    path = peers_c.write(folder / "peer", manifest, 2, 2, source)
    main = folder / "main.c"
    main.write_text(peers_c.printed(manifest, ROWS))
    text = run(require_board("host-gcc"), [main, path, Path("-lm")], [folder / "peer" / "include", *includes], ["-Os"])
    return np.array([int(line, 16) for line in text.split()], np.uint32).view(np.float32).reshape(-1, 2)


def test_sympy_prints_the_equations_of_the_bundle(
    peers: tuple[ModuleType, ModuleType], manifest: Manifest, tmp_path: Path
) -> None:
    source = peers[1].by_sympy(manifest)
    assert "expf(" in source and "tanhf(" in source and "exp(" not in source.replace("expf(", "")
    a, b = ROWS.astype(np.float64).T
    expected = np.stack([np.sqrt(b) * np.exp(-0.5 * a) + np.tanh(b), np.sqrt(b) - a**3 / b], axis=1)
    np.testing.assert_allclose(answers(peers[1], manifest, source, tmp_path), expected, rtol=2e-6, atol=2e-6)


class Scaled(torch.nn.Module):
    """As the networks of the examples: scaling of inputs and outputs inside."""

    def __init__(self) -> None:
        super().__init__()
        torch.manual_seed(0)
        for name, values in (("x_mean", [1, 2]), ("x_std", [0.5, 3]), ("y_mean", [-4, 7]), ("y_std", [2, 0.25])):
            self.register_buffer(name, torch.tensor(values, dtype=torch.float32))
        linear, tanh = torch.nn.Linear, torch.nn.Tanh
        self.layers = torch.nn.Sequential(linear(2, 5), tanh(), linear(5, 4), tanh(), linear(4, 2))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.layers((x - self.x_mean) / self.x_std) * self.y_std + self.y_mean


@pytest.mark.parametrize("way", ["plain", "by_emlearn"])
def test_the_network_in_c_is_the_network(
    peers: tuple[ModuleType, ModuleType], manifest: Manifest, tmp_path: Path, way: str
) -> None:
    examples, peers_c = peers
    if way == "by_emlearn":
        require("emlearn", module=True)
    module = Scaled()
    network = examples.Network(examples.scaled_layers(module), ROWS)
    expected = module(torch.from_numpy(ROWS)).detach().numpy()
    np.testing.assert_allclose(network(ROWS), expected, rtol=1e-5)
    headers = [peers_c.emlearn_headers()] if way == "by_emlearn" else []
    found = answers(peers_c, manifest, getattr(peers_c, way)(manifest, network), tmp_path, *headers)
    np.testing.assert_allclose(found, network(ROWS), rtol=1e-5)


def test_silu_is_printed_and_is_not_emlearns(
    peers: tuple[ModuleType, ModuleType], manifest: Manifest, tmp_path: Path
) -> None:
    examples, peers_c = peers
    torch.manual_seed(1)
    module = torch.nn.Sequential(torch.nn.Linear(2, 3), torch.nn.SiLU(), torch.nn.Linear(3, 2))
    network = examples.Network(examples.layers(module), ROWS)
    found = answers(peers_c, manifest, peers_c.plain(manifest, network), tmp_path)
    np.testing.assert_allclose(found, module(torch.from_numpy(ROWS)).detach().numpy(), rtol=1e-5, atol=1e-6)
    require("emlearn", module=True)
    assert peers_c.by_emlearn(manifest, network) is None
