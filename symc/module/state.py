"""What a SymbolicModule keeps in a state_dict: its mode, fronts, samples and settings, as one tensor."""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import Any, Literal

import torch

from symc.module.guard import Guard
from symc.module.saved import Distilled

Mode = Literal["neural", "symbolic", "guarded", "shadow"]


@dataclass(frozen=True)
class State:
    """The mode, what was distilled (None: nothing), the guard (None: none), and whether constants are trained."""

    mode: Mode
    distilled: Distilled | None = None
    guard: Guard | None = None
    trainable: bool = False

    def to_tensor(self) -> torch.Tensor:
        """A uint8 tensor (n,): code that moves or copies every value of a state_dict keeps working, safetensors too."""
        content: dict[str, Any] = {
            "mode": self.mode,
            "distilled": {} if self.distilled is None else self.distilled.encode(),
            "guard": {} if self.guard is None else self.guard.to_json(),
            "trainable": self.trainable,
        }
        buffer = io.BytesIO()
        torch.save(content, buffer)
        return torch.frombuffer(bytearray(buffer.getvalue()), dtype=torch.uint8)

    @classmethod
    def from_tensor(cls, tensor: torch.Tensor) -> State:
        """The inverse of to_tensor; it runs nothing that the tensor holds. SymcError for another format."""
        content = torch.load(io.BytesIO(tensor.cpu().numpy().tobytes()), weights_only=True)
        if not content["distilled"]:
            return cls(content["mode"])
        distilled = Distilled.decode(content["distilled"], "state_dict")
        guard = Guard.from_json(content["guard"], distilled.dataset.n_out) if content.get("guard") else None
        return cls(content["mode"], distilled, guard, content.get("trainable", False))
