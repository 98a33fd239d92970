"""Arrays: a bundle as a function of numpy arrays alone, for programs that have no use for torch."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from symc.bundle.signature import check_signature
from symc.errors import SymcError
from symc.load.package import Package, read_package
from symc.load.runner import Runner, runner

if TYPE_CHECKING:
    from concurrent.futures import ThreadPoolExecutor

# Fewer rows take a thread less time than waking it.
_FEWEST_ROWS = 4096


def load_arrays(path: str | Path, *, allowed_signers: str | Path | None = None, threads: int = 1) -> Arrays:
    """Open the bundle in folder `path` without importing torch; else as symc.load.module.load."""
    if allowed_signers is not None:
        check_signature(path, allowed_signers)
    return Arrays(read_package(path), threads)


class Arrays:
    """The equations of a bundle as a function of numpy arrays: (..., n_in) -> (..., n_out), on the CPU.

    The arithmetic is float32: arrays of float64 and float16 are rounded to float32, and the result is returned in their
    dtype. Large batches are shared by `threads` threads, which changes no bit. SymcError for fewer than one.
    """

    def __init__(self, package: Package, threads: int = 1) -> None:
        if threads < 1:
            raise SymcError(f"{threads} threads cannot evaluate anything", where="threads", hint="Give 1 or more.")
        self.package = package
        self.threads = threads
        self.n_in = package.program.n_in
        self.n_out = package.program.n_out
        self._runner: Runner = runner(package)
        self._pool: ThreadPoolExecutor | None = None
        if threads > 1:
            from concurrent.futures import ThreadPoolExecutor

            self._pool = ThreadPoolExecutor(threads)

    @property
    def name(self) -> str:
        return self.package.name

    @property
    def equations(self) -> tuple[str, ...]:
        """One text per output, such as "y = sin(x0)"."""
        return self.package.equations

    def __call__(self, x: np.ndarray) -> np.ndarray:
        """x (..., n_in), any number of leading dimensions -> (..., n_out). SymcError for another width or dtype."""
        return self._evaluate(x, 0)

    def jacobian(self, x: np.ndarray) -> np.ndarray:
        """x (..., n_in) -> (..., n_out, n_in): the derivative of output k with respect to input i at [..., k, i].

        SymcError for a compressed block, whose derivatives go through torch's products.
        """
        if self.package.is_layered:
            raise SymcError(
                "a compressed block has no derivatives without torch", where=self.name, hint="Leave torch=False out."
            )
        return self._evaluate(x, 1)

    def selftest(self) -> None:
        """Run the bundle's own self-test on this CPU; CheckFailed when a result's bits differ."""
        if self._runner.native is not None:
            self._runner.native.selftest()

    def __repr__(self) -> str:
        return "\n".join([f"{self.name}: {self.n_in} -> {self.n_out}", *self.equations])

    def __getstate__(self) -> dict[str, Any]:
        # The sources travel, as those of a Surrogate do.
        return {"package": self.package, "threads": self.threads}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__init__(**state)  # type: ignore[misc]

    def _evaluate(self, x: np.ndarray, order: int) -> np.ndarray:
        if not isinstance(x, np.ndarray) or x.dtype.kind != "f":
            kind = x.dtype if isinstance(x, np.ndarray) else type(x).__name__
            hint = "Use np.asarray(x, 'float32')."
            raise SymcError(f"{self.name} takes numpy arrays of floating-point numbers, not {kind}", hint=hint)
        if x.ndim == 0 or x.shape[-1] != self.n_in:
            what = f"{self.name} takes {self.n_in} values in the last dimension, the input has shape {x.shape}"
            raise SymcError(what, hint=f"They are: {', '.join(self.package.program.inputs)}.")
        rows = np.ascontiguousarray(x, np.float32).reshape(-1, self.n_in)
        parts = min(self.threads, len(rows) // _FEWEST_ROWS)
        if self._pool is None or parts < 2:
            y = self._runner.host(rows, order)
        else:
            y = self._shared(self._pool, rows, order, parts)
        return y.reshape(*x.shape[:-1], *self._runner.tail(order)).astype(x.dtype, copy=False)

    def _shared(self, pool: ThreadPoolExecutor, rows: np.ndarray, order: int, parts: int) -> np.ndarray:
        """As runner.host, by several threads: compiled code runs without Python's lock, and each row by itself."""
        y = np.empty((len(rows), *self._runner.tail(order)), np.float32)

        def run(part: slice) -> None:
            y[part] = self._runner.host(rows[part], order)

        ends = [len(rows) * k // parts for k in range(parts + 1)]
        list(pool.map(run, map(slice, ends, ends[1:])))
        return y
