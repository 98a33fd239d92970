"""torch.compile and torch.export of models that contain a loaded bundle."""

from __future__ import annotations

import io
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from torch._subclasses.fake_tensor import FakeTensorMode

from symc.load.module import Surrogate
from tests.tools import require


@pytest.fixture
def model(module: Surrogate) -> torch.nn.Module:
    torch._dynamo.reset()
    torch.manual_seed(0)
    return torch.nn.Sequential(torch.nn.Linear(4, 3), torch.nn.Tanh(), module, torch.nn.Linear(2, 1))


@pytest.mark.parametrize("backend", ["aot_eager", "inductor"])
def test_compile_whole_graph(model: torch.nn.Module, backend: str) -> None:
    if backend == "inductor":
        require("c++")
    compiled = torch.compile(model, fullgraph=True, backend=backend)
    x = torch.randn(8, 4)
    torch.testing.assert_close(compiled(x), model(x))
    with torch.no_grad():
        torch.testing.assert_close(compiled(x), model(x))

    compiled(x).square().mean().backward()
    got = [p.grad.clone() for p in model.parameters()]
    model.zero_grad()
    model(x).square().mean().backward()
    for mine, theirs in zip(got, model.parameters(), strict=True):
        torch.testing.assert_close(mine, theirs.grad)


def test_compile_with_dynamic_batch(model: torch.nn.Module) -> None:
    compiled = torch.compile(model, fullgraph=True, dynamic=True, backend="aot_eager")
    for rows in (3, 5, 17):
        x = torch.randn(rows, 4)
        torch.testing.assert_close(compiled(x), model(x))


TRANSFORMS = {
    "vmap of jacrev": lambda f, x: torch.func.vmap(torch.func.jacrev(f))(x),
    "jvp": lambda f, x: torch.func.jvp(f, (x,), (x,))[1],
    "grad of jvp": lambda f, x: torch.func.grad(lambda u: torch.func.jvp(f, (u,), (x,))[1].sum())(x),
}


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", TRANSFORMS)
def test_transforms_inside_compiled_code(module: Surrogate, name: str) -> None:
    torch._dynamo.reset()
    x = torch.randn(4, 3)
    want = TRANSFORMS[name](module, x)
    got = torch.compile(lambda u: TRANSFORMS[name](module, u), backend="aot_eager")(x)
    torch.testing.assert_close(got, want)


def test_a_whole_graph_with_forward_derivatives_is_refused(module: Surrogate) -> None:
    """Of a custom operator torch's compiler would make zeros."""
    torch._dynamo.reset()
    compiled = torch.compile(lambda u: TRANSFORMS["jvp"](module, u), fullgraph=True, backend="aot_eager")
    with pytest.raises(Exception, match="forward-mode derivatives of a symc bundle"):
        compiled(torch.randn(4, 3))


@pytest.mark.parametrize("dtype", [torch.float64, torch.bfloat16])
def test_compile_other_floats(module: Surrogate, dtype: torch.dtype) -> None:
    torch._dynamo.reset()
    compiled = torch.compile(module, fullgraph=True, backend="aot_eager")
    x = torch.randn(8, 3).to(dtype)
    assert torch.equal(compiled(x), module(x))


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16, torch.float16, torch.float64])
def test_tensors_without_numbers_have_shape_dtype_and_device(module: Surrogate, dtype: torch.dtype) -> None:
    x = torch.empty(2, 5, 3, device="meta", dtype=dtype, requires_grad=True)
    y = module(x)
    assert (y.shape, y.dtype, y.device.type) == ((2, 5, 2), dtype, "meta")
    y.sum().backward()
    assert x.grad is not None and (x.grad.shape, x.grad.dtype) == (x.shape, dtype)
    assert module.jacobian(x).shape == (2, 5, 2, 3)
    # As torch.compile sees a CUDA tensor, on a machine that may have no GPU.
    with FakeTensorMode():
        there = module(torch.empty(7, 3, device="cuda", dtype=dtype))
    assert (there.shape, there.dtype, there.device.type) == ((7, 2), dtype, "cuda")


@pytest.mark.parametrize("strict", [False, True])
def test_export(model: torch.nn.Module, strict: bool) -> None:
    batch = torch.export.Dim("batch", min=1, max=1000)
    exported = torch.export.export(model, (torch.randn(8, 4),), dynamic_shapes=({0: batch},), strict=strict)
    calls = [str(node.target) for node in exported.graph.nodes if node.op == "call_function"]
    assert calls.count("symc.evaluate.default") == 1
    x = torch.randn(5, 4)
    torch.testing.assert_close(exported.module()(x), model(x))
    torch.testing.assert_close(exported.run_decompositions().module()(x), model(x))


def test_an_exported_program_runs_where_the_bundle_is_loaded(
    model: torch.nn.Module, bundle: Path, tmp_path: Path
) -> None:
    x = torch.randn(5, 4)
    torch.export.save(torch.export.export(model, (x,)), tmp_path / "model.pt2")
    buffer = io.BytesIO()
    torch.save((x, model(x)), buffer)
    (tmp_path / "data.pt").write_bytes(buffer.getvalue())
    code = (
        "import sys, torch, symc\n"
        "import symc.load.torch_ops\n"
        "x, y = torch.load(sys.argv[2])\n"
        "program = torch.export.load(sys.argv[1]).module()\n"
        "try:\n"
        "    program(x)\n"
        "    raise SystemExit('ran without its bundle')\n"
        "except symc.SymcError as error:\n"
        "    assert 'not loaded in this process' in str(error)\n"
        "symc.load(sys.argv[3])\n"
        "torch.testing.assert_close(program(x), y)\n"
    )
    subprocess.run(
        [sys.executable, "-c", code, str(tmp_path / "model.pt2"), str(tmp_path / "data.pt"), str(bundle)], check=True
    )
