"""The proof's hashes again, computed on a GPU: every function of one argument at all 2^32 inputs."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
import torch

from symc.load.cuda import Kernel, architecture, current_stream
from symc.toolchain.cuda import device_code, has_nvcc, has_nvrtc
from tests.runtime.helpers import INCLUDE, UNARY, all_headers, prove

pytestmark = [
    pytest.mark.gpu,
    pytest.mark.skipif(not torch.cuda.is_available(), reason="torch finds no CUDA device"),
]

PROFILES = ("F64", "INT")
# Magnitudes in one launch: a second or two, since some systems stop a kernel that runs longer.
SLICE = 1 << 27
HASH_START = 0xCBF29CE484222325
THREADS = 288

# A hash is a chain of 2^31 steps: the time is its latency, not the functions'. Block b hashes function b / 2 at the
# positive or negative inputs; its first warp hashes the results that the others computed in the round before.
SOURCE = """
%(headers)s
#define WORKERS 256u
#define ROUND 2048u

static __device__ float evaluate(unsigned function, float x)
{
    switch (function) {
%(cases)s
    default: return x;
    }
}

extern "C" __global__ void __launch_bounds__(288) hash_results(const float *, uint64_t *hashes, size_t first)
{
    __shared__ __align__(16) uint32_t results[2][ROUND];
    const uint32_t sign = (blockIdx.x & 1u) << 31;
    uint32_t low = (uint32_t)hashes[blockIdx.x];
    uint32_t high = (uint32_t)(hashes[blockIdx.x] >> 32);
    for (uint32_t round = 0u; round <= %(slice)uu / ROUND; round++) {
        if (threadIdx.x >= 32u && round < %(slice)uu / ROUND) {
            for (uint32_t k = threadIdx.x - 32u; k < ROUND; k += WORKERS) {
                const uint32_t magnitude = (uint32_t)first + round * ROUND + k;
                results[round & 1u][k] = symc_bits(evaluate(blockIdx.x / 2u, symc_from_bits(sign | magnitude)));
            }
        }
        if (threadIdx.x == 0u && round > 0u) {
            const uint32_t *values = results[(round - 1u) & 1u];
#pragma unroll 32
            for (uint32_t k = 0u; k < ROUND; k++) {
                /* FNV-1a: the 64-bit hash times 2^40 + 435. */
                low ^= values[k];
                const uint64_t product = (uint64_t)low * 435u;
                high = high * 435u + (uint32_t)(product >> 32) + (low << 8);
                low = (uint32_t)product;
            }
        }
        __syncthreads();
    }
    if (threadIdx.x == 0u) {
        hashes[blockIdx.x] = (uint64_t)high << 32 | low;
    }
}
"""


def code(compiler: str, profile: str) -> bytes:
    """The kernel for the device in use."""
    cases = "\n".join(f"    case {k}: return symc_{name}(x);" for k, name in enumerate(UNARY))
    source = SOURCE % {"headers": all_headers(), "cases": cases, "slice": SLICE}
    files = {f"include/{p.relative_to(INCLUDE).as_posix()}": p.read_bytes() for p in INCLUDE.rglob("*.h")}
    files["hash.cu"] = source.encode()
    flags = ("--std=c++17", f"-DSYMC_PROFILE_{profile}")
    arch = architecture(torch.cuda.current_device())
    return device_code(files, "hash.cu", ["include"], arch=arch, compiler=compiler, flags=flags)  # type: ignore[arg-type]


def test_every_input_gives_the_recorded_hash() -> None:
    compilers = [name for name, found in (("nvcc", has_nvcc()), ("nvrtc", has_nvrtc())) if found]
    builds = [(compiler, profile) for compiler in compilers for profile in PROFILES]
    if not builds:
        pytest.skip("neither nvcc nor NVRTC is installed")
    device = torch.cuda.current_device()
    with ThreadPoolExecutor() as pool:
        images = list(pool.map(lambda build: code(*build), builds))
    kernels = [Kernel(image, "hash_results", device) for image in images]
    start = np.full(2 * len(UNARY), HASH_START, np.uint64).view(np.int64)
    hashes = [torch.from_numpy(start.copy()).cuda() for _ in builds]
    torch.cuda.synchronize()
    # All builds at once: together they fill the device.
    streams = [torch.cuda.Stream() for _ in builds]
    for kernel, found, stream in zip(kernels, hashes, streams, strict=True):
        with torch.cuda.stream(stream):
            for first in range(0, 1 << 31, SLICE):
                kernel.launch(len(start), THREADS, (0, found.data_ptr()), first, current_stream(device))
    torch.cuda.synchronize()
    recorded = prove.recorded()
    expected = {name: {build["hash"] for build in recorded[name]["builds"].values()} for name in UNARY}
    wrong = []
    for build, found in zip(builds, hashes, strict=True):
        pairs = found.cpu().numpy().view(np.uint64).reshape(-1, 2).tolist()
        for name, (positive, negative) in zip(UNARY, pairs, strict=True):
            text = f"{positive:016x}-{negative:016x}"
            print(*build, name, text)
            if {text} != expected[name]:
                wrong.append((*build, name, text))
    assert not wrong
