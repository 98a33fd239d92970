"""The oracle of derivatives along directions, of a program with matrices around its equations too."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from symc.ir.correct_rounding import CANONICAL_NAN
from symc.ir.directional import DIRECTIONAL
from symc.ir.evaluate import F32, evaluate, sums
from symc.ir.layered import Layered
from symc.ir.program import Program


@dataclass(frozen=True)
class Along:
    """Derivatives of a program in one of the ways of symc.ir.directional.

    kind: "vjp", "jvp" or "hessian". straight: what is computed without matrices: of a layered program the same
    derivatives of the equations between them, which take a direction of their own.
    """

    kind: str
    program: Program | Layered
    straight: Program

    @property
    def n_along(self) -> int:
        """Values of a direction."""
        return {"vjp": self.program.n_out, "jvp": self.program.n_in, "hessian": 0}[self.kind]

    @property
    def n_values(self) -> int:
        """The program's own results that come first."""
        return 0 if self.kind == "hessian" else self.program.n_out

    @property
    def n_results(self) -> int:
        """The derivatives that follow."""
        return {"vjp": self.program.n_in, "jvp": self.program.n_out}.get(
            self.kind, self.program.n_out * self.program.n_in**2
        )

    def values(self, x: F32, direction: F32) -> F32:
        """(n, n_values + n_results) at x (n, n_in) along the first n_along of direction (n, ...).

        Through a matrix backwards, and forwards along a direction, every sum begins at 0 and takes up its rounded
        products in the order of the outputs, or of the inputs; those of the direct path come last.
        """
        along = direction[:, : self.n_along]
        if isinstance(self.program, Program):
            return evaluate(self.straight, np.column_stack([x, along]))
        through = {"vjp": _backwards, "jvp": _forwards}[self.kind]
        derivatives = through(self.program, self.straight, x, along)
        derivatives[np.isnan(derivatives)] = CANONICAL_NAN
        return np.column_stack([evaluate(self.program, x), derivatives])


def along(program: Program | Layered, kind: str) -> Along:
    """The derivatives of `kind`; of a layered program there are "vjp" and "jvp"."""
    straight = program.equations if isinstance(program, Layered) else program
    return Along(kind, program, DIRECTIONAL[kind](straight))


def _backwards(program: Layered, straight: Program, x: F32, weights: F32) -> F32:
    z = sums(program.project.bias, (program.project.weight, x))
    of_values = _from_zero((program.expand.weight.T, weights))
    of_coordinates = _behind(program, evaluate(straight, np.column_stack([z, of_values])))
    direct = [] if program.direct is None else [(program.direct.T, weights)]
    return _from_zero((program.project.weight.T, of_coordinates), *direct)


def _forwards(program: Layered, straight: Program, x: F32, tangent: F32) -> F32:
    z = sums(program.project.bias, (program.project.weight, x))
    along_coordinates = _from_zero((program.project.weight, tangent))
    of_values = _behind(program, evaluate(straight, np.column_stack([z, along_coordinates])))
    direct = [] if program.direct is None else [(program.direct, tangent)]
    return _from_zero((program.expand.weight, of_values), *direct)


def _behind(program: Layered, results: F32) -> F32:
    """The derivatives behind the equations' own values."""
    return results[:, program.equations.n_out :]


def _from_zero(*parts: tuple[F32, F32]) -> F32:
    return sums(np.zeros(len(parts[0][0]), np.float32), *parts)
