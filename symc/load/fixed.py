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
Raw = NDArray[np.signedinteger]


class FixedFunction:
    """The functions of NAME.h over mantissas, which come and go as int32 and are of the bundle's word in between."""

    def __init__(self, package: Package, bits: int) -> None:
        """Raises MissingTool when there is no C compiler, SymcError when the C does not compile."""
        import cffi

        self._number, self._type = f"int{bits}_t", np.dtype(f"int{bits}")
        self._name, self._n_in, self._n_out = package.name, package.program.n_in, package.program.n_out
        files = package.below("include", "src")
        sources = sorted(path for path in files if path.endswith(".c"))
        library = compilers.find_c().shared_library(
            files, sources, ("include", "src"), [*compilers.HOST_FLAGS], f"{package.name}_fixed"
        )
        ffi = cffi.FFI()
        ffi.cdef(f"uint32_t {self._name}_fixed_eval(const {self._number} *x, {self._number} *y);")
        ffi.cdef(f"uint32_t {self._name}_fixed_eval_batch(const {self._number} *x, {self._number} *y, size_t n);")
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
        return flags, y.astype(np.int32)

    def batch(self, x: I32) -> tuple[int, I32]:
        """x (n, n_in) -> what NAME_fixed_eval_batch returns, and its results (n, n_out)."""
        given, y = self._arrays(x)
        run = getattr(self._library, f"{self._name}_fixed_eval_batch")
        flag = int(run(self._address(given), self._address(y), len(given)))
        return flag, y.astype(np.int32)

    def selftest(self) -> None:
        """Run the self-test; CheckFailed when a result's bits differ."""
        if (result := getattr(self._library, f"{self._name}_selftest")()) != 0:
            which = [name for bit, name in ((1, "fixed_eval"), (2, "fixed_eval_batch")) if result & bit]
            raise CheckFailed(f"the compiled code fails its self-test: {', '.join(which)}", where=self._name)

    def _arrays(self, x: I32) -> tuple[Raw, Raw]:
        if x.ndim != 2 or x.shape[1] != self._n_in:
            raise SymcError(f"{self._name} takes rows of {self._n_in} values, the input has shape {x.shape}")
        return np.ascontiguousarray(x, self._type), np.empty((len(x), self._n_out), self._type)

    def _address(self, array: Raw) -> Any:
        return self._ffi.cast(f"{self._number} *", array.ctypes.data)
