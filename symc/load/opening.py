"""The bundle in a folder as a function of numpy arrays alone, of whichever kind its code is."""

from __future__ import annotations

from pathlib import Path

from symc.load.arrays import Arrays
from symc.load.package import read_package


def load_arrays(path: str | Path, *, allowed_signers: str | Path | None = None, threads: int = 1) -> Arrays:
    """Open the bundle in folder `path` without importing torch; else as symc.load.module.load.

    A symc.load.integers.Integers where its code is in fixed point.
    """
    if allowed_signers is not None:
        # ssh-keygen is run by it, which only those who ask for signers need.
        from symc.bundle.signature import check_signature

        check_signature(path, allowed_signers)
    package = read_package(path)
    if package.fixed is not None:
        # What float32 bundles need not pay for.
        from symc.load.integers import Integers

        return Integers(package, threads)
    return Arrays(package, threads)
