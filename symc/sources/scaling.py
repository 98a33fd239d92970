"""Scalers around a model: affine maps of its inputs and outputs, written into its equations.

What is built then takes and gives the units of the data: y = centre + scale * f((x - centre) / scale).
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from symc.bundle.parity import Recording
from symc.errors import SymcError
from symc.ir.formats import FLOAT32, Format
from symc.pipes import refuse_pipe
from symc.search.front import Front
from symc.search.member import Member
from symc.sources.fronts import FrontsOrigin
from symc.sources.texts import member_of

_NAME = re.compile(r"(?<![A-Za-z0-9_.])[A-Za-z_][A-Za-z0-9_]*(?![A-Za-z0-9_]|\s*\()")
_FORMAT = 'It is {"inputs": {NAME: [CENTRE, SCALE], ...}, "outputs": {NAME: [CENTRE, SCALE], ...}}.'


@dataclass(frozen=True)
class Affine:
    """A scaler of one column: it makes (value - centre) / scale of a value. SymcError unless that can be undone."""

    centre: float = 0.0
    scale: float = 1.0

    def __post_init__(self) -> None:
        if not (math.isfinite(self.centre) and math.isfinite(self.scale) and self.scale != 0.0):
            raise SymcError(f"a scaler with centre {self.centre!r} and scale {self.scale!r} cannot be undone")

    def after(self, first: Affine) -> Affine:
        """The scaler that does what `first` does and then this."""
        return Affine(first.centre + first.scale * self.centre, first.scale * self.scale)

    def undone(self, values: np.ndarray) -> np.ndarray:
        return np.asarray(values, dtype=np.float64) * self.scale + self.centre

    def scaled(self, name: str) -> str:
        """The scaled value of the input called `name`, as text."""
        centred = name if self.centre == 0.0 else f"({name} - {number_text(self.centre)})"
        return centred if self.scale == 1.0 else f"({centred}/{number_text(self.scale)})"

    def unscaled(self, text: str) -> str:
        """The value whose scaled value `text` gives, as text."""
        grown = f"({text})" if self.scale == 1.0 else f"({text})*{number_text(self.scale)}"
        return grown if self.centre == 0.0 else f"{grown} + {number_text(self.centre)}"


PLAIN = Affine()


@dataclass(frozen=True)
class Scaling:
    """The scalers of a model's inputs and outputs, in order."""

    inputs: tuple[Affine, ...]
    outputs: tuple[Affine, ...]

    def around(self, origin: FrontsOrigin) -> FrontsOrigin:
        """The same equations over inputs and outputs in the units of the data, with samples and domain in them too."""
        if origin.head is not None and any(output != PLAIN for output in self.outputs):
            raise SymcError(
                f"scalers of outputs stand around equations, and a {origin.head} is behind these",
                hint="Scale the inputs alone, or wrap the scalers of the outputs with the block.",
            )
        columns = dict(zip(origin.features, self.inputs, strict=True))
        fronts = tuple(
            self._front(front, columns, output, origin.format)
            for front, output in zip(origin.fronts, self.outputs, strict=True)
        )
        recording, domain = origin.recording, origin.domain
        if recording is not None:
            x, y = _undone(recording.x, self.inputs), _undone(recording.y, self.outputs)
            recording = Recording(x, y, recording.train)
        if domain is not None:
            domain = _box(domain, self.inputs, recording, origin.format)
        notes = {**origin.notes, "scaling": self._told(origin)}
        return replace(origin, fronts=fronts, recording=recording, domain=domain, notes=notes)

    def _front(self, front: Front, columns: Mapping[str, Affine], output: Affine, format: Format) -> Front:
        members = []
        for m in front.members:
            scaled = _NAME.sub(lambda match: columns.get(match[0], PLAIN).scaled(match[0]), m.written or m.equation)
            text = output.unscaled(scaled)
            found = member_of(text, tuple(columns), m.complexity, m.loss, m.heldout, format)
            if isinstance(found, str):
                raise SymcError(f"the scaled equation of {front.output} cannot be built: {found}")
            # Losses are mean squares of the output.
            members.append(replace(_rescaled(found, output.scale**2), law=m.law))
        return replace(front, members=tuple(members))

    def _told(self, origin: FrontsOrigin) -> str:
        told = [(n, a) for n, a in zip(origin.features, self.inputs, strict=True) if a != PLAIN]
        told += [(f.output, a) for f, a in zip(origin.fronts, self.outputs, strict=True) if a != PLAIN]
        return "; ".join(f"{name}: centre {a.centre!r}, scale {a.scale!r}" for name, a in told)


def read_scaling(path: str | Path, features: Sequence[str], outputs: Sequence[str]) -> Scaling:
    """From a JSON file; columns that are not in it are not scaled.

    {"inputs": {"p": [1.2, 0.3]}, "outputs": {"rho": [5.0, 2.0]}}: the model takes (p - 1.2)/0.3 and gives
    (rho - 5.0)/2.0. Raises SymcError for a file that is missing or of another form, or an unknown column.
    """
    where = str(path)
    refuse_pipe(Path(path))
    try:
        data = json.loads(Path(path).read_text(encoding="utf-8-sig"))
        sides = [
            {str(name): _affine(pair) for name, pair in data.get(side, {}).items()} for side in ("inputs", "outputs")
        ]
        unknown = [key for key in data if key not in ("inputs", "outputs")]
    except OSError as error:
        raise SymcError(f"cannot be read: {error.strerror}", where=where, hint=_FORMAT) from None
    except SymcError as error:
        raise SymcError(error.what, where=where, hint=_FORMAT) from None
    except (ValueError, TypeError, AttributeError, KeyError, OverflowError, RecursionError) as error:
        raise SymcError(f"is not a file of scalers ({error})", where=where, hint=_FORMAT) from None
    if unknown:
        raise SymcError(f"holds {unknown[0]!r}, which is no side of a model", where=where, hint=_FORMAT)
    for found, names, kind in ((sides[0], features, "input"), (sides[1], outputs, "output")):
        for name in found:
            if name not in names:
                hint = f"The {kind}s are: {', '.join(names)}."
                raise SymcError(f"scales the {kind} {name!r}, which is not there", where=where, hint=hint)
    return Scaling(
        tuple(sides[0].get(name, PLAIN) for name in features), tuple(sides[1].get(name, PLAIN) for name in outputs)
    )


def _affine(pair: Sequence[float]) -> Affine:
    if len(pair) != 2:
        raise ValueError(f"{pair!r} is not a centre and a scale")
    return Affine(float(pair[0]), float(pair[1]))


def _rescaled(member: Member, factor: float) -> Member:
    heldout = None if member.heldout is None else member.heldout * factor
    return replace(member, loss=member.loss * factor, heldout=heldout)


def _undone(values: np.ndarray, scalers: Sequence[Affine], format: Format = FLOAT32) -> np.ndarray:
    columns = [scaler.undone(values[:, k]) for k, scaler in enumerate(scalers)]
    return np.stack(columns, axis=1).astype(format.dtype)


def _box(
    domain: Sequence[tuple[float, float]], scalers: Sequence[Affine], recording: Recording | None, format: Format
) -> tuple[tuple[float, float], ...]:
    """The domain in the units of the data, widened to those samples that rounding puts beside it."""
    corners = np.sort(_undone(np.array(domain, dtype=np.float64).T, scalers, format), axis=0)
    if recording is not None:
        corners[0] = np.minimum(corners[0], recording.x.min(axis=0))
        corners[1] = np.maximum(corners[1], recording.x.max(axis=0))
    return tuple((float(low), float(high)) for low, high in corners.T)


def number_text(value: float) -> str:
    """A number as an operand in an equation."""
    return f"({value!r})" if value < 0 else repr(value)
