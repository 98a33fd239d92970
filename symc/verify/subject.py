"""Subject: a bundle whose targets are tried on test inputs, and what the oracle says of them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from symc.backends.derived import JACOBIAN, Derived, derived
from symc.backends.domain import expected_check
from symc.bundle import Manifest
from symc.bundle.unit import kinds_of
from symc.ir.derive import jacobian
from symc.ir.evaluate import evaluate
from symc.ir.program import Program

if TYPE_CHECKING:
    from symc.load.host import CFunction, NumbaFunction
    from symc.load.package import Package

F32 = npt.NDArray[np.float32]
# Derivatives that are compared at most; wide programs are tried at fewer of the inputs.
_MOST_DERIVATIVES = 1 << 21


@dataclass(frozen=True)
class Subject:
    """The bundle in `folder` and its test inputs (n, n_in); code and expectations are made when first asked for."""

    folder: Path
    manifest: Manifest
    inputs: F32

    @cached_property
    def values(self) -> F32:
        """(n, n_out) by the oracle."""
        return evaluate(self.manifest.program, self.inputs)

    @cached_property
    def checks(self) -> npt.NDArray[np.uint32]:
        """(n, 1): the domain check's value at each input."""
        return expected_check(self.manifest.domain, self.inputs)[:, None]

    @cached_property
    def jacobian(self) -> Program:
        """The program of the derivatives; not for a layered program, which has none."""
        assert isinstance(self.manifest.program, Program)
        return jacobian(self.manifest.program)

    @cached_property
    def jacobian_inputs(self) -> F32:
        """The inputs at which derivatives are compared: all, or every k-th of them."""
        step = -(-len(self.inputs) * self.jacobian.n_out // _MOST_DERIVATIVES)
        return np.ascontiguousarray(self.inputs[:: max(step, 1)])

    @cached_property
    def derivatives(self) -> F32:
        """(len(jacobian_inputs), n_out * n_in) by the oracle."""
        return evaluate(self.jacobian, self.jacobian_inputs)

    @cached_property
    def package(self) -> Package:
        from symc.load.package import read_package

        return read_package(self.folder)

    @cached_property
    def c(self) -> CFunction:
        from symc.load.host import CFunction

        return CFunction(self.package)

    @cached_property
    def numba(self) -> NumbaFunction:
        from symc.load.host import NumbaFunction

        return NumbaFunction(self.package)

    @property
    def exports_jacobian(self) -> bool:
        """Whether targets have the derivatives as a function."""
        return JACOBIAN in kinds_of(self.manifest)

    @cached_property
    def further(self) -> dict[str, Derived]:
        """The functions of derivatives beside the Jacobian."""
        return {of.kind: of for of in derived(self.manifest.program, kinds_of(self.manifest))}

    @cached_property
    def along(self) -> F32:
        """(n, max(n_in, n_out)): a direction for each of the inputs, of the inputs of the row before it."""
        width = max(self.manifest.program.n_in, self.manifest.program.n_out)
        return np.roll(self.inputs, 1, axis=0)[:, np.arange(width) % self.manifest.program.n_in]
