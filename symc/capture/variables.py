"""Variables: what equations are written in, the block's inputs or named expressions of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from symc.capture.names import check_names
from symc.errors import SymcError

if TYPE_CHECKING:
    import sympy

    from symc.ir.program import Program


@dataclass(frozen=True)
class Variables:
    """The variables of equations about a block with the inputs `inputs`.

    `definitions` are (name, expression over the inputs) and then the only variables; without any, the inputs are.
    Raises SymcError for a name that is no identifier, occurs twice, or is that of an input which it is not, and for
    text that is not an expression over the inputs.
    """

    inputs: tuple[str, ...]
    definitions: tuple[tuple[str, str], ...] = ()

    def __post_init__(self) -> None:
        if not self.definitions:
            return
        check_names([name for name, _ in self.definitions], "variable")
        for name, text in self.definitions:
            try:
                expression = self._expressions[name]
            except SymcError as error:
                raise SymcError(error.what, where=f"variable {name!r}", hint=error.hint) from None
            if name in self.inputs and str(expression) != name:
                raise SymcError(
                    f"variable {name!r} is {text!r}, but an input has that name", hint="Give it a name of its own."
                )

    @classmethod
    def of(cls, inputs: Sequence[str], transforms: Mapping[str, str] | None) -> Variables:
        """From {"r": "sqrt(dx^2 + dy^2)", ...}; None for the inputs themselves."""
        if transforms is None:
            return cls(tuple(inputs))
        if not isinstance(transforms, Mapping) or not transforms:
            raise SymcError(
                f"variable_transforms is {transforms!r}, need a dict of names and expressions",
                hint='Such as {"r": "sqrt(dx^2 + dy^2)", "m": "m"}; equations are then made of r and m alone.',
            )
        return cls(tuple(inputs), tuple((str(name), str(text)) for name, text in transforms.items()))

    @property
    def names(self) -> tuple[str, ...]:
        """The names that stand in equations."""
        return tuple(name for name, _ in self.definitions) or self.inputs

    def values(self, x: NDArray[np.float32]) -> NDArray:
        """The variables' values (n, n_variables) at inputs x (n, n_in), in double precision."""
        if not self.definitions:
            return x.astype(np.float64)
        from symc.ir.evaluate import evaluate_real

        return evaluate_real(self._program, x.astype(np.float64))

    def over_inputs(self, expression: sympy.Expr) -> sympy.Expr:
        """An expression over the variables, and over other symbols that stay, as one over the inputs."""
        if not self.definitions:
            return expression
        from symc.ir.symbolic import substitute, symbol

        return substitute(expression, {symbol(name): e for name, e in self._expressions.items()})

    def written_out(self, equation: str) -> str:
        """An equation over the variables as text over the inputs."""
        if not self.definitions:
            return equation
        from symc.ir.parse import format_expression, parse

        return format_expression(self.over_inputs(parse(equation, self.names)))

    def __str__(self) -> str:
        return ", ".join(f"{name} = {text}" for name, text in self.definitions) or ", ".join(self.inputs)

    @cached_property
    def _expressions(self) -> dict[str, sympy.Expr]:
        from symc.ir.parse import parse

        return {name: parse(text, self.inputs) for name, text in self.definitions}

    @cached_property
    def _program(self) -> Program:
        from symc.ir.lower import lower

        return lower(list(self._expressions.values()), self.inputs, self.names)
