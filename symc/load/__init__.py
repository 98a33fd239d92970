"""From a bundle back into Python: compiled code as a numpy callable and as a torch.nn.Module."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Literal, overload

from symc.errors import SymcError

if TYPE_CHECKING:
    from symc.load.arrays import Arrays
    from symc.load.module import Surrogate

__all__ = ["load"]


@overload
def load(
    bundle: str | Path, *, allowed_signers: str | Path | None = None, torch: Literal[True] = True, threads: int = 1
) -> Surrogate: ...


@overload
def load(
    bundle: str | Path, *, allowed_signers: str | Path | None = None, torch: Literal[False], threads: int = 1
) -> Arrays: ...


def load(
    bundle: str | Path, *, allowed_signers: str | Path | None = None, torch: bool = True, threads: int = 1
) -> Surrogate | Arrays:
    """The compiled equations of the bundle in folder `bundle`; see symc.load.module.load.

    torch: whether it is a torch.nn.Module as well. With False it takes numpy arrays alone, and opens in a tenth of the
    time, because torch is not imported; large batches are then shared by `threads` threads, with the same bits.
    Fixed-point code is opened in this way alone, as symc.load.integers.Integers: of real numbers, or of the integers.
    """
    if not torch:
        from symc.load.opening import load_arrays

        return load_arrays(bundle, allowed_signers=allowed_signers, threads=threads)
    if threads != 1:
        raise SymcError("threads are for numpy arrays alone", where="threads", hint="Add torch=False, or leave it out.")
    # torch is imported on first use: what only compiles and verifies must not pay for it.
    from symc.load import module

    return module.load(bundle, allowed_signers=allowed_signers)
