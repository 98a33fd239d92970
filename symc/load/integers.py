"""Integers: a fixed-point bundle as a function of numpy arrays, of real numbers or of the integers of its formats."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from symc.errors import SymcError
from symc.fixed.evaluate import outside, quantized, real
from symc.load.arrays import Arrays
from symc.load.fixed import FixedFunction
from symc.load.masked import check_unmasked
from symc.load.package import Package

_HINT = "Build it with --numbers float as well, or the derivative as an equation of its own (see sympy.diff)."


class Integers(Arrays):
    """The equations of a fixed-point bundle: (..., n_in) -> (..., n_out), by its compiled C.

    Called with real numbers it gives real numbers: an input is rounded to the nearest multiple of its unit, ties
    upward, and one outside the domain counts as the nearest number of it, as in C. The result is returned in the dtype
    of the input, of which float32 has fewer digits than 32 bits. SymcError for NaN. `raw` is of the integers. There are
    no derivatives, and one thread.

    bits_in, bits_out: the unit of an input or output is 2^-bits.
    """

    def __init__(self, package: Package, threads: int = 1) -> None:
        assert package.fixed is not None
        if threads != 1:
            raise SymcError("fixed-point code runs in one thread", where="threads", hint="Leave threads out.")
        self.package, self.threads, self._fixed = package, threads, package.fixed
        self.n_in, self.n_out = package.program.n_in, package.program.n_out
        self.bits_in, self.bits_out = self._fixed.inputs, self._fixed.outputs
        self._type = np.dtype(f"int{self._fixed.bits}")
        self._function = FixedFunction(package, self._fixed.bits)
        self.selftest()

    def __call__(self, x: np.ndarray) -> np.ndarray:
        """x (..., n_in) floating-point numbers -> (..., n_out). SymcError for another width or dtype, and for NaN."""
        y = real(self._fixed, self._function.batch(self._quantized(x))[1])
        return y.reshape(*x.shape[:-1], self.n_out).astype(x.dtype, copy=False)

    def raw(self, m: np.ndarray) -> NDArray[np.signedinteger]:
        """m (..., n_in) integers of the bundle's word, in units of the inputs -> (..., n_out), in those of the outputs.

        SymcError for another width or dtype.
        """
        if not isinstance(m, np.ndarray) or m.dtype != self._type:
            kind = m.dtype if isinstance(m, np.ndarray) else type(m).__name__
            raise SymcError(f"{self.name} takes raw inputs of {self._type}, not {kind}", hint="Use m.astype.")
        y = self._function.batch(self._shaped(m).astype(np.int32))[1]
        return y.astype(self._type).reshape(*m.shape[:-1], self.n_out)

    def check(self, x: np.ndarray) -> NDArray[np.uint32]:
        """x as in a call -> (...): 0 inside the domain, once rounded, else bit i for each input i outside."""
        scaled = self._quantized(x, to_domain=False)
        return outside(self._fixed, scaled).reshape(x.shape[:-1])

    def selftest(self) -> None:
        """Run the bundle's own self-test on this CPU; CheckFailed when a result's bits differ."""
        self._function.selftest()

    def _quantized(self, x: np.ndarray, to_domain: bool = True) -> NDArray[np.int32]:
        if not isinstance(x, np.ndarray) or x.dtype.kind != "f":
            kind = x.dtype if isinstance(x, np.ndarray) else type(x).__name__
            hint = "Use np.asarray(x, 'float64'), or raw(m) for the integers themselves."
            raise SymcError(f"{self.name} takes numpy arrays of floating-point numbers, not {kind}", hint=hint)
        rows = self._shaped(x)
        if np.isnan(rows).any():
            raise SymcError("an input is NaN, which is no number in fixed point", where=self.name)
        return quantized(self._fixed, rows, to_domain)

    def _shaped(self, x: np.ndarray) -> np.ndarray:
        check_unmasked(x, self.name)
        if x.ndim == 0 or x.shape[-1] != self.n_in:
            problem = f"{self.name} takes {self.n_in} values in the last dimension, the input has shape {x.shape}"
            raise SymcError(problem, hint=f"They are: {', '.join(self.package.program.inputs)}.")
        return x.reshape(-1, self.n_in)

    def _evaluate(self, *_: Any) -> np.ndarray:
        raise SymcError("fixed-point code has no derivatives", where=self.name, hint=_HINT)
