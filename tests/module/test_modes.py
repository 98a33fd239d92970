"""Guarded, shadow and trainable mode: who answers, what is counted, and what every mode survives."""

from __future__ import annotations

import copy
import io
import json
import pickle
import sys
import warnings
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
import torch
from torch import nn
from torch.torch_version import TorchVersion

import symc
from symc.errors import SymcError
from symc.module.module import SymbolicModule, wrap
from tests.small_network import distilled, samples
from tests.tools import require

SWITCHES = {
    "neural": lambda block: block.switch_to_neural(),
    "symbolic": lambda block: block.switch_to_symbolic(complexity=(5, 2)),
    "trainable": lambda block: block.switch_to_symbolic(complexity=(5, 2), trainable=True),
    "guarded": lambda block: block.switch_to_guarded(complexity=(5, 2)),
    "shadow": lambda block: block.switch_to_shadow(complexity=(5, 2)),
}


class Counting(nn.Module):
    """A block whose answer is far from the equations', and which remembers the shapes it was called with."""

    def __init__(self) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.ones(()))
        self.shapes: list[tuple[int, ...]] = []

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        if not torch.compiler.is_compiling():
            self.shapes.append(tuple(x.shape))
        return 100.0 * self.weight + x


def block_in(mode: str) -> SymbolicModule:
    block = wrap(Counting())
    block.attach(distilled())
    SWITCHES[mode](block)
    return block


def equations(x: torch.Tensor) -> torch.Tensor:
    return torch.stack([x[..., 0] * x[..., 1] + 0.5, x[..., 0].sin()], dim=-1)


def inside(n: int = 6) -> torch.Tensor:
    return torch.from_numpy(samples())[:n].clone()


# Guarded


def test_rows_outside_the_domain_are_the_networks_and_the_others_are_not():
    block = block_in("guarded")
    x = inside()
    low, high = block.dataset.domain.T
    x[1, 0], x[4, 1] = float(high[0]) + 1.0, float(low[1]) - 1.0
    y = block(x)
    want = equations(x)
    want[[1, 4]] = 100.0 + x[[1, 4]]
    torch.testing.assert_close(y, want)
    assert block.block.shapes == [(2, 2)]
    assert block.monitor.to_json()["reasons"] == {"outside": 2, "not_finite": 0, "beyond": 0}
    assert block.monitor.guard_rate == 2 / 6


def test_a_bound_and_values_that_are_not_finite():
    block = block_in("guarded")
    x = inside()
    values = equations(x)[:, 0]
    block.switch_to_guarded(complexity=(5, 2), bound=[(-10.0, float(values.max()) - 1e-6), (-2.0, 2.0)])
    x[0, 0] = float("nan")
    y = block(x)
    worst = int(values.argmax())
    assert torch.isnan(y[0, 0]) and torch.equal(y[worst], 100.0 + x[worst])
    counts = block.monitor.to_json()["reasons"]
    assert counts["outside"] == 1 and counts["not_finite"] == 1 and counts["beyond"] >= 1


def test_the_network_gets_items_of_the_first_dimension():
    block = block_in("guarded")
    x = inside(12).reshape(3, 4, 2)
    x[1, 2, 0] = 1e6
    y = block(x)
    assert block.block.shapes == [(1, 4, 2)]
    want = equations(x)
    want[1, 2] = 100.0 + x[1, 2]
    torch.testing.assert_close(y, want)
    torch.testing.assert_close(block(x[1, 2]), 100.0 + x[1, 2])


def test_gradients_in_guarded_mode_reach_the_input_and_the_network():
    block = block_in("guarded")
    x = inside()
    x[2] = float("inf")
    x[3, 0] = 1e6
    x.requires_grad_()
    y = block(x)
    y[[0, 3]].sum().backward()
    torch.testing.assert_close(x.grad[0], torch.stack([x[0, 1] + x[0, 0].cos(), x[0, 0]]).detach())
    torch.testing.assert_close(x.grad[3], torch.ones(2))
    assert x.grad.isfinite().all() and block.block.weight.grad == 200.0


def test_too_many_guarded_rows_switch_back_and_say_so():
    block = block_in("neural")
    block.switch_to_guarded(complexity=(5, 2), rollback=0.25, window=8)
    x = inside()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        block(x)
    x[:4, 0] = 1e6
    with pytest.warns(RuntimeWarning, match=r"back to the network: it answered 33.3% of the last 12 rows.*outside 4"):
        block(x)
    assert block.mode == "neural" and block.monitor.rolled_back is not None
    assert torch.equal(block(x), 100.0 + x)
    block.switch_to_guarded(complexity=(5, 2), rollback=0.25, window=8)
    assert block.monitor.rolled_back is None and block.monitor.guard_rate == 0.0


def test_a_rate_below_the_threshold_stays_and_each_window_counts_for_itself():
    block = block_in("neural")
    block.switch_to_guarded(complexity=(5, 2), rollback=0.5, window=4)
    x = inside(4)
    for _ in range(20):
        block(x)
    x[:3, 0] = 1e6
    with pytest.warns(RuntimeWarning, match=r"75.0% of the last 4 rows"):
        block(x)


def test_after_a_reset_the_first_window_is_full_as_soon_as_any():
    block = block_in("neural")
    block.switch_to_guarded(complexity=(5, 2), rollback=0.5, window=4)
    x = inside(4)
    for _ in range(20):
        block(x)
    block.monitor.reset()
    x[:3, 0] = 1e6
    with pytest.warns(RuntimeWarning, match=r"75.0% of the last 4 rows"):
        block(x)


@pytest.mark.parametrize("rows", [6, None])
def test_a_call_whose_network_raises_counts_nothing(rows: int | None):
    block = block_in("guarded")
    x = inside()
    x[1] = 1e9
    x = x if rows else x[1]
    block(x)
    before = block.monitor.to_json()
    answers, block.block.forward = block.block.forward, lambda x: 1 // 0
    with pytest.raises(ZeroDivisionError):
        block(x)
    assert block.monitor.to_json() == before and before["guarded"] == before["compared"] == 1
    block.block.forward = answers
    block(x)
    assert block.monitor.counts.compared == block.monitor.counts.guarded == 2


def test_threads_count_every_row_and_mix_none():
    block = block_in("shadow")
    calls = 300

    def call(value: float) -> None:
        for _ in range(calls):
            block(torch.full((1, 2), value))

    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        with ThreadPoolExecutor(4) as pool:
            list(pool.map(call, (0.25, 0.5, 0.75, 1.0)))
    finally:
        sys.setswitchinterval(interval)
    assert block.monitor.counts.compared == 4 * calls
    seen = block.monitor.disagreements
    assert seen.seen == 4 * calls
    np.testing.assert_array_equal(seen.network, 100.0 + seen.x)
    np.testing.assert_allclose(seen.equations, equations(torch.from_numpy(seen.x)).numpy(), rtol=1e-6)


@pytest.mark.parametrize(
    ("settings", "what"),
    [
        ({"bound": [1.0, 0.0]}, "need .lo, hi. for each of 2 outputs"),
        ({"bound": [(0, 1), (0, 1), (0, 1)]}, "need .lo, hi. for each of 2 outputs"),
        ({"bound": "wide"}, "need .lo, hi. for each"),
        ({"rollback": 1.5}, "rollback is 1.5, need a share"),
        ({"window": 0}, "window is 0, need at least 1 row"),
        ({"complexity": 7}, "no equation of complexity 7"),
    ],
)
def test_settings_that_make_no_sense_change_nothing(settings, what):
    block = block_in("symbolic")
    with pytest.raises(SymcError, match=what):
        block.switch_to_guarded(**{"complexity": (5, 2), **settings})
    assert block.mode == "symbolic"


# Shadow, and what a monitor keeps


def test_shadow_answers_with_the_network_and_measures_the_equations():
    block = block_in("shadow")
    x = inside()
    assert torch.equal(block(x), 100.0 + x)
    difference = (100.0 + x - equations(x)).abs()
    found = block.monitor.to_json()
    assert found["compared"] == 6 and found["rows"] == 0
    np.testing.assert_allclose(found["largest_difference"], difference.amax(0), rtol=1e-6)
    np.testing.assert_allclose(found["rms_difference"], difference.square().mean(0).sqrt(), rtol=1e-6)
    kept = block.monitor.disagreements
    np.testing.assert_array_equal(kept.x, x.numpy())
    np.testing.assert_array_equal(kept.network, (100.0 + x).numpy())
    assert "6 rows, largest difference" in str(block.monitor)
    block.monitor.reset()
    assert block.monitor.to_json()["compared"] == 0 and len(block.monitor.disagreements.x) == 0


def test_calls_of_few_rows_are_counted_as_they_were_even_where_the_answer_is_overwritten():
    block = block_in("shadow")
    rows = torch.rand(1500, 2, generator=torch.Generator().manual_seed(3)) - 0.5
    differences = (100.0 + rows.double() - equations(rows).double()).numpy()
    with torch.no_grad():
        for row in rows:
            # What follows a block in a network may work in place, on its input as on its answer.
            x = row.clone().reshape(1, 2)
            block(x).zero_()
            x.fill_(9.0)
    found = block.monitor.to_json()
    assert found["compared"] == 1500
    np.testing.assert_allclose(found["rms_difference"], np.sqrt((differences**2).mean(0)), rtol=1e-6)
    np.testing.assert_allclose(found["largest_difference"], np.abs(differences).max(0), rtol=1e-6)
    kept = block.monitor.disagreements
    assert kept.seen == 1500
    np.testing.assert_array_equal(kept.network, kept.x + np.float32(100.0))
    # Between two questions too, and by calls that are too large to wait.
    block(rows)
    block(rows[:3])
    assert block.monitor.counts.compared == 3003


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_edges_of_the_domain_and_of_bounds_are_inside_and_what_is_next_to_them_is_not(dtype: torch.dtype):
    block = block_in("guarded")
    block.switch_to_guarded(complexity=(5, 2), bound=[(-1.0, 3.0), (-0.5, 1.0)])
    low, high = (torch.from_numpy(edge.copy()) for edge in block.dataset.domain.astype(np.float32).T)
    beyond = torch.nextafter(high, torch.full_like(high, np.inf))
    below = torch.nextafter(low, torch.full_like(low, -np.inf))
    middle = torch.zeros(2)
    cases = (low, high, beyond, below, middle, torch.tensor([np.nan, 0.0]), torch.tensor([0.0, np.inf]))
    answers = []
    for case in cases:
        x = case.to(dtype).reshape(1, 2)
        by_equations = equations(x)
        is_fine = bool(
            ((x >= low) & (x <= high)).all()
            and (by_equations >= torch.tensor([-1.0, -0.5])).all()
            and (by_equations <= torch.tensor([3.0, 1.0])).all()
        )
        torch.testing.assert_close(block(x), by_equations if is_fine else 100.0 + x, equal_nan=True)
        answers.append(is_fine)
    assert True in answers
    assert answers[2:4] == [False, False]
    assert block.monitor.counts.rows == len(cases)
    assert block.monitor.counts.guarded == answers.count(False)


def test_the_sample_is_bounded_and_even():
    block = block_in("shadow")
    monitor = block.monitor
    n = 40 * monitor.capacity
    x = torch.arange(n, dtype=torch.float32)[:, None].repeat(1, 2) / n
    for part in x.split(777):
        monitor.compare(part, part, part + 1.0)
    kept = monitor.disagreements
    assert kept.seen == n and len(kept.x) == monitor.capacity
    # Of a uniform sample of k values in 0..1, the mean is within 5 sigma of 1/2, and there are no repeats.
    assert abs(kept.x[:, 0].mean() - 0.5) < 5 / np.sqrt(12 * monitor.capacity)
    assert len(np.unique(kept.x[:, 0])) == monitor.capacity


def test_json_and_prometheus():
    block = block_in("guarded")
    x = inside()
    x[0, 0] = float("nan")
    block(x)
    text = json.dumps(block.monitor.to_json(), allow_nan=False)
    assert json.loads(text)["disagreements"]["x"][0][0] == "nan"
    require("prometheus_client", module=True)
    lines = block.monitor.prometheus("encoder.2").splitlines()
    assert 'symc_rows_total{block="encoder.2"} 6.0' in lines
    assert 'symc_guard_reasons_total{block="encoder.2",reason="outside"} 1.0' in lines
    assert 'symc_rolled_back{block="encoder.2"} 0.0' in lines


# Trainable


def test_constants_are_parameters_and_training_shows_in_the_equations():
    block = block_in("trainable")
    names = [name for name, _ in block.named_parameters() if name.startswith("symbolic")]
    assert names == ["symbolic.constants.0", "symbolic.constants.1"]
    x = inside(64)
    torch.testing.assert_close(block(x), equations(x))
    target = x[:, 0] * x[:, 1] + 0.75
    optimiser = torch.optim.SGD([block.symbolic.constants[0]], lr=0.5)
    for _ in range(50):
        optimiser.zero_grad()
        (block(x)[:, 0] - target).square().mean().backward()
        optimiser.step()
    assert block.equations == ("p*q + 0.75", "sin(p)")
    torch.testing.assert_close(block(x)[:, 0], target)
    front = block.fronts[0]
    assert front.member(5).equation == "p*q + 0.75" and front.member(5).loss == pytest.approx(0.0625, rel=1e-3)
    assert block.program.outputs == ("y", "z")


def test_trained_constants_stay_after_switching_and_saving(tmp_path):
    block = block_in("trainable")
    with torch.no_grad():
        block.symbolic.constants[0].fill_(0.1)
    block.save(tmp_path / "model.pt")
    block.switch_to_symbolic(complexity=(5, 2))
    again = wrap(Counting())
    again.attach(tmp_path / "model.pt")
    # The shortest decimal of the float32 that was trained.
    assert block.equations == again.equations == ("p*q + 0.1", "sin(p)")
    assert torch.equal(block(inside()), again(inside()))


# What every mode survives


def test_pickle_deepcopy_and_state_dict_in_every_mode():
    for mode in SWITCHES:
        block = block_in(mode)
        if mode == "trainable":
            with torch.no_grad():
                block.symbolic.constants[0].mul_(1.5)
        x = inside()
        want = block(x)
        fresh = wrap(Counting())
        buffer = io.BytesIO()
        torch.save(block.state_dict(), buffer)
        buffer.seek(0)
        fresh.load_state_dict(torch.load(buffer, weights_only=True))
        for other in (pickle.loads(pickle.dumps(block)), copy.deepcopy(block), fresh):
            assert other.mode == block.mode
            assert torch.equal(other(x), want), mode
            if mode != "neural":
                assert other.equations == block.equations
        assert len(list(fresh.parameters())) == len(list(block.parameters())), mode


@pytest.mark.parametrize("mode", SWITCHES)
def test_compile_with_one_graph_in_every_mode(mode):
    block = block_in(mode)
    x = inside()
    x[1, 0] = 1e6
    want = copy.deepcopy(block)(x)
    compiled = torch.compile(block, fullgraph=True, backend="aot_eager")
    torch.testing.assert_close(compiled(x), want)
    torch.testing.assert_close(compiled(x), want)
    if torch.__version__ < TorchVersion("2.12"):
        pytest.skip(f"torch {torch.__version__} does not count in what torch.compile makes (docs/limits.md)")
    if mode == "guarded":
        assert block.monitor.to_json()["reasons"]["outside"] == 2
    if mode == "shadow":
        assert block.monitor.to_json()["compared"] == 12


@pytest.mark.parametrize("mode", SWITCHES)
def test_export_in_every_mode(mode):
    block = block_in(mode)
    x = inside()
    x[1, 0] = 1e6
    want = copy.deepcopy(block)(x)
    rows = torch.export.Dim("rows", min=2, max=512)
    program = torch.export.export(nn.Sequential(block), (x,), dynamic_shapes=({0: rows},))
    torch.testing.assert_close(program.module()(x), want)
    torch.testing.assert_close(program.module()(inside(9)), block_in(mode)(inside(9)))


@pytest.mark.parametrize("mode", SWITCHES)
def test_onnx_in_every_mode(mode, tmp_path):
    require("onnxscript", module=True)
    require("onnxruntime", module=True)
    import onnxruntime

    block = block_in(mode).eval()
    x = inside()
    x[1, 0] = 1e6
    want = copy.deepcopy(block)(x).detach()
    torch.onnx.export(block, (x,), tmp_path / "block.onnx", dynamo=True, verbose=False)
    session = onnxruntime.InferenceSession(tmp_path / "block.onnx")
    (got,) = session.run(None, {session.get_inputs()[0].name: x.numpy()})
    np.testing.assert_allclose(got, want, rtol=1e-5, atol=1e-5)


# Native code in a switched module


@pytest.fixture(scope="module")
def surrogate(tmp_path_factory: pytest.TempPathFactory) -> nn.Module:
    folder = tmp_path_factory.mktemp("bundle")
    block_in("symbolic").save(folder / "model.pt")
    require("gcc")
    return symc.load(symc.build(folder / "model.pt", out=folder, name="law").path)


@pytest.mark.parametrize("mode", ["symbolic", "guarded", "shadow"])
def test_the_code_of_a_bundle_runs_in_every_mode(surrogate: nn.Module, mode: str):
    block = block_in("neural")
    getattr(block, f"switch_to_{mode}")(complexity=(5, 2), compiled=surrogate)
    x = inside()
    want = 100.0 + x if mode == "shadow" else surrogate(x)
    assert torch.equal(block(x), want)
    assert block.equations == ("p*q + 0.5", "sin(p)") and block.program.outputs == ("y", "z")
    other = pickle.loads(pickle.dumps(block))
    assert other.mode == mode and torch.equal(other(x), want)
    x.requires_grad_()
    block(x).sum().backward()
    assert x.grad.isfinite().all()


def test_a_bundle_of_other_equations_is_refused(surrogate: nn.Module):
    block = block_in("guarded")
    with pytest.raises(SymcError, match="the bundle holds other equations"):
        block.switch_to_symbolic(complexity=1, compiled=surrogate)
    with pytest.raises(SymcError, match="a Linear is no bundle"):
        block.switch_to_symbolic(complexity=(5, 2), compiled=nn.Linear(2, 2))
    with pytest.raises(SymcError, match="no constants to train"):
        block.switch_to_symbolic(complexity=(5, 2), compiled=surrogate, trainable=True)
    assert block.mode == "guarded"
