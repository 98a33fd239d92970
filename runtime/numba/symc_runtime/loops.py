# SPDX-License-Identifier: Apache-2.0
"""How many rows LLVM takes at once in a loop: where double occurs, by itself half of what a float32 vector holds."""

from __future__ import annotations

import llvmlite.binding as llvm
from llvmlite import ir
from numba import config, types
from numba.extending import intrinsic

__all__ = ["fill_vectors"]

# Rows in a vector of float32, and vectors in flight at once, which hide the latency of one another.
_HINTS = {"vectorize.width": 8, "interleave.count": 2}


def _has_vectors_of_eight() -> bool:
    """Whether code will be generated for a CPU whose vectors hold eight float32; others are left to LLVM."""
    if config.CPU_NAME or config.CPU_FEATURES:
        return "+avx2" in (config.CPU_FEATURES or "")
    return bool(llvm.get_host_cpu_features().get("avx2", False))


_WANTED = _has_vectors_of_eight()


@intrinsic
def fill_vectors(typing_context):
    """Has the loop that ended last take 16 rows at once: in full vectors, two of them.

    For loops whose rows are apart: LLVM takes such a hint as leave to reorder sums of floats over the rows.
    """

    def generate(context, builder, signature, args):
        latch = _last_latch(builder.function.blocks) if _WANTED else None
        if latch is not None:
            module = builder.module
            hints = [
                module.add_metadata([ir.MetaDataString(module, f"llvm.loop.{name}"), ir.Constant(ir.IntType(32), n)])
                for name, n in _HINTS.items()
            ]
            loop = module.add_metadata(hints)
            # LLVM tells loops apart by nodes that begin with themselves.
            loop.operands = (loop, *hints)
            latch.set_metadata("llvm.loop", loop)
        return context.get_dummy_value()

    return types.void(), generate


def _last_latch(blocks):
    """The jump back to where the last loop begins; None where there is no loop.

    Numba's own blocks have no dot in their names; a jump back to another one returns from the check of a call.
    """
    place = {block: number for number, block in enumerate(blocks)}
    latch = None
    for number, block in enumerate(blocks):
        end = block.terminator
        if end is not None and end.opname == "br" and len(end.operands) == 1:
            target = end.operands[0]
            if "." not in target.name and place[target] <= number:
                latch = end
    return latch
