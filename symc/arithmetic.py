"""What numbers do while symc computes, whatever the program around it has set: overflow, NaN, underflow, subnormals."""

from __future__ import annotations

import ctypes
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np

from symc.errors import SymcError

_LEAST_NORMAL = sys.float_info.min
# More than fenv_t takes on any machine.
_ROOM = 1024
# FE_DFL_ENV of glibc and musl.
_DEFAULT = ctypes.c_void_p(-1)


@contextmanager
def keeping_subnormals() -> Iterator[None]:
    """Subnormal numbers are kept inside, and what the thread had set is put back.

    torch.set_flush_denormal(True), and libraries linked with -ffast-math, have the processor flush them to zero.
    SymcError where that cannot be changed.
    """
    if not _flushes():
        yield
        return
    library = ctypes.CDLL(None) if sys.platform == "linux" else None
    before = ctypes.create_string_buffer(_ROOM)
    if library is not None and library.fegetenv(before) == 0:
        library.fesetenv(_DEFAULT)
    if _flushes():
        raise SymcError(
            "this process flushes subnormal numbers to zero, and would get other bits than every target",
            hint="Call torch.set_flush_denormal(False) first.",
        )
    try:
        yield
    finally:
        if library is not None:
            library.fesetenv(before)


def _flushes() -> bool:
    return _LEAST_NORMAL / 2.0 == 0.0


@contextmanager
def _usual() -> Iterator[None]:
    # numpy's own defaults: after np.seterr(all="raise"), which some packages call, an underflow would end a build.
    with keeping_subnormals(), np.errstate(divide="warn", over="warn", under="ignore", invalid="warn"):
        yield


# A decorator of what users call; it adds a frame to the stack, which the levels of warnings count.
usual = _usual()
