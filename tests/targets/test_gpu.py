"""Generated kernels on a GPU: the host's bits, whatever the compiler, its flags, the profile and the number of rows."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch

from symc.backends import Unit, sources
from symc.backends.derived import OF_LAYERED, derived
from symc.backends.selftest import directions
from symc.ir.evaluate import evaluate
from symc.ir.lower import lower
from symc.ir.parse import parse
from symc.load.cuda import DeviceFunction, Kernel, architecture, current_stream
from symc.load.host import CFunction
from symc.load.package import Package
from symc.toolchain.cuda import DEVICE_FLAGS, device_code, has_nvcc, has_nvrtc
from tests.targets.programs import bits, coverage_program, differences, hard_inputs, layered_program, unit_of

pytestmark = [
    pytest.mark.gpu,
    pytest.mark.skipif(not torch.cuda.is_available(), reason="torch finds no CUDA device"),
]

FAST_MATH = ("--std=c++17", "--use_fast_math")


def package_of(unit: Unit) -> Package:
    return Package(unit.name, unit.program, unit.equations, unit.domain, sources(unit, ["c", "cuda"]))


def on_device(
    package: Package, x: np.ndarray, compiler: str, flags: tuple[str, ...] = DEVICE_FLAGS, shift: int = 0
) -> np.ndarray:
    """The results of the bundle's kernel, built with `flags`; what it leaves unwritten is a NaN of no result's bits.

    shift: how many values x and y lie off 16 bytes' alignment.
    """
    device = torch.cuda.current_device()
    image = device_code(
        package.below("cuda"),
        f"cuda/{package.name}.cu",
        ["cuda"],
        arch=architecture(device),
        compiler=compiler,  # type: ignore[arg-type]
        flags=flags,
    )
    kernel = Kernel(image, f"{package.name}_kernel", device)
    there = torch.empty(x.size + shift, device="cuda")[shift:]
    there.copy_(torch.from_numpy(x).flatten())
    width = package.program.n_out
    y = torch.full((len(x) * width + shift,), -1, dtype=torch.int32, device="cuda")[shift:]
    threads = min(256, kernel.most_threads)
    # Fewer blocks than the rows need: the kernel must go round.
    blocks = max(1, len(x) // threads // 3)
    kernel.launch(blocks, threads, (there.data_ptr(), y.data_ptr()), len(x), current_stream(device))
    return y.cpu().numpy().view(np.float32).reshape(len(x), width)


@pytest.fixture(scope="module")
def coverage() -> tuple[Package, np.ndarray, np.ndarray]:
    """Every operator, more than a million inputs, and the oracle's results."""
    package = package_of(unit_of(coverage_program(), "every", derivatives=False))
    x = hard_inputs(2, random=1 << 19)
    return package, x, evaluate(package.program, x)


@pytest.mark.parametrize("profile", ["F64", "INT"])
@pytest.mark.parametrize("flags", [DEVICE_FLAGS, FAST_MATH, ("--std=c++17",)], ids=["strict", "fast math", "default"])
@pytest.mark.parametrize("compiler", ["nvcc", "nvrtc"])
def test_every_operator(coverage: Any, compiler: str, flags: tuple[str, ...], profile: str) -> None:
    if not (has_nvcc() if compiler == "nvcc" else has_nvrtc()):
        pytest.skip(f"{compiler} is not installed")
    package, x, expected = coverage
    y = on_device(package, x, compiler, (*flags, f"-DSYMC_PROFILE_{profile}"))
    assert not differences(y, expected, x, package.program.outputs)


# Narrow rows, rows by way of shared memory in blocks of every size, and rows too wide for that.
@pytest.mark.parametrize(
    ("n_in", "n_out"),
    [
        *((1, 1), (2, 1), (3, 1), (4, 1), (1, 2), (1, 4), (2, 2), (4, 4)),
        *((3, 3), (5, 1), (32, 8), (7, 40), (33, 64), (200, 100), (500, 1)),
    ],
)
def test_every_number_of_rows(n_in: int, n_out: int) -> None:
    features = [f"x{k}" for k in range(n_in)]
    texts = [f"x{k % n_in} * x{(3 * k + 1) % n_in} + sin(x{(n_in - 1 - k) % n_in})" for k in range(n_out)]
    program = lower([parse(text, features) for text in texts], features, [f"y{k}" for k in range(n_out)])
    package = package_of(unit_of(program, "shapes", derivatives=False))
    host = CFunction(package)
    compiler = "nvcc" if has_nvcc() else "nvrtc"
    for n in (1, 31, 32, 33, 255, 257, 1000, 20_011):
        x = np.random.default_rng(n).uniform(-4, 4, (n, n_in)).astype(np.float32)
        for shift in (0, 1):
            assert np.array_equal(bits(on_device(package, x, compiler, shift=shift)), bits(host.eval_batch(x))), n


# Rows in shared memory, and rows too wide for it.
@pytest.mark.parametrize("unit", [
    unit_of(coverage_program(), "every", derivatives=False, further=("vjp", "jvp")),
    unit_of(layered_program(), "block", further=OF_LAYERED),
    unit_of(layered_program(300, 200), "wide", further=OF_LAYERED),
], ids=lambda unit: unit.name)  # fmt: skip
def test_derivatives_along_a_direction(unit: Unit) -> None:
    package, device = package_of(unit), torch.cuda.current_device()
    for of in derived(unit.program, unit.further):
        function = DeviceFunction(package, device, f"kernel_{of.kind.upper()}", 4)
        for n in (1, 33, 20_011 if unit.name == "every" else 2011):
            x = np.random.default_rng(n).uniform(-4, 4, (n, unit.program.n_in)).astype(np.float32)
            along = np.ascontiguousarray(directions(unit.program, np.roll(x, 1, axis=0))[:, : of.n_along])
            got = function.evaluate([x, along], [array.n for array in of.results.arrays])
            assert not differences(np.column_stack(got), of.values(x, along), x, of.outputs)


@pytest.mark.parametrize(("n_in", "n_out"), [(5, 4), (2, 1), (64, 64), (300, 200), (1536, 1536)])
def test_layered_programs(n_in: int, n_out: int) -> None:
    package = package_of(unit_of(layered_program(n_in, n_out), "layered"))
    x = hard_inputs(n_in, random=5000)
    want = bits(CFunction(package).eval_batch(x))
    # One row, small tiles with a block for each, large ones.
    for n in (1, 5, 700, len(x)):
        y = on_device(package, x[:n], "nvcc" if has_nvcc() else "nvrtc")
        assert np.array_equal(bits(y), want[:n]), n
