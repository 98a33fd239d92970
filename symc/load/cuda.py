"""A bundle's CUDA kernel on one device: compiled for it, and launched on the caller's stream through the driver API."""

from __future__ import annotations

import sys
import threading
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import numpy as np
import torch

from symc.errors import MissingTool, SymcError
from symc.load.package import Package
from symc.toolchain.cuda import DEVICE_FLAGS, device_code

_BLOCK = 256
# Where a row costs more than moving it, blocks go round, so that what a block begins with is paid for many rows; other
# blocks take one tile each, in the order of memory. The cost is that of symc/ir/ops.py, per value moved.
_THREADS_PER_MULTIPROCESSOR = 16384
_CHEAP_PER_VALUE = 4
_MOST_BLOCKS = 2**31 - 1
# Of a layered program: as many as a multiprocessor holds at a time. More would take tiles of few rows.
_TILES_PER_MULTIPROCESSOR = 8
_MAX_THREADS_PER_BLOCK = 0
_MULTIPROCESSOR_COUNT, _CAPABILITY_MAJOR, _CAPABILITY_MINOR = 16, 75, 76
_CDEF = """
typedef int CUresult;
typedef int CUdevice;
typedef struct CUctx_st *CUcontext;
typedef struct CUmod_st *CUmodule;
typedef struct CUfunc_st *CUfunction;
CUresult cuInit(unsigned int flags);
CUresult cuGetErrorString(CUresult error, const char **text);
CUresult cuDeviceGet(CUdevice *device, int ordinal);
CUresult cuDeviceGetAttribute(int *value, int attribute, CUdevice device);
CUresult cuDevicePrimaryCtxRetain(CUcontext *context, CUdevice device);
CUresult cuCtxGetCurrent(CUcontext *context);
CUresult cuCtxPushCurrent_v2(CUcontext context);
CUresult cuCtxPopCurrent_v2(CUcontext *context);
CUresult cuModuleLoadData(CUmodule *module, const void *image);
CUresult cuModuleGetFunction(CUfunction *function, CUmodule module, const char *name);
CUresult cuFuncGetAttribute(int *value, int attribute, CUfunction function);
CUresult cuLaunchKernel(CUfunction function, unsigned int gridX, unsigned int gridY, unsigned int gridZ,
                        unsigned int blockX, unsigned int blockY, unsigned int blockZ, unsigned int sharedBytes,
                        uintptr_t stream, void **parameters, void **extra);
"""


class Kernel:
    """A kernel of compiled device code on CUDA device `index`, in its primary context (the one that torch uses).

    The kernel takes arguments of 64 bits: addresses of `arrays` on the device, which may be 0, and a size.
    """

    def __init__(self, image: bytes, kernel: str, index: int, arrays: int = 2) -> None:
        """`image` is a cubin or PTX. Raises MissingTool without a driver, SymcError when it lacks the kernel."""
        self._ffi, self._driver = _driver()
        self._name = kernel
        self._arrays = arrays
        device = _device(index)
        context = self._ffi.new("CUcontext *")
        self._check(self._driver.cuDevicePrimaryCtxRetain(context, device))
        self._context = context[0]
        self.multiprocessors = _attribute(device, _MULTIPROCESSOR_COUNT)
        self._check(self._driver.cuCtxPushCurrent_v2(self._context))
        try:
            module = self._ffi.new("CUmodule *")
            self._check(self._driver.cuModuleLoadData(module, self._ffi.from_buffer(image)))
            function = self._ffi.new("CUfunction *")
            self._check(self._driver.cuModuleGetFunction(function, module[0], kernel.encode()))
            threads = self._ffi.new("int *")
            self._check(self._driver.cuFuncGetAttribute(threads, _MAX_THREADS_PER_BLOCK, function[0]))
        finally:
            self._driver.cuCtxPopCurrent_v2(context)
        self._function = function[0]
        self.most_threads = int(threads[0])
        self._local = threading.local()

    def launch(self, blocks: int, threads: int, addresses: Sequence[int], n: int, stream: int) -> None:
        """Queue one run of the kernel on a CUstream and return without waiting for it."""
        values, parameters, current = self._room()
        for place, address in enumerate(addresses):
            values[place] = address
        values[self._arrays] = n
        driver = self._driver
        driver.cuCtxGetCurrent(current)
        # A thread of autograd's may never have touched the device.
        absent = current[0] != self._context
        if absent:
            self._check(driver.cuCtxPushCurrent_v2(self._context))
        result = driver.cuLaunchKernel(
            self._function, blocks, 1, 1, threads, 1, 1, 0, stream, parameters, self._ffi.NULL
        )
        if absent:
            driver.cuCtxPopCurrent_v2(current)
        if result:
            self._check(result)

    def _room(self) -> tuple[Any, Any, Any]:
        """Room for the arguments, pointers to them, and room for a context; each thread has its own."""
        try:
            return self._local.room  # type: ignore[no-any-return]
        except AttributeError:
            ffi = self._ffi
            values = ffi.new("uint64_t[]", self._arrays + 1)
            pointers = ffi.new("void *[]", [values + k for k in range(self._arrays + 1)])
            self._local.room = values, pointers, ffi.new("CUcontext *")
            return self._local.room  # type: ignore[no-any-return]

    def _check(self, result: int) -> None:
        if result != 0:
            _raise(self._ffi, self._driver, result, self._name)


class DeviceFunction:
    """The equations of `package` (`kernel`: "kernel" for the values, "kernel_J", "kernel_VJP" and the like, of `arrays`
    arguments) on CUDA device `index`."""

    def __init__(
        self, package: Package, index: int, kernel: str = "kernel", arrays: int = 2, *, bfloat16: bool = False
    ) -> None:
        """Rows, in and out, are `bfloat16`, for packages that take them, or float32.

        Raises MissingTool without a driver or a CUDA compiler, SymcError when the code fails to compile or load.
        """
        self._index = index
        arch = architecture(index)
        flags = (*DEVICE_FLAGS, "-DSYMC_BFLOAT16") if bfloat16 else DEVICE_FLAGS
        image = device_code(package.below("cuda"), f"cuda/{package.name}.cu", ("cuda",), arch=arch, flags=flags)
        self._kernel = Kernel(image, f"{package.name}_{kernel}", index, arrays)
        # Kernels that keep rows in shared memory have room for fewer threads and say so by their launch bounds.
        self._threads = min(_BLOCK, self._kernel.most_threads)
        self._blocks = _THREADS_PER_MULTIPROCESSOR // self._threads * self._kernel.multiprocessors
        self._tile = self._threads
        program = package.program
        if kernel == "kernel":
            # What generates code, templates included, is imported where there is a device to run it.
            from symc.backends.cuda import shape

            made = shape(program, program.n_in, program.n_out)
            self._tile = made.tile
            if made.tiles:
                self._blocks = _TILES_PER_MULTIPROCESSOR * self._kernel.multiprocessors
            elif program.cost <= _CHEAP_PER_VALUE * (program.n_in + program.n_out):
                self._blocks = _MOST_BLOCKS

    def launch(self, addresses: Sequence[int], n: int, stream: int) -> None:
        """Queue the evaluation of n rows: device addresses of contiguous numbers, inputs first, and a CUstream."""
        # The kernel strides over the grid, so a bounded number of blocks serves any n.
        blocks = min(-(-n // self._tile), self._blocks)
        self._kernel.launch(blocks, self._threads, addresses, n, stream)

    def evaluate(self, given: Sequence[np.ndarray], widths: Sequence[int]) -> list[np.ndarray]:
        """Arrays (n, ...) of one dtype on the host -> results (n, width) each; what the kernel leaves out is a NaN."""
        device, n = f"cuda:{self._index}", len(given[0])
        there = [torch.from_numpy(np.ascontiguousarray(array)).to(device) for array in given]
        word = torch.int32 if given[0].dtype.itemsize == 4 else torch.int64
        results = [torch.full((n, width), -1, dtype=word, device=device) for width in widths]
        if n:
            self.launch([tensor.data_ptr() for tensor in (*there, *results)], n, current_stream(self._index))
        return [result.cpu().numpy().view(given[0].dtype) for result in results]


def first_device() -> int | None:
    """The CUDA device that torch uses, or None where it finds none."""
    return torch.cuda.current_device() if torch.cuda.is_available() else None


def architecture(index: int) -> str:
    """What the compilers call CUDA device `index`, such as "sm_90"."""
    device = _device(index)
    return f"sm_{_attribute(device, _CAPABILITY_MAJOR)}{_attribute(device, _CAPABILITY_MINOR)}"


# The stream's address alone, as torch's own generated code asks for it, in a tenth of the public call's time.
_raw_stream = getattr(torch._C, "_cuda_getCurrentRawStream", None)


def current_stream(index: int) -> int:
    """The CUstream on which torch queues work for CUDA device `index`."""
    return int(torch.cuda.current_stream(index).cuda_stream if _raw_stream is None else _raw_stream(index))


_driver_lock = threading.Lock()


def _driver() -> tuple[Any, Any]:
    with _driver_lock:
        return _open_driver()


@lru_cache(maxsize=1)
def _open_driver() -> tuple[Any, Any]:
    import cffi

    ffi = cffi.FFI()
    ffi.cdef(_CDEF)
    name = "nvcuda.dll" if sys.platform == "win32" else "libcuda.so.1"
    try:
        driver = ffi.dlopen(name)
    except OSError as error:
        raise MissingTool(
            f"the NVIDIA driver's library {name} cannot be opened ({error})", hint="Install the NVIDIA driver."
        ) from None
    _raise(ffi, driver, driver.cuInit(0), "cuInit")
    return ffi, driver


def _device(index: int) -> int:
    ffi, driver = _driver()
    device = ffi.new("CUdevice *")
    _check(driver.cuDeviceGet(device, index), f"CUDA device {index}")
    return int(device[0])


def _attribute(device: int, attribute: int) -> int:
    ffi, driver = _driver()
    value = ffi.new("int *")
    _check(driver.cuDeviceGetAttribute(value, attribute, device), "device attribute")
    return int(value[0])


def _check(result: int, where: str) -> None:
    if result != 0:
        ffi, driver = _driver()
        _raise(ffi, driver, result, where)


def _raise(ffi: Any, driver: Any, result: int, where: str) -> None:
    if result == 0:
        return
    text = ffi.new("const char **")
    known = driver.cuGetErrorString(result, text) == 0
    message = ffi.string(text[0]).decode() if known else "unknown error"
    raise SymcError(f"CUDA driver error {result}: {message}", where=where)
