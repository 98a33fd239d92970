"""A loaded bundle on CUDA tensors; the parts that need no GPU are checked everywhere."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

import symc
from symc.backends import sources
from symc.errors import SymcError
from symc.ir.evaluate import evaluate
from symc.load.derived import derived_package
from symc.load.module import Surrogate, load
from symc.load.package import Package, read_package
from symc.toolchain.cuda import device_code, has_nvcc, has_nvrtc
from tests.distilled import compressed
from tests.load.bundles import make_bundle
from tests.load.conftest import EQUATIONS, N_IN
from tests.load.test_module import bits, special_rows
from tests.targets.programs import layered_program, unit_of

gpu = pytest.mark.gpu
needs_gpu = pytest.mark.skipif(not torch.cuda.is_available(), reason="torch finds no CUDA device")


@pytest.fixture(params=["nvcc", "nvrtc"])
def compiler(request: pytest.FixtureRequest) -> str:
    if not (has_nvcc() if request.param == "nvcc" else has_nvrtc()):
        pytest.skip(f"{request.param} is not installed")
    return request.param


@pytest.mark.parametrize(
    ("path", "kernel"),
    [("", "kernel"), ("J", "kernel_J"), ("v", "kernel_VJP"), ("vt", "kernel_JVP"), ("H", "kernel_HESSIAN")],
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
@pytest.mark.parametrize("dtype", [torch.float64, torch.bfloat16, torch.float16])
def test_other_floats_on_the_device(module: Surrogate, dtype: torch.dtype) -> None:
    x = torch.randn(1001, 3).to(dtype)
    y = module(x.cuda())
    assert y.dtype is dtype
    assert torch.equal(y.cpu(), module(x))
    there = x.cuda().requires_grad_()
    module(there).sum().backward()
    here = x.clone().requires_grad_()
    module(here).sum().backward()
    assert torch.equal(there.grad.cpu(), here.grad)


@gpu
@needs_gpu
def test_a_layered_bundle_on_the_device() -> None:
    unit = unit_of(layered_program(300, 70), "block")
    files = sources(unit, ["c", "cuda"])
    package = Package(unit.name, unit.program, unit.equations, unit.domain, files)
    module = Surrogate(package)
    for n in (1, 5, 1000, 20_001):
        x = torch.randn(n, 300)
        assert torch.equal(module(x.cuda()).cpu(), module(x))
        half = x.bfloat16()
        # The kernel takes the halves themselves; the operator, as torch.compile and gradients see it, rounds around it.
        assert torch.equal(module(half.cuda()).cpu(), module(half))
        assert torch.equal(module(half.cuda().requires_grad_()).detach().cpu(), module(half))
        assert torch.equal(module(x[1:].cuda()).cpu(), module(x[1:]))


@gpu
@needs_gpu
def test_gradients_of_a_layered_bundle_do_not_wait() -> None:
    unit = unit_of(layered_program(30, 7), "block")
    module = Surrogate(Package(unit.name, unit.program, unit.equations, unit.domain, sources(unit, ["c", "cuda"])))
    x = torch.randn(50, 30)
    here, there = x.clone().requires_grad_(), x.cuda().requires_grad_()
    module(here).sum().backward()
    module(there).sum().backward()
    torch.testing.assert_close(there.grad.cpu(), here.grad)
    torch.cuda.set_sync_debug_mode("error")
    try:
        module(there).sum().backward()
    finally:
        torch.cuda.set_sync_debug_mode("default")


@gpu
@needs_gpu
def test_rows_that_are_not_aligned_or_not_contiguous(module: Surrogate) -> None:
    x = torch.randn(5001, 3)
    there = x.cuda()
    assert torch.equal(module(there[1:]).cpu(), module(x[1:]))
    assert torch.equal(module(there[::2]).cpu(), module(x[::2]))
    columns = x.T.contiguous()
    assert torch.equal(module(columns.cuda().T).cpu(), module(columns.T))


@gpu
@needs_gpu
def test_nothing_waits_for_the_device(module: Surrogate) -> None:
    x = torch.randn(64, 3, device="cuda")
    module(x)
    module(x.bfloat16())
    torch.cuda.set_sync_debug_mode("error")
    try:
        module(x)
        module(x.bfloat16())
        module(x.requires_grad_()).sum().backward()
    finally:
        torch.cuda.set_sync_debug_mode("default")
    # The debug mode sees torch's own calls alone: behind a sleeping stream the module's call must come back at once.
    torch.cuda._sleep(1_000_000_000)
    module(x.detach())
    assert not torch.cuda.current_stream().query()
    torch.cuda.synchronize()


@gpu
@needs_gpu
@pytest.mark.skipif(torch.cuda.device_count() < 2, reason="there is one CUDA device")
def test_tensors_of_another_device_than_the_current(module: Surrogate) -> None:
    x = torch.randn(1001, 3)
    for index in range(torch.cuda.device_count()):
        with torch.cuda.device((index + 1) % torch.cuda.device_count()):
            y = module(x.to(f"cuda:{index}"))
            assert y.get_device() == index
            assert torch.equal(y.cpu(), module(x))
            module(x.to(f"cuda:{index}").requires_grad_()).sum().backward()


@gpu
@needs_gpu
def test_an_exported_model_runs_on_the_device(module: Surrogate) -> None:
    x = torch.randn(8, 3, device="cuda")
    exported = torch.export.export(module, (x,))
    assert torch.equal(exported.module()(x), module(x))


@gpu
@needs_gpu
def test_graphs_of_a_compiled_model(module: Surrogate) -> None:
    torch._dynamo.reset()
    compiled = torch.compile(torch.nn.Sequential(torch.nn.Linear(3, 3).cuda(), module), mode="reduce-overhead")
    x = torch.randn(64, 3, device="cuda")
    with torch.no_grad():
        for _ in range(4):
            torch.compiler.cudagraph_mark_step_begin()
            got = compiled(x).clone()
        assert got.isfinite().all()


@gpu
@needs_gpu
@pytest.mark.parametrize("derivatives", ["vjp,jvp,hessian", "jacobian"])
def test_derivatives_along_directions_on_the_device(tmp_path: Path, derivatives: str) -> None:
    """By the bundle's kernels, and by code that is generated for the device."""
    texts = [f"y{k} = {text}" for k, text in enumerate((*EQUATIONS, *(f"cos({k}*x0)*x1" for k in range(1, 8))))]
    options = {"target": ["c", "cuda"], "derivatives": derivatives}
    out = symc.build(equation=texts, domain="-2:2", out=tmp_path, name="law", **options)
    _same_derivatives(symc.load(out.path), torch.randn(1000, N_IN))


@gpu
@needs_gpu
def test_derivatives_of_a_compressed_block_on_the_device(tmp_path: Path) -> None:
    out = symc.build(compressed(), out=tmp_path, name="block", target=["c", "cuda"], derivatives="vjp")
    module = symc.load(out.path)
    _same_derivatives(module, torch.randn(1000, module.n_in), table=False)


def _same_derivatives(module: Surrogate, x: torch.Tensor, table: bool = True) -> None:
    """The host's bits on the device."""
    weights, tangent = torch.randn(len(x), module.n_out), torch.randn_like(x)
    found = []
    for place in ("cpu", "cuda"):
        there = x.to(place).requires_grad_()
        (gradient,) = torch.autograd.grad(module(there), there, weights.to(place))
        _, slope = torch.func.jvp(module, (x.to(place),), (tangent.to(place),))
        second = [module.hessian(x.to(place))] if table else []
        found.append([result.cpu() for result in (gradient, slope, *second)])
    for here, there in zip(*found, strict=True):
        assert torch.equal(here, there)


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
