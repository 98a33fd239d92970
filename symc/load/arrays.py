"""Arrays: a bundle as a function of numpy arrays alone, for programs that have no use for torch."""

from __future__ import annotations

import os
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np

from symc.errors import SymcError
from symc.load.masked import check_unmasked
from symc.load.package import Package
from symc.load.paths import BACKWARDS, FORWARDS, HESSIAN, JACOBIAN
from symc.load.runner import Runner, runner

if TYPE_CHECKING:
    from concurrent.futures import ThreadPoolExecutor

# What a thread must have to do, in float32 additions or floats moved: about 0.1 ms, twice what waking it takes.
_LEAST_COST = 1 << 20
# Parts begin at multiples of the blocks of rows in which C and Numba compute, which take rows beside them one by one.
_BLOCK_ROWS = 128


class Arrays:
    """The equations of a bundle as a function of numpy arrays: (..., n_in) -> (..., n_out), on the CPU.

    The arithmetic is float32, or float64 where the bundle is in double precision: arrays of other dtypes are rounded to
    it, and the result is returned in their dtype. Large batches are shared by `threads` threads, which changes no bit.
    SymcError for fewer than one.
    """

    def __init__(self, package: Package, threads: int = 1) -> None:
        if threads < 1:
            raise SymcError(f"{threads} threads cannot evaluate anything", where="threads", hint="Give 1 or more.")
        self.package = package
        self.threads = threads
        self.n_in = package.program.n_in
        self.n_out = package.program.n_out
        self._runner: Runner = runner(package)
        self._cost = package.program.cost
        self._pool: tuple[int, ThreadPoolExecutor] | None = None

    @property
    def name(self) -> str:
        return self.package.name

    @property
    def equations(self) -> tuple[str, ...]:
        """One text per output, such as "y = sin(x0)"."""
        return self.package.equations

    def __call__(self, x: np.ndarray) -> np.ndarray:
        """x (..., n_in), any number of leading dimensions -> (..., n_out). SymcError for another width or dtype."""
        return self._evaluate(x, "", (self.n_out,))

    def jacobian(self, x: np.ndarray) -> np.ndarray:
        """x (..., n_in) -> (..., n_out, n_in): the derivative of output k with respect to input i at [..., k, i].

        SymcError for a compressed block, which has no table of them without torch.
        """
        self._refuse_layered("jacobian")
        return self._evaluate(x, JACOBIAN, (self.n_out, self.n_in))

    def hessian(self, x: np.ndarray) -> np.ndarray:
        """x (..., n_in) -> (..., n_out, n_in, n_in): second derivatives. SymcError for a compressed block."""
        self._refuse_layered("hessian")
        return self._evaluate(x, HESSIAN, (self.n_out, self.n_in, self.n_in))

    def vjp(self, x: np.ndarray, v: np.ndarray) -> np.ndarray:
        """x (..., n_in), weights v (..., n_out) -> (..., n_in): the derivatives of the outputs' weighted sum."""
        return self._evaluate(x, BACKWARDS, (self.n_in,), v)

    def jvp(self, x: np.ndarray, t: np.ndarray) -> np.ndarray:
        """x (..., n_in), a direction t of the same shape -> (..., n_out): the derivatives of the outputs along it."""
        return self._evaluate(x, FORWARDS, (self.n_out,), t)

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

    def _refuse_layered(self, kind: str) -> None:
        if self.package.is_layered:
            raise SymcError(
                f"a compressed block has no {kind} without torch",
                where=self.name,
                hint="Use vjp or jvp, or leave torch=False out.",
            )

    def _evaluate(self, x: np.ndarray, path: str, tail: tuple[int, ...], along: np.ndarray | None = None) -> np.ndarray:
        rows = self._rows(x, self.n_in, "values")
        direction = None
        if along is not None:
            _, n_along, _ = self._runner.sizes(path)
            direction = self._rows(along, n_along, "weights" if path == BACKWARDS else "values of a direction")
            if along.shape[:-1] != x.shape[:-1]:
                what = f"a direction of shape {along.shape} does not fit inputs of shape {x.shape}"
                raise SymcError(what, where=self.name, hint="Give one for each row.")
        ends = self._parts(len(rows), path)
        whole = len(ends) == 2
        y = self._runner.host(rows, path, direction) if whole else self._shared(rows, path, direction, ends)
        return y.reshape(*x.shape[:-1], *tail).astype(x.dtype, copy=False)

    def _rows(self, x: np.ndarray, width: int, what: str) -> np.ndarray:
        if not isinstance(x, np.ndarray) or x.dtype.kind != "f":
            kind = x.dtype if isinstance(x, np.ndarray) else type(x).__name__
            hint = f"Use np.asarray(x, '{self.package.format.name}')."
            raise SymcError(f"{self.name} takes numpy arrays of floating-point numbers, not {kind}", hint=hint)
        check_unmasked(x, self.name)
        if x.ndim == 0 or x.shape[-1] != width:
            problem = f"{self.name} takes {width} {what} in the last dimension, the input has shape {x.shape}"
            names = self.package.program.outputs if what == "weights" else self.package.program.inputs
            raise SymcError(problem, hint=f"They are: {', '.join(names)}.")
        return np.ascontiguousarray(x, self.package.format.dtype).reshape(-1, width)

    def _parts(self, n: int, path: str) -> list[int]:
        """Where the parts of n rows begin, one for each thread that has enough to do, and n."""
        # A derivative takes about three times what it is of, or more.
        cost = max(self._cost * 3 ** len(path), sum(self._runner.sizes(path)))
        parts = max(1, min(self.threads, n * cost // _LEAST_COST))
        return [n * k // parts // _BLOCK_ROWS * _BLOCK_ROWS for k in range(parts)] + [n]

    def _shared(self, rows: np.ndarray, path: str, direction: np.ndarray | None, ends: list[int]) -> np.ndarray:
        """As runner.host, by several threads: compiled code runs without Python's lock, and each row by itself."""
        y = np.empty((len(rows), self._runner.sizes(path)[2]), self.package.format.dtype)
        pointers = self._runner.pointers(path)

        def run(start: int, end: int) -> None:
            if pointers is None:
                along = None if direction is None else direction[start:end]
                y[start:end] = self._runner.host(rows[start:end], path, along)
            else:
                pointers(rows[start:end].ctypes.data, y[start:end].ctypes.data, end - start)

        from concurrent.futures import wait

        pool = self._threads()
        others = [pool.submit(run, start, end) for start, end in pairwise(ends[1:])]
        try:
            run(*ends[:2])
        finally:
            wait(others)
        for other in others:
            other.result()
        return y

    def _threads(self) -> ThreadPoolExecutor:
        """The threads beside the caller's. A fork has a pool, but none of its threads, and makes its own."""
        from concurrent.futures import ThreadPoolExecutor

        if self._pool is None or self._pool[0] != os.getpid():
            self._pool = (os.getpid(), ThreadPoolExecutor(self.threads - 1, thread_name_prefix=f"symc {self.name}"))
        return self._pool[1]
