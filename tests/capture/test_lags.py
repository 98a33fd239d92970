"""Windows (batch, time, features): chosen steps become inputs of the equations, in the order that is stated."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn

import symc
from symc.capture.lags import check_lags, lagged_names
from symc.capture.plan import Capture
from symc.errors import SymcError
from symc.module.saved import load_distilled
from tests.searches import AFFINE
from tests.sources.built import cli, values


class Filter(nn.Module):
    """2 a[t] - a[t-2] b[t-2]; `every` answers it at every step."""

    def __init__(self, every: bool = False) -> None:
        super().__init__()
        self.every = every

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        y = 2.0 * x[..., :1] - x.roll(2, 1)[..., :1] * x.roll(2, 1)[..., 1:]
        return y if self.every else y[:, -1]


def windows(n: int = 128, steps: int = 4) -> np.ndarray:
    return np.random.default_rng(0).uniform(-1, 1, (n, steps, 2)).astype(np.float32)


def filtered(x: np.ndarray) -> np.ndarray:
    x = x.astype(np.float64)
    return 2 * x[:, -1, 0] - x[:, -3, 0] * x[:, -3, 1]


def distilled(every: bool = False, **more: Any) -> symc.SymbolicModule:
    block = symc.wrap(Filter(every))
    block.distill(windows(), lags=[0, 2], evaluations=1000, operators=["sub", "mul"], **more)
    return block


@pytest.mark.parametrize("every", [False, True])
def test_columns_are_the_steps_from_the_oldest_on(every: bool) -> None:
    data, layout, _ = Capture(lags=[0, 2], features=["a", "b"]).of(nn.Identity(), Filter(every), windows(), None)
    x = windows()
    np.testing.assert_array_equal(data.x, np.concatenate([x[:, 1], x[:, 3]], axis=1))
    np.testing.assert_allclose(data.y[:, 0], filtered(x), rtol=1e-6, atol=1e-6)
    assert data.input_names == ("a[t-2]", "b[t-2]", "a[t]", "b[t]")
    assert data.features == ("a_t_2", "b_t_2", "a_t", "b_t")
    assert (layout.n_in, layout.n_out, layout.every_step) == (4, 1, every)


def test_all_lags_are_the_window_as_it_lies_in_memory() -> None:
    x = windows()
    data, _, _ = Capture(lags=range(4)).of(nn.Identity(), Filter(), x, None)
    np.testing.assert_array_equal(data.x, x.reshape(len(x), -1))


def test_the_law_runs_in_the_blocks_place_and_as_code(tmp_path: Path) -> None:
    block = distilled(features=["a", "b"])
    x = torch.from_numpy(windows(64, 7))
    block.switch_to_symbolic()
    np.testing.assert_allclose(block(x)[:, 0].detach().numpy(), filtered(x.numpy()), rtol=1e-5, atol=1e-5)
    block.switch_to_guarded()
    far = x * 3
    torch.testing.assert_close(block(far), block.block(far), rtol=1e-5, atol=1e-5)
    assert int(block.monitor.reasons[0]) > 0

    block.save(tmp_path / "law.pt")
    assert load_distilled(tmp_path / "law.pt").layout == block.distilled.layout
    bundle = symc.build(tmp_path / "law.pt", out=tmp_path / "out", name="law")
    rows = np.concatenate([windows()[:, 1], windows()[:, 3]], axis=1)
    np.testing.assert_allclose(values(bundle, rows)[:, 0], filtered(windows()), rtol=1e-5, atol=1e-5)
    header = (bundle.path / "include" / "law.h").read_text()
    assert 'x[0] a_t_2 is "a[t-2]"' in header and 'x[3] b_t is "b[t]"' in header


def test_heads_and_dicts_of_windows() -> None:
    torch.manual_seed(0)
    block = symc.wrap(nn.Sequential(nn.Flatten(), nn.Linear(8, 3), nn.Softmax(-1)))
    block.distill(windows(), lags=range(4), **AFFINE)
    block.switch_to_symbolic()
    x = torch.from_numpy(windows(16))
    assert block.head == "softmax"
    torch.testing.assert_close(block(x), block.block(x), rtol=1e-4, atol=1e-4)
    exported = torch.export.export(block, (x,)).module()
    torch.testing.assert_close(exported(x), block(x))

    both = symc.wrap(lambda x: {"now": 2.0 * x[:, -1, :1], "before": x[:, -2].sum(-1)})
    both.distill(windows(), lags=[0, 1], **AFFINE)
    both.switch_to_symbolic()
    assert both.dataset.outputs == ("now", "before")
    torch.testing.assert_close(both(x)["before"], x[:, -2].sum(-1), rtol=1e-5, atol=1e-5)


def test_a_block_that_answers_every_step_stays_but_can_be_watched() -> None:
    block = distilled(every=True)
    for switch in (block.switch_to_symbolic, block.switch_to_guarded):
        with pytest.raises(SymcError, match="answers every step"):
            switch()
    block.switch_to_shadow()
    x = torch.from_numpy(windows())
    assert block(x).shape == (128, 4, 1)
    assert float(block.monitor.largest.max()) < 1e-5


def test_the_command_line_takes_windows(tmp_path: Path) -> None:
    torch.save(Filter(), tmp_path / "net.pt")
    np.save(tmp_path / "windows.npy", windows())
    done = cli("distill", tmp_path / "net.pt", "--trust", "--inputs", tmp_path / "windows.npy", "--lags", "0,2",
               "--evaluations", 1000, "--operators", "sub,mul", "-o", tmp_path / "law.pt")  # fmt: skip
    assert done.exit_code == 0, done.output
    assert load_distilled(tmp_path / "law.pt").dataset.features == ("x0_t_2", "x1_t_2", "x0_t", "x1_t")


@pytest.mark.parametrize(
    ("x", "lags", "message"),
    [
        (windows(), [0, 4], "have 4 steps, so there is no lag 4. The largest is 3"),
        (windows()[:, 0], [0], "has no steps to lag"),
        (windows(), [-1], "-1 is no lag"),
        (windows(), [0, 0], "is no list of lags"),
        (windows(), [], "is no list of lags"),
        (windows(), ["a"], "'a' is no lag"),
        (None, [0], "cannot be drawn from a box"),
    ],
)
def test_refused(x: Any, lags: Any, message: str) -> None:
    with pytest.raises(SymcError, match=message):
        Capture(lags=lags, domain="-1:1").of(nn.Identity(), Filter(), x, None)


def test_a_network_of_windows_names_the_way() -> None:
    with pytest.raises(SymcError, match=r"lags=\[0, 1, 2\]"):
        Capture().of(nn.Identity(), Filter(), windows(), None)
    with pytest.raises(SymcError, match=r"rows depend on each other.*lags=\[0, 1, 2\]"):
        Capture().of(nn.Identity(), Filter(every=True), windows(), None)
    recurrent = nn.GRU(2, 3, batch_first=True)
    with pytest.raises(SymcError, match=r"returns the last step"):
        Capture(lags=[0]).of(nn.Identity(), recurrent, windows(), None)


def test_names_and_order_of_lags() -> None:
    assert check_lags(None) == () and check_lags(3) == (3,) and check_lags([0, 2, 1]) == (2, 1, 0)
    assert lagged_names(["a"], (2, 0)) == ["a[t-2]", "a[t]"]
