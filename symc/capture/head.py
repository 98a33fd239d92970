"""Which head stands behind the equations of a block, and what goes into it: seen, named, or not there."""

from __future__ import annotations

import warnings
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from symc.capture.logits import Logits
from symc.capture.rows import Recording
from symc.errors import SymcError
from symc.ir.heads import HEADS, Head

F32 = NDArray[np.float32]

AUTO, NONE = "auto", "none"
# How far recorded outputs may be from what the head makes of its logits, as a share of the largest.
_TOLERANCE = 1e-3


def check_head(asked: str) -> None:
    """Raise SymcError unless `asked` is "auto", "none", or names a head, whose numbers may be left to what is seen."""
    if asked not in (AUTO, NONE, *HEADS):
        Head.of(asked)


def logits_of(asked: str, rows: Recording, dims: Sequence[int]) -> Logits | None:
    """The head of a block and its logits in the columns `dims` of the outputs (none: all); None for no head.

    asked: "none"; "auto" for the head that the block was seen to end in; or a head's name, whose logits are computed
    from the recorded outputs where they were not seen. Warns where "auto" sees none and the outputs look like one's.
    Raises SymcError for a head that the outputs cannot come from, and for some columns of a softmax alone.
    """
    if asked == NONE:
        return None
    y = rows.y[:, list(dims)] if dims else rows.y
    seen = _seen(asked, rows, dims)
    if seen is not None and _misfit(seen, y, rows.epsilon) is None:
        return seen
    if asked != AUTO:
        head = Head.of(asked)
        return _computed(head.only(dims) if dims else head, y, rows)
    doubt = _doubt(y, rows)
    if doubt:
        # At the caller of distill.
        warnings.warn(f'symc: {doubt}; head="none" says that this is meant.', RuntimeWarning, stacklevel=5)
    return None


def _seen(asked: str, rows: Recording, dims: Sequence[int]) -> Logits | None:
    """The head that was seen, where it is the one asked for; numbers that are left out are those seen.

    "auto" asks for none that needs more than the columns `dims`.
    """
    head = rows.ending.head
    if head is None or rows.logits is None:
        return None
    if asked == AUTO and dims and head.kind.joint:
        return None
    if asked not in (AUTO, head.name) and Head.of(asked) != head:
        return None
    return Logits(head.only(dims), rows.logits[:, list(dims)]) if dims else Logits(head, rows.logits)


def _computed(head: Head, y: F32, rows: Recording) -> Logits:
    """Logits from the outputs, where what went into the head was not seen."""
    if len(rows.layout.outputs) > 1:
        raise SymcError(f"the block returns several tensors, so the head {head} is behind no single one")
    head.check(y.shape[1])
    logits = head.inverse(y)
    bad = np.argwhere(~np.isfinite(logits))
    if len(bad):
        row, column = bad[0]
        if head.kind.joint:
            # All logits of a row are lost with its smallest share.
            column = int(np.argmin(y[row]))
        raise SymcError(
            f"the head {head} was not seen, and no logit of it gives output {column} of row {row}, {y[row, column]:g} "
            f"({len(set(bad[:, 0].tolist()))} of {len(y)} rows have such an output)",
            hint='Wrap the layers before the head, or pass head="none".',
        )
    found = Logits(head, logits.astype(np.float32))
    misfit = _misfit(found, y, rows.epsilon)
    if misfit is not None:
        raise SymcError(
            f"the outputs are not those of the head {head}: row {misfit} is {', '.join(f'{v:g}' for v in y[misfit])}",
            hint='Name the head that the block ends in, or pass head="none".',
        )
    return found


def _misfit(logits: Logits, y: F32, epsilon: float) -> int | None:
    """The first row whose outputs are not what the head makes of its logits; None where all are."""
    error = np.abs(logits.outputs().astype(np.float64) - y).max(axis=1)
    wrong = np.flatnonzero(~(error <= (_TOLERANCE + 4.0 * epsilon) * float(np.abs(y).max())))
    return int(wrong[0]) if len(wrong) else None


def _doubt(y: F32, rows: Recording) -> str:
    """What the recorded outputs keep and equations of them will not, where no head was found; "" for nothing."""
    ending = rows.ending
    if ending.head is not None and ending.head.kind.joint:
        return f"some outputs of a {ending.head.name} get equations without the others, which will not keep its range"
    if len(rows.layout.outputs) > 1:
        return ""
    low, high = float(y.min()), float(y.max())
    sums = y.astype(np.float64).sum(axis=1)
    if y.shape[1] > 1 and low >= 0.0 and high <= 1.0 and bool((np.abs(sums - 1.0) <= _TOLERANCE).all()):
        kept, name = "each row of outputs lies in [0, 1] and adds up to 1", "softmax"
    elif low < 0.0 or ending.linear:
        return ""
    elif low > 0.0 and high < 1.0:
        kept, name = "all outputs lie between 0 and 1", "sigmoid"
    else:
        kept, name = "no output is negative", "softplus" if low > 0.0 else "relu"
    return f'{kept}, which equations of the outputs will not keep: name what the block ends in, such as head="{name}"'
