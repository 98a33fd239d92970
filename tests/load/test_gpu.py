"""A loaded bundle on CUDA tensors; the parts that need no GPU are checked everywhere."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from symc.errors import SymcError
from symc.ir.evaluate import evaluate
from symc.load.derived import derived_package
from symc.load.module import Surrogate, load
from symc.load.package import read_package
from symc.toolchain.cuda import device_code, has_nvcc, has_nvrtc
from tests.load.bundles import make_bundle
from tests.load.conftest import EQUATIONS, N_IN
from tests.load.test_module import bits, special_rows

gpu = pytest.mark.gpu
needs_gpu = pytest.mark.skipif(not torch.cuda.is_available(), reason="torch finds no CUDA device")


@pytest.fixture(params=["nvcc", "nvrtc"])
def compiler(request: pytest.FixtureRequest) -> str:
    if not (has_nvcc() if request.param == "nvcc" else has_nvrtc()):
        pytest.skip(f"{request.param} is not installed")
    return request.param


@pytest.mark.parametrize(
    ("path", "kernel"),
    [("", "kernel"), ("J", "kernel_J"), ("v", "kernel_vjp"), ("vt", "kernel_jvp"), ("H", "kernel_hessian")],
)
def test_the_kernels_that_are_launched_exist(bundle: Path, compiler: str, path: str, kernel: str) -> None:
    package = read_package(bundle)
    if path not in ("", "J"):
        package = derived_package(package, path, "cuda")
    ptx = device_code(
        package.below("cuda"), f"cuda/{package.name}.cu", ("cuda",), form="ptx", compiler=compiler
    ).decode()
    assert f".entry {package.name}_{kernel}(" in ptx


@gpu
@needs_gpu
def test_bits_on_the_device(module: Surrogate) -> None:
    x = special_rows()
    y = module(torch.from_numpy(x).cuda())
    assert y.is_cuda
    assert np.array_equal(bits(y.cpu()), bits(evaluate(module.package.program, x)))


@gpu
@needs_gpu
@pytest.mark.parametrize("shape", [(3,), (2, 5, 3), (0, 3), (100_003, 3)])
def test_shapes_on_the_device(module: Surrogate, shape: tuple[int, ...]) -> None:
    x = torch.randn(shape)
    assert torch.equal(module(x.cuda()).cpu(), module(x))


@gpu
@needs_gpu
def test_the_callers_stream_is_used(module: Surrogate) -> None:
    stream = torch.cuda.Stream()
    x = torch.randn(1 << 20, 3)
    expected = module(x * 2)
    with torch.cuda.stream(stream):
        y = module(x.cuda(non_blocking=True) * 2)
    stream.synchronize()
    assert torch.equal(y.cpu(), expected)


@gpu
@needs_gpu
def test_gradients_on_the_device(module: Surrogate) -> None:
    x = torch.randn(64, 3)
    there = x.cuda().requires_grad_()
    here = x.clone().requires_grad_()
    module(there).sum().backward()
    module(here).sum().backward()
    assert torch.equal(there.grad.cpu(), here.grad)
    hessian = torch.func.vmap(torch.func.hessian(module))
    torch.testing.assert_close(hessian(x.cuda()).cpu(), hessian(x))


@gpu
@needs_gpu
def test_cuda_graphs_capture_the_launch(module: Surrogate) -> None:
    x = torch.randn(128, 3, device="cuda")
    module(x)
    graph = torch.cuda.CUDAGraph()
    with torch.cuda.graph(graph):
        y = module(x)
    x.copy_(torch.randn(128, 3))
    graph.replay()
    assert torch.equal(y, module(x))


@gpu
@needs_gpu
def test_compile_on_the_device(module: Surrogate) -> None:
    compiled = torch.compile(module, fullgraph=True)
    x = torch.randn(128, 3, device="cuda")
    assert torch.equal(compiled(x), module(x))


@gpu
@needs_gpu
def test_a_bundle_without_cuda_on_a_cuda_tensor(tmp_path: Path) -> None:
    module = load(make_bundle(tmp_path, "host_only", EQUATIONS, N_IN))
    with pytest.raises(SymcError, match=r"has no code for CUDA tensors.*--target cuda"):
        module(torch.zeros(1, 3, device="cuda"))
