"""Native functions on the CPU: a bundle's C compiled here and called through cffi, or its Numba module."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any, Protocol

import numpy as np

from symc.errors import CheckFailed, MissingTool, SymcError
from symc.load.library import compiled, module_at, opened
from symc.load.package import Package
from symc.load.paths import KINDS
from symc.toolchain import cache, compilers

JACOBIAN = "jacobian"
# (address of x, address of y, rows): x is row-major in the code's format with n_in columns, y is written.
Batch = Callable[[int, int, int], Any]

_FAULTS = {
    -1: "multiply and add are fused",
    -2: "subnormal numbers are flushed to zero",
    -3: "excess precision is kept, or rounding is not to nearest",
    -4: "sums are reassociated, divisions made products, or signs of zero lost",
}


class NativeFunction(Protocol):
    """The equations of one bundle on this CPU; `has` names the derivatives that its code holds."""

    kind: str
    dtype: Any
    n_in: int
    n_out: int
    has: frozenset[str]
    eval_pointers: Batch | None
    jacobian_pointers: Batch | None

    def eval_batch(self, x: np.ndarray) -> np.ndarray:
        """x (n, n_in) -> y (n, n_out), both in `dtype`; another one is rounded first. SymcError for another width."""

    def jacobian_batch(self, x: np.ndarray) -> np.ndarray:
        """x (n, n_in) -> J (n, n_out, n_in), both in `dtype`; dy[k]/dx[i] is J[:, k, i]."""

    def hessian_batch(self, x: np.ndarray) -> np.ndarray:
        """x (n, n_in) -> second derivatives (n, n_out, n_in, n_in)."""

    def along_batch(self, kind: str, x: np.ndarray, v: np.ndarray, *, values: bool = True) -> tuple[np.ndarray, ...]:
        """The function `kind`, "vjp" or "jvp": x (n, n_in), v (n, ...) -> y (n, n_out) and derivatives.

        y may be anything without `values`.
        """

    def selftest(self) -> None:
        """Run the self-test; CheckFailed when a result's bits differ."""


class CFunction:
    """A bundle's C, compiled for this CPU (through the cache) and opened with cffi."""

    kind = "c"

    def __init__(self, package: Package, compiler: compilers.Compiler | None = None) -> None:
        """Raises MissingTool when there is no C compiler, SymcError when C is absent or does not compile."""
        if not package.has_c:
            raise SymcError(f"the bundle {package.name} holds no C", hint="Build it with --target c.")
        self.name = package.name
        self.n_in = package.program.n_in
        self.n_out = package.program.n_out
        self.dtype = package.format.dtype
        self.library = compiled(package, compiler or compilers.find_c())
        self._lib = opened(self.library)
        self._header = package.files[f"include/{package.name}.h"].decode()
        self.eval_pointers: Batch | None = self._lib.symc_host_eval_batch
        self.has = frozenset(kind for kind in KINDS.values() if package.has_in_c(kind))
        self.jacobian_pointers: Batch | None = self._lib.symc_host_jacobian_batch if JACOBIAN in self.has else None

    def eval_batch(self, x: np.ndarray) -> np.ndarray:
        rows = _rows(x, self.n_in, self.name, self.dtype)
        y = np.empty((len(rows), self.n_out), self.dtype)
        self._lib.symc_host_eval_batch(rows.ctypes.data, y.ctypes.data, len(rows))
        return y

    def jacobian_batch(self, x: np.ndarray) -> np.ndarray:
        rows = _rows(x, self.n_in, self.name, self.dtype)
        y = np.empty((len(rows), self.n_out, self.n_in), self.dtype)
        self._lib.symc_host_jacobian_batch(rows.ctypes.data, y.ctypes.data, len(rows))
        return y

    def eval_rows(self, x: np.ndarray) -> np.ndarray:
        """As eval_batch, by one call of the function of one row for each."""
        rows = _rows(x, self.n_in, self.name, self.dtype)
        y = np.empty((len(rows), self.n_out), self.dtype)
        self._lib.symc_host_eval_rows(rows.ctypes.data, y.ctypes.data, len(rows), self.n_in, self.n_out)
        return y

    def jacobian_rows(self, x: np.ndarray) -> np.ndarray:
        """As jacobian_batch, by one call of the function of one row for each."""
        rows = _rows(x, self.n_in, self.name, self.dtype)
        y = np.empty((len(rows), self.n_out, self.n_in), self.dtype)
        self._lib.symc_host_jacobian_rows(rows.ctypes.data, y.ctypes.data, len(rows), self.n_in, self.n_out)
        return y

    def check_rows(self, x: np.ndarray) -> np.ndarray:
        """x (n, n_in) -> (n,) uint32: the value of the domain check for each row."""
        rows = _rows(x, self.n_in, self.name, self.dtype)
        values = np.empty(len(rows), np.uint32)
        self._lib.symc_host_check_rows(rows.ctypes.data, values.ctypes.data, len(rows), self.n_in)
        return values

    def guarded_rows(self, x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """x (n, n_in) -> (n,) uint32 and y (n, n_out): the guarded function, row after row over one y of zeros."""
        rows = _rows(x, self.n_in, self.name, self.dtype)
        flags, y = np.empty(len(rows), np.uint32), np.empty((len(rows), self.n_out), self.dtype)
        places = (rows.ctypes.data, y.ctypes.data, flags.ctypes.data)
        self._lib.symc_host_guarded_rows(*places, len(rows), self.n_in, self.n_out)
        return flags, y

    def along_rows(self, kind: str, x: np.ndarray, v: np.ndarray, *, values: bool = True) -> tuple[np.ndarray, ...]:
        """As along_batch, row by row. Without `values` the function is given no place for y, which stays 0."""
        rows, along, y, g = self._along(kind, x, v)
        places = (rows.ctypes.data, along.ctypes.data, y.ctypes.data if values else 0, g.ctypes.data)
        sizes = (self.n_in, self.n_out, along.shape[1], g.shape[1])
        getattr(self._lib, f"symc_host_{kind}_rows")(*places, len(rows), *sizes)
        return y, g

    def along_batch(self, kind: str, x: np.ndarray, v: np.ndarray, *, values: bool = True) -> tuple[np.ndarray, ...]:
        rows, along, y, g = self._along(kind, x, v)
        places = (rows.ctypes.data, along.ctypes.data, y.ctypes.data if values else 0, g.ctypes.data)
        getattr(self._lib, f"symc_host_{kind}_batch")(*places, len(rows))
        return y, g

    def _along(self, kind: str, x: np.ndarray, v: np.ndarray) -> tuple[np.ndarray, ...]:
        n_v, n_g = (self.n_out, self.n_in) if kind == "vjp" else (self.n_in, self.n_out)
        rows, along = _rows(x, self.n_in, self.name, self.dtype), _rows(v, n_v, f"{self.name}_{kind}", self.dtype)
        if len(rows) != len(along):
            raise SymcError(f"{self.name}_{kind} needs a direction for each of {len(rows)} rows, not {len(along)}")
        return rows, along, np.zeros((len(rows), self.n_out), self.dtype), np.empty((len(rows), n_g), self.dtype)

    def hessian_rows(self, x: np.ndarray) -> np.ndarray:
        """x (n, n_in) -> second derivatives (n, n_out, n_in, n_in), row by row."""
        rows = _rows(x, self.n_in, self.name, self.dtype)
        h = np.empty((len(rows), self.n_out, self.n_in, self.n_in), self.dtype)
        self._lib.symc_host_hessian_rows(rows.ctypes.data, h.ctypes.data, len(rows), self.n_in, h[:1].size)
        return h

    def hessian_batch(self, x: np.ndarray) -> np.ndarray:
        rows = _rows(x, self.n_in, self.name, self.dtype)
        h = np.empty((len(rows), self.n_out, self.n_in, self.n_in), self.dtype)
        self._lib.symc_host_hessian_batch(rows.ctypes.data, h.ctypes.data, len(rows))
        return h

    def selftest(self) -> None:
        result = self._lib.symc_host_selftest()
        if result != 0:
            found = _FAULTS.get(result) or f"{', '.join(self._faulty(result))} gives wrong bits"
            raise CheckFailed(
                f"the compiled code fails its self-test: {found}",
                where=self.name,
                hint="The compiler does not keep to IEEE 754: symc doctor shows which one is used.",
            )

    def _faulty(self, result: int) -> list[str]:
        """The functions that a result of the self-test stands for, by the macros of the header."""
        macros = re.findall(rf"^#define {self.name.upper()}_FAULT_(\w+) (\w+)$", self._header, re.M)
        return [function.lower() for function, value in macros if result & int(value, 16)]


class NumbaFunction:
    """A bundle's Numba module, imported from a private copy of its verified files."""

    kind = "numba"
    eval_pointers: Batch | None = None
    jacobian_pointers: Batch | None = None

    def __init__(self, package: Package) -> None:
        """Raises SymcError when the bundle holds no Numba module."""
        if not package.has_numba:
            raise SymcError(f"the bundle {package.name} holds no Numba module", hint="Build it with --target numba.")
        self.package = package
        self.n_in = package.program.n_in
        self.n_out = package.program.n_out
        self.dtype = package.format.dtype
        self._module = _import(package)
        self.has = frozenset(kind for kind in KINDS.values() if hasattr(self._module, f"{kind}_batch"))

    def eval_batch(self, x: np.ndarray) -> np.ndarray:
        return self._module.eval_batch(_rows(x, self.n_in, self.package.name, self.dtype))

    def jacobian_batch(self, x: np.ndarray) -> np.ndarray:
        return self._module.jacobian_batch(_rows(x, self.n_in, self.package.name, self.dtype))

    def hessian_batch(self, x: np.ndarray) -> np.ndarray:
        return self._module.hessian_batch(_rows(x, self.n_in, self.package.name, self.dtype))

    def along_batch(self, kind: str, x: np.ndarray, v: np.ndarray, *, values: bool = True) -> tuple[np.ndarray, ...]:
        rows = _rows(x, self.n_in, self.package.name, self.dtype)
        return getattr(self._module, f"{kind}_batch")(rows, np.ascontiguousarray(v, self.dtype))

    def selftest(self) -> None:
        """The module has none of its own: the points are those of the C self-test, the results the oracle's."""
        from symc.backends import numba, selftest
        from symc.ir.evaluate import evaluate

        program, word = self.package.program, self.package.format.word
        made = selftest.plan(program.n_in, self.package.domain, numba.ROWS, format=self.package.format)
        x = selftest.points(made, selftest.choose_seed(program, made))
        result = np.ascontiguousarray(self.eval_batch(x))
        if (result.view(word) != evaluate(program, x).view(word)).any():
            raise CheckFailed("the Numba module gives other bits than the oracle", where=self.package.name)


def native_function(package: Package) -> NativeFunction:
    """The bundle's code for this CPU: its C where a compiler is found, else its Numba module.

    Raises SymcError when the bundle has neither, MissingTool when it has only C and there is no compiler, CheckFailed
    when the code does not pass the bundle's self-test.
    """
    if package.fixed is not None:
        raise SymcError(
            f"the bundle {package.name} holds fixed-point code, of which there is no torch module",
            hint="Open it with symc.load(..., torch=False), or build it with --numbers float.",
        )
    if not package.has_c and not package.has_numba:
        raise SymcError(
            f"the bundle {package.name} has no code for the CPU", hint="Build it with --target c (or numba) as well."
        )
    function: NativeFunction
    try:
        function = CFunction(package) if package.has_c else NumbaFunction(package)
    except MissingTool:
        if not package.has_numba:
            raise
        function = NumbaFunction(package)
    function.selftest()
    return function


def _rows(x: np.ndarray, n_in: int, name: str, dtype: Any) -> np.ndarray:
    """x as compiled code reads it: a wrong shape here would be memory read out of bounds there."""
    if x.ndim != 2 or x.shape[1] != n_in:
        raise SymcError(f"{name} takes rows of {n_in} values, the input has shape {x.shape}")
    return np.ascontiguousarray(x, dtype)


def _import(package: Package) -> ModuleType:
    """Import numba/NAME.py from a copy of the verified files that only this user can write."""
    paths: dict[str, Path] = {}
    for path, content in package.below("numba").items():
        name = path.removeprefix("numba/")

        def make(scratch: Path, name: str = name, content: bytes = content) -> Path:
            built = scratch / Path(name).name
            built.write_bytes(content)
            return built

        paths[name] = cache.fetch(package.digest, name, make)
    return module_at(f"_symc_{package.digest[:16]}", paths[f"{package.name}.py"])
