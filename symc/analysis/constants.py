"""How many digits of an equation's constants matter: what an output changes at most when a constant is written shorter.

Each number of the texts that can be shorter becomes an input of its own, and the bound of what an error in an input
makes of the outputs (mean value theorem, over the whole domain) is that of the change. It is one of real numbers: of
the text as it is given and the text as it becomes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

import numpy as np
from numpy.typing import NDArray

from symc.analysis.ranges import WORK
from symc.analysis.roundoff import shift
from symc.analysis.tighten import greatest
from symc.analysis.trace import Boxes, Trace, trace
from symc.errors import SymcError
from symc.ir.passes import alone
from symc.ir.program import Program
from symc.ir.reading import read
from symc.ir.tokens import WORD
from symc.ir.written import as_written
from symc.meaning.points import Box

F64 = NDArray[np.float64]

# Beyond these float32 holds few digits of a constant, or none: such a constant stays.
_SMALL, _LARGE = Decimal("1e-30"), Decimal("1e30")
# Of a constant, to learn what it does to the outputs.
_NUDGE = 1e-4
_BOXES = 256
# Shares of the tolerance that are tried for all constants together, the most generous first.
_SHARES = tuple(4.0 / 2**k for k in range(12))
_UP = 1.0 + 1e-9


@dataclass(frozen=True)
class Constant:
    """A number of the text of output `output`, from column `start` to `end` (from 0, exclusive)."""

    output: int
    start: int
    end: int
    text: str

    @property
    def value(self) -> Decimal:
        return Decimal(self.text)

    @property
    def digits(self) -> int:
        """Significant digits as it is written."""
        return len(self.value.normalize().as_tuple().digits)

    def shortened(self, digits: int) -> str:
        """Rounded to so many significant digits; as it is where that is no shorter."""
        if digits >= self.digits:
            return self.text
        rounded = Decimal(f"{self.value:.{digits}g}").normalize()
        text = min((f"{rounded:f}", str(rounded).replace("E", "e").replace("+", "")), key=len)
        return text if len(text) < len(self.text) else self.text


def constants_of(texts: Sequence[str]) -> list[Constant]:
    """The numbers of the texts that could be shorter: more than one digit, and no whole number, which is meant."""
    found = []
    for k, text in enumerate(texts):
        for match in WORD.finditer(text):
            if match.lastgroup != "number":
                continue
            one = Constant(k, match.start("number"), match.end("number"), match["number"].replace("f", "e"))
            if one.value % 1 != 0 and one.digits > 1 and _SMALL < one.value < _LARGE:
                found.append(one)
    return found


class Sensitivity:
    """What the constants of equations do to their outputs, anywhere in a box of inputs.

    slopes: (constants, outputs), a bound of |change of the output| over |change of the constant|, for small ones; not
    finite where none is known.
    """

    def __init__(self, texts: Sequence[str], names: Sequence[str], outputs: Sequence[str], domain: Box) -> None:
        """SymcError for a text that is no equation."""
        self.texts, self.names = tuple(texts), tuple(names)
        self.constants = constants_of(texts)
        called = _fresh(len(self.constants), texts, names)
        self._program = as_written(
            [read(text, (*names, *called)) for text in self._replaced(called)], (*names, *called), outputs
        )
        self._values = np.array([float(c.value) for c in self.constants])
        single = self._values.astype(np.float32)
        self._rounded = np.abs(self._values - single.astype(np.float64))
        low, high = np.array(domain, dtype=np.float32).reshape(-1, 2).T
        self._root = Boxes(np.concatenate([low, single])[None], np.concatenate([high, single])[None])
        self._alone = [alone(self._program, k) for k in range(len(outputs))]
        self.slopes = self._slopes()

    def bounds(self, new: Sequence[str]) -> F64:
        """(outputs,): bounds of what they change when the constants become the numbers `new`; inf: not known."""
        moved = np.array([float(abs(c.value - Decimal(t))) for c, t in zip(self.constants, new, strict=True)]) * _UP
        work = WORK // (8 * len(self._alone))
        found = []
        for one in self._alone:
            used = self._used(one)
            moves = np.where(used, moved, 0.0)

            def bound(at: Trace, moves: F64 = moves) -> F64:
                return self._shift(at, moves)

            found.append(greatest(one, self._root, work, bound) if moves.any() else 0.0)
        return np.array(found)

    def shortened(self, tolerances: Sequence[float]) -> tuple[list[str], F64]:
        """The numbers, each as short as it may be for no output to change by more than its tolerance, and the bounds.

        tolerances: (outputs,), absolute; of an output whose tolerance is not finite nothing changes.
        """
        limits = np.where(np.isfinite(tolerances), tolerances, 0.0)
        for share in _SHARES:
            new = [c.shortened(d) for c, d in zip(self.constants, self.digits(limits * share), strict=True)]
            bounds = self.bounds(new)
            if (bounds <= limits).all():
                return new, bounds
        return [c.text for c in self.constants], np.zeros(len(limits))

    def digits(self, tolerances: F64) -> list[int]:
        """Per constant, how many digits it needs for its part of the tolerances, (outputs,), shared among all."""
        users = np.maximum((self.slopes > 0.0).sum(axis=0), 1)
        return [self._digits(k, tolerances / users) for k in range(len(self.constants))]

    def needed(self, tolerances: F64) -> list[int]:
        """Per constant, how many digits it needs where it alone is written shorter."""
        return [self._digits(k, tolerances) for k in range(len(self.constants))]

    def rewritten(self, new: Sequence[str]) -> list[str]:
        """The texts with the numbers `new` for the constants."""
        return self._replaced(new)

    def _digits(self, k: int, limits: F64) -> int:
        constant = self.constants[k]
        uses = self.slopes[k] > 0.0
        for digits in range(1, constant.digits):
            moved = float(abs(constant.value - Decimal(constant.shortened(digits))))
            with np.errstate(invalid="ignore"):
                if moved == 0.0 or (moved * self.slopes[k][uses] <= limits[uses]).all():
                    return digits
        return constant.digits

    def _slopes(self) -> F64:
        boxes = self._root
        width = np.where(boxes.high > boxes.low, boxes.high.astype(np.float64) - boxes.low, 0.0)[0]
        while len(boxes) < _BOXES:
            sizes = (boxes.high.astype(np.float64) - boxes.low) / np.where(width > 0.0, width, 1.0)
            if not sizes.max() > 0.0:
                break
            boxes = boxes.split(sizes.argmax(axis=1))
        found = np.zeros((len(self.constants), len(self._alone)))
        for column, one in enumerate(self._alone):
            at = trace(one, boxes)
            for k in np.flatnonzero(self._used(one)):
                moves = np.zeros(len(self.constants))
                moves[k] = self._values[k] * _NUDGE
                found[k, column] = self._shift(at, moves).max() / moves[k]
        return found

    def _shift(self, at: Trace, moves: F64) -> F64:
        nothing = np.zeros(len(self.names))
        moved = np.concatenate([nothing, moves])
        apart = np.concatenate([nothing, (self._rounded + moves) * _UP])
        return shift(at, moved, apart)[at.program.results[0]]

    def _used(self, one: Program) -> NDArray[np.bool_]:
        first = len(self.names)
        used = np.zeros(len(self.constants), np.bool_)
        used[[s.index - first for s in one.instructions if s.op == "input" and s.index >= first]] = True
        return used

    def _replaced(self, new: Sequence[str]) -> list[str]:
        texts = list(self.texts)
        for constant, text in reversed(list(zip(self.constants, new, strict=True))):
            before = texts[constant.output]
            texts[constant.output] = before[: constant.start] + text + before[constant.end :]
        return texts


def exchange(given: str, now: str) -> list[str]:
    """The numbers of `now` in the places of the constants of `given`; SymcError where anything else differs."""
    constants = constants_of([given])
    numbers = [m["number"] for m in WORD.finditer(now) if m.lastgroup == "number"]
    every = [m.start("number") for m in WORD.finditer(given) if m.lastgroup == "number"]
    if len(every) == len(numbers):
        new = [numbers[every.index(c.start)] for c in constants]
        text = given
        for constant, number in reversed(list(zip(constants, new, strict=True))):
            text = text[: constant.start] + number + text[constant.end :]
        if text == now:
            return new
    raise SymcError("the shortened equation differs from the given one in more than its constants")


def _fresh(count: int, texts: Sequence[str], names: Sequence[str]) -> list[str]:
    """Names that no text holds."""
    stem = "c"
    while any(stem in word for word in (*texts, *names)):
        stem += "_"
    return [f"{stem}{k}" for k in range(count)]
