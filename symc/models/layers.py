"""Parts of a network: a layer by its name, and the width of what goes in."""

from __future__ import annotations

import difflib
from typing import Any

from torch import nn

from symc.errors import SymcError
from symc.models.exported import ExportedNetwork
from symc.models.onnx_files import OnnxNetwork


def find_layer(model: Any, name: str) -> nn.Module:
    """The submodule called `name` in named_modules(); an unknown name is a SymcError with the nearest ones."""
    if not isinstance(model, nn.Module):
        raise SymcError(f"a function has no layer {name!r}")
    layers = {path: module for path, module in model.named_modules() if path}
    if name in layers:
        return layers[name]
    close = difflib.get_close_matches(name, layers, n=3, cutoff=0.5)
    if close:
        hint = f"Did you mean {' or '.join(map(repr, close))}?"
    elif layers:
        listed = ", ".join(list(layers)[:12]) + (f", and {len(layers) - 12} more" if len(layers) > 12 else "")
        hint = f"Its layers are: {listed}."
    else:
        hint = "It has no layers of its own."
    where_listed = "symc inspect and model.named_modules() list them all."
    raise SymcError(f"the network has no layer {name!r}", hint=f"{hint} {where_listed}")


def expected_width(model: Any) -> int | None:
    """Width of the last dimension of the input, guessed from the first layer that has weights; None when unknown."""
    if not isinstance(model, nn.Module):
        return None
    if isinstance(model, ExportedNetwork | OnnxNetwork):
        return model.width
    for name, parameter in [*model.named_parameters(), *model.named_buffers()]:
        if parameter.ndim == 2 and name.rpartition(".")[2] == "weight":
            owner = name.rpartition(".")[0]
            module = dict(model.named_modules()).get(owner)
            return None if isinstance(module, (nn.Embedding, nn.EmbeddingBag)) else int(parameter.shape[1])
        if parameter.ndim > 2:
            return None
    return None
