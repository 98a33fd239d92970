"""Surrogate: a bundle as a torch.nn.Module that runs the compiled equations; also callable on numpy arrays."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from symc.errors import SymcError
from symc.load import layers
from symc.load.cuda import current_stream
from symc.load.masked import check_unmasked
from symc.load.package import Package, read_package
from symc.load.paths import HESSIAN, JACOBIAN, widths
from symc.load.runner import Runner, runner
from symc.load.torch_ops import recorded, transformable
from symc.unwatched import unwatched


def load(path: str | Path, *, allowed_signers: str | Path | None = None) -> Surrogate:
    """Open the bundle in folder `path` (the one that holds manifest.json), compiling its code for this machine.

    A bundle is code: load only what you would also compile and run. Every file is checked against the manifest's sha256
    before it is used, and the compiled code must pass the bundle's self-test. The compiled library is cached.
    With `allowed_signers`, a file of those (ssh-keygen(1)), only what one of them signed is opened.

    Raises SymcError when the folder is no bundle, CheckFailed when a file was changed or the self-test fails,
    MissingTool when no compiler is found and the bundle has no Numba target.
    """
    if allowed_signers is not None:
        from symc.bundle.signature import check_signature

        check_signature(path, allowed_signers)
    return Surrogate(read_package(path))


class Surrogate(torch.nn.Module):
    """The equations of a bundle as a module without parameters: (..., n_in) -> (..., n_out).

    CPU tensors run the bundle's C (or Numba) code, CUDA tensors its CUDA code, queued on the current stream without
    waiting for it. The arithmetic is float32, or float64 where the bundle is in double precision: tensors and arrays of
    other dtypes are rounded to it, and the result is returned in their dtype. Code for a CUDA device is compiled, or
    found in the cache, at the first call there: make one before a CUDA graph is captured.
    Differentiable with respect to the input, to any order, by derivatives generated from the equations; the second ones
    of a layered bundle go through its matrices by torch's own products. numpy arrays give numpy arrays.
    """

    def __init__(self, package: Package) -> None:
        super().__init__()
        self.package = package
        self._attach()

    def _attach(self) -> None:
        self.n_in = self.package.program.n_in
        self.n_out = self.package.program.n_out
        self._digest = self.package.digest
        self._runner: Runner = runner(self.package)
        self._dtype: torch.dtype = getattr(torch, self.package.format.name)
        # The ways around torch's dispatcher are of float32 alone.
        self._is_single = self._dtype is torch.float32
        self._on_cpu = self._is_single and self._runner.native is not None
        self._pointers = self._runner.pointers() if self._on_cpu else None

    @property
    def name(self) -> str:
        return self.package.name

    @property
    def equations(self) -> tuple[str, ...]:
        """One text per output, such as "y = sin(x0)"."""
        return self.package.equations

    def forward(self, x: Tensor) -> Tensor:
        """x (..., n_in), any number of leading dimensions -> (..., n_out). SymcError for another width or dtype."""
        if torch.compiler.is_compiling():
            return self._dispatch(x)
        if (
            self._pointers is not None
            and unwatched(x)
            and x.is_contiguous()
            and x.dim() > 0
            and x.shape[-1] == self.n_in
        ):
            shape = x.shape
            y = x.new_empty((*shape[:-1], self.n_out))
            self._pointers(x.data_ptr(), y.data_ptr(), x.numel() // self.n_in)
            return y
        if (
            self._is_single
            and unwatched(x, on_cuda=True, halves=True)
            and x.is_contiguous()
            and x.numel() > 0
            and x.shape[-1:] == (self.n_in,)
        ):
            return self._on_device(x)
        if isinstance(x, np.ndarray):
            return self._numpy(x)
        if self._on_cpu and unwatched(x, recorded=True) and x.dim() > 0 and x.shape[-1] == self.n_in:
            return recorded(x, self._digest, self.n_in, self.n_out)
        return self._dispatch(x)

    def jacobian(self, x: Tensor) -> Tensor:
        """x (..., n_in) -> (..., n_out, n_in): the derivative of output k with respect to input i at [..., k, i]."""
        if isinstance(x, np.ndarray):
            return self._numpy(x, JACOBIAN)
        return self._dispatch(x, JACOBIAN)

    def hessian(self, x: Tensor) -> Tensor:
        """x (..., n_in) -> (..., n_out, n_in, n_in): second derivatives, that of output k by inputs i and j at
        [..., k, i, j]. SymcError for a compressed block, which has no table of them."""
        if isinstance(x, np.ndarray):
            return self._numpy(x, HESSIAN)
        return self._dispatch(x, HESSIAN)

    def selftest(self) -> None:
        """Run the bundle's own self-test on this CPU; CheckFailed when a result's bits differ."""
        if self._runner.native is not None:
            self._runner.native.selftest()

    def extra_repr(self) -> str:
        native = self._runner.native
        places = [native.kind] if native is not None else []
        places += ["cuda"] if self.package.has_cuda else []
        head = f"{self.name}: {self.n_in} -> {self.n_out}, {' and '.join(places)}"
        return "\n".join([head, *self.equations])

    def __getstate__(self) -> dict[str, Any]:
        # The sources travel, not the machine code: it is compiled again, or found in the cache, where it is opened.
        state = self.__dict__.copy()
        del state["_runner"], state["_pointers"]
        return state

    def __setstate__(self, state: dict[str, Any]) -> None:
        super().__setstate__(state)
        self._attach()

    def _on_device(self, x: Tensor) -> Tensor:
        """x (..., n_in) of a CUDA device, contiguous and not empty, in float32 or a half of it -> (..., n_out)."""
        device = x.get_device()
        bfloat16 = x.dtype is torch.bfloat16 and self.package.takes_bfloat16
        rows = x if bfloat16 or x.dtype is torch.float32 else x.to(torch.float32)
        y = rows.new_empty((*x.shape[:-1], self.n_out))
        run = self._runner.device(device, bfloat16=bfloat16)
        run.launch((rows.data_ptr(), y.data_ptr()), x.numel() // self.n_in, current_stream(device))
        return y if y.dtype is x.dtype else y.to(x.dtype)

    def _dispatch(self, x: Tensor, path: str = "") -> Tensor:
        if not isinstance(x, Tensor):
            raise SymcError(f"{self.name} takes a tensor or a numpy array, not {type(x).__name__}")
        if not x.is_floating_point():
            hint = f"Convert with x.to({self._dtype})."
            raise SymcError(f"{self.name} takes floating-point numbers, not {x.dtype}", hint=hint)
        if x.dim() == 0 or x.shape[-1] != self.n_in:
            raise SymcError(self._width(tuple(x.shape)), hint=self._features())
        rows = x.to(self._dtype)
        if path == JACOBIAN and self.package.is_layered:
            return layers.jacobian(rows, self._digest, transformable).to(x.dtype)
        n_out = widths(path, self.n_in, self.n_out)[1]
        y = transformable(rows, None, self._digest, path, self.n_in, n_out)
        return y.reshape(*x.shape[:-1], *self._tail(path)).to(x.dtype)

    def _numpy(self, x: np.ndarray, path: str = "") -> Any:
        if x.dtype.kind != "f":
            hint = f"Use x.astype('{self.package.format.name}')."
            raise SymcError(f"{self.name} takes floating-point numbers, not {x.dtype}", hint=hint)
        check_unmasked(x, self.name)
        if x.ndim == 0 or x.shape[-1] != self.n_in:
            raise SymcError(self._width(x.shape), hint=self._features())
        rows = np.ascontiguousarray(x, self.package.format.dtype).reshape(-1, self.n_in)
        y = self._runner.host(rows) if path == "" else self._dispatch(torch.from_numpy(rows), path).numpy()
        return y.reshape(*x.shape[:-1], *self._tail(path)).astype(x.dtype, copy=False)

    def _tail(self, path: str) -> tuple[int, ...]:
        """Shape of one row's result."""
        return (self.n_out, *(self.n_in,) * {JACOBIAN: 1, HESSIAN: 2}.get(path, 0))

    def _width(self, shape: tuple[int, ...]) -> str:
        return f"{self.name} takes {self.n_in} values in the last dimension, the input has shape {shape}"

    def _features(self) -> str:
        return f"They are: {', '.join(self.package.program.inputs)}."
