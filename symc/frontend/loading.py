"""Model files, recognised by what they hold and opened safely: nothing in a file runs unless it is trusted."""

from __future__ import annotations

import pickle
import warnings
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch
from torch import nn

from symc.errors import SymcError
from symc.frontend.compressed import Compressed, is_compressed
from symc.frontend.exported import ExportedNetwork, load_exported
from symc.frontend.factory import Factory, described, fill, find_state_dict, importable_from_here, make_network
from symc.frontend.layers import expected_width, find_layer
from symc.frontend.recognise import KINDS, recognise
from symc.frontend.safe import HoldsObjects, corrupt, read_safely
from symc.frontend.saved import Distilled, is_distilled

if TYPE_CHECKING:
    from symc.frontend.search.hall_of_fame import HallOfFame

# How torch's format before zip archives begins: a pickled magic number.
_TORCH_PICKLE = b"\x80\x02\x8a\nl\xfc\x9cF\xf9 j\xa8P\x19."


@dataclass(frozen=True)
class Network:
    """A network that was opened, and the part of it to distil.

    `block` is the submodule called `layer`, or None for the whole network; capture(model, block, inputs) records it.
    `kind` is "pickled nn.Module", "TorchScript", "pt2" or "state_dict".
    """

    model: nn.Module
    kind: str
    source: str
    layer: str | None = None
    block: nn.Module | None = None

    @property
    def width(self) -> int | None:
        """Width of the network's input (of the whole network, also when a layer is chosen); None when unknown."""
        return expected_width(self.model)

    def __str__(self) -> str:
        part = f", layer {self.layer}" if self.layer else ""
        count = sum(p.numel() for p in self.model.parameters())
        return f"{self.source}: {self.kind}, {count} parameters{part}"


def open_model(
    path: str | Path | Sequence[str | Path],
    *,
    trust: bool = False,
    module: Factory | None = None,
    layer: str | None = None,
    features: Sequence[str] | None = None,
) -> Distilled | Compressed | Network | HallOfFame:
    """Open a model file, whatever its name.

    path: a file; for a PySR run with several outputs its folder, or its files together.
    trust: allow formats that can run code when opened (pickled nn.Module, TorchScript, .pt2).
    module: for a state_dict, "pkg.mod:factory" (or the callable) that makes the network it is loaded into.
    layer: the submodule to distil, named as in named_modules().
    features: names of the inputs of PySR's equations.
    Raises SymcError: nothing there, not a model, damaged, not trusted, no factory, no such layer.
    """
    paths = [Path(path)] if isinstance(path, (str, Path)) else [Path(p) for p in path]
    if not paths:
        raise SymcError("no model is given", hint=KINDS)
    kinds = {recognise(p) for p in paths}
    if kinds == {"hall of fame"}:
        from symc.frontend.search.hall_of_fame import read_hall_of_fame

        _only_for_networks(paths[0], "PySR's equations", module=module, layer=layer)
        return read_hall_of_fame(paths[0] if len(paths) == 1 else paths, features=features)
    if len(paths) > 1:
        raise SymcError(
            "several files make one model only as PySR's halls of fame", where=", ".join(map(str, paths)), hint=KINDS
        )
    found = _open(paths[0], kinds.pop(), trust, module, layer)
    if isinstance(found, Network):
        return _already_distilled(found) or found
    held = "a compressed block" if isinstance(found, Compressed) else "a distilled module"
    _only_for_networks(paths[0], held, module=module, layer=layer)
    return found


def _open(
    path: Path, kind: str, trust: bool, module: Factory | None, layer: str | None
) -> Distilled | Compressed | Network:
    where = str(path)
    if kind in ("TorchScript", "pt2"):
        if not trust:
            raise _refusal(where, f"is a {kind} program, and opening one can run code that it holds")
        _only_for_state_dict(path, module, f"a {kind} program")
        return _with_layer(_open_script(path) if kind == "TorchScript" else _open_exported(path, layer), layer)
    try:
        content = read_safely(path)
    except HoldsObjects as error:
        return _with_layer(_open_pickle(path, error.names, trust, module), layer)
    if is_distilled(content):
        return Distilled.decode(content, where)
    if is_compressed(content):
        return Compressed.decode(content, where)
    weights = find_state_dict(content)
    if weights is None:
        raise SymcError(f"holds {described(content)}, not a model", where=where, hint=KINDS)
    if module is None:
        raise SymcError(
            f"is a state_dict ({len(weights)} tensors) without the network they belong to",
            where=where,
            hint="Name a function or class that makes the network: --module pkg.mod:factory.",
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


def _open_pickle(path: Path, names: Sequence[str], trust: bool, module: Factory | None) -> Network:
    where = str(path)
    if any(name.startswith("pysr.") for name in names):
        raise SymcError(
            "is a checkpoint of PySR, which only PySR can open",
            where=where,
            hint="Give the hall_of_fame.csv in its folder, or that folder.",
        )
    if not trust:
        wanted = f" (this one asks for {', '.join(names[:4])}{', ...' if len(names) > 4 else ''})" if names else ""
        raise _refusal(where, f"is a pickled Python object, and opening one can run any code{wanted}")
    _only_for_state_dict(path, module, "a pickled object")
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
    if len(models) != 1:
        raise SymcError(f"holds {described(content)}, not a network", where=where, hint=KINDS)
    return Network(models[0], "pickled nn.Module", where)


def _unpickled(path: Path) -> Any:
    with path.open("rb") as file:
        if file.read(len(_TORCH_PICKLE)) == _TORCH_PICKLE or zipfile.is_zipfile(path):
            return torch.load(path, map_location="cpu", weights_only=False)
        file.seek(0)
        return pickle.load(file)


def _with_layer(network: Network, layer: str | None) -> Network:
    if layer is None:
        return network
    if network.kind == "TorchScript":
        raise SymcError(
            "a layer inside TorchScript cannot be observed",
            where=network.source,
            hint="Save the network with torch.export.save instead, or the layer by itself.",
        )
    try:
        root = network.model.network if isinstance(network.model, ExportedNetwork) else network.model
        block = find_layer(root, layer)
    except SymcError as error:
        raise SymcError(error.what, where=network.source, hint=error.hint) from None
    return Network(network.model, network.kind, network.source, layer, block)


def _already_distilled(network: Network) -> Distilled | None:
    from symc.frontend.module import SymbolicModule

    block = network.model if network.block is None else network.block
    return block.distilled if isinstance(block, SymbolicModule) else None


def _refusal(where: str, what: str) -> SymcError:
    return SymcError(
        what,
        where=where,
        hint="If you trust where the file comes from, pass --trust (trust=True). Otherwise ask for a state_dict "
        "and pass --module pkg.mod:factory, or for the file that module.save of symc writes.",
    )


def _only_for_networks(path: Path, held: str, *, module: Factory | None, layer: str | None) -> None:
    for option, value in (("module", module), ("layer", layer)):
        if value is not None:
            raise SymcError(f"holds {held}, so there is no use for --{option}", where=str(path), hint="Leave it out.")


def _only_for_state_dict(path: Path, module: Factory | None, held: str) -> None:
    if module is not None:
        raise SymcError(
            f"holds {held} and not a state_dict, so there is no use for --module", where=str(path), hint="Leave it out."
        )
