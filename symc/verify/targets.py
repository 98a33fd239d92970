"""Running the targets of a bundle on this machine and comparing their bits with the oracle's."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from symc.backends.registry import BACKENDS
from symc.bundle import Manifest
from symc.errors import CheckFailed

if TYPE_CHECKING:
    from symc.load.package import Package

F32 = npt.NDArray[np.float32]
# (folder, manifest, inputs (n, n_in), expected outputs (n, n_out)) -> a figure for the report.
Runner = Callable[[Path, Manifest, F32, F32], str]
Checks = tuple[tuple[str, Runner], ...]

_MANY_INPUTS = 16


def _package(folder: Path, manifest: Manifest) -> Package:
    from symc.load.package import read_package

    return read_package(folder)


def _c_selftest(folder: Path, manifest: Manifest, inputs: F32, expected: F32) -> str:
    from symc.load.host import CFunction

    CFunction(_package(folder, manifest)).selftest()
    return "rebuilt from the bundle's sources, every vector bit-equal"


def _c_bits(folder: Path, manifest: Manifest, inputs: F32, expected: F32) -> str:
    from symc.load.host import CFunction

    return compare(CFunction(_package(folder, manifest)).eval_batch(inputs), inputs, expected, manifest)


def _numba_bits(folder: Path, manifest: Manifest, inputs: F32, expected: F32) -> str:
    from symc.load.host import NumbaFunction

    return compare(NumbaFunction(_package(folder, manifest)).eval_batch(inputs), inputs, expected, manifest)


def _cuda_bits(folder: Path, manifest: Manifest, inputs: F32, expected: F32) -> str:
    from symc.verify.shim import run_device_code_on_host

    result = run_device_code_on_host(folder, manifest, inputs)
    return compare(result, inputs, expected, manifest) + ", device arithmetic on the host"


# What the backends name in their rows.
C_CHECKS: Checks = (("self-test", _c_selftest), ("bits", _c_bits))
NUMBA_CHECKS: Checks = (("bits", _numba_bits),)
CUDA_CHECKS: Checks = (("bits", _cuda_bits),)


def checks_of(target: str) -> Checks:
    """The checks of a target, each with its label in the report, as its backend names them."""
    module, _, attribute = BACKENDS[target].checks.partition(":")
    return getattr(importlib.import_module(module), attribute)


def compare(result: F32, inputs: F32, expected: F32, manifest: Manifest) -> str:
    """Raise CheckFailed with the first input whose bits differ; else say how many were equal."""
    different = result.view(np.uint32) != expected.view(np.uint32)
    if different.any():
        row, column = np.argwhere(different)[0]
        got, want = result[row, column], expected[row, column]
        raise CheckFailed(
            f"{int(different.any(axis=1).sum())} of {len(inputs)} inputs give other bits; the first: "
            f"{manifest.program.outputs[column]} at {_shown(inputs[row], row)} is {got!r} "
            f"(0x{got.view(np.uint32):08x}), the oracle says {want!r} (0x{want.view(np.uint32):08x})"
        )
    return f"{len(inputs)} inputs bit-equal to the oracle"


def _shown(x: F32, row: int) -> str:
    return str(x.tolist()) if len(x) <= _MANY_INPUTS else f"test row {row}"
