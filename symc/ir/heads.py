"""Heads: what a block may end in behind its equations, such as a softmax. The equations then give what goes into it.

A head is made of a Program's instructions, so that every target computes it with the same bits, and so that its range
holds for the rounded results themselves, not only for the real function: each form below is chosen for that. NaN and
infinite logits give what the instructions give, as in torch: NaN stays, and an infinite logit makes a softmax NaN.
"""

from __future__ import annotations

import difflib
import math
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from symc.errors import SymcError
from symc.ir import notation, passes
from symc.ir.correct_rounding import FUNCTIONS
from symc.ir.formats import FLOAT32, Format
from symc.ir.program import Builder, Program

F64 = NDArray[np.float64]
Numbers = tuple[float, ...]

_LARGEST = float(np.finfo(np.float32).max)
_TEXT = re.compile(r"\s*([A-Za-z_][A-Za-z0-9_]*)\s*(?:\(([^()]*)\))?\s*\Z")


@dataclass(frozen=True)
class Kind:
    """One row of the table of heads.

    build: appends the head to a Builder: positions of the logits -> positions of the outputs.
    inverse: outputs (n, n_out) -> logits, not finite where no logits give such an output.
    span: lowest and highest output, both exact.
    shown: an output as text, made of its logit's text and its number.
    form, fits, default: how its numbers are written, whether they may be these, and what they are when left out.
    rest: where an output depends on the other logits (n, others) too, the one logit (n,) that they amount to together.
    """

    build: Callable[[Builder, Sequence[int], Numbers], list[int]]
    inverse: Callable[[F64, Numbers], F64]
    span: Callable[[Numbers], tuple[float, float]]
    shown: Callable[[str, int, Numbers], str]
    form: str
    fits: Callable[[Numbers], bool] = lambda numbers: not numbers
    default: Numbers | None = ()
    rest: Callable[[F64], F64] | None = None

    @property
    def joint(self) -> bool:
        """Whether an output depends on the logits of the others."""
        return self.rest is not None


@dataclass(frozen=True)
class Head:
    """A kind of head and its numbers; `str` gives the text that `Head.of` reads. SymcError for numbers it cannot have.

    With `affine` the numbers are a centre and a scale for all outputs, or for each in turn.
    """

    name: str
    numbers: Numbers = ()

    def __post_init__(self) -> None:
        if not self.kind.fits(self.numbers):
            raise SymcError(f"the head {self} is none", hint=f"It is written {self.kind.form}.")

    @classmethod
    def of(cls, text: str) -> Head:
        """The head that a text names: NAME, or NAME(NUMBER, ...). SymcError for one that there is not."""
        match = _TEXT.match(text)
        name = match[1] if match else text
        kind = HEADS.get(name)
        if match is None or kind is None:
            close = difflib.get_close_matches(name, HEADS, n=1)
            known = ", ".join(row.form for row in HEADS.values())
            raise SymcError(
                f"unknown head {name!r}", hint=f"Did you mean {close[0]!r}?" if close else f"The heads are: {known}."
            )
        if match[2] is None:
            if kind.default is None:
                raise SymcError(f"the head {name!r} needs its numbers", hint=f"It is written {kind.form}.")
            return cls(name, kind.default)
        try:
            return cls(name, tuple(float(part) for part in match[2].split(",")))
        except ValueError:
            raise SymcError(f"{match[2]!r} are no numbers of a head", hint=f"It is written {kind.form}.") from None

    @property
    def kind(self) -> Kind:
        return HEADS[self.name]

    @property
    def span(self) -> tuple[float, float]:
        """The lowest and the highest value that an output can have."""
        return self.kind.span(self.numbers)

    def promise(self, n_out: int, format: Format = FLOAT32) -> str:
        """What holds for the outputs whatever the logits are, as long as none is NaN or, before a softmax, infinite.

        In float64 it takes functions to be within one unit in the last place, as they are tested to be, and says so.
        """
        low, high = self.span
        told = format != FLOAT32 and bool(FUNCTIONS.keys() & self.program(n_out).operators)
        tested = ", where functions are within one unit in the last place, as tested" if told else ""
        if self.kind.joint:
            # Each level of the sum rounds once, and so does the quotient.
            roundings = 1 + math.ceil(math.log2(n_out))
            within = f"{roundings}/2^{format.digits}"
            return f"Every output lies in [0, 1], and each row adds up to 1 within {within}{tested}."
        unbounded = low == -math.inf and high == math.inf
        return "" if unbounded else f"Every output lies in [{low:g}, {high:g}]{tested}."

    def behind(self, program: Program) -> Program:
        """`program`, whose outputs are the logits, with this head behind it. SymcError where the outputs do not fit."""
        self.check(program.n_out)
        builder = Builder(program.inputs, program.format)
        place = builder.include(program)
        results = self.kind.build(builder, [place[r] for r in program.results], self.numbers)
        return passes.run(builder.finish(program.outputs, results))

    def program(self, n_out: int) -> Program:
        """The head alone, from logits z0, z1 ... to outputs y0, y1 ..."""
        builder = Builder([f"z{k}" for k in range(n_out)])
        logits = [builder.input(k) for k in range(n_out)]
        return self.behind(builder.finish([f"y{k}" for k in range(n_out)], logits))

    def inverse(self, y: NDArray) -> F64:
        """Logits of outputs (n, n_out), NaN or infinite where there are none."""
        with np.errstate(all="ignore"):
            return self.kind.inverse(y.astype(np.float64), self.numbers)

    def only(self, columns: Sequence[int]) -> Head:
        """The head of some of the outputs. SymcError where they need the others."""
        if self.kind.joint:
            raise SymcError(f"a {self.name} needs all outputs, not some of them", hint="Leave output_dims out.")
        if len(self.numbers) <= 2 or self.name != "affine":
            return self
        return Head(self.name, tuple(number for k in columns for number in _pair(self.numbers, k)))

    def shown(self, texts: Sequence[str]) -> tuple[str, ...]:
        """The outputs as texts for people, from the equations of the logits."""
        return tuple(self.kind.shown(text, k, self.numbers) for k, text in enumerate(texts))

    def check(self, n_out: int) -> None:
        """Raise SymcError unless the head may stand behind so many outputs."""
        if self.kind.joint and n_out < 2:
            raise SymcError(f"a {self.name} of one output is always 1")
        if self.name == "affine" and len(self.numbers) not in (2, 2 * n_out):
            raise SymcError(f"the head affine has numbers for {len(self.numbers) // 2} outputs, not for {n_out}")

    def __str__(self) -> str:
        if self.numbers == self.kind.default:
            return self.name
        return f"{self.name}({', '.join(map(repr, self.numbers))})"


def _each(form: Callable[[Builder, int, Numbers], int]) -> Callable[[Builder, Sequence[int], Numbers], list[int]]:
    """A head that treats every output alone."""
    return lambda b, logits, numbers: [form(b, z, numbers) for z in logits]


def _balanced(b: Builder, op: str, values: Sequence[int]) -> int:
    """`op` over all values as a tree of pairs: a sum's error grows with the logarithm of their number."""
    while len(values) > 1:
        pairs = [b.op(op, *values[k : k + 2]) for k in range(0, len(values) - 1, 2)]
        values = [*pairs, *values[2 * len(pairs) :]]
    return values[0]


def _softmax(b: Builder, logits: Sequence[int], _: Numbers) -> list[int]:
    # The largest power is exp(0) = 1: no logit overflows, the sum is not 0, and no power is larger than the sum.
    most = _balanced(b, "max", logits)
    powers = [b.op("exp", b.op("sub", z, most)) for z in logits]
    total = _balanced(b, "add", powers)
    return [b.op("div", power, total) for power in powers]


def _log_shares(y: F64, _: Numbers) -> F64:
    # Only differences of logits matter: about their mean, logits that are simple functions stay simple.
    logs = np.log(y)
    return logs - logs.mean(axis=1, keepdims=True)


def _together(logits: F64) -> F64:
    """The logarithm of the sum of the powers: beside it, one logit has the share that it has beside all of them."""
    most = logits.max(axis=1)
    return np.asarray(most + np.log(np.exp(logits - most[:, None]).sum(axis=1)))


def _sigmoid(b: Builder, z: int, _: Numbers) -> int:
    return notation.sigmoid(b, (z,))


def _softplus(b: Builder, z: int, numbers: Numbers) -> int:
    (beta,) = numbers
    if beta == 1.0:
        return notation.softplus(b, (z,))
    return b.op("div", notation.softplus(b, (b.op("mul", z, b.const(beta)),)), b.const(beta))


def _softplus_inverse(y: F64, numbers: Numbers) -> F64:
    (beta,) = numbers
    # log(exp(v) - 1), which overflows for no v.
    return y + np.log(-np.expm1(-beta * y)) / beta


def _clamp(b: Builder, z: int, numbers: Numbers) -> int:
    # max and min let NaN through and know -0 < 0, so that a bound of 0 gives no -0.
    low, high = _bounds(numbers, b.format)
    raised = z if math.isinf(low) else b.op("max", z, b.const(low))
    return raised if math.isinf(high) else b.op("min", raised, b.const(high))


def _bounds(numbers: Numbers, format: Format = FLOAT32) -> tuple[float, float]:
    """As numbers of the format; one that it does not reach is none."""
    low, high = map(format.rounded, numbers)
    return low, high


def _affine(b: Builder, logits: Sequence[int], numbers: Numbers) -> list[int]:
    results = []
    for k, z in enumerate(logits):
        centre, scale = _pair(numbers, k)
        results.append(b.op("add", b.op("mul", z, b.const(scale)), b.const(centre)))
    return results


def _affine_inverse(y: F64, numbers: Numbers) -> F64:
    pairs = np.array([_pair(numbers, k) for k in range(y.shape[1])])
    return np.asarray((y - pairs[:, 0]) / pairs[:, 1])


def _pair(numbers: Numbers, column: int) -> Numbers:
    return numbers if len(numbers) == 2 else numbers[2 * column : 2 * column + 2]


def _shown_affine(text: str, k: int, numbers: Numbers) -> str:
    centre, scale = _pair(numbers, k)
    return f"({text})*{scale!r} + {centre!r}"


def _shown_softplus(text: str, k: int, numbers: Numbers) -> str:
    (beta,) = numbers
    return f"softplus({text})" if beta == 1.0 else f"softplus({beta!r}*({text}))/{beta!r}"


def _call(name: str) -> Callable[[str, int, Numbers], str]:
    """An output as a call of `name` with its logit and the head's numbers."""
    return lambda text, k, numbers: f"{name}({', '.join([text, *map(repr, numbers)])})"


def _as_it_is(y: F64, _: Numbers) -> F64:
    return y


def _from(low: float, high: float) -> Callable[[Numbers], tuple[float, float]]:
    return lambda numbers: (low, high)


def _are_bounds(numbers: Numbers) -> bool:
    return len(numbers) == 2 and numbers[0] <= numbers[1] and numbers[0] < _LARGEST and numbers[1] > -_LARGEST


def _are_pairs(numbers: Numbers) -> bool:
    finite = all(abs(number) <= _LARGEST for number in numbers)
    return finite and len(numbers) >= 2 and len(numbers) % 2 == 0 and all(numbers[1::2])


HEADS: dict[str, Kind] = {
    "softmax": Kind(
        _softmax, _log_shares, _from(0.0, 1.0),
        lambda text, k, numbers: f"softmax(z)[{k}], where z[{k}] = {text}", "softmax", rest=_together,
    ),
    # 1 + exp(-z) is never less than 1.
    "sigmoid": Kind(
        _each(_sigmoid), lambda y, numbers: np.log(y) - np.log1p(-y), _from(0.0, 1.0), _call("sigmoid"), "sigmoid",
    ),
    # A correctly rounded function goes no further than the nearest float32 of its bound.
    "tanh": Kind(
        _each(lambda b, z, numbers: b.op("tanh", z)), lambda y, numbers: np.arctanh(y), _from(-1.0, 1.0),
        _call("tanh"), "tanh",
    ),
    "exp": Kind(
        _each(lambda b, z, numbers: b.op("exp", z)), lambda y, numbers: np.log(y), _from(0.0, math.inf),
        _call("exp"), "exp",
    ),
    # A sum of two numbers that are not negative. The number is torch's beta.
    "softplus": Kind(
        _each(_softplus), _softplus_inverse, _from(0.0, math.inf), _shown_softplus, "softplus or softplus(BETA)",
        lambda numbers: len(numbers) == 1 and 1.0 / _LARGEST < numbers[0] < _LARGEST, (1.0,),
    ),
    "relu": Kind(
        _each(lambda b, z, numbers: b.op("relu", z)), _as_it_is, _from(0.0, math.inf), _call("relu"), "relu",
    ),
    "clamp": Kind(
        _each(_clamp), _as_it_is, _bounds, _call("clamp"), "clamp(LO, HI)", _are_bounds, None,
    ),
    "affine": Kind(
        _affine, _affine_inverse, _from(-math.inf, math.inf), _shown_affine, "affine(CENTRE, SCALE, ...)", _are_pairs,
        None,
    ),
}  # fmt: skip
