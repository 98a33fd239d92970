"""What runs in place of a block: the chosen equations in torch, with constants to train, or compiled."""

from __future__ import annotations

from torch import nn

from symc.errors import SymcError
from symc.ir.program import Program
from symc.module.saved import Distilled
from symc.module.torch_eval import Equations
from symc.module.trainable import TrainableEquations


def runnable(distilled: Distilled, *, trainable: bool = False, compiled: nn.Module | None = None) -> nn.Module:
    """A module (..., n_in) -> (..., n_out) of the chosen equations; `compiled` itself where it holds them.

    Raises SymcError where `compiled` is no loaded bundle or one of other equations, or is to be trained.
    """
    if compiled is None:
        return TrainableEquations(distilled) if trainable else Equations(distilled.program)
    if trainable:
        raise SymcError("compiled equations have no constants to train", hint="Give one of the two.")
    built, wanted = getattr(getattr(compiled, "package", None), "program", None), distilled.program
    if not isinstance(built, Program):
        raise SymcError(f"a {type(compiled).__name__} is no bundle", hint="Pass what symc.load returns.")
    # Names may differ: a bundle's are those of C.
    if (built.instructions, built.results) != (wanted.instructions, wanted.results):
        raise SymcError("the bundle holds other equations than those chosen", hint="Build it from this module's file.")
    return compiled
