"""A bundle's CUDA kernel on one device: compiled for it, and launched on the caller's stream through the driver API."""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from typing import Any

from symc.errors import MissingTool, SymcError
from symc.load.package import Package
from symc.toolchain.cuda import device_code

_BLOCK = 256
_BLOCKS_PER_MULTIPROCESSOR = 16
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
CUresult cuCtxPushCurrent_v2(CUcontext context);
CUresult cuCtxPopCurrent_v2(CUcontext *context);
CUresult cuModuleLoadData(CUmodule *module, const void *image);
CUresult cuModuleGetFunction(CUfunction *function, CUmodule module, const char *name);
CUresult cuLaunchKernel(CUfunction function, unsigned int gridX, unsigned int gridY, unsigned int gridZ,
                        unsigned int blockX, unsigned int blockY, unsigned int blockZ, unsigned int sharedBytes,
                        uintptr_t stream, void **parameters, void **extra);
"""


class DeviceFunction:
    """A kernel of `package` on CUDA device `index`, in the device's primary context (the one that torch uses)."""

    def __init__(self, package: Package, index: int, kernel: str = "kernel") -> None:
        """Raises MissingTool without a driver or a CUDA compiler, SymcError when the code fails to compile or load."""
        ffi, driver = _driver()
        self.name = package.name
        device = ffi.new("CUdevice *")
        self._check(driver.cuDeviceGet(device, index))
        context = ffi.new("CUcontext *")
        self._check(driver.cuDevicePrimaryCtxRetain(context, device[0]))
        self._context = context[0]
        arch = f"sm_{_attribute(device[0], _CAPABILITY_MAJOR)}{_attribute(device[0], _CAPABILITY_MINOR)}"
        self._blocks = _BLOCKS_PER_MULTIPROCESSOR * _attribute(device[0], _MULTIPROCESSOR_COUNT)
        image = device_code(package.below("cuda"), f"cuda/{package.name}.cu", ("cuda",), arch=arch)
        with self._current():
            module = ffi.new("CUmodule *")
            self._check(driver.cuModuleLoadData(module, ffi.from_buffer(image)))
            function = ffi.new("CUfunction *")
            self._check(driver.cuModuleGetFunction(function, module[0], f"{package.name}_{kernel}".encode()))
        self._function = function[0]

    def launch(self, x: int, y: int, n: int, stream: int) -> None:
        """Queue the evaluation of n rows: device addresses of contiguous float32, and a CUstream."""
        ffi, driver = _driver()
        arguments = (ffi.new("uintptr_t *", x), ffi.new("uintptr_t *", y), ffi.new("size_t *", n))
        parameters = ffi.new("void *[]", arguments)
        # The kernel strides over the grid, so a bounded number of blocks serves any n.
        blocks = min(-(-n // _BLOCK), self._blocks)
        with self._current():
            self._check(
                driver.cuLaunchKernel(self._function, blocks, 1, 1, _BLOCK, 1, 1, 0, stream, parameters, ffi.NULL)
            )

    @contextmanager
    def _current(self) -> Iterator[None]:
        """Make the context current: a thread of autograd's may never have touched the device."""
        ffi, driver = _driver()
        self._check(driver.cuCtxPushCurrent_v2(self._context))
        try:
            yield
        finally:
            driver.cuCtxPopCurrent_v2(ffi.new("CUcontext *"))

    def _check(self, result: int) -> None:
        _check(result, self.name)


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
