"""Capture: what is recorded, and that the network is left as it was found."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import nn

from symc.capture.inputs import Inputs
from symc.capture.layout import Layout
from symc.capture.record import capture, record
from symc.errors import SymcError
from symc.models.layers import expected_width, find_layer
from tests.capture.calling import Calling, hooks_in
from tests.small_network import samples, small


def test_records_what_the_layer_receives_and_returns():
    net, x = small().eval(), samples()
    data = capture(net, "head", x, seed=5, features=["a", "b", "c"], outputs=["v"])
    with torch.no_grad():
        hidden = net.act(net.encoder(torch.from_numpy(x)))
        np.testing.assert_array_equal(data.x, hidden.numpy())
        np.testing.assert_array_equal(data.y, net.head(hidden).numpy())
    assert data.features == ("a", "b", "c") and data.outputs == ("v",) and data.seed == 5
    whole = capture(net, None, torch.from_numpy(x))
    np.testing.assert_array_equal(whole.y, data.y)
    assert whole.n_in == 2


@pytest.mark.parametrize("layer", [None, "head"])
@pytest.mark.parametrize("fails", [False, True])
def test_flags_hooks_device_and_dtype_are_left_as_found(layer, fails):
    net = small().train()
    net.act.training = False
    flags = {name: m.training for name, m in net.named_modules()}
    if fails:
        with pytest.raises(SymcError, match="first layer takes 2"):
            capture(net, layer, samples(width=3))
    else:
        # Dropout at its training setting would make the recording random, which is refused.
        capture(net, layer, samples())
    assert {name: m.training for name, m in net.named_modules()} == flags
    assert hooks_in(net) == 0
    assert all(p.dtype == torch.float32 and p.device.type == "cpu" and p.requires_grad for p in net.parameters())


def test_an_overridden_train_is_not_called():
    class Merging(nn.Linear):
        def train(self, mode=True):
            raise AssertionError("merges weights")

    net = nn.Sequential(Merging(2, 2), nn.Tanh())
    assert capture(net, "1", samples()).n == 64


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16, torch.float64])
def test_networks_of_other_precision(dtype):
    net = small().to(dtype)
    data = capture(net, None, samples(), domain=[(-1, 1), (-1, 1)])
    assert data.x.dtype == data.y.dtype == np.float32
    seen = torch.from_numpy(samples()).to(dtype)
    np.testing.assert_array_equal(data.x, seen.float().numpy())
    with torch.no_grad():
        np.testing.assert_array_equal(data.y, net.eval()(seen).float().numpy())
    assert next(net.parameters()).dtype == dtype


def test_half_precision_may_round_samples_out_of_their_box_and_widens_it():
    net = nn.Sequential(nn.Linear(1, 1)).to(torch.bfloat16)
    top = 0.3
    x = np.linspace(0, top, 64, dtype=np.float32)[:, None]
    data = capture(net, None, x, domain=[(0, top)])
    assert data.domain[0, 1] == data.x.max() > np.float32(top)
    with pytest.raises(SymcError, match="outside its domain"):
        capture(net, None, x, domain=[(0, 0.2)])


def test_every_call_of_the_block_is_recorded():
    net = Calling(nn.Linear(2, 2), lambda block, x: block(torch.tanh(block(x))) + block(x[:7]))
    x = samples(7)
    rows = record(net, net.block, x)
    assert rows.x.shape == rows.y.shape == (21, 2)
    with torch.no_grad():
        first = net.block(torch.from_numpy(x))
        np.testing.assert_array_equal(rows.x[:7], x)
        np.testing.assert_array_equal(rows.y[7:14], net.block(torch.tanh(first)).numpy())


def test_blocks_and_networks_that_work_in_place_are_recorded_as_they_were():
    net = Calling(nn.ReLU(inplace=True), lambda block, x: block(x * 2).mul_(0))
    x = samples()
    rows = record(net, net.block, x)
    np.testing.assert_array_equal(rows.x, x * 2)
    np.testing.assert_array_equal(rows.y, np.maximum(x * 2, 0))


def test_block_called_by_keyword_with_settings():
    class Scaled(nn.Module):
        def forward(self, *, values, scale=1.0, mask=None):
            return values * scale

    net = Calling(Scaled(), lambda block, x: block(values=x, scale=3.0, mask=None))
    rows = record(net, net.block, samples())
    np.testing.assert_array_equal(rows.y, samples() * 3)


@pytest.mark.parametrize("shape", [(40, 3), (8, 5, 3), (2, 4, 5, 3)])
def test_leading_dimensions_are_flattened(shape):
    x = np.random.default_rng(0).normal(size=shape).astype(np.float32)
    data = capture(nn.Linear(3, 4), None, x)
    np.testing.assert_array_equal(data.x, x.reshape(40, 3))
    assert data.y.shape == (40, 4)


def test_a_dropped_last_dimension_is_one_output():
    rows = record(lambda x: x[..., 0] * x[..., 1], None, samples())
    assert rows.layout == Layout((2,), (0,)) and rows.y.shape == (64, 1)
    assert record(nn.Linear(2, 1), None, samples()).layout == Layout((2,), (1,))


def test_functions_and_several_arguments():
    net = Calling(nn.Linear(2, 1), None)
    net.forward = lambda x, shift: net.block(x + shift)
    given = Inputs((samples(),), {"shift": np.ones((64, 2), np.float32)})
    np.testing.assert_array_equal(record(net, net.block, given).x, samples() + 1)
    by_name = record(net, net.block, {"x": samples(), "shift": torch.ones(64, 2)})
    np.testing.assert_array_equal(by_name.x, samples() + 1)
    np.testing.assert_array_equal(record(net, net.block, (samples(), torch.ones(64, 2))).x, samples() + 1)


def test_whole_numbers_reach_an_embedding_as_they_are():
    net = nn.Sequential(nn.Embedding(10, 3), nn.Linear(3, 1))
    data = capture(net, "1", np.arange(40).reshape(4, 10) % 10)
    assert data.x.shape == (40, 3)


def test_recording_leaves_no_inference_tensors_behind():
    class Caching(nn.Module):
        def __init__(self):
            super().__init__()
            self.weight = nn.Parameter(torch.ones(2, 2))
            self.cache = None

        def forward(self, x):
            if self.cache is None:
                self.cache = torch.ones(2)
            return (x * self.cache) @ self.weight

    net = Caching()
    capture(net, None, samples())
    net(torch.ones(3, 2)).sum().backward()
    assert net.weight.grad is not None


def test_a_compiled_network_is_observed_too():
    net = small()
    compiled = torch.compile(net, backend="eager")
    compiled(torch.from_numpy(samples()))
    assert record(compiled, net.head, samples()).x.shape == (64, 3)


def test_unknown_layer_suggests_the_nearest():
    with pytest.raises(SymcError, match=r"no layer 'encodr'.*Did you mean 'encoder'\?.*named_modules\(\)"):
        capture(small(), "encodr", samples())
    with pytest.raises(SymcError, match="Its layers are: encoder, act, drop, head"):
        find_layer(small(), "zzz")
    with pytest.raises(SymcError, match="has no layers of its own"):
        find_layer(nn.Tanh(), "0")
    with pytest.raises(SymcError, match="a function has no layer"):
        capture(torch.tanh, "x", samples())


@pytest.mark.parametrize("fails", [False, True])
def test_random_states_and_gradients_are_left_as_found_and_a_network_that_draws_repeats(fails):
    class Noisy(nn.Module):
        def __init__(self):
            super().__init__()
            self.head = nn.Linear(2, 1)

        def forward(self, x):
            if fails:
                raise ValueError("no")
            return self.head(x + torch.randn_like(x))

    net = Noisy()
    net.head.weight.requires_grad_(False)
    net.head.bias.grad = torch.ones(1)
    torch.manual_seed(7)
    want = torch.rand(3)
    torch.manual_seed(7)
    if fails:
        with pytest.raises(SymcError, match="ValueError: no"):
            record(net, net.head, samples())
    else:
        first = record(net, net.head, samples(), seed=3)
        np.testing.assert_array_equal(record(net, net.head, samples(), seed=3).x, first.x)
        assert not np.array_equal(record(net, net.head, samples(), seed=4).x, first.x)
    assert torch.equal(torch.rand(3), want)
    assert (net.head.weight.requires_grad, net.head.bias.requires_grad) == (False, True)
    assert torch.equal(net.head.bias.grad, torch.ones(1)) and hooks_in(net) == 0


def test_a_module_that_stands_in_two_places_is_recorded_in_both():
    class Twice(nn.Module):
        def __init__(self):
            super().__init__()
            self.first = self.second = nn.Linear(2, 2)

        def forward(self, x):
            return self.second(torch.relu(self.first(x)))

    net = Twice()
    rows = record(net, net.second, samples())
    np.testing.assert_array_equal(rows.x[:64], samples())
    np.testing.assert_array_equal(rows.x[64:], np.maximum(rows.y[:64], 0))


def test_width_is_guessed_from_the_first_layer():
    assert expected_width(small()) == 2
    assert expected_width(torch.jit.script(small())) == 2
    assert expected_width(nn.Sequential(nn.BatchNorm1d(3), nn.Linear(3, 1))) == 3
    assert expected_width(nn.Embedding(10, 3)) is None
    assert expected_width(nn.Conv2d(1, 2, 3)) is None
    assert expected_width(torch.sin) is None


@pytest.mark.gpu
def test_gpu_network_stays_there_and_its_rows_come_to_the_cpu():
    if not torch.cuda.is_available():
        pytest.skip("no CUDA device")
    net = small().cuda()
    data = capture(net, "head", samples())
    assert data.n == 64 and next(net.parameters()).is_cuda
