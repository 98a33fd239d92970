"""A bundle's fixed-point C, compiled for this machine and called through cffi."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from symc.errors import CheckFailed, SymcError
from symc.load.library import opened
from symc.load.package import Package
from symc.toolchain import compilers

I32 = NDArray[np.int32]


class FixedFunction:
    """The functions of NAME.h over int32 mantissas."""

    def __init__(self, package: Package) -> None:
        """Raises MissingTool when there is no C compiler, SymcError when the C does not compile."""
        import cffi

        self._name, self._n_in, self._n_out = package.name, package.program.n_in, package.program.n_out
        files = package.below("include", "src")
        sources = sorted(path for path in files if path.endswith(".c"))
        library = compilers.find_c().shared_library(
            files, sources, ("include", "src"), [*compilers.HOST_FLAGS], f"{package.name}_fixed"
        )
        ffi = cffi.FFI()
        ffi.cdef(f"uint32_t {self._name}_fixed_eval(const int32_t *x, int32_t *y);")
        ffi.cdef(f"uint32_t {self._name}_fixed_eval_batch(const int32_t *x, int32_t *y, size_t n);")
        ffi.cdef(f"int32_t {self._name}_selftest(void);")
        self._ffi = ffi
        self._library = opened(library, ffi)

    def rows(self, x: I32) -> tuple[NDArray[np.uint32], I32]:
        """x (n, n_in) -> what NAME_fixed_eval returns (n, 1) and its results (n, n_out), by one call a row."""
        given, y = self._arrays(x)
        flags = np.empty((len(given), 1), np.uint32)
        run = getattr(self._library, f"{self._name}_fixed_eval")
        for k in range(len(given)):
            flags[k] = run(self._address(given[k]), self._address(y[k]))
        return flags, y

    def batch(self, x: I32) -> tuple[int, I32]:
        """x (n, n_in) -> what NAME_fixed_eval_batch returns, and its results (n, n_out)."""
        given, y = self._arrays(x)
        run = getattr(self._library, f"{self._name}_fixed_eval_batch")
        return int(run(self._address(given), self._address(y), len(given))), y

    def selftest(self) -> None:
        """Run the self-test; CheckFailed when a result's bits differ."""
        if (result := getattr(self._library, f"{self._name}_selftest")()) != 0:
            which = [name for bit, name in ((1, "fixed_eval"), (2, "fixed_eval_batch")) if result & bit]
            raise CheckFailed(f"the compiled code fails its self-test: {', '.join(which)}", where=self._name)

    def _arrays(self, x: I32) -> tuple[I32, I32]:
        if x.ndim != 2 or x.shape[1] != self._n_in:
            raise SymcError(f"{self._name} takes rows of {self._n_in} values, the input has shape {x.shape}")
        return np.ascontiguousarray(x, np.int32), np.empty((len(x), self._n_out), np.int32)

    def _address(self, array: I32) -> Any:
        return self._ffi.cast("int32_t *", array.ctypes.data)
