"""Pareto fronts of equations, and the rules that pick from them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from symc.capture.variables import Variables
from symc.errors import SymcError
from symc.ir.program import Builder, Program
from symc.search.member import Member
from symc.search.shown import expression_of, html_of, latex_of, plot
from symc.tables import table

if TYPE_CHECKING:
    import sympy

RULES = ("best", "accuracy", "score", "knee", "cheapest:TOL")
# PySR's "best" looks among the members whose loss is at most this many times the smallest.
_NEAR_BEST = 1.5
_LAWS = {
    "exact": "Complexity {} is exact to float32's rounding: nothing longer is needed.",
    "near": "Complexity {} is taken for the law: what longer equations gain is likely the network's own error. They "
    "are searched where a number of evaluations is given.",
}
_CUT_SHORT = {
    "interrupted": "The search was interrupted: these are the best equations until then.",
    "time": "The time budget ended the search: these are the best equations until then.",
}


@dataclass(frozen=True)
class Front:
    """The equations found for one output, by rising complexity and falling loss; prints as a table.

    `dropped` holds what was proposed but cannot be used, as (equation, reason). `cut_short` is "interrupted" or "time"
    where that ended the search for this output, else "".
    """

    output: str
    members: tuple[Member, ...]
    dropped: tuple[tuple[str, str], ...] = ()
    cut_short: str = ""

    @property
    def remarks(self) -> tuple[str, ...]:
        """What must be known of the search to read the front, as sentences."""
        found = [_LAWS[m.law].format(m.complexity) for m in self.members if m.law in _LAWS]
        return (*found, _CUT_SHORT[self.cut_short]) if self.cut_short in _CUT_SHORT else tuple(found)

    @property
    def scores(self) -> tuple[float, ...]:
        """PySR's score of each member: how fast the logarithm of the loss falls per node added.

        -ln(loss_i / loss_(i-1)) / (complexity_i - complexity_(i-1)); 0 for the first member, infinite for a loss of 0
        (PySR 2.7, `calculate_scores`). Where a loss is negative, as the logarithm of a likelihood may be, it is how
        fast the loss itself falls (PySR's loss_scale="linear").
        """
        linear = any(m.loss < 0.0 for m in self.members)
        scores = []
        for k, member in enumerate(self.members):
            before = self.members[k - 1]
            if k == 0:
                scores.append(0.0)
            elif linear:
                scores.append((before.loss - member.loss) / (member.complexity - before.complexity))
            elif member.loss <= 0.0:
                scores.append(math.inf)
            elif before.loss <= 0.0:
                scores.append(-math.inf)
            else:
                scores.append(-math.log(member.loss / before.loss) / (member.complexity - before.complexity))
        return tuple(scores)

    def member(self, complexity: int) -> Member:
        """The member of that complexity; SymcError listing those there are."""
        for member in self.members:
            if member.complexity == complexity:
                return member
        there = ", ".join(str(m.complexity) for m in self.members)
        raise SymcError(
            f"output {self.output!r} has no equation of complexity {complexity}",
            hint=f"Its front has these complexities: {there}.",
        )

    def pick(self, rule: str = "best") -> Member:
        """The member that `rule` picks from this front alone: "best", "accuracy", "score", "knee" or "cheapest:TOL".

        "accuracy" is the smallest loss, "score" the largest score, "best" the member that is taken for the law, else
        the largest score among the members whose loss is at most 1.5 times the smallest (PySR 2.7,
        `idx_model_selection`; within half its size above a negative one); of equals, the simplest. "knee" is where more
        nodes begin to gain little: the member farthest below the line from the first to the last, in complexity and the
        logarithm of the error (held-out where there is one), each scaled to 1 (Satopaa et al., "Finding a 'Kneedle' in
        a Haystack", 2011). "cheapest:0.1" is the cheapest to compute whose held-out error is within 10 % of the best.
        """
        return select((self,), rule)[0]

    def sympy(self, complexity: int | None = None) -> sympy.Expr:
        """The equation of that complexity, by default the one that "best" picks, as sympy has it."""
        return expression_of(self._asked(complexity).equation)

    def latex(self, complexity: int | None = None) -> str:
        """The equation of that complexity, by default the one that "best" picks, as output = equation in LaTeX."""
        return latex_of(self.output, self._asked(complexity).equation)

    def plot(self, axes: Any = None) -> Any:
        """Errors over complexity on matplotlib's axes; see symc.search.shown.plot."""
        return plot(self, axes)

    def _asked(self, complexity: int | None) -> Member:
        return self.pick() if complexity is None else self.member(complexity)

    def _repr_html_(self) -> str:
        return html_of(self)

    def _repr_latex_(self) -> str:
        return f"$${self.latex()}$$"

    def over_inputs(self, variables: Variables) -> Front:
        """The same front with its equations written over the inputs that `variables` are made of."""
        if not variables.definitions:
            return self
        return replace(
            self, members=tuple(replace(m, equation=variables.written_out(m.equation)) for m in self.members)
        )

    def to_json(self) -> dict[str, Any]:
        """A dict of lists, numbers and text."""
        return {
            "output": self.output,
            "members": [m.to_json() for m in self.members],
            "dropped": [list(pair) for pair in self.dropped],
            **({"cut_short": self.cut_short} if self.cut_short else {}),
        }

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Front:
        """The inverse of to_json; SymcError when `data` is not a front."""
        try:
            members = tuple(Member.from_json(m) for m in data["members"])
            dropped = tuple((str(equation), str(reason)) for equation, reason in data["dropped"])
            return cls(str(data["output"]), members, dropped, str(data.get("cut_short", "")))
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise SymcError(f"not a front: {error}", where="front") from None

    def __str__(self) -> str:
        best = self.pick("best") if self.members else None
        told = all(m.agreement is not None for m in self.members)
        rows = []
        for member, score in zip(self.members, self.scores, strict=True):
            heldout = "-" if member.heldout is None else f"{member.heldout:.4g}"
            numbers = (str(member.complexity), f"{member.loss:.4g}", heldout, f"{score:.3g}", str(member.cost))
            share = (f"{100.0 * (member.agreement or 0.0):.4g}",) if told else ()
            rows.append((">" if member is best else "", *numbers, *share, member.equation))
        classes = ("% same class",) if told else ()
        columns = ("", "complexity", "loss", "held-out", "score", "cost", *classes, "equation")
        lines = [table(columns, rows, title=self.output), *self.remarks]
        if self.dropped:
            lines.append(f"{len(self.dropped)} proposed and dropped, such as {_brief(self.dropped[0])}")
        return "\n".join(lines)


def select(
    fronts: Sequence[Front],
    rule: str = "best",
    complexity: int | Sequence[int] | None = None,
    features: Sequence[str] = (),
) -> tuple[Member, ...]:
    """Choose one member of each front: by `complexity` (one for all, or one each) when given, else by `rule`.

    "best", "accuracy" and "score", as PySR has them, and "knee" judge each front by itself. "cheapest:TOL" chooses for
    all outputs together: every output stays within TOL (relative) of its best held-out error, and the total cost counts
    a subexpression that several outputs share once; that needs the names of the `features` when there are several
    fronts. Raises SymcError for an unknown rule, a complexity that is not there, or an empty front.
    """
    for front in fronts:
        if not front.members:
            raise SymcError(
                f"output {front.output!r} has no usable equation",
                hint=f"Dropped: {_brief(front.dropped[0])}." if front.dropped else None,
            )
    if complexity is not None:
        wanted = [complexity] * len(fronts) if isinstance(complexity, int) else list(complexity)
        if len(wanted) != len(fronts):
            raise SymcError(f"{len(wanted)} complexities are given for {len(fronts)} outputs")
        return tuple(front.member(k) for front, k in zip(fronts, wanted, strict=True))
    if rule.partition(":")[0] == "cheapest":
        return _cheapest(fronts, _tolerance(rule), features)
    if rule not in RULES:
        raise SymcError(f"unknown rule {rule!r} for choosing an equation", hint=f"The rules are: {', '.join(RULES)}.")
    return tuple(_pick(front, rule) for front in fronts)


def _pick(front: Front, rule: str) -> Member:
    # min and max keep the first of equals, as pandas' idxmin and idxmax do.
    if rule == "accuracy":
        return min(front.members, key=lambda m: m.loss)
    if rule == "knee":
        return _knee(front.members)
    law = next((m for m in front.members if m.law), None)
    if rule == "best" and law is not None:
        return law
    scored = list(zip(front.members, front.scores, strict=True))
    if rule == "best":
        limit = _within(min(m.loss for m in front.members), _NEAR_BEST)
        scored = [(m, s) for m, s in scored if m.loss <= limit]
    return max(scored, key=lambda pair: pair[1])[0]


def _within(least: float, factor: float) -> float:
    """`factor` times the least loss; as far above it where it is negative."""
    return least + (factor - 1.0) * abs(least) if least < 0.0 else least * factor


def _knee(members: Sequence[Member]) -> Member:
    errors = [m.loss if m.heldout is None else m.heldout for m in members]
    if min(errors) <= 0.0:
        # No error at all: the simplest that has none.
        return next(m for m, error in zip(members, errors, strict=True) if error <= 0.0)
    first, last = members[0].complexity, members[-1].complexity
    high, low = math.log(errors[0]), math.log(errors[-1])
    if last == first or high <= low:
        return min(zip(members, errors, strict=True), key=lambda pair: pair[1])[0]
    below = [
        (last - m.complexity) / (last - first) - (math.log(error) - low) / (high - low)
        for m, error in zip(members, errors, strict=True)
    ]
    # Two alone, or all on the line: the last, which is the most accurate.
    return members[below.index(max(below))] if max(below) > 0.0 else members[-1]


def _tolerance(rule: str) -> float:
    text = rule.partition(":")[2]
    try:
        tolerance = float(text)
    except ValueError:
        tolerance = math.nan
    if not (math.isfinite(tolerance) and tolerance >= 0.0):
        raise SymcError(
            f"rule {rule!r} needs a tolerance that is not negative", hint="cheapest:0.1 allows 10 % more error."
        )
    return tolerance


def _cheapest(fronts: Sequence[Front], tolerance: float, features: Sequence[str]) -> tuple[Member, ...]:
    allowed = []
    for front in fronts:
        errors = [m.loss if m.heldout is None else m.heldout for m in front.members]
        # The tolerance is on the error as people read it, the root of the mean square.
        limit = _within(min(errors), (1.0 + tolerance) ** 2)
        near = [m for m, error in zip(front.members, errors, strict=True) if error <= limit]
        allowed.append(sorted(near, key=lambda m: (m.cost, m.complexity)))
    choice = [members[0] for members in allowed]
    if len(fronts) > 1 and any(len(members) > 1 for members in allowed):
        choice = _jointly(allowed, choice, features)
    return tuple(choice)


def _jointly(allowed: list[list[Member]], choice: list[Member], features: Sequence[str]) -> list[Member]:
    """Coordinate descent from the cheapest of each: change one output's member while the total cost falls."""
    # Lowering needs sympy, which a choice from one front does not.
    from symc.ir.lower import lower
    from symc.ir.parse import parse

    if not features:
        raise SymcError("choosing the cheapest equations of several outputs needs the names of the inputs")
    programs = {
        text: lower([parse(text, features)], features, ["y"])
        for text in sorted({m.equation for members in allowed for m in members})
    }
    cost = _shared_cost([programs[m.equation] for m in choice])
    improved = True
    while improved:
        improved = False
        for k, members in enumerate(allowed):
            for member in members:
                tried = [*choice[:k], member, *choice[k + 1 :]]
                total = _shared_cost([programs[m.equation] for m in tried])
                if total < cost:
                    choice, cost, improved = tried, total, True
    return choice


def _shared_cost(programs: Sequence[Program]) -> int:
    """Cost of all programs merged, with equal values computed once."""
    builder = Builder(programs[0].inputs)
    for program in programs:
        builder.include(program)
    return Program(builder.inputs, (), tuple(builder.instructions), ()).cost


def _brief(dropped: tuple[str, str]) -> str:
    equation, reason = dropped
    return f"{equation if len(equation) <= 60 else equation[:57] + '...'} ({reason})"
