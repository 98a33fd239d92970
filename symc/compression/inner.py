"""What stands between the two matrices of a form: equations in the coordinates z0, z1, ..., as torch and as text."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor, nn

from symc.ir.program import Program
from symc.meaning.compile import program_of
from symc.module.torch_eval import Equations

_DIGITS = 4


class Inner(nn.Module, ABC):
    """Coordinates (..., n_in) -> values (..., n_out)."""

    n_in: int
    n_out: int

    @abstractmethod
    def texts(self) -> tuple[str, ...]:
        """The equations of the values, in our grammar."""

    @abstractmethod
    def cost(self) -> int:
        """Multiply-adds of one evaluation: half the cost that the operator table counts in additions."""

    def settle(self) -> None:
        """Round constants to the digits that the equations print, so that both say the same."""

    def program(self) -> Program:
        return program_of(self.texts(), names("z", self.n_in), self.values)

    @property
    def values(self) -> tuple[str, ...]:
        return names("h", self.n_out)


class Passing(Inner):
    """h = z: the matrices alone, an affine map of low rank."""

    def __init__(self, n: int) -> None:
        super().__init__()
        self.n_in = self.n_out = n

    def forward(self, z: Tensor) -> Tensor:
        return z

    def texts(self) -> tuple[str, ...]:
        return names("z", self.n_in)

    def cost(self) -> int:
        return 0


class Quadratic(Inner):
    """h = linear z + products of pairs, each equation with a few terms; `kept` says which.

    linear: (n_out, n_in). pairs: (n_pairs, 2), i <= j. products: (n_out, n_pairs). kept: (n_out, n_in + n_pairs), bool.
    """

    pairs: Tensor
    kept_linear: Tensor
    kept_products: Tensor

    def __init__(self, linear: Tensor, pairs: Tensor, products: Tensor, kept: Tensor) -> None:
        super().__init__()
        self.n_out, self.n_in = linear.shape
        self.linear = nn.Parameter(linear.float())
        self.products = nn.Parameter(products.float())
        self.register_buffer("pairs", pairs)
        self.register_buffer("kept_linear", kept[:, : self.n_in].float())
        self.register_buffer("kept_products", kept[:, self.n_in :].float())

    def forward(self, z: Tensor) -> Tensor:
        first, second = self.pairs.T
        squares = z[..., first] * z[..., second]
        return z @ (self.linear * self.kept_linear).T + squares @ (self.products * self.kept_products).T

    def settle(self) -> None:
        with torch.no_grad():
            for weights in (self.linear, self.products):
                weights.copy_(torch.tensor([[float(_number(w)) for w in row] for row in weights.tolist()]))

    def texts(self) -> tuple[str, ...]:
        return tuple(self._text(k) for k in range(self.n_out))

    def cost(self) -> int:
        kept = torch.cat([self.kept_linear, self.kept_products], dim=1) > 0
        return bracket_cost(kept, self.pairs)

    def _text(self, k: int) -> str:
        brackets: dict[int, list[str]] = {}
        for i in torch.nonzero(self.kept_linear[k])[:, 0].tolist():
            brackets[i] = [_number(self.linear[k, i].item())]
        for p in torch.nonzero(self.kept_products[k])[:, 0].tolist():
            i, j = self.pairs[p].tolist()
            brackets.setdefault(i, []).append(f"{_number(self.products[k, p].item())}*z{j}")
        terms = []
        for i, inside in sorted(brackets.items()):
            whole = inside[0] if len(inside) == 1 else f"({_sum(inside)})"
            terms.append(f"{whole}*z{i}")
        return _sum(terms) if terms else "0"


class RidgeFunctions(Inner):
    """h = z for the first coordinates, and a fixed smooth ramp of each of the others (projection pursuit, Friedman and
    Stuetzle 1981): z / (1 + exp(-z)), SiLU."""

    def __init__(self, passing: int, ramps: int) -> None:
        super().__init__()
        self.passing = passing
        self.n_in = self.n_out = passing + ramps

    def forward(self, z: Tensor) -> Tensor:
        return torch.cat([z[..., : self.passing], nn.functional.silu(z[..., self.passing :])], dim=-1)

    def texts(self) -> tuple[str, ...]:
        z = names("z", self.n_in)
        return (*z[: self.passing], *(f"silu({name})" for name in z[self.passing :]))

    def cost(self) -> int:
        return math.ceil(self.program().cost / 2)


class Found(Inner):
    """Equations as a search wrote them."""

    def __init__(self, texts: Sequence[str], n_in: int) -> None:
        super().__init__()
        self.n_in, self.n_out, self._texts = n_in, len(texts), tuple(texts)
        self.equations = Equations(self.program())

    def forward(self, z: Tensor) -> Tensor:
        return self.equations(z)

    def texts(self) -> tuple[str, ...]:
        return self._texts

    def cost(self) -> int:
        return math.ceil(self.program().cost / 2)


def names(prefix: str, count: int) -> tuple[str, ...]:
    """prefix0, prefix1, ..."""
    return tuple(f"{prefix}{k}" for k in range(count))


def bracket_cost(kept: Tensor, pairs: Tensor) -> int:
    """Multiply-adds of quadratic equations written as z_i (a_i + sum_j b_ij z_j).

    One for every b_ij and for every z_i that stands before a number or a bracket. kept, pairs: as in Quadratic.
    """
    n_in = kept.shape[1] - len(pairs)
    linear, products = kept[:, :n_in], kept[:, n_in:]
    owners = torch.zeros(len(kept), n_in).index_add(1, pairs[:, 0], products.float()) > 0
    return int(products.sum() + (owners | linear).sum())


def _number(value: float) -> str:
    return str(np.float32(f"{value:.{_DIGITS}g}"))


def _sum(terms: Sequence[str]) -> str:
    return " + ".join(terms).replace("+ -", "- ")
