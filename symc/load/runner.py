"""Runner: the callables of one package, by order of derivative and by device; and the registry that torch's op uses."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import numpy as np

from symc.errors import SymcError
from symc.load.derived import core_package, derived_package
from symc.load.host import Batch, CFunction, NativeFunction, native_function
from symc.load.package import Package

if TYPE_CHECKING:
    import torch
    from torch import Tensor

    from symc.load.cuda import DeviceFunction

_runners: dict[str, Runner] = {}
_lock = threading.RLock()
# Of fewer outputs the Jacobian, which takes many rows at a time, is faster than NAME_vjp, which takes one: 4 outputs of
# 8 inputs take 0.8 of its time, 8 outputs of 32 inputs 4 times as long.
_FEWEST_OUTPUTS = 8


class Runner:
    """Runs one package. The order-k derivative of all rows has shape (n, n_out, n_in, ..., n_in) with k times n_in.

    Order 0, and order 1 where the bundle ships its Jacobian, run the bundle's own code; anything else is generated from
    the bundle's program and compiled when it is first asked for.
    """

    def __init__(self, package: Package) -> None:
        """Compiles the CPU code when the bundle has some, so that whatever is wrong with it shows at once."""
        self.package = package
        self.n_in = package.program.n_in
        self.n_out = package.program.n_out
        self.native: NativeFunction | None = None
        if package.has_c or package.has_numba or not package.has_cuda:
            self.native = native_function(package)
        self._core: Runner | None = None
        self._derived: dict[int, NativeFunction] = {}
        self._device: dict[tuple[int, int, bool], DeviceFunction] = {}
        # Of a layered package, by name and device, where symc/load/layers.py asked for them.
        self.matrices: dict[tuple[str, torch.device], Tensor] = {}

    @property
    def core(self) -> Runner:
        """Runs the equations between the matrices of a layered package; compiled when it is first asked for."""
        with _lock:
            if self._core is None:
                self._core = Runner(core_package(self.package))
            return self._core

    def tail(self, order: int) -> tuple[int, ...]:
        """Shape of one row's result."""
        return (self.n_out,) + (self.n_in,) * order

    def host(self, x: np.ndarray, order: int) -> np.ndarray:
        """x (n, n_in) float32 -> (n, *tail(order)) float32, on the CPU."""
        function, as_jacobian = self._host(order)
        y = function.jacobian_batch(x) if as_jacobian else function.eval_batch(x)
        return y.reshape(len(x), *self.tail(order))

    def pointers(self, order: int) -> Batch | None:
        """The C function of that order, taking addresses; None when the CPU code is not C."""
        function, as_jacobian = self._host(order)
        return function.jacobian_pointers if as_jacobian else function.eval_pointers

    @property
    def pulls_back(self) -> bool:
        """Whether `pull_back` is there, and takes less time than the Jacobian."""
        return isinstance(self.native, CFunction) and self.native.has_vjp and self.n_out >= _FEWEST_OUTPUTS

    def pull_back(self, x: np.ndarray, v: np.ndarray) -> np.ndarray:
        """x (n, n_in), v (n, n_out) -> (n, n_in) float32: v times the Jacobian, by the bundle's C of one row."""
        assert isinstance(self.native, CFunction)
        _, gradient = self.native.along_rows("vjp", x, v, values=False)
        return gradient

    def device(self, index: int, order: int, bfloat16: bool = False) -> DeviceFunction:
        """The code for CUDA device `index`; for rows of `bfloat16` only of order 0 and where the package takes them.

        Raises SymcError when the bundle has no CUDA target.
        """
        known = self._device.get((index, order, bfloat16))
        if known is not None:
            return known
        with _lock:
            function = self._device.get((index, order, bfloat16))
            if function is None:
                from symc.load.cuda import DeviceFunction

                package, kernel = self.package, "kernel"
                if not package.has_cuda:
                    raise SymcError(
                        f"the bundle {package.name} has no code for CUDA tensors",
                        hint="Build it with --target cuda as well, or move the tensor to the CPU.",
                    )
                if order == 1 and package.has_device_jacobian:
                    kernel = "kernel_J"
                elif order > 0:
                    package = derived_package(package, order, "cuda")
                function = DeviceFunction(package, index, kernel, bfloat16)
                self._device[index, order, bfloat16] = function
            return function

    def _host(self, order: int) -> tuple[NativeFunction, bool]:
        """The function that computes the derivative of that order, and whether it does so as its Jacobian."""
        native = self.native
        if native is None:
            raise SymcError(
                f"the bundle {self.package.name} has no code for the CPU",
                hint="Build it with --target c (or numba) as well, or move the tensor to the GPU.",
            )
        if order == 0:
            return native, False
        if order == 1 and native.has_jacobian:
            return native, True
        with _lock:
            if order not in self._derived:
                self._derived[order] = native_function(derived_package(self.package, order, native.kind))
            return self._derived[order], False


def runner(package: Package) -> Runner:
    """The runner of `package`, made (and its code compiled) when this process has none yet."""
    with _lock:
        found = _runners.get(package.digest)
        if found is None:
            found = _runners[package.digest] = Runner(package)
        return found


def core_digest(digest: str) -> str:
    """What `registered` finds the equations between a layered bundle's matrices by; it stays valid in kept traces."""
    return f"{digest}/core"


def registered(digest: str) -> Runner:
    """The runner under `digest`; SymcError when no bundle of that identity was loaded in this process."""
    bundle, _, core = digest.partition("/")
    found = _runners.get(bundle)
    if found is not None and core:
        return found.core
    if found is None:
        raise SymcError(
            f"this model calls a symc bundle ({digest[:12]}...) that is not loaded in this process",
            hint="Call symc.load on the same bundle before running the model.",
        )
    return found
