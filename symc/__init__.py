"""symc: distil PyTorch modules into equations and compile the equations, with the same bits on every target.

    net.block = symc.wrap(net.block)
    net.block.distill(x, parent=net)
    net.block.save("model.pt")
    bundle = symc.build(net.block, target="c", out="out/")
    f = symc.load("out/block")

Names load on first use, so that importing symc stays fast and the compiler needs no torch. Two functions share their
name with the package they live in, so these are bound here, after the import system has bound the packages.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from symc.errors import CheckFailed, MissingTool, SymcError
from symc.load import load
from symc.verify import verify

if TYPE_CHECKING:
    from symc.building import Bundle, build
    from symc.compression import Compression, compress
    from symc.evaluation import Evaluation, evaluate
    from symc.frontend.explain import Explanation, explain
    from symc.frontend.module import SymbolicModule, wrap
    from symc.frontend.prune import Pruner
    from symc.frontend.scan import scan
    from symc.load.module import Surrogate
    from symc.regressor import SymbolicRegressor
    from symc.verify.check import Report

__version__ = "0.1.0"

__all__ = [
    "Bundle",
    "CheckFailed",
    "Compression",
    "Evaluation",
    "Explanation",
    "MissingTool",
    "Pruner",
    "Report",
    "Surrogate",
    "SymbolicModule",
    "SymbolicRegressor",
    "SymcError",
    "build",
    "compress",
    "evaluate",
    "explain",
    "load",
    "scan",
    "verify",
    "wrap",
]

_HOME = {
    "Bundle": "symc.building",
    "Compression": "symc.compression",
    "Evaluation": "symc.evaluation",
    "Explanation": "symc.frontend.explain",
    "Pruner": "symc.frontend.prune",
    "Report": "symc.verify.check",
    "Surrogate": "symc.load.module",
    "SymbolicModule": "symc.frontend.module",
    "SymbolicRegressor": "symc.regressor",
    "build": "symc.building",
    "compress": "symc.compression",
    "evaluate": "symc.evaluation",
    "explain": "symc.frontend.explain",
    "scan": "symc.frontend.scan",
    "wrap": "symc.frontend.module",
}


def __getattr__(name: str) -> Any:
    if name in _HOME:
        return getattr(importlib.import_module(_HOME[name]), name)
    raise AttributeError(f"module 'symc' has no attribute {name!r}")
