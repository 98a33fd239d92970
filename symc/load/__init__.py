"""From a bundle back into Python: compiled code as a numpy callable and as a torch.nn.Module."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from symc.load.module import Surrogate, load

__all__ = ["Surrogate", "load"]


def __getattr__(name: str) -> Any:
    # torch is imported on first use: what only compiles and verifies must not pay for it.
    if name in __all__:
        from symc.load import module

        return getattr(module, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
