"""A loaded bundle as a module and as a numpy function: shapes, dtypes, bits, messages, copies."""

from __future__ import annotations

import copy
import os
import pickle
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch

import symc
from symc.errors import SymcError
from symc.ir.evaluate import evaluate
from symc.load.module import Surrogate

SPECIAL = [0.0, -0.0, 1e-40, -1e-45, float("inf"), float("-inf"), float("nan"), 3.4e38, 1e-38, 0.75]


def bits(values: torch.Tensor | np.ndarray) -> np.ndarray:
    array = values.detach().numpy() if isinstance(values, torch.Tensor) else values
    return np.ascontiguousarray(array).view(np.uint32)


def special_rows() -> np.ndarray:
    grid = np.array(np.meshgrid(SPECIAL, SPECIAL, SPECIAL), np.float32).reshape(3, -1).T
    return np.ascontiguousarray(grid)


def test_every_bit_is_the_oracles(module: Surrogate) -> None:
    x = special_rows()
    expected = evaluate(module.package.program, x)
    assert np.array_equal(bits(module(torch.from_numpy(x))), bits(expected))
    assert np.array_equal(bits(module(x)), bits(expected))
    for row in range(0, len(x), 97):
        assert np.array_equal(bits(module(torch.from_numpy(x[row]))), bits(expected[row]))


def test_bits_do_not_depend_on_flushing_of_subnormals(module: Surrogate) -> None:
    x = torch.tensor([[1e-30, 1e-12, 1e-42], [2.0, 1e-40, 3.0]])
    before = module(x)
    assert ((before != 0) & (before.abs() < 1.2e-38)).any()
    if not torch.set_flush_denormal(True):
        pytest.skip("this CPU cannot flush subnormals")
    try:
        after = module(x)
        still = torch.tensor([1e-40]) * 1.0
    finally:
        torch.set_flush_denormal(False)
    assert np.array_equal(bits(after), bits(before))
    assert still.item() == 0.0


@pytest.mark.parametrize("shape", [(3,), (5, 3), (2, 4, 3), (2, 3, 4, 3), (0, 3), (2, 0, 3), (1, 3)])
@pytest.mark.parametrize("needs_grad", [False, True])
def test_shapes(module: Surrogate, shape: tuple[int, ...], needs_grad: bool) -> None:
    x = torch.randn(shape)
    y = module(x.clone().requires_grad_(needs_grad))
    assert y.shape == (*shape[:-1], 2)
    assert y.requires_grad == needs_grad
    rows = x.reshape(-1, 3).numpy()
    assert np.array_equal(bits(y.reshape(-1, 2)), bits(evaluate(module.package.program, rows)))
    assert module(x.numpy()).shape == (*shape[:-1], 2)


@pytest.mark.parametrize("strided", [lambda x: x.t()[:, :3], lambda x: x[::2, :3], lambda x: x[:1, :3].expand(4, 3)])
def test_not_contiguous(module: Surrogate, strided) -> None:
    x = strided(torch.randn(6, 6))
    assert np.array_equal(bits(module(x)), bits(module(x.contiguous())))
    assert np.array_equal(bits(module(x.numpy())), bits(module(x.contiguous())))


def test_a_negated_view(module: Surrogate) -> None:
    x = torch.randn(1, 3, dtype=torch.complex64).conj().imag
    assert x.is_neg()
    assert np.array_equal(bits(module(x)), bits(module(x.resolve_neg().contiguous())))


@pytest.mark.parametrize("dtype", [torch.float64, torch.float16, torch.bfloat16])
def test_other_floats_are_computed_in_float32(module: Surrogate, dtype: torch.dtype) -> None:
    x = torch.randn(4, 3).to(dtype)
    y = module(x)
    assert y.dtype == dtype
    assert torch.equal(y, module(x.float()).to(dtype))


@pytest.mark.parametrize("dtype", [np.float64, np.float16])
def test_other_floats_of_numpy(module: Surrogate, dtype: type) -> None:
    x = np.random.default_rng(0).normal(size=(4, 3)).astype(dtype)
    y = module(x)
    assert isinstance(y, np.ndarray)
    assert y.dtype == dtype
    assert np.array_equal(y, module(x.astype(np.float32)).astype(dtype))


@pytest.mark.parametrize(
    ("x", "message"),
    [
        (torch.zeros(2, 4), r"pair takes 3 values in the last dimension, the input has shape \(2, 4\)"),
        (np.zeros((2, 4), np.float32), r"the input has shape \(2, 4\)"),
        (torch.zeros(()), r"shape \(\)"),
        (torch.zeros(2, 3, dtype=torch.int64), "floating-point numbers, not torch.int64"),
        (np.zeros((2, 3), np.int32), "floating-point numbers, not int32"),
        (torch.zeros(2, 3, dtype=torch.complex64), "not torch.complex64"),
        ([1.0, 2.0, 3.0], "a tensor or a numpy array, not list"),
    ],
)
def test_wrong_inputs(module: Surrogate, x: object, message: str) -> None:
    with pytest.raises(SymcError, match=message) as caught:
        module(x)
    assert caught.value.exit_code == 2


def test_the_message_names_the_inputs(module: Surrogate) -> None:
    with pytest.raises(SymcError, match=r"They are: x0, x1, x2\."):
        module(torch.zeros(7))


def test_it_prints_its_equations(module: Surrogate) -> None:
    text = str(torch.nn.Sequential(module))
    assert "pair: 3 -> 2, c and cuda" in text
    assert "y0 = sin(x0)*exp(-x1) + x2" in text


def test_it_has_no_parameters(module: Surrogate) -> None:
    assert list(module.parameters()) == []
    assert module.state_dict() == {}


def test_selftest_passes(module: Surrogate) -> None:
    module.selftest()


def test_deepcopy(module: Surrogate) -> None:
    twin = copy.deepcopy(torch.nn.Sequential(torch.nn.Linear(3, 3), module))
    x = torch.randn(4, 3)
    assert torch.equal(twin[1](x), module(x))
    twin[1].register_forward_hook(lambda *_: torch.zeros(1))
    assert module(x).shape == (4, 2)


def test_pickle_into_a_fresh_process(module: Surrogate, tmp_path: Path) -> None:
    x = torch.randn(4, 3)
    (tmp_path / "module.pkl").write_bytes(pickle.dumps((module, x, module(x))))
    torch.save(torch.nn.Sequential(module), tmp_path / "model.pt")
    code = (
        "import pickle, sys, torch\n"
        "module, x, y = pickle.load(open(sys.argv[1], 'rb'))\n"
        "assert torch.equal(module(x), y)\n"
        "model = torch.load(sys.argv[2], weights_only=False)\n"
        "assert torch.equal(model(x), y)\n"
        "model(x.requires_grad_()).sum().backward()\n"
        "assert x.grad is not None\n"
    )
    # An empty cache: the sources in the pickle are all there is.
    environment = {**os.environ, "SYMC_CACHE_DIR": str(tmp_path / "cache")}
    command = [sys.executable, "-c", code, str(tmp_path / "module.pkl"), str(tmp_path / "model.pt")]
    subprocess.run(command, env=environment, check=True)


def test_modes_that_watch_see_the_operator(module: Surrogate) -> None:
    from torch.utils._python_dispatch import TorchDispatchMode

    seen = []

    class Watch(TorchDispatchMode):
        def __torch_dispatch__(self, func, types, args=(), kwargs=None):
            seen.append(str(func))
            return func(*args, **(kwargs or {}))

    with Watch():
        module(torch.randn(2, 3))
    assert "symc.evaluate.default" in seen


def test_make_fx_records_the_operator_not_its_result(module: Surrogate) -> None:
    from torch.fx.experimental.proxy_tensor import make_fx

    graph = make_fx(module)(torch.randn(2, 3))
    x = torch.randn(2, 3)
    assert torch.equal(graph(x), module(x))


def test_torch_jit_trace(module: Surrogate) -> None:
    traced = torch.jit.trace(module, torch.randn(2, 3), check_trace=False)
    x = torch.randn(5, 3)
    assert torch.equal(traced(x), module(x))


def test_fake_tensors(module: Surrogate) -> None:
    from torch._subclasses.fake_tensor import FakeTensorMode

    with FakeTensorMode() as mode:
        y = module(mode.from_tensor(torch.randn(5, 3)))
    assert y.shape == (5, 2)


def test_inference_mode_and_autocast(module: Surrogate) -> None:
    x = torch.randn(4, 3)
    with torch.inference_mode():
        assert torch.equal(module(x), module(x.clone()))
    with torch.autocast("cpu", dtype=torch.bfloat16):
        assert module(x).dtype == torch.float32


def test_public_name(bundle: Path, module: Surrogate) -> None:
    assert isinstance(symc.load(bundle), symc.Surrogate)
    assert symc.load(str(bundle)).equations == module.equations
