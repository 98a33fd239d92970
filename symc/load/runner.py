"""Runner: the callables of one package, by path and by device; and the registry that torch's op uses."""

from __future__ import annotations

import os
import threading
from typing import TYPE_CHECKING

import numpy as np

from symc.errors import SymcError
from symc.load.derived import core_package, derived_package
from symc.load.host import Batch, NativeFunction, native_function
from symc.load.package import Package
from symc.load.paths import BACKWARDS, FORWARDS, HESSIAN, JACOBIAN, KINDS, has_direction, widths

if TYPE_CHECKING:
    import torch
    from torch import Tensor

    from symc.load.cuda import DeviceFunction

_runners: dict[str, Runner] = {}
_lock = threading.RLock()
if hasattr(os, "register_at_fork"):
    # In a fork the thread that held it, and was compiling, is missing and would never give it back.
    os.register_at_fork(after_in_child=_lock._at_fork_reinit)  # type: ignore[attr-defined]
# Of fewer outputs, a bundle that has its Jacobian and no NAME_vjp gives gradients by the former, and nothing has to be
# compiled for the first of them.
_FEW_OUTPUTS = 8


class Runner:
    """Runs one package: its values and, by path (symc.load.paths), its derivatives.

    What the bundle ships is its own code; anything else is generated from the bundle's program and compiled when it is
    first asked for.
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
        self._derived: dict[str, NativeFunction] = {}
        self._sizes: dict[str, tuple[int, int, int]] = {}
        self._device: dict[tuple[int, str, bool], DeviceFunction] = {}
        # Of a layered package, by name and device, where symc/load/layers.py asked for them.
        self.matrices: dict[tuple[str, torch.device], Tensor] = {}

    @property
    def core(self) -> Runner:
        """Runs the equations between the matrices of a layered package; compiled when it is first asked for."""
        with _lock:
            if self._core is None:
                self._core = Runner(core_package(self.package))
            return self._core

    def host(self, x: np.ndarray, path: str = "", along: np.ndarray | None = None) -> np.ndarray:
        """x (n, inputs of all but the last step) float32, and a direction -> (n, outputs of the path), on the CPU."""
        function = self._host(path)
        if has_direction(path):
            assert along is not None
            return function.along_batch(KINDS[path[-1]], x, along, values=False)[1]
        run = {"": function.eval_batch, JACOBIAN: function.jacobian_batch, HESSIAN: function.hessian_batch}[path[-1:]]
        return run(x).reshape(len(x), self.sizes(path)[2])

    def pointers(self, path: str = "") -> Batch | None:
        """The C function of a path without direction, taking addresses; None when the CPU code is not C."""
        if has_direction(path):
            return None
        function = self._host(path)
        return {"": function.eval_pointers, JACOBIAN: function.jacobian_pointers}.get(path[-1:])

    def by_jacobian(self, path: str, *, on_device: bool) -> bool:
        """Whether a gradient is the product with the bundle's Jacobian."""
        if path != BACKWARDS or self.n_out >= _FEW_OUTPUTS:
            return False
        if on_device:
            return self.package.has_kernel("kernel_J") and not self.package.has_kernel("kernel_VJP")
        has = frozenset() if self.native is None else self.native.has
        return KINDS[JACOBIAN] in has and KINDS[BACKWARDS] not in has

    def device(self, index: int, path: str = "", *, bfloat16: bool = False) -> DeviceFunction:
        """The code for CUDA device `index`; of a path with a direction it takes x, the direction, 0 for the values, and
        the place of the derivatives. `bfloat16`: for rows of it, of the values alone and where the package takes them.
        Raises SymcError when the bundle has no CUDA target."""
        known = self._device.get((index, path, bfloat16))
        if known is not None:
            return known
        with _lock:
            function = self._device.get((index, path, bfloat16))
            if function is None:
                function = self._device[index, path, bfloat16] = self._made(index, path, bfloat16)
            return function

    def _made(self, index: int, path: str, bfloat16: bool) -> DeviceFunction:
        from symc.load.cuda import DeviceFunction

        package, last = self.package, path[-1:]
        if not package.has_cuda:
            raise SymcError(
                f"the bundle {package.name} has no code for CUDA tensors",
                hint="Build it with --target cuda as well, or move the tensor to the CPU.",
            )
        kernel = {"": "kernel", JACOBIAN: "kernel_J"}.get(last) or f"kernel_{KINDS[last].upper()}"
        if len(path) > 1 or not package.has_kernel(kernel):
            package = derived_package(package, path, "cuda")
        return DeviceFunction(package, index, kernel, 4 if has_direction(path) else 2, bfloat16=bfloat16)

    def _host(self, path: str) -> NativeFunction:
        """The code that holds the function of the path's last step."""
        native = self.native
        if native is None:
            raise SymcError(
                f"the bundle {self.package.name} has no code for the CPU",
                hint="Build it with --target c (or numba) as well, or move the tensor to the GPU.",
            )
        if path == "" or (len(path) == 1 and KINDS[path] in native.has):
            return native
        with _lock:
            if path not in self._derived:
                self._derived[path] = native_function(derived_package(self.package, path, native.kind))
            return self._derived[path]

    def sizes(self, path: str) -> tuple[int, int, int]:
        """Values of a row: of x, of the direction (0 without one), of the result. SymcError for what is no path."""
        known = self._sizes.get(path)
        if known is None:
            if any(step not in KINDS for step in path):
                raise SymcError(f"{path!r} leads to no derivative", hint=f"Its letters are {', '.join(KINDS)}.")
            base = widths(path[:-1], self.n_in, self.n_out)
            along = {BACKWARDS: base[1], FORWARDS: base[0]}.get(path[-1:], 0)
            known = self._sizes[path] = base[0], along, widths(path, self.n_in, self.n_out)[1]
        return known


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
