"""Networks opened from their files: nothing in a file runs unless it is trusted."""

from __future__ import annotations

import warnings
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import nn

from symc.errors import SymcError
from symc.models import renamed
from symc.models.exported import ExportedNetwork, load_exported
from symc.models.factory import Factory, described, fill, find_state_dict, importable_from_here, make_network
from symc.models.foreign import ESTIMATOR
from symc.models.layers import expected_width, find_layer
from symc.models.onnx_files import OnnxNetwork, open_onnx
from symc.models.recognise import Kind
from symc.models.safe import HoldsObjects, corrupt

_NETWORKS = (
    "Networks are .onnx files, .pt2, TorchScript or a pickled nn.Module, each of these with --trust, and a state_dict "
    "or a safetensors file with --module."
)
# Weights that an error names.
_SHOWN = 4
# How torch's format before zip archives begins: a pickled magic number.
_TORCH_PICKLE = b"\x80\x02\x8a\nl\xfc\x9cF\xf9 j\xa8P\x19."


@dataclass(frozen=True)
class Network:
    """A network that was opened, and the part of it to distil.

    `block` is the submodule called `layer`, or None for the whole network; capture(model, block, inputs) records it.
    `kind` is "pickled nn.Module", "TorchScript", "pt2", "onnx" or "state_dict"; `beside` are files beside `source`
    that hold some of its weights.
    """

    model: nn.Module
    kind: str
    source: str
    layer: str | None = None
    block: nn.Module | None = None
    beside: tuple[Path, ...] = ()

    @property
    def width(self) -> int | None:
        """Width of the network's input (of the whole network, also when a layer is chosen); None when unknown."""
        return expected_width(self.model)

    def __str__(self) -> str:
        part = f", layer {self.layer}" if self.layer else ""
        if isinstance(self.model, OnnxNetwork):
            return f"{self.source}: ONNX, {self.model.signature}"
        count = sum(p.numel() for p in self.model.parameters())
        return f"{self.source}: {self.kind}, {count} parameters{part}"


def open_network(
    path: Path,
    kind: Kind,
    content: Any,
    *,
    trust: bool = False,
    module: Factory | None = None,
    layer: str | None = None,
) -> Network:
    """Open the file of a network, whatever its name.

    kind: how the file was written, as recognise tells it.
    content: the tensors of a "safetensors" file, and what read_safely found in a "torch" or "pickle" file; the
        HoldsObjects that it raised, where it did.
    trust: allow formats that can run code when opened (pickled nn.Module, TorchScript, .pt2).
    module: for a state_dict, "pkg.mod:factory" (or the callable) that makes the network it is loaded into.
    layer: the submodule to distil, named as in named_modules().
    Raises SymcError: not a network, damaged, not trusted, no factory, no such layer.
    """
    where = str(path)
    if kind in ("TorchScript", "pt2"):
        if not trust:
            raise _refusal(where, f"is a {kind} program, and opening one can run code that it holds")
        _only_for_state_dict(path, module, f"a {kind} program")
        return _with_layer(_open_script(path) if kind == "TorchScript" else _open_exported(path, layer), layer)
    if kind == "onnx":
        _only_for_state_dict(path, module, "an ONNX network")
        network, beside = open_onnx(path)
        return _with_layer(Network(network, "onnx", where, beside=beside), layer)
    if isinstance(content, HoldsObjects):
        return _with_layer(_open_pickle(path, kind, content.names, trust, module), layer)
    weights = find_state_dict(content)
    if weights is None:
        raise SymcError(f"holds {described(content)}, not a model", where=where, hint=_NETWORKS)
    if module is None:
        raise SymcError(
            f"is a state_dict ({len(weights)} tensors) without the network they belong to",
            where=where,
            hint=f"It holds {_listed(weights)}. Name a function or class that makes it: --module pkg.mod:factory.",
        )
    return _with_layer(Network(fill(make_network(module), weights, where), "state_dict", where), layer)


def _open_script(path: Path) -> Network:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            model = torch.jit.load(path, map_location="cpu")
    # As above: whatever the damage leads to.
    except Exception as error:
        raise corrupt(str(path), error) from None
    return Network(model, "TorchScript", str(path))


def _open_exported(path: Path, layer: str | None) -> Network:
    return Network(load_exported(path, observed=layer is not None), "pt2", str(path))


def _open_pickle(path: Path, kind: Kind, names: Sequence[str], trust: bool, module: Factory | None) -> Network:
    where = str(path)
    if any(name.startswith("pysr.") for name in names):
        raise SymcError(
            "is a checkpoint of PySR, which only PySR can open",
            where=where,
            hint="Give the hall_of_fame.csv in its folder, or that folder.",
        )
    if kind == "pickle" and any(name.startswith(("sklearn.", "joblib.")) for name in names):
        raise SymcError("is a pickled estimator of scikit-learn, not a network", where=where, hint=ESTIMATOR)
    if not trust:
        wanted = f" (this one asks for {', '.join(names[:4])}{', ...' if len(names) > 4 else ''})" if names else ""
        raise _refusal(where, f"is a pickled Python object, and opening one can run any code{wanted}")
    try:
        with importable_from_here():
            content = _unpickled(path)
    except (AttributeError, ImportError) as error:
        raise SymcError(
            f"needs a class that cannot be imported: {error}",
            where=where,
            hint="Run symc in the folder of the code that defines it. A class of a script that was run directly "
            "(__main__) must move into a module; or save a state_dict, or use torch.export.save.",
        ) from error
    # Trusted code runs here and may raise anything.
    except Exception as error:
        raise corrupt(where, error) from error
    models = [content] if isinstance(content, nn.Module) else []
    if isinstance(content, Mapping):
        models = [value for value in content.values() if isinstance(value, nn.Module)]
        weights = None if models or module is None else find_state_dict(content)
        if weights is not None and module is not None:
            # A checkpoint whose settings are objects.
            return Network(fill(make_network(module), weights, where), "state_dict", where)
    _only_for_state_dict(path, module, "a pickled object")
    if len(models) != 1:
        raise SymcError(f"holds {described(content)}, not a network", where=where, hint=_NETWORKS)
    return Network(models[0], "pickled nn.Module", where)


def _unpickled(path: Path) -> Any:
    with path.open("rb") as file:
        if file.read(len(_TORCH_PICKLE)) == _TORCH_PICKLE or zipfile.is_zipfile(path):
            return torch.load(path, map_location="cpu", weights_only=False, pickle_module=renamed)
        file.seek(0)
        return renamed.load(file)


def _with_layer(network: Network, layer: str | None) -> Network:
    if layer is None:
        return network
    if network.kind in ("TorchScript", "onnx"):
        onnx = network.kind == "onnx"
        raise SymcError(
            f"a layer inside {'ONNX' if onnx else 'TorchScript'} cannot be observed",
            where=network.source,
            hint="Cut it out with onnx.utils.extract_model."
            if onnx
            else "Save the network with torch.export.save instead, or the layer by itself.",
        )
    try:
        root = network.model.network if isinstance(network.model, ExportedNetwork) else network.model
        block = find_layer(root, layer)
    except SymcError as error:
        raise SymcError(error.what, where=network.source, hint=error.hint) from None
    return Network(network.model, network.kind, network.source, layer, block, network.beside)


def _refusal(where: str, what: str) -> SymcError:
    return SymcError(
        what,
        where=where,
        hint="If you trust where the file comes from, pass --trust (trust=True). Otherwise ask for a state_dict "
        "and pass --module pkg.mod:factory, or for the file that module.save of symc writes.",
    )


def _only_for_state_dict(path: Path, module: Factory | None, held: str) -> None:
    if module is not None:
        raise SymcError(
            f"holds {held} and not a state_dict, so there is no use for --module", where=str(path), hint="Leave it out."
        )


def _listed(weights: Mapping[str, Any]) -> str:
    """The first weights with their shapes."""
    names = [f"{name} {tuple(weight.shape)}" for name, weight in list(weights.items())[:_SHOWN]]
    more = [f"and {len(weights) - _SHOWN} more"] if len(weights) > _SHOWN else []
    return ", ".join([*names, *more])
