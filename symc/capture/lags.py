"""Time lags: which steps of a window (batch, time, features) equations take, and how these inputs are called.

Lag 0 is the window's last step. Equations take the steps from the oldest to the last, the features of each side by
side: with all lags of a window that is the window as it lies in memory.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from symc.errors import SymcError

if TYPE_CHECKING:
    # torch takes seconds to import, and a saved layout needs none.
    from torch import Tensor

_MOST = 4096
LAGS = " Of windows (batch, time, features) name the steps that equations may use: lags=[0, 1, 2]."
_WINDOWS = "Windows are one tensor (batch, time, features)."


def check_lags(lags: Sequence[int] | int | None) -> tuple[int, ...]:
    """The lags, falling; () for None. SymcError unless they are different whole numbers from 0 to 4096."""
    if lags is None:
        return ()
    given: list[Any] = [lags] if isinstance(lags, (int, np.integer)) else list(lags)
    for lag in given:
        if isinstance(lag, bool) or not isinstance(lag, (int, np.integer)) or not 0 <= lag <= _MOST:
            raise SymcError(
                f"{lag!r} is no lag", where="lags", hint=f"Give whole numbers from 0, the last step, to {_MOST}."
            )
    if not given or len(set(given)) != len(given):
        raise SymcError(f"{given} is no list of lags", where="lags", hint="Name each step once, such as 0,1,2.")
    return tuple(sorted(map(int, given), reverse=True))


def lagged_names(names: Sequence[str], lags: Sequence[int]) -> list[str]:
    """A name for every input: `a[t-2]`, `b[t-2]` ... `a[t]`, `b[t]`."""
    return [f"{name}[t-{lag}]" if lag else f"{name}[t]" for lag in lags for name in names]


def check_window(shapes: Sequence[tuple[int, ...]], lags: Sequence[int]) -> None:
    """SymcError unless the tensors of a call are one window that has all steps."""
    found = ", ".join(map(str, shapes))
    if len(shapes) != 1 or len(shapes[0]) != 3:
        raise SymcError(f"the block is called with {found}, which has no steps to lag", where="lags", hint=_WINDOWS)
    steps = shapes[0][1]
    if steps <= lags[0]:
        what = f"the windows {found} have {steps} steps, so there is no lag {lags[0]}"
        raise SymcError(what, where="lags", hint=f"The largest is {steps - 1}; or give longer windows.")


def steps_of(x: Tensor, lags: Sequence[int]) -> Tensor:
    """The steps of windows (..., time, features) side by side, (..., len(lags) * features)."""
    import torch

    check_window([tuple(x.shape)], lags)
    return torch.cat([x[..., -1 - lag, :] for lag in lags], dim=-1)
