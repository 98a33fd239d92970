"""symc: distil PyTorch modules into equations and compile the equations, with the same bits on every target.

    net.block = symc.wrap(net.block)
    net.block.distill(x, parent=net)
    net.block.save("model.pt")
    bundle = symc.build(net.block, target="c", out="out/")
    f = symc.load("out/block")

Names load on first use, so that importing symc stays fast and the compiler needs no torch. Three functions share their
name with the package they live in, so these are bound here, after the import system has bound the packages.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from symc.errors import CheckFailed, MissingTool, SymcError
from symc.load import load
from symc.pack import pack
from symc.verify import verify
from symc.version import __version__

if TYPE_CHECKING:
    from symc.building import Bundle, build
    from symc.bundle.signature import sign
    from symc.compression.compress import compress
    from symc.compression.result import Compression
    from symc.evidence.changes import Changes, diff
    from symc.evidence.costs import Costs, cost
    from symc.evidence.log import DeviceLog, read_log
    from symc.evidence.write import Evidence, report
    from symc.insight.evaluate import Evaluation, evaluate
    from symc.insight.explain import Explanation, explain
    from symc.insight.scan import Scan, scan
    from symc.load.module import Surrogate
    from symc.module.module import SymbolicModule, wrap
    from symc.module.prune import Pruner
    from symc.pack.package import Package
    from symc.regressor import SymbolicRegressor
    from symc.sources.fitting import fit
    from symc.sources.reverify import Reverified, reverify
    from symc.verify.check import Report

# In the order of the work, and beside each verb what it returns.
__all__ = [  # noqa: RUF022
    # Look: which blocks are worth it.
    "scan",
    "Scan",
    "Pruner",
    # Distil: equations in a block's place, or for plain data.
    "wrap",
    "SymbolicModule",
    "compress",
    "Compression",
    "fit",
    "SymbolicRegressor",
    # Judge: how good they are, and what they do around one point.
    "evaluate",
    "Evaluation",
    "explain",
    "Explanation",
    # Build, run and hand on.
    "build",
    "Bundle",
    "load",
    "Surrogate",
    "pack",
    "Package",
    # Check, and say what was checked.
    "verify",
    "Report",
    "cost",
    "Costs",
    "report",
    "Evidence",
    "sign",
    # After deployment: what devices counted, other data, other models.
    "read_log",
    "DeviceLog",
    "reverify",
    "Reverified",
    "diff",
    "Changes",
    # What goes wrong.
    "SymcError",
    "CheckFailed",
    "MissingTool",
    "__version__",
]

_HOME = {
    "Bundle": "symc.building",
    "Changes": "symc.evidence.changes",
    "Compression": "symc.compression.result",
    "Costs": "symc.evidence.costs",
    "DeviceLog": "symc.evidence.log",
    "Evaluation": "symc.insight.evaluate",
    "Evidence": "symc.evidence.write",
    "Explanation": "symc.insight.explain",
    "Package": "symc.pack.package",
    "Pruner": "symc.module.prune",
    "Report": "symc.verify.check",
    "Reverified": "symc.sources.reverify",
    "Scan": "symc.insight.scan",
    "Surrogate": "symc.load.module",
    "SymbolicModule": "symc.module.module",
    "SymbolicRegressor": "symc.regressor",
    "build": "symc.building",
    "compress": "symc.compression.compress",
    "cost": "symc.evidence.costs",
    "diff": "symc.evidence.changes",
    "evaluate": "symc.insight.evaluate",
    "explain": "symc.insight.explain",
    "fit": "symc.sources.fitting",
    "read_log": "symc.evidence.log",
    "report": "symc.evidence.write",
    "reverify": "symc.sources.reverify",
    "scan": "symc.insight.scan",
    "sign": "symc.bundle.signature",
    "wrap": "symc.module.module",
}


def __getattr__(name: str) -> Any:
    if name in _HOME:
        return getattr(importlib.import_module(_HOME[name]), name)
    raise AttributeError(f"module 'symc' has no attribute {name!r}")
