"""Running the targets of a bundle on this machine and comparing their bits with the oracle's."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from functools import partial
from typing import Any

from symc.backends import numba
from symc.backends.batches import ROWS
from symc.backends.guard import expected_guarded
from symc.backends.registry import BACKENDS
from symc.bundle.unit import OUTSIDE, unit_of
from symc.toolchain import cuda
from symc.verify.bits import Batch, Call, calls_of, compare, guarded, in_calls
from symc.verify.derived import c_derived, c_derived_batch, kernel_derived, numba_derived, shim_derived
from symc.verify.fixed import fixed_checks
from symc.verify.subject import Subject

# Label in the report -> a check that gives a figure for it, or raises CheckFailed.
Checks = dict[str, Callable[[], str]]

# What a block of threads takes at most at a time: rows around it fill a block, and leave one thread over.
_DEVICE_BLOCK = 1024


def checks_of(target: str, subject: Subject) -> Checks:
    """The checks of a target that apply to `subject`, as its backend names them."""
    module, _, attribute = BACKENDS[target].checks.partition(":")
    made: Checks = getattr(importlib.import_module(module), attribute)(subject)
    return made


def c_checks(subject: Subject) -> Checks:
    """The self-test, the functions of one row, those of many, and the domain check."""
    if subject.manifest.fixed:
        return fixed_checks(subject)
    checks: Checks = {
        "self-test": lambda: _self_test(subject),
        "value": lambda: _values(subject, subject.c.eval_rows(subject.inputs)),
        "batch": lambda: _value_batch(subject, _addressed(subject.c.eval_pointers, subject.c.n_out), ROWS),
    }
    if subject.exports_jacobian:
        checks["jacobian"] = lambda: _derivatives(subject, subject.c.jacobian_rows(subject.jacobian_inputs))
        checks["jacobian batch"] = lambda: _jacobian_batch(
            subject, _addressed(subject.c.jacobian_pointers, subject.jacobian.n_out), ROWS
        )
    for kind, of in subject.further.items():
        checks[kind] = partial(c_derived, subject, of)
        checks[f"{kind} batch"] = partial(c_derived_batch, subject, of)
    checks["check"] = lambda: _domain_check(subject)
    if subject.manifest.options.get(OUTSIDE):
        checks["guarded"] = lambda: _guarded(subject)
    return checks


def numba_checks(subject: Subject) -> Checks:
    """The functions of many rows: the module has no others."""
    checks: Checks = {"batch": lambda: _value_batch(subject, subject.numba.eval_batch, numba.ROWS)}
    if subject.exports_jacobian:
        checks["jacobian batch"] = lambda: _jacobian_batch(subject, subject.numba.jacobian_batch, numba.ROWS)
    for kind, of in subject.further.items():
        checks[f"{kind} batch"] = partial(numba_derived, subject, of)
    return checks


def cuda_checks(subject: Subject) -> Checks:
    """The device functions, compiled for the host; and the kernels where there is a GPU."""
    from symc.verify.shim import HostShim

    host = "device arithmetic on the host"
    checks: Checks = {"value": lambda: f"{_values(subject, HostShim(subject).values(subject.inputs))}, {host}"}
    if subject.exports_jacobian:
        checks["jacobian"] = lambda: (
            f"{_derivatives(subject, HostShim(subject).derivatives(subject.jacobian_inputs))}, {host}"
        )
    for kind, of in subject.further.items():
        checks[kind] = partial(shim_derived, subject, of)
    if cuda.has_driver():
        checks |= _kernel_checks(subject)
    return checks


def _kernel_checks(subject: Subject) -> Checks:
    from symc.load.cuda import DeviceFunction, first_device

    index = first_device()
    if index is None:
        return {}

    def kernel(name: str, width: int) -> Call:
        function = DeviceFunction(subject.package, index, name)
        return lambda x: function.evaluate([x], [width])[0]

    n_out = subject.manifest.program.n_out
    checks: Checks = {"kernel": lambda: _value_batch(subject, kernel("kernel", n_out), _DEVICE_BLOCK)}
    if subject.exports_jacobian:
        checks["jacobian kernel"] = lambda: _jacobian_batch(
            subject, kernel("kernel_J", subject.jacobian.n_out), _DEVICE_BLOCK
        )
    for kind, of in subject.further.items():
        checks[f"{kind} kernel"] = partial(kernel_derived, subject, of, index, _DEVICE_BLOCK)
    return checks


def _self_test(subject: Subject) -> str:
    subject.c.selftest()
    return "rebuilt from the bundle's sources, passed"


def _addressed(batch: Batch | None, width: int) -> Call:
    assert batch is not None
    return guarded(batch, width)


def _values(subject: Subject, result: Any) -> str:
    return compare(result, subject.inputs, subject.values, subject.manifest.program.outputs)


def _derivatives(subject: Subject, result: Any) -> str:
    rows = result.reshape(len(result), -1)
    return compare(rows, subject.jacobian_inputs, subject.derivatives, subject.jacobian.outputs)


def _domain_check(subject: Subject) -> str:
    result = subject.c.check_rows(subject.inputs)[:, None]
    return compare(result, subject.inputs, subject.checks, [f"{subject.manifest.name}_check"])


def _guarded(subject: Subject) -> str:
    unit = unit_of(subject.manifest)
    flags, y = subject.c.guarded_rows(subject.inputs)
    expected_flags, expected = expected_guarded(unit, subject.inputs)
    compare(flags[:, None], subject.inputs, expected_flags[:, None], [f"{unit.name}_guarded"])
    return f"{compare(y, subject.inputs, expected, unit.program.outputs)}, {unit.outside} outside the domain"


def _value_batch(subject: Subject, call: Call, block: int) -> str:
    _values(subject, in_calls(call, subject.inputs, block))
    return f"{_values(subject, call(subject.inputs))}, {calls_of(block)}"


def _jacobian_batch(subject: Subject, call: Call, block: int) -> str:
    _derivatives(subject, in_calls(call, subject.jacobian_inputs, block))
    return f"{_derivatives(subject, call(subject.jacobian_inputs))}, {calls_of(block)}"
