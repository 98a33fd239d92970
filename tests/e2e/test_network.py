"""From a network in a file to a bundle: repeatable to the byte, and interruptible without loss."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import psutil
import pytest
import torch
from click.testing import CliRunner

import symc
from symc.cli import main
from symc.describe import warnings
from tests.distilled import distilled
from tests.under_way import wait_for_equations

ROOT = Path(__file__).parents[2]
DOMAIN = ("--domain", "-1:1", "--samples", "64")
# A real search, but of equations that are tidied soon.
SEARCH = (*DOMAIN, "--evaluations", "500", "--operators", "add,mul", "--max-complexity", "7")
ENDLESS = (*DOMAIN, "--evaluations", "100000000", "--workers", "2")


class Law(torch.nn.Module):
    """A block whose law is known: x0^2 + sin(x1), and 3 x0 x1."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return torch.stack([x[..., 0] ** 2 + torch.sin(x[..., 1]), 3 * x[..., 0] * x[..., 1]], dim=-1)


@pytest.fixture(scope="module")
def network(tmp_path_factory: pytest.TempPathFactory) -> Path:
    torch.manual_seed(0)
    path = tmp_path_factory.mktemp("net") / "net.pt"
    torch.save(torch.nn.Sequential(torch.nn.Linear(2, 4), torch.nn.Tanh(), torch.nn.Linear(4, 2)), path)
    return path


def start(*words: object, hash_seed: int = 0, scratch: Path | None = None) -> subprocess.Popen[str]:
    """The command in a process of its own, whose temporary files go to `scratch`."""
    env = {**os.environ, "PYTHONHASHSEED": str(hash_seed), "PYTHONPATH": str(ROOT)}
    env |= {} if scratch is None else {"TMPDIR": str(scratch)}
    command = [sys.executable, "-m", "symc.cli", *map(str, words)]
    return subprocess.Popen(command, env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def here(*words: object) -> None:
    """The command in this process, which has torch imported."""
    done = CliRunner().invoke(main, [*map(str, words)])
    assert done.exit_code == 0, done.output


def run(*words: object, hash_seed: int = 0) -> str:
    process = start(*words, hash_seed=hash_seed)
    out, err = process.communicate(timeout=240)
    assert process.returncode == 0, err
    return out


def snapshot(folder: Path) -> dict[str, bytes]:
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}


@pytest.fixture(scope="module")
def built(network: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """The files of a bundle that the command line built from the network."""
    folder = tmp_path_factory.mktemp("built")
    here("build", network, "--trust", *SEARCH, "--workers", 1, "-o", folder)
    return snapshot(folder / "net")


def test_a_build_repeats_to_the_byte(network: Path, built: dict[str, bytes], tmp_path: Path) -> None:
    """Whatever the hash seed and the number of workers."""
    run("build", network, "--trust", *SEARCH, "--workers", 2, "-o", tmp_path, hash_seed=17)
    assert snapshot(tmp_path / "net") == built
    manifest = json.loads(built["manifest.json"])
    assert manifest["search"]["stopped_by"] in ("evaluations", "converged")
    assert manifest["reproduce"].startswith("symc build net.pt --domain -1:1 --evaluations 500 ")
    assert "--operators add,mul" in manifest["reproduce"]
    assert all(str(network.parent) not in content.decode("latin-1") for content in built.values())


def test_distill_then_build_gives_the_equations_of_build(
    network: Path, built: dict[str, bytes], tmp_path: Path
) -> None:
    here("distill", network, "--trust", *SEARCH, "--workers", 1, "-o", tmp_path / "net.pt", "-q")
    symc.build(tmp_path / "net.pt", out=tmp_path)
    first, second = (json.loads(data) for data in (built["manifest.json"], snapshot(tmp_path / "net")["manifest.json"]))
    assert first["equations"] == second["equations"] and first["parity"] == second["parity"]


@pytest.mark.long
def test_a_time_budget_is_a_cap_and_is_recorded(network: Path, tmp_path: Path) -> None:
    # So many evaluations would take longer than `run` waits.
    capped = (*ENDLESS, "--operators", "add,mul", "--time-budget", 1)
    out = run("build", network, "--trust", *capped, "-o", tmp_path, "--json")
    assert json.loads(out)["manifest"]["search"]["stopped_by"] == "time"


def test_an_interrupt_builds_what_was_found_and_says_so(network: Path, tmp_path: Path) -> None:
    # A law of the network's own is settled at once: of noise none is.
    rows = np.random.default_rng(0).normal(size=(200, 4)).astype(np.float32)
    np.savetxt(tmp_path / "noise.csv", rows, delimiter=",", header="a,b,y,z", comments="")
    budget = ("--evaluations", "100000000", "--workers", "2", "--operators", "add,mul", "--max-complexity", "7")
    words = ("fit", tmp_path / "noise.csv", "--targets", "y,z", *budget, "-o", tmp_path / "law.pt")
    process = start(*words, scratch=tmp_path)
    wait_for_equations(tmp_path, 2, lambda: process.poll() is None)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=120)
    assert process.returncode == 0 and "Ctrl-C again stops at once" in err, err
    assert out.count("The search was interrupted") == 2
    bundle = symc.build(tmp_path / "law.pt", out=tmp_path, name="law")
    assert bundle.manifest.search is not None and bundle.manifest.search.stopped_by == "interrupted"
    assert "was interrupted before its end" in (bundle.path / "README.md").read_text()
    assert any("interrupted" in warning for warning in warnings(bundle.manifest))
    # Parity may fail: of noise, the first equations can be worse than the mean.
    assert all(check.ok for check in symc.verify(bundle.path, rows=200).checks if check.name != "parity")


def test_a_second_interrupt_leaves_the_earlier_bundle_and_no_process(
    network: Path, tmp_path: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    symc.build(distilled(), out=tmp_path, name="net")
    before = snapshot(tmp_path)
    scratch = tmp_path_factory.mktemp("scratch")
    process = start("build", network, "--trust", *ENDLESS, "--replace", "-o", tmp_path, scratch=scratch)
    board = wait_for_equations(scratch, 2, lambda: process.poll() is None)
    process.send_signal(signal.SIGINT)
    while not board.stopped:
        assert process.poll() is None
        time.sleep(0.02)
    # One key may be sent twice at once; a second one comes later.
    time.sleep(0.4)
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=30)
    assert process.returncode == 130 and "interrupted" in err
    assert snapshot(tmp_path) == before
    assert os.listdir(tmp_path) == ["net"]
    time.sleep(1)
    running = [" ".join(found.info["cmdline"] or []) for found in psutil.process_iter(["cmdline"])]
    assert not [command for command in running if str(tmp_path) in command]


@pytest.mark.long
def test_an_interrupt_before_every_output_has_equations_changes_nothing(network: Path, tmp_path: Path) -> None:
    process = start("build", network, "--trust", *ENDLESS, "--workers", "1", "-o", tmp_path / "out")
    # One worker is this process itself, and the second output waits for the first.
    deadline = time.monotonic() + 60
    while sum(psutil.Process(process.pid).cpu_times()[:2]) < 10 and time.monotonic() < deadline:
        time.sleep(0.2)
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=60)
    assert process.returncode == 130 and "no equations had been found yet for" in err and "y1" in err
    assert not (tmp_path / "out").exists()


@pytest.mark.long
def test_a_polite_kill_stops_at_once_and_changes_nothing(network: Path, tmp_path: Path) -> None:
    process = start("build", network, "--trust", *ENDLESS, "-o", tmp_path / "out", scratch=tmp_path)
    wait_for_equations(tmp_path, 2, lambda: process.poll() is None)
    process.terminate()
    _, err = process.communicate(timeout=30)
    assert process.returncode == 130 and "interrupted" in err
    assert not (tmp_path / "out").exists()


def test_in_python_end_to_end(tmp_path: Path) -> None:
    net = torch.nn.Sequential(torch.nn.Identity(), Law())
    net[1] = symc.wrap(net[1])
    x = torch.rand(400, 2, generator=torch.Generator().manual_seed(0)) * 4 - 2
    net[1].distill(x, parent=net, evaluations=60000, operators=["add", "sub", "mul", "sin", "square"])
    net[1].switch_to_symbolic()
    assert net[1].equations[1] in ("3*x0*x1", "x0*x1*3")
    assert torch.allclose(net(x), Law()(x), atol=1e-4)
    bundle = symc.build(net[1], out=tmp_path, name="law")
    assert symc.verify(bundle.path, rows=2000).ok
    f = symc.load(bundle.path)
    assert np.array_equal(f(x).numpy(), f(x.numpy()))
    assert torch.allclose(f(x), Law()(x), atol=1e-4)
    inputs = x[:5].clone().requires_grad_()
    f(inputs).sum().backward()
    expected = torch.stack([2 * x[:5, 0] + 3 * x[:5, 1], torch.cos(x[:5, 1]) + 3 * x[:5, 0]], dim=1)
    assert torch.allclose(inputs.grad, expected, atol=1e-3)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (("--domain", "0:1,0:1,0:1"), "3"),
        (("--domain", "0:1", "--operators", "add,gamma_ray"), "gamma_ray"),
        (("--inputs", "absent.npy"), "no such file"),
    ],
)
def test_bad_input_is_said_before_anything_is_written(
    network: Path, tmp_path: Path, change: tuple[str, ...], message: str
) -> None:
    words = ["build", str(network), "--trust", *change, "-o", str(tmp_path / "out")]
    result = CliRunner().invoke(main, words)
    assert result.exit_code == 2 and message in result.stderr and "Traceback" not in result.stderr
    assert not (tmp_path / "out").exists()


def test_pysr_without_julia_exits_3_and_says_what_to_install(network: Path, tmp_path: Path) -> None:
    env = {"PATH": "/usr/bin:/bin", "HOME": str(tmp_path), "PYTHONPATH": str(ROOT), "PYTHON_JULIAPKG_OFFLINE": "yes"}
    done = subprocess.run(
        [sys.executable, "-m", "symc.cli", "build", network, "--trust", *SEARCH, "--engine", "pysr", "-o", tmp_path],
        env=env,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 3, done.stderr
    assert "Julia" in done.stderr and "nstall" in done.stderr and "Traceback" not in done.stderr
