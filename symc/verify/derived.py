"""The functions of derivatives beside the Jacobian, in each target, against the oracle's bits."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from symc.backends.derived import Derived
from symc.errors import CheckFailed
from symc.verify.bits import compare
from symc.verify.subject import Subject

F32 = npt.NDArray[np.float32]
# Results that are compared at most; functions of many results are tried at fewer of the inputs.
_MOST_RESULTS = 1 << 21


def c_derived(subject: Subject, of: Derived) -> str:
    """The C function of one row, with and without a place for the values."""
    x, along = _rows(subject, of)
    if not of.n_along:
        return _compared(subject, of, x, along, subject.c.hessian_rows(x))
    given = np.ascontiguousarray(along[:, : of.n_along])
    values, derivatives = subject.c.along_rows(of.kind, x, given)
    detail = _compared(subject, of, x, along, np.column_stack([values, derivatives]))
    untouched, alone = subject.c.along_rows(of.kind, x, given, values=False)
    if untouched.any() or not np.array_equal(alone.view(np.uint32), derivatives.view(np.uint32)):
        raise CheckFailed(f"{subject.manifest.name}_{of.kind} gives other derivatives where y is NULL")
    return f"{detail}, with and without values"


def numba_derived(subject: Subject, of: Derived) -> str:
    """The Numba function of many rows."""
    x, along = _rows(subject, of)
    return _compared(subject, of, x, along, subject.numba.derived_batch(of.kind, x, along[:, : of.n_along]))


def shim_derived(subject: Subject, of: Derived) -> str:
    """The device function, compiled for the host."""
    from symc.verify.shim import HostShim

    x, along = _rows(subject, of)
    detail = _compared(subject, of, x, along, HostShim(subject).along(of, x, along))
    return f"{detail}, device arithmetic on the host"


def _rows(subject: Subject, of: Derived) -> tuple[F32, F32]:
    step = max(-(-len(subject.inputs) * of.program.n_out // _MOST_RESULTS), 1)
    return np.ascontiguousarray(subject.inputs[::step]), np.ascontiguousarray(subject.along[::step])


def _compared(subject: Subject, of: Derived, x: F32, along: F32, got: F32) -> str:
    rows = np.ascontiguousarray(got.reshape(len(x), -1))
    return compare(rows, x, of.values(x, along), of.program.outputs)
