"""Categories: whole numbers that a block looks up in its nn.Embedding, as variables of equations.

An equation cannot be of a code, whose order says nothing. It can be of what the code stands for: each column of the
table that the block looks it up in becomes a variable, written as a choice between the table's numbers. So the
compiled code takes the codes, and the tables are in it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import TracebackType
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from symc.errors import SymcError

# Numbers of a table: each is one choice in the compiled code, in every target.
_MOST = 512
_HINT = (
    "Whole numbers are read where an nn.Embedding of the block itself looks them up as they are; any other such part "
    "stays with the network: wrap the layers behind it."
)


class Lookups:
    """Sees which columns of whole numbers a block looks up, and where, while it is entered.

    `add` takes the columns of the calls since the last `forget`, and raises SymcError for one that is not looked up;
    `tables` says in the end which column is looked up in which table.
    """

    def __init__(self, block: Any) -> None:
        found = block.named_modules() if isinstance(block, nn.Module) else ()
        self.embeddings = {name: m for name, m in found if isinstance(m, nn.Embedding)}
        self._seen: dict[str, list[torch.Tensor]] = {}
        # For each table the columns that were all it looked up so far.
        self._columns: dict[str, set[int]] = {}
        self._handles: list[Any] = []

    def __enter__(self) -> Lookups:
        for name, embedding in self.embeddings.items():
            self._handles.append(embedding.register_forward_pre_hook(self._hook(name)))
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for handle in self._handles:
            handle.remove()

    def forget(self) -> None:
        """Start anew: a network is about to run."""
        self._seen.clear()

    def add(self, columns: Mapping[int, torch.Tensor]) -> None:
        """Columns of whole numbers of the calls, each (n,), by their place in a row."""
        for name, parts in self._seen.items():
            looked_up = torch.cat(parts)
            same = {k for k, column in columns.items() if torch.equal(looked_up, column)}
            self._columns[name] = self._columns.get(name, same) & same
        self.forget()
        for k in columns:
            if not any(k in found for found in self._columns.values()):
                what = f"column {k} of the block's inputs holds whole numbers, and the block computes with them"
                raise SymcError(what, hint=_HINT)

    def tables(self) -> dict[int, NDArray[np.float32]]:
        """The tables (codes, columns) of what each column of whole numbers is looked up in, side by side."""
        found: dict[int, list[NDArray[np.float32]]] = {}
        for name, columns in sorted(self._columns.items()):
            embedding = self.embeddings[name]
            if not columns:
                raise SymcError(f"{name} looks up what is no input of the block as it is", hint=_HINT)
            if embedding.max_norm is not None:
                raise SymcError(f"{name} has a max_norm, which changes its table as it is read", hint="Leave it out.")
            found.setdefault(min(columns), []).append(embedding.weight.detach().float().cpu().numpy())
        return {k: _beside(tables) for k, tables in found.items()}

    def _hook(self, name: str) -> Any:
        def looked_up(module: nn.Module, args: tuple[Any, ...]) -> None:
            self._seen.setdefault(name, []).append(args[0].detach().reshape(-1).to("cpu", torch.int64))

        return looked_up


def category_variables(features: Sequence[str], tables: Mapping[int, NDArray[np.float32]]) -> dict[str, str]:
    """The variables of equations, {name: text over the features}: `kind_0`, `kind_1` ... in the place of a code `kind`.

    SymcError for tables with more numbers than are compiled.
    """
    size = sum(table.size for table in tables.values())
    if size > _MOST:
        shapes = ", ".join(f"{features[k]} {' x '.join(map(str, table.shape))}" for k, table in tables.items())
        what = f"the tables of categories hold {size} numbers ({shapes}), and {_MOST} are compiled at most"
        raise SymcError(what, hint="Wrap the layers behind the embedding: what it looks up is then their input.")
    found = {}
    for k, feature in enumerate(features):
        if k not in tables:
            found[feature] = feature
        else:
            for j, numbers in enumerate(tables[k].T):
                found[f"{feature}_{j}"] = _choice(feature, numbers, 0)
    return found


def _beside(tables: list[NDArray[np.float32]]) -> NDArray[np.float32]:
    """Tables of one code as one; of codes that one of them lacks, none."""
    rows = min(map(len, tables))
    return np.concatenate([table[:rows] for table in tables], axis=1)


def _choice(feature: str, numbers: NDArray[np.float32], first: int) -> str:
    """The number of the code that `feature` is, from `first` on; halves within halves, so that it is not deep."""
    if len(numbers) == 1:
        return str(numbers[0])
    half = len(numbers) // 2
    low, high = _choice(feature, numbers[:half], first), _choice(feature, numbers[half:], first + half)
    return f"ifelse({feature} < {first + half - 0.5}, {low}, {high})"
