"""CUDA device arithmetic compiled for the host: its bits can be checked where there is no GPU."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt

from symc.bundle import Manifest
from symc.toolchain import compilers

F32 = npt.NDArray[np.float32]
_FLAGS = ("-O2", "-std=c++17", "-Wno-unknown-pragmas", *compilers.NUMERIC_FLAGS, "-fPIC", "-shared")


def run_device_code_on_host(folder: Path, manifest: Manifest, inputs: F32) -> F32:
    """Evaluate the bundle's cuda/NAME.cuh on the host: inputs (n, n_in) -> outputs (n, n_out), both float32.

    Raises MissingTool when there is no C++ compiler.
    """
    import cffi

    from symc.backends.cuda import host_shim_source

    name = manifest.name
    files = {path: (folder / path).read_bytes() for path in manifest.files if path.startswith("cuda/")}
    shim = f"{name}_shim.cpp"
    files[shim] = host_shim_source(name).encode()
    library = compilers.find_cxx().shared_library(files, [shim], ["cuda"], _FLAGS, f"{name}_shim")
    ffi = cffi.FFI()
    ffi.cdef(f"void {name}_shim_batch(const float *x, float *y, size_t n);")
    outputs = np.empty((len(inputs), len(manifest.program.outputs)), dtype=np.float32)
    run = getattr(ffi.dlopen(str(library)), f"{name}_shim_batch")
    run(ffi.from_buffer("float[]", inputs), ffi.from_buffer("float[]", outputs, require_writable=True), len(inputs))
    return outputs
