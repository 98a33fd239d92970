"""What a manifest records of each proof and check of a bundle's equations."""

import msgspec

# Types are written as such, not kept as texts: msgspec would have to compile each text at the first decode, which takes
# longer than all the rest of opening a manifest.


class Record(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What a manifest is made of: unknown fields are refused."""


class Meaning(Record, frozen=True):
    """How far the code of one output is from the real value of its equation, at `points` inputs of the domain.

    `ulp` is the largest error in units in the last place, at the input `at`; `share` the largest error over the largest
    value. At `undecided` points nothing could be said of the error; at `overflows` float32 in the order of the text
    does not reach the value that the text has. At every other point, and at NaN and infinite inputs, code and text give
    the same kind of value.
    """

    output: str
    points: int
    ulp: float
    at: tuple[float, ...]
    share: float
    undecided: int
    overflows: int


class Range(Record, frozen=True):
    """What one output is proved to lie in, for every input of the domain; null where it was not proved to be finite.

    `error` is a bound of the distance between the code and the real value of the equation's text, null where none could
    be told.
    """

    output: str
    low: float | None
    high: float | None
    error: float | None


class Finding(Record, frozen=True):
    """A place of the program that was not proved to be safe: see symc.analysis.findings.Finding."""

    site: str
    kind: str
    verdict: str
    outputs: tuple[str, ...]
    place: dict[str, float]
    beside: bool
    share: float
    part: dict[str, tuple[float, float]]


class Ranges(Record, frozen=True):
    """What holds everywhere in the domain: the range of each output, and where the program is or may be in danger.

    `sites` places could be in danger for some operand; all but the findings are proved not to be.
    """

    outputs: tuple[Range, ...]
    sites: int
    findings: tuple[Finding, ...]


class Accuracy(Record, frozen=True):
    """What rewriting the code of one output gained: its largest proved error at points, in ulp; null where unknown."""

    output: str
    before: float | None
    after: float | None


class Shortened(Record, frozen=True):
    """The text of an equation before its constants became shorter, and a `bound` of what that changes in the domain.

    `limit` is what was allowed; null where none was known, and nothing changed.
    """

    output: str
    given: str
    bound: float
    limit: float | None


class FixedOutput(Record, frozen=True):
    """Of one output in fixed point, over the domain: what it lies in, and its distance from the real values.

    `error` is proved for every input, rounded to its format; `measured` is the largest found, at the input `at`.
    """

    output: str
    low: float
    high: float
    error: float
    measured: float
    at: tuple[float, ...]


class Fixed(Record, frozen=True):
    """How the program is computed in fixed point: the format and the spare bits of each value, the mantissas of inputs.

    The values are those of symc.fixed.expand.expanded, inputs first; `points` inputs were measured. `bits`: of each
    value's word. `constants`: hexadecimal float32 -> the decimal that the code takes for it, where that is another.
    """

    formats: tuple[int, ...]
    spare: tuple[int, ...]
    bounds: tuple[tuple[int, int], ...]
    points: int
    outputs: tuple[FixedOutput, ...]
    bits: int = 32
    constants: dict[str, str] = msgspec.field(default_factory=dict)


class Consistency(Record, frozen=True):
    """Whether one equation can be right in the units given: see symc.meaning.dimensions.Verdict."""

    output: str
    verdict: str
    part: str = ""
    why: str = ""


class Units(Record, frozen=True):
    """The units of the inputs and outputs in order, as the user wrote them, and what they say of each equation."""

    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    equations: tuple[Consistency, ...]
