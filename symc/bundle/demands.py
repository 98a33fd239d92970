"""What a user demands of the outputs everywhere in the domain, proved or refused: a sign, a direction, a symmetry."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from symc.analysis.signs import Sign, nowhere_negative
from symc.bundle.records import Ranges
from symc.errors import CheckFailed, SymcError
from symc.ir.derive import jacobian
from symc.ir.heads import Head
from symc.ir.layered import Layered
from symc.ir.program import Builder, Program

_TEXT = re.compile(r"\s*(?:(?P<output>\w+)\.)?(?P<kind>[a-z]+)\s*(?:\(\s*(?P<inputs>\w+(?:\s*,\s*\w+)*)\s*\))?\s*\Z")
# The build option, as the manifest records it.
REQUIRE = "require"
_SIGNS = ("positive", "nonnegative")
_DIRECTIONS = ("rising", "falling", "monotone")
# Whether the value stays (1) or turns its sign (-1) when the inputs named turn theirs, or two of them change places.
_MIRRORED = {"even": 1, "odd": -1}
_EXCHANGED = {"symmetric": 1, "antisymmetric": -1}
_LAW = re.compile(r"\s*conserved\s*\((?P<left>[^=<>]*)(?:=(?P<right>[^=<>]*))?\)\s*\Z")
_GRAMMAR = (
    'Demands are "positive", "nonnegative", "rising(INPUT)", "falling(INPUT)", "monotone(INPUT)", "even(INPUT,...)", '
    '"odd(INPUT,...)", "symmetric(INPUT,INPUT)", "antisymmetric(INPUT,INPUT)", "conserved(OUTPUT,OUTPUT,...)" and '
    '"conserved(OUTPUT+OUTPUT=INPUT)".'
)


@dataclass(frozen=True)
class Demand:
    """`kind` of every output, or of `output`; all but a sign name their `inputs`."""

    kind: str
    output: str | None
    inputs: tuple[str, ...]

    def __str__(self) -> str:
        of = f"{self.output}." if self.output else ""
        return f"{of}{self.kind}" + (f"({','.join(self.inputs)})" if self.inputs else "")


@dataclass(frozen=True)
class Conserved:
    """A sum of outputs that is `right`, an expression over the inputs, or some constant where that is None."""

    left: str
    right: str | None

    def __str__(self) -> str:
        sides = (self.left,) if self.right is None else (self.left, self.right)
        # The manifest has spaces between demands alone.
        return f"conserved({'='.join(''.join(side.split()) for side in sides)})"


Demands = Sequence[Demand | Conserved]


@dataclass(frozen=True)
class Meant:
    """What laws need to know of the outputs: their texts before a head, and bounds of |code - text|."""

    texts: tuple[str, ...]
    head: Head | None
    errors: tuple[float, ...]

    @classmethod
    def of(cls, texts: Sequence[str], head: Head | None, ranges: Ranges | None) -> Meant:
        errors = () if ranges is None else tuple(math.inf if r.error is None else r.error for r in ranges.outputs)
        return cls(tuple(texts), head, errors)


def read_demands(texts: Sequence[str]) -> tuple[tuple[Demand | Conserved, ...], tuple[str, ...]]:
    """The demands among `texts`, and the texts that are none; SymcError for a demand without its inputs."""
    demands: list[Demand | Conserved] = []
    others: list[str] = []
    # Runs of blanks would take time with their square.
    for text in (" ".join(text.split()) for text in texts):
        if law := _LAW.match(text):
            demands.append(Conserved(law["left"].strip(), law["right"].strip() if law["right"] is not None else None))
            continue
        found = _TEXT.match(text)
        kind = found["kind"] if found else None
        if found is None or kind not in (*_SIGNS, *_DIRECTIONS, *_MIRRORED, *_EXCHANGED):
            others.append(text)
            continue
        inputs = tuple(name.strip() for name in (found["inputs"] or "").split(",") if name.strip())
        if not _takes(kind, inputs):
            raise SymcError(f"{text!r} is not a demand", hint=_GRAMMAR)
        demands.append(Demand(kind, found["output"], inputs))
    return tuple(demands), tuple(others)


def _takes(kind: str, inputs: Sequence[str]) -> bool:
    if len(set(inputs)) != len(inputs):
        return False
    if kind in _MIRRORED:
        return len(inputs) >= 1
    return len(inputs) == (0 if kind in _SIGNS else 1 if kind in _DIRECTIONS else 2)


def prove(
    program: Program | Layered, demands: Demands, domain: Sequence[tuple[float, float]] | None, meant: Meant
) -> tuple[str, ...]:
    """What was proved, one line a demand and output; CheckFailed naming what does not hold, with its place.

    A sign is that of the value which the code computes, a direction that of the derivative which the code computes, at
    every float32 input of the domain. A symmetry is one of the computed values, to the last bit. A law is one of the
    real values that the texts say, and of the code within the bounds of its rounding errors.
    """
    if not demands:
        return ()
    if domain is None or isinstance(program, Layered):
        what = "a compressed block" if domain is not None else "equations without a domain"
        raise SymcError(f"nothing can be proved of {what}", hint="Leave the demand out, or give --domain.")
    proved = []
    for demand in demands:
        if isinstance(demand, Conserved):
            proved.append(_prove_law(program, demand, domain, meant))
            continue
        for output in _outputs(program, demand):
            proved.append(_prove(program, demand, output, domain))
    return tuple(proved)


def _outputs(program: Program, demand: Demand) -> Sequence[str]:
    for name in demand.inputs:
        if name not in program.inputs:
            raise SymcError(f"there is no input {name!r}", hint=f"The inputs are {', '.join(program.inputs)}.")
    if demand.output is None:
        return program.outputs
    if demand.output not in program.outputs:
        raise SymcError(f"there is no output {demand.output!r}", hint=f"The outputs are {', '.join(program.outputs)}.")
    return (demand.output,)


def _prove(program: Program, demand: Demand, output: str, domain: Sequence[tuple[float, float]]) -> str:
    if demand.kind in _SIGNS:
        column = program.outputs.index(output)
        sign = nowhere_negative(program, column, domain, strict=demand.kind == "positive")
        _raise_unless_proved(sign, f"{output} is not {demand.kind}", "it")
        return f"{output} is {demand.kind}"
    if demand.kind in _DIRECTIONS:
        return _prove_direction(program, demand, output, domain)
    return _prove_symmetry(program, demand, output, domain)


def _prove_direction(program: Program, demand: Demand, output: str, domain: Sequence[tuple[float, float]]) -> str:
    slopes = jacobian(program)
    (name,) = demand.inputs
    column = program.outputs.index(output) * program.n_in + program.inputs.index(name)
    direction = demand.kind
    if direction == "monotone":
        direction = "rising" if _at_the_middle(slopes, column, domain) >= 0.0 else "falling"
    falls = direction == "falling"
    sign = nowhere_negative(_negated(slopes, column) if falls else slopes, column, domain, strict=False)
    what = f"{output} is not {direction} in {name}"
    _raise_unless_proved(sign, what, "its derivative", -1.0 if falls else 1.0)
    return f"{output} is {direction} in {name}"


def _prove_symmetry(program: Program, demand: Demand, output: str, domain: Sequence[tuple[float, float]]) -> str:
    columns = [program.inputs.index(name) for name in demand.inputs]
    mirrored = demand.kind in _MIRRORED
    from symc.analysis.mirror import Change, keeps_value

    change = Change.of_sign(program.n_in, columns) if mirrored else Change.of_places(program.n_in, *columns)
    named = " and ".join(demand.inputs)
    if not change.keeps(domain):
        what = "does not reach as far on both sides of 0" if mirrored else "is not the same"
        raise SymcError(f"the domain {what} in {named}, so {demand} can hold for no equation", where="--require")
    sign = (_MIRRORED if mirrored else _EXCHANGED)[demand.kind]
    found = keeps_value(program, program.outputs.index(output), change, sign, domain)
    what = f"{output} is not {demand.kind} in {named} to the last bit"
    _raise_unless_proved(found, what, "the difference")
    return f"{output} is {demand.kind} in {named}"


def _prove_law(program: Program, demand: Conserved, domain: Sequence[tuple[float, float]], meant: Meant) -> str:
    from symc.analysis.conserved import balance, law_of

    law = law_of(demand.left, demand.right, program.outputs, program.inputs)
    found = balance(law, program, meant.texts, meant.head, domain, meant.errors)
    left = demand.left.replace(",", " + ") if "+" not in demand.left else demand.left
    equals = "constant" if demand.right is None else f"equal to {demand.right}"
    if found.proved:
        value = demand.right if found.value is None else repr(found.value)
        return f"{left} = {value} within {found.within * 1.05:.1e}"
    if found.refuted is not None:
        raise CheckFailed(f"{left} is not {equals}: {found.refuted}", hint="Choose other equations.")
    hint = "Write one output as what is left of the others, narrow the domain, or leave the demand out."
    raise CheckFailed(f"{left} is {equals}: that was neither proved nor refuted", hint=hint)


def _raise_unless_proved(sign: Sign, what: str, of: str, factor: float = 1.0) -> None:
    if sign.proved:
        return
    if sign.place is None or sign.value is None:
        raise CheckFailed(f"{what}: that was neither proved nor refuted", hint="Narrow the domain, or leave it out.")
    where = ", ".join(f"{name} = {np.float32(value)}" for name, value in sign.place.items())
    raise CheckFailed(f"{what}: {of} is {factor * sign.value:.6g} at {where}", hint="Choose another equation.")


def _at_the_middle(program: Program, column: int, domain: Sequence[tuple[float, float]]) -> float:
    from symc.ir.evaluate import evaluate

    middle = np.array([[(low + high) / 2.0 for low, high in domain]], dtype=np.float32)
    return float(evaluate(program, middle)[0, column])


def _negated(program: Program, column: int) -> Program:
    builder = Builder(program.inputs)
    results = [builder.include(program)[r] for r in program.results]
    results[column] = builder.op("neg", results[column])
    return builder.finish(program.outputs, results)
