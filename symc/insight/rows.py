"""Which rows a surrogate is compared on: those that reach its block, not by mistake those of the network around it."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from torch import nn

from symc.capture.inputs import read_inputs
from symc.capture.record import record
from symc.errors import SymcError
from symc.load.module import Surrogate
from symc.module.module import SymbolicModule

# Of rows drawn as the recorded ones were, a share of 2/(n + 1) lies outside the range of n recorded ones in any column.
_MOST_OUTSIDE = 0.1
_FEWEST = 10


def network_of(model: Callable[..., Any]) -> Callable[..., Any]:
    """What answers as the network does: the block of a SymbolicModule, in whatever mode that is."""
    return model.block if isinstance(model, SymbolicModule) else model


def check_surrogate(surrogate: Callable[..., Any]) -> None:
    """Raise SymcError for a SymbolicModule that answers with its network: it would be compared with itself."""
    if isinstance(surrogate, SymbolicModule) and surrogate.mode != "symbolic":
        raise SymcError(
            f"the surrogate is in {surrogate.mode} mode: its network answers",
            hint="Call switch_to_symbolic() on it first, or pass what symc.load returns.",
        )


def rows_inside(
    model: Callable[..., Any], parent: nn.Module, x: Any, slices: Mapping[str, Any] | None, seed: int
) -> tuple[NDArray[np.float32], dict[str, NDArray[np.float32]]]:
    """What reaches the block when `parent` runs on x, and on each of the slices: (n, n_in).

    Raises SymcError for a parent that does not hold the block, and as capture.record does.
    """
    block = network_of(model)
    # A function has no calls of its own to observe: its wrapper has.
    part = block if isinstance(block, nn.Module) else model
    if not isinstance(parent, nn.Module) or not isinstance(part, nn.Module):
        raise SymcError("no block inside a parent can be observed", hint="Pass modules: the block, and its network.")
    if not any(m is part for m in parent.modules()):
        raise SymcError("the parent does not contain this block", hint="Pass the block as it stands in the network.")
    with _neural(parent, block):

        def reaching(inputs: Any) -> NDArray[np.float32]:
            return record(parent, part, read_inputs(inputs) if isinstance(inputs, (str, Path)) else inputs, seed=seed).x

        return reaching(x), {name: reaching(inputs) for name, inputs in (slices or {}).items()}


@contextmanager
def _neural(parent: nn.Module, block: Callable[..., Any]) -> Iterator[None]:
    """Wrappers of the block run it, and record nothing of it, meanwhile."""
    wrappers = [m for m in parent.modules() if isinstance(m, SymbolicModule) and m.block is block]
    modes = [wrapper.mode for wrapper in wrappers]
    try:
        for wrapper in wrappers:
            wrapper._mode = "neural"
        yield
    finally:
        for wrapper, mode in zip(wrappers, modes, strict=True):
            wrapper._mode = mode


def check_rows(x: Any, *functions: Callable[..., Any]) -> None:
    """Refuse rows that are none of the block's where that is told, and warn where it may well be so.

    The rule: rows drawn as the n recorded ones were leave the recorded range of a column with probability 2/(n + 1).
    Where more than a tenth of them leave the domain of one column that a surrogate was validated in, they come from
    elsewhere: SymcError. Rows inside the domain may still be others: a RuntimeWarning where a SymbolicModule was
    distilled inside a network.
    """
    table = np.asarray(x)
    for function in functions:
        domain = _domain_of(function)
        if domain is None or table.ndim != 2 or table.shape[1] != len(domain) or len(table) < _FEWEST:
            continue
        outside = ((table < domain[:, 0]) | (table > domain[:, 1])).mean(axis=0)
        worst = int(outside.argmax())
        if outside[worst] > _MOST_OUTSIDE:
            low, high = domain[worst]
            raise SymcError(
                f"{100 * outside[worst]:.0f} % of the rows leave the domain of input {worst}, {low:.6g} to {high:.6g}: "
                "they are not what the block gets",
                hint="Pass parent=NETWORK with inputs of the whole network, or rows beyond the domain as slices=.",
            )
    if any(isinstance(function, SymbolicModule) and function.inside_parent for function in functions):
        warnings.warn(
            "symc: the block was distilled inside a network; x is taken for inputs of the block. Pass parent=NETWORK "
            "with inputs of the network, or parent=BLOCK to say that x is the block's.",
            RuntimeWarning,
            stacklevel=4,
        )


def _domain_of(function: Callable[..., Any]) -> NDArray[np.float64] | None:
    if isinstance(function, SymbolicModule):
        return None if function.distilled is None else function.dataset.domain.astype(np.float64)
    if isinstance(function, Surrogate) and function.package.domain is not None:
        return np.array(function.package.domain, dtype=np.float64)
    return None
