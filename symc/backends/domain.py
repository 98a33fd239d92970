"""What NAME_check must return: the oracle of the domain check."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

Real = npt.NDArray[np.floating]

# Inputs from this one on share the last bit.
_LAST_BIT = 31


def expected_check(domain: Sequence[tuple[float, float]] | None, x: Real) -> npt.NDArray[np.uint32]:
    """The value of NAME_check for each row of x (n, n_in): the bits of the inputs that are NaN or outside `domain`."""
    if domain is None:
        outside = np.isnan(x)
    else:
        lo, hi = np.array(domain, x.dtype).T
        # Negated, so that a NaN is outside.
        outside = ~((x >= lo) & (x <= hi))
    bits = np.minimum(np.arange(x.shape[1]), _LAST_BIT).astype(np.uint32)
    return np.bitwise_or.reduce(np.where(outside, np.uint32(1) << bits, np.uint32(0)), axis=1)
