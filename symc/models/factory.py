"""Networks made by the user's own code: factories, and the state_dict that fills them."""

from __future__ import annotations

import contextlib
import difflib
import importlib
import os
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

import torch
from torch import nn

from symc.errors import SymcError

Factory = str | Callable[[], nn.Module] | nn.Module
_NESTED = ("state_dict", "model_state_dict", "model", "network", "net", "module")
_PREFIXES = ("model.", "net.", "network.", "module.", "_orig_mod.")


def make_network(module: Factory) -> nn.Module:
    """The network that a factory makes; `module` is "pkg.mod:factory", a callable without arguments, or a network."""
    made: Any = module
    where = "module"
    if isinstance(module, str):
        where = f"module {module}"
        made = _factory(module)
    if not isinstance(made, nn.Module):
        if not callable(made):
            raise SymcError(f"is {described(made)}, need a function or class that makes the network", where=where)
        try:
            with importable_from_here():
                made = made()
        # The user's factory may raise anything; it is named together with the reason.
        except Exception as error:
            what = f"fails when called without arguments: {type(error).__name__}: {error}"
            raise SymcError(what, where=where, hint="Write a function without arguments.") from error
    if not isinstance(made, nn.Module):
        raise SymcError(f"makes {described(made)}, need an nn.Module", where=where)
    return made


def _factory(text: str) -> Any:
    name, colon, attribute = text.partition(":")
    if not (colon and attribute and all(part.isidentifier() for part in [*name.split("."), *attribute.split(".")])):
        raise SymcError(f"is {text!r}, not pkg.mod:factory", where="module", hint="For example mynets.small:make.")
    try:
        with importable_from_here():
            found: Any = importlib.import_module(name)
    # The user's module runs while it is imported and may raise anything.
    except Exception as error:
        raise SymcError(
            f"cannot be imported: {type(error).__name__}: {error}",
            where=f"module {name}",
            hint="Run symc in the folder that holds it, or install it.",
        ) from error
    for part in attribute.split("."):
        if not hasattr(found, part):
            close = difflib.get_close_matches(part, [n for n in dir(found) if not n.startswith("_")], n=1)
            raise SymcError(
                f"has no {part!r}", where=f"module {name}", hint=f"Did you mean {close[0]!r}?" if close else None
            )
        found = getattr(found, part)
    return found


def fill(model: nn.Module, weights: Mapping[str, Any], where: str) -> nn.Module:
    """Load a state_dict. SymcError if it does not fit.

    A beginning of names made of model., net., network., module. and _orig_mod., as Lightning, DataParallel and
    torch.compile put there, is dropped where the names then are the network's own; what stands in the file outside
    of it, such as the weights of a loss, is left out. Tied weights may be there under one of their names.
    """
    own = model.state_dict()
    for prefix in _beginnings(weights):
        inside = {name.removeprefix(prefix): value for name, value in weights.items() if name.startswith(prefix)}
        inside |= {name: inside[twin] for name, twin in _tied(own, inside)}
        if set(inside) == set(own):
            weights = inside
            break
    try:
        model.load_state_dict(dict(weights))
    except RuntimeError as error:
        lines = [line.strip() for line in str(error).splitlines()[1:] if line.strip()]
        raise SymcError(
            f"does not fit the network that --module makes: {' '.join(lines)[:400] or error}",
            where=where,
            hint="Make the network with the sizes it was trained with.",
        ) from None
    return model


def _beginnings(names: Iterable[str]) -> list[str]:
    """Every beginning of the names that is made of _PREFIXES, the shortest first; "" among them."""
    found = {""}
    for name in names:
        beginning = ""
        while part := next((p for p in _PREFIXES if name.startswith(beginning + p)), ""):
            beginning += part
            found.add(beginning)
    return sorted(found, key=lambda beginning: (len(beginning), beginning))


def _tied(own: Mapping[str, Any], there: Mapping[str, Any]) -> list[tuple[str, str]]:
    """(name that is not there, name of the same tensor that is there) among the network's own."""
    places = {_place(value): name for name, value in own.items() if name in there and isinstance(value, torch.Tensor)}
    missing = {n: v for n, v in own.items() if n not in there and isinstance(v, torch.Tensor) and v.numel()}
    return [(name, places[_place(value)]) for name, value in missing.items() if _place(value) in places]


def _place(tensor: torch.Tensor) -> tuple[Any, ...]:
    return tensor.device, tensor.data_ptr(), tensor.shape, tensor.stride()


def find_state_dict(content: Any) -> Mapping[str, Any] | None:
    """The state_dict that `content` is, or that a checkpoint holds under one of the usual names; else None."""
    if not isinstance(content, Mapping):
        return None
    tensors = sum(isinstance(value, torch.Tensor) for value in content.values())
    others = [n for n, v in content.items() if not isinstance(v, torch.Tensor) and not str(n).endswith("_extra_state")]
    if tensors and not others and all(isinstance(name, str) for name in content):
        return content
    nested = [find_state_dict(content[name]) for name in _NESTED if name in content]
    return next((weights for weights in nested if weights is not None), None)


@contextlib.contextmanager
def importable_from_here() -> Iterator[None]:
    """Let imports find modules in the current folder, as `python -m` does; the installed command would not."""
    here = os.getcwd()
    added = here not in sys.path and "" not in sys.path
    if added:
        sys.path.insert(0, here)
    try:
        yield
    finally:
        if added:
            with contextlib.suppress(ValueError):
                sys.path.remove(here)


def described(value: Any) -> str:
    """What a value is, for a message."""
    if isinstance(value, torch.Tensor):
        return f"a tensor of shape {tuple(value.shape)}"
    if isinstance(value, Mapping):
        keys = ", ".join(map(str, list(value)[:6]))
        return f"a dict with {keys}{', ...' if len(value) > 6 else ''}" if value else "an empty dict"
    return "None" if value is None else f"a {type(value).__name__}"
