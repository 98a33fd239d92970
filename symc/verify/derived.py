"""The functions of derivatives beside the Jacobian, in each target, against the oracle's bits."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from symc.backends import numba
from symc.backends.batches import ROWS
from symc.backends.derived import Derived
from symc.errors import CheckFailed
from symc.verify.bits import calls_of, compare, in_calls
from symc.verify.subject import Subject

F32 = npt.NDArray[np.float32]
# Results that are compared at most; functions of many results are tried at fewer of the inputs.
_MOST_RESULTS = 1 << 21


def c_derived(subject: Subject, of: Derived) -> str:
    """The C function of one row, with and without a place for the values."""
    x, along = _rows(subject, of)
    if not of.has_values:
        return _compared(of, x, along, subject.c.hessian_rows(x))
    values, derivatives = subject.c.along_rows(of.kind, x, _direction(of, along))
    detail = _compared(of, x, along, np.column_stack([values, derivatives]))
    untouched, alone = subject.c.along_rows(of.kind, x, _direction(of, along), values=False)
    if untouched.any() or not _equal(alone, derivatives):
        raise CheckFailed(f"{subject.manifest.name}_{of.kind} gives other derivatives where y is NULL")
    return f"{detail}, with and without values"


def c_derived_batch(subject: Subject, of: Derived) -> str:
    """The C function of many rows, in calls of many sizes, with and without a place for the values."""
    x, along = _rows(subject, of)
    if not of.has_values:
        return _in_calls(of, x, along, lambda rows, _: subject.c.hessian_batch(rows), ROWS)
    detail = _in_calls(of, x, along, lambda rows, v: np.column_stack(subject.c.along_batch(of.kind, rows, v)), ROWS)
    _, derivatives = subject.c.along_batch(of.kind, x, _direction(of, along))
    untouched, alone = subject.c.along_batch(of.kind, x, _direction(of, along), values=False)
    if untouched.any() or not _equal(alone, derivatives):
        raise CheckFailed(f"{subject.manifest.name}_{of.kind}_batch gives other derivatives where y is NULL")
    return f"{detail}, with and without values"


def numba_derived(subject: Subject, of: Derived) -> str:
    """The Numba function of many rows."""
    x, along = _rows(subject, of)
    if not of.has_values:
        return _in_calls(of, x, along, lambda rows, _: subject.numba.hessian_batch(rows), numba.ROWS)
    run = subject.numba.along_batch
    return _in_calls(of, x, along, lambda rows, v: np.column_stack(run(of.kind, rows, v)), numba.ROWS)


def shim_derived(subject: Subject, of: Derived) -> str:
    """The device function, compiled for the host."""
    from symc.verify.shim import HostShim

    x, along = _rows(subject, of)
    return f"{_compared(of, x, along, HostShim(subject).along(of, x, along))}, device arithmetic on the host"


def kernel_derived(subject: Subject, of: Derived, index: int, block: int) -> str:
    """The kernel, on CUDA device `index`."""
    from symc.load.cuda import DeviceFunction

    x, along = _rows(subject, of)
    given, results = of.given.arrays, of.results.arrays
    function = DeviceFunction(subject.package, index, f"kernel_{of.kind.upper()}", len(given) + len(results))

    def run(rows: F32, v: F32) -> F32:
        return np.column_stack(function.evaluate([rows, v][: len(given)], [array.n for array in results]))

    return _in_calls(of, x, along, run, block)


def _in_calls(of: Derived, x: F32, along: F32, run: Callable[[F32, F32], F32], block: int) -> str:
    """`run` in calls of many sizes and of all rows at once, against the oracle."""
    n = x.shape[1]

    def call(both: F32) -> F32:
        rows, direction = np.ascontiguousarray(both[:, :n]), np.ascontiguousarray(both[:, n:])
        return run(rows, direction).reshape(len(rows), of.width)

    both = np.column_stack([x, _direction(of, along)])
    _compared(of, x, along, in_calls(call, both, block))
    return f"{_compared(of, x, along, call(both))}, {calls_of(block)}"


def _direction(of: Derived, along: F32) -> F32:
    return np.ascontiguousarray(along[:, : of.n_along])


def _equal(a: F32, b: F32) -> bool:
    return np.array_equal(a.view(np.uint8), b.view(np.uint8))


def _rows(subject: Subject, of: Derived) -> tuple[F32, F32]:
    step = max(-(-len(subject.inputs) * of.width // _MOST_RESULTS), 1)
    return np.ascontiguousarray(subject.inputs[::step]), np.ascontiguousarray(subject.along[::step])


def _compared(of: Derived, x: F32, along: F32, got: F32) -> str:
    rows = np.ascontiguousarray(got.reshape(len(x), of.width))
    return compare(rows, x, of.values(x, along), of.outputs)
