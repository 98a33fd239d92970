"""CUDA device arithmetic compiled for the host: its bits can be checked where there is no GPU."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from symc.backends.derived import Derived
from symc.backends.spelling import SPELLINGS, format_of
from symc.toolchain import compilers
from symc.verify.subject import Subject

F32 = npt.NDArray[np.float32]
_FLAGS = ("-O2", "-std=c++17", "-Wno-unknown-pragmas", *compilers.NUMERIC_FLAGS, "-fPIC", "-shared")


class HostShim:
    """The device functions of the bundle's cuda/NAME.cuh, row by row on the host."""

    def __init__(self, subject: Subject) -> None:
        """Compiles them, through the cache. Raises MissingTool when there is no C++ compiler."""
        import cffi

        from symc.backends.cuda import host_shim_source

        name = subject.manifest.name
        self._n_out = subject.manifest.program.n_out
        self._n_in = subject.manifest.program.n_in
        shim = f"{name}_shim.cpp"
        self._format = format_of(subject.manifest.program)
        further = [*subject.further.values()]
        source = host_shim_source(name, jacobian=subject.exports_jacobian, further=further, format=self._format)
        files = subject.package.below("cuda") | {shim: source.encode()}
        library = compilers.find_cxx().shared_library(files, [shim], ["cuda"], _FLAGS, f"{name}_shim")
        self._ffi = cffi.FFI()
        for function in ("batch", "jacobian_batch"):
            real = SPELLINGS[self._format.name].real
            self._ffi.cdef(f"void {name}_shim_{function}(const {real} *x, {real} *y, size_t n);")
        for kind in subject.further:
            real = SPELLINGS[self._format.name].real
            along = "" if kind == "hessian" else f"const {real} *v, {real} *y, "
            self._ffi.cdef(f"void {name}_shim_{kind}_batch(const {real} *x, {along}{real} *g, size_t n);")
        self._name = name
        self._library = self._ffi.dlopen(str(library))

    def values(self, x: F32) -> F32:
        """x (n, n_in) -> (n, n_out)."""
        return self._call("batch", x, self._n_out)

    def derivatives(self, x: F32) -> F32:
        """x (n, n_in) -> (n, n_out * n_in)."""
        return self._call("jacobian_batch", x, self._n_out * self._n_in)

    def along(self, of: Derived, x: F32, direction: F32) -> F32:
        """(n, n_values + n_results): the values, if it has those, beside the derivatives."""
        dtype, real = self._format.dtype, SPELLINGS[self._format.name].real
        y, g = np.empty((len(x), of.n_values), dtype), np.empty((len(x), of.derivatives.n), dtype)
        run: Any = getattr(self._library, f"{self._name}_shim_{of.kind}_batch")
        written = [y, g] if of.has_values else [g]
        along = [np.ascontiguousarray(direction[:, : of.n_along])] if of.has_values else []
        given = [np.ascontiguousarray(x), *along]
        places = [self._ffi.cast(f"{real} *", array.ctypes.data) for array in (*given, *written)]
        run(*places, len(x))
        return np.column_stack([y, g])

    def _call(self, function: str, x: F32, width: int) -> F32:
        y = np.empty((len(x), width), self._format.dtype)
        run: Any = getattr(self._library, f"{self._name}_shim_{function}")
        kind = f"{SPELLINGS[self._format.name].real}[]"
        run(self._ffi.from_buffer(kind, x), self._ffi.from_buffer(kind, y, require_writable=True), len(x))
        return y
