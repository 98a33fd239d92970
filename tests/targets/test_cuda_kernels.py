"""Kernels of every shape as threads of the host: each row is read and written once, with the oracle's bits."""

from __future__ import annotations

import ctypes
import re
from pathlib import Path

import numpy as np
import pytest
import torch

from symc.backends import Unit
from symc.backends.cuda import Shape, shape, wide_shape
from symc.backends.derived import OF_LAYERED, derived
from symc.backends.selftest import directions
from symc.ir.directional import DIRECTIONAL
from symc.ir.evaluate import evaluate
from symc.ir.lower import lower
from symc.ir.parse import parse
from tests.targets import building
from tests.targets.programs import differences, hard_inputs, layered_program, unit_of
from tests.tools import require

HARNESS = Path(__file__).parent / "threads.h"
NOTHING = np.float32(12345.0)


def rows_unit(n_in: int, n_out: int, costly: bool = False) -> Unit:
    features, outputs = [f"x{k}" for k in range(n_in)], [f"y{k}" for k in range(n_out)]
    form = "x{a}*exp(sin(x{b})*tanh(x{a})) + {k}.5" if costly else "x{a}*x{b} + {k}.5"
    texts = [form.format(a=k % n_in, b=(3 * k + 1) % n_in, k=k) for k in range(n_out)]
    return unit_of(lower([parse(text, features) for text in texts], features, outputs), "rows")


def shape_of(unit: Unit) -> Shape:
    return shape(unit.program, unit.program.n_in, unit.program.n_out)


def kernels(root: Path, output: Path, *flags: str) -> ctypes.CDLL:
    """The kernels of a bundle as a library: run_kernel(x, y, n, blocks, threads), and run_kernel_J where there is one.
    """
    _compile(root, output, _source(root), "-O0", "-shared", "-fPIC", *flags)
    return ctypes.CDLL(str(output))


def _source(root: Path) -> str:
    name = root.name
    code, rest = (root / "cuda" / f"{name}.cu").read_text().split("#ifndef __CUDACC_RTC__")
    assert "<<<" not in code and "<<<" in rest  # Only the launches are cut off.
    names = [kernel for kernel in ("kernel", "kernel_J") if f"{name}_{kernel}(" in code]
    calls = [
        f'extern "C" void run_{kernel}(const void *x, void *y, size_t n, unsigned blocks, unsigned threads)\n'
        f"{{\n    run({name}_{kernel}, x, y, n, blocks, threads);\n}}\n"
        for kernel in names
    ]
    for kind in (kind for kind in DIRECTIONAL if f"{name}_kernel_{kind.upper()}(" in code):
        given, passed = "const float *x, float *g", "x, g"
        if kind != "hessian":
            given, passed = "const float *x, const float *v, float *y, float *g", "x, v, y, g"
        calls.append(
            f'extern "C" void run_kernel_{kind}({given}, size_t n, unsigned blocks, unsigned threads)\n'
            f"{{\n    run_with({name}_kernel_{kind.upper()}, blocks, threads, {passed}, n);\n}}\n"
        )
    return "\n".join([HARNESS.read_text(), code, *calls])


def _compile(root: Path, output: Path, text: str, *flags: str) -> None:
    source = output.with_suffix(".cpp")
    source.write_text(text)
    building.run([require("g++"), "-std=c++17", "-ffp-contract=off", "-Wno-unknown-pragmas", "-pthread", *flags,
                  f"-I{root}/cuda", source, "-o", output])  # fmt: skip


def call(
    library: ctypes.CDLL, x: np.ndarray, width: int, blocks: int, threads: int, shift: int = 0, kernel: str = "kernel"
) -> np.ndarray:
    """Run a kernel on x (n, n_in), its memory and that of the results `shift` values off 16 bytes' alignment."""
    given = _aligned(x.size + shift)[shift:]
    given[:] = x.ravel()
    y = _aligned(len(x) * width + shift + 8)[shift:]
    y[:] = NOTHING
    run = getattr(library, f"run_{kernel}")
    run.argtypes = (ctypes.c_void_p, ctypes.c_void_p, ctypes.c_size_t, ctypes.c_uint, ctypes.c_uint)
    run.restype = None
    run(given.ctypes.data, y.ctypes.data, len(x), blocks, threads)
    assert (y[len(x) * width :] == NOTHING).all(), "the kernel wrote beyond its results"
    return y[: len(x) * width].reshape(len(x), width)


def _aligned(size: int) -> np.ndarray:
    room = np.empty(size + 4, np.float32)
    return room[-(room.ctypes.data // 4) % 4 :][:size]


# By whole vectors, row by row, and staged, cheap and costly.
SHAPES = [
    *((1, 1, False), (2, 1, False), (3, 1, False), (4, 1, False), (1, 2, False), (4, 4, False)),
    *((2, 1, True), (3, 2, False), (33, 70, False)),
]


@pytest.mark.parametrize(("n_in", "n_out", "costly"), SHAPES)
def test_every_row_once_with_the_bits_of_the_oracle(n_in: int, n_out: int, costly: bool, tmp_path: Path):
    unit = rows_unit(n_in, n_out, costly)
    library = kernels(building.write(tmp_path, unit, ["cuda"]), tmp_path / "rows.so")
    made = shape_of(unit)
    x = hard_inputs(n_in, random=400)
    want = evaluate(unit.program, x)
    # No whole tile; a few and a rest, in fewer blocks than tiles and in more; nothing but whole tiles.
    tiles = [1, made.threads + 1, 2 * made.tile + made.threads // 2 + 3, 2 * made.tile]
    for n in (n for n in tiles if n <= len(x)):
        for blocks, shift in ((1, 0), (3, 0), (2, 1)):
            got = call(library, x[:n], n_out, blocks, made.threads, shift)
            assert not differences(got, want[:n], x, unit.program.outputs), (n, blocks, shift)


def test_the_jacobian_has_a_kernel_of_its_own_shape(tmp_path: Path):
    unit = rows_unit(2, 1)
    assert unit.jacobian is not None
    library = kernels(building.write(tmp_path, unit, ["cuda"]), tmp_path / "rows.so")
    made = shape(unit.jacobian, 2, 2)
    assert made.run == 2
    x = hard_inputs(2, random=100)[: 2 * made.tile + 7]
    got = call(library, x, 2, 2, made.threads, kernel="kernel_J")
    assert not differences(got, evaluate(unit.jacobian, x), x, unit.jacobian.outputs)


ALONG = {
    "narrow": unit_of(rows_unit(2, 1).program, "rows", further=tuple(DIRECTIONAL)),
    "staged": unit_of(rows_unit(5, 3).program, "rows", further=tuple(DIRECTIONAL)),
    "wide": unit_of(rows_unit(110, 90).program, "rows", derivatives=False, further=("vjp", "jvp")),
    "layered": unit_of(layered_program(), "rows", further=OF_LAYERED),
    "wide layered": unit_of(layered_program(130, 70, direct=False), "rows", further=OF_LAYERED),
}


@pytest.mark.parametrize("name", ALONG)
def test_derivatives_along_directions_have_kernels(name: str, tmp_path: Path):
    unit = ALONG[name]
    library = kernels(building.write(tmp_path, unit, ["cuda"]), tmp_path / "rows.so")
    for of in derived(unit.program, unit.further):
        threads = wide_shape(unit.program.n_in + of.n_along, of.width).threads
        x = hard_inputs(unit.program.n_in, random=100)[-2 * threads - 35 :]
        along = np.ascontiguousarray(directions(unit.program, np.roll(x, 1, axis=0))[:, : of.n_along])
        want = of.values(x, along)
        for n, blocks in ((1, 1), (threads + 1, 2), (len(x), 2)):
            results = [np.full(n * array.n + 8, NOTHING) for array in of.results.arrays]
            given = [np.ascontiguousarray(x[:n]), *([np.ascontiguousarray(along[:n])] if of.n_along else [])]
            run = getattr(library, f"run_kernel_{of.kind}")
            arrays = [*given, *results]
            run.argtypes = (*(ctypes.c_void_p,) * len(arrays), ctypes.c_size_t, ctypes.c_uint, ctypes.c_uint)
            run.restype = None
            run(*(array.ctypes.data for array in arrays), n, blocks, threads)
            for array, found in zip(of.results.arrays, results, strict=True):
                assert (found[n * array.n :] == NOTHING).all(), "the kernel wrote beyond its results"
            rows = [f[: n * a.n].reshape(n, a.n) for a, f in zip(of.results.arrays, results, strict=True)]
            assert not differences(np.column_stack(rows), want[:n], x, of.outputs), (of.kind, n)
            if of.has_values:
                results[1][:] = NOTHING
                run(*(array.ctypes.data for array in given), None, results[1].ctypes.data, n, blocks, threads)
                assert not differences(results[1][: n * of.derivatives.n].reshape(n, -1), rows[1], x, of.outputs)


# (inputs, outputs, equations, direct): small; few sums for many threads; more sums than threads on either side; inputs
# in parts, with and without a rest; values between the matrices that leave room for one row.
LAYERED = {
    "small": (5, 4, ("z0*z1 - 0.5*z2", "exp(-z0^2)"), True),
    "narrow": (3, 1, ("z0",), False),
    "low rank": (70, 130, tuple(f"z{k} + 0.25*z{k}*z{(k + 3) % 20}" for k in range(20)), False),
    "in parts": (301, 9, ("z0*z1", "z2"), True),
    "many": (9, 6, tuple(f"z{k} - z{(k + 1) % 64}" for k in range(64)), True),
    "crowded": (4, 200, tuple(f"z{k % 4}" for k in range(1030)), False),
}


@pytest.mark.parametrize("name", LAYERED)
def test_layered_kernels_give_the_bits_of_the_oracle(name: str, tmp_path: Path):
    n_in, n_out, texts, direct = LAYERED[name]
    unit = unit_of(layered_program(n_in, n_out, texts, direct), "block")
    made = shape_of(unit).tiles
    assert made is not None
    library = kernels(building.write(tmp_path, unit, ["cuda"]), tmp_path / "block.so")
    rows = 2 * made.many + made.few + 1
    x = hard_inputs(n_in, random=20)[-rows:]
    want = evaluate(unit.program, x)
    # One row; few rows, a block for each tile; tiles of many, in fewer blocks, with a rest.
    for n, blocks in ((1, 1), (made.few + 1, 2), (rows, 2), (made.many, 1)):
        got = call(library, x[:n], n_out, blocks, shape_of(unit).threads)
        assert not differences(got, want[:n], x, unit.program.outputs), (n, blocks)


def test_a_layered_kernel_takes_and_gives_bfloat16(tmp_path: Path):
    n_in, n_out, texts, direct = LAYERED["small"]
    unit = unit_of(layered_program(n_in, n_out, texts, direct), "block")
    library = kernels(building.write(tmp_path, unit, ["cuda"]), tmp_path / "block.so", "-DSYMC_BFLOAT16")
    wide = torch.from_numpy(hard_inputs(n_in, random=400)).bfloat16()
    want = torch.from_numpy(evaluate(unit.program, wide.float().numpy())).bfloat16()
    given, got = wide.view(torch.int16).numpy(), np.full((len(wide) + 1, n_out), 12345, np.int16)
    run = library.run_kernel
    run.argtypes = (ctypes.c_void_p, ctypes.c_void_p, ctypes.c_size_t, ctypes.c_uint, ctypes.c_uint)
    run.restype = None
    run(given.ctypes.data, got.ctypes.data, len(wide), 3, shape_of(unit).threads)
    # torch gives a NaN bits that depend on the processor.
    bits = torch.where(want.isnan(), 0x7FC0, want.view(torch.int16))
    assert np.array_equal(got[:-1], bits.numpy()) and want.isfinite().any(1).sum() > 400
    assert (got[-1] == 12345).all()


MAIN = """
int main(int count, char **)
{
    /* 1, so that no compiler knows what it reads. */
    const std::vector<float> x(N_IN * ROWS, (float)count);
    std::vector<float> y(N_OUT * ROWS);
    run_kernel(x.data(), y.data(), ROWS, 2, THREADS);
}
"""


@pytest.mark.long
@pytest.mark.parametrize("staged", [True, False], ids=["staged", "layered"])
def test_no_thread_reads_what_another_may_still_write(staged: bool, tmp_path: Path):
    unit = rows_unit(5, 3) if staged else unit_of(layered_program(*LAYERED["in parts"]), "block")
    made = shape_of(unit)
    root = building.write(tmp_path, unit, ["cuda"])
    rows = made.tiles.many * 3 + 1 if made.tiles else 3 * made.tile
    sizes = {"N_IN": unit.program.n_in, "N_OUT": unit.program.n_out, "ROWS": rows, "THREADS": made.threads}
    defined = [f"-D{name}={value}" for name, value in sizes.items()]
    _compile(root, tmp_path / "races", _source(root) + MAIN, "-O1", "-g", "-fsanitize=thread", *defined)
    building.run([tmp_path / "races"])
    # A barrier left out is found.
    broken = re.sub(r"^ {8}__sync(warp|threads)\(\);\n", "", _source(root), count=1, flags=re.M)
    _compile(root, tmp_path / "broken", broken + MAIN, "-O1", "-g", "-fsanitize=thread", *defined)
    with pytest.raises(AssertionError, match="data race"):
        building.run([tmp_path / "broken"])
