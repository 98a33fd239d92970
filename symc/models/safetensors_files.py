"""Tensors in files of safetensors, which hold nothing that could run."""

from __future__ import annotations

from pathlib import Path

import torch

from symc.errors import MissingTool
from symc.models.safe import corrupt


def read_safetensors(path: Path) -> dict[str, torch.Tensor]:
    """Name -> tensor, on the CPU. MissingTool without safetensors, SymcError for a truncated or corrupt file."""
    try:
        from safetensors.torch import load_file
    except ImportError:
        hint = "pip install 'symc[safetensors]'."
        raise MissingTool("safetensors is not installed", where=str(path), hint=hint) from None
    try:
        return load_file(path)
    # A damaged file makes the reader fail in whatever way the damage leads to.
    except Exception as error:
        raise corrupt(str(path), error) from None
