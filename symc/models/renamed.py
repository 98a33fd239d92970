"""A pickle module, as torch.load takes one, that finds symc's classes where they stand now."""

from __future__ import annotations

import pickle
from typing import IO, Any

# Where the classes stood of which a pickled network holds instances, up to symc 0.1.0's first layout.
_MOVED = {
    **{f"symc.frontend.{name}": f"symc.capture.{name}" for name in ("dataset", "layout", "reservoir", "variables")},
    **{
        f"symc.frontend.{name}": f"symc.module.{name}"
        for name in ("few_rows", "guard", "module", "monitor", "saved", "torch_eval", "trainable")
    },
    "symc.frontend.front": "symc.search.front",
    "symc.frontend.refit": "symc.search.refit",
    "symc.frontend.search.task": "symc.search.task",
}


class Unpickler(pickle.Unpickler):
    def find_class(self, module_name: str, global_name: str, /) -> Any:
        return super().find_class(_MOVED.get(module_name, module_name), global_name)


def load(file: IO[bytes], **options: Any) -> Any:
    """pickle.load with the classes that moved; it runs what the file says, as that does."""
    return Unpickler(file, **options).load()
