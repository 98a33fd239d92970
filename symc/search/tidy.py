"""Equations made simpler without making them worse: constants that do not matter are snapped to 0, 1 or whole powers.

A fitted equation's Jacobian says, to second order, how much the loss grows when one constant is fixed at another value
and the rest are fitted again (LeCun, Denker and Solla's optimal brain damage, with Hassibi and Stork's correction for
the other constants). A weight near 1, a term that does nothing, and a scale that another constant can absorb all show
up as constants that may be fixed for nothing; each snap is then carried out, fitted and judged by its real loss.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
import sympy

from symc.errors import SymcError
from symc.ir.parse import complexity
from symc.ir.symbolic import multiply
from symc.search.freedom import freedom_of
from symc.search.refit import EXPONENT, FACTOR, TERM, Fit, Samples, Template, fit

# A snap is free when the loss grows by no more than this, relative.
FREE = 1e-3
# Rounding all constants to few digits may cost this much of the loss, and this much of what float32 arithmetic makes.
_ROUNDING = 1e-4
_FLOAT32_ROUNDING = 1e-2
_LONGEST_DECIMAL = 9
_MOST_HALVINGS = 10_000.0
# Tidying seldom removes more than this share of an equation.
_SO_MUCH = 0.6
# A snapped equation starts near its optimum.
_FEW_ITERATIONS = 12


@dataclass(frozen=True)
class Tidied:
    """A fitted equation and its complexity."""

    fit: Fit
    complexity: int

    @property
    def expression(self) -> sympy.Expr:
        return self.fit.expression

    @property
    def loss(self) -> float:
        return self.fit.loss


class Archive:
    """The best (complexity, loss) seen so far, to tell what is worth pursuing."""

    def __init__(self) -> None:
        self._least: dict[int, float] = {}

    def beats(self, entry: Tidied) -> bool:
        """Whether something so much simpler is as good that tidying `entry` would not catch up."""
        return any(c <= _SO_MUCH * entry.complexity and loss <= entry.loss for c, loss in self._least.items())

    def offers(self, entry: Tidied) -> bool:
        """Whether nothing as simple as `entry` reaches its loss; `entry` is then remembered."""
        if any(c <= entry.complexity and loss <= entry.loss for c, loss in self._least.items()):
            return False
        self._least[entry.complexity] = entry.loss
        return True


def tidy(
    expression: sympy.Expr, samples: Samples, coarser: int = 0, archive: Archive | None = None, tries: int = 2
) -> list[Tidied]:
    """Simplify an equation as long as that is free, then up to `coarser` steps further at the least loss.

    Returns the equations on the way, the free one first: proposals for a front. The way ends where it meets what
    `archive` has seen already. An equation that is not finite on the samples, or far behind what the archive has seen,
    gives none. Raises SymcError when it cannot be lowered.
    """
    archive = archive or Archive()
    current = _tidied(fit(expanded(expression), samples))
    if not math.isfinite(current.loss) or archive.beats(current):
        return []
    current = _shorter_expanded(_free(current, samples, tries), samples, tries)
    path = [current]
    while archive.offers(current) and len(path) <= coarser:
        step = _best_step(current, samples, tries)
        if step is None or step.loss > samples.spread:
            break
        current = _free(step, samples, tries)
        path.append(current)
    return path


def expanded(e: sympy.Expr, terms: float = 1) -> sympy.Expr:
    """Multiply numbers into sums of at most `terms` terms besides a constant.

    For one term that is never longer: c*(u + k) has as many nodes as c*u + c*k, which may merge with its surroundings.
    """
    if not e.args:
        return e
    args = [expanded(a, terms) for a in e.args]
    if not e.is_Mul:
        return e.func(*args)
    if len(args) == 2 and args[0].is_Float and args[1].is_Add:
        constant, rest = args[1].as_coeff_Add()
        parts = sympy.Add.make_args(rest)
        if len(parts) <= terms:
            return sympy.Add(args[0] * constant, *(multiply(args[0], part) for part in parts))
    return multiply(*args)


def _shorter_expanded(current: Tidied, samples: Samples, tries: int) -> Tidied:
    """With every number multiplied into its sum, where that lets more constants go: 2*(x/2 + y) is x + 2*y."""
    other = expanded(current.expression, math.inf)
    if other == current.expression:
        return current
    found = _try(other, samples)
    if found is None or not found.loss <= current.loss * (1.0 + FREE) + samples.enough:
        return current
    found = _free(found, samples, tries)
    return found if found.complexity < current.complexity else current


def shorten(found: Fit, samples: Samples) -> Fit:
    """Write the constants with as few digits as the loss allows: 0.50000006 becomes 0.5 when the samples cannot tell.

    All roundings together raise the loss by at most a ten-thousandth of itself and a hundredth of what float32
    arithmetic makes.
    """
    values = found.template.values
    if not values:
        return found
    allowance = math.sqrt(_ROUNDING * found.loss + _FLOAT32_ROUNDING * samples.enough) / len(values)
    # Moving constant k by d moves the outputs by |d| * rms(slope k) in the root mean square; the moves add up.
    moves = np.sqrt(np.mean(found.slopes**2, axis=0)).tolist()
    rounded = tuple(_shortest(v, allowance / m if m > 0.0 else 0.0) for v, m in zip(values, moves, strict=True))
    try:
        return fit(replace(found.template, values=rounded).filled(), samples, iterations=0)
    except SymcError:
        return found


def _tidied(found: Fit) -> Tidied:
    return Tidied(found, complexity(found.expression))


def _free(current: Tidied, samples: Samples, tries: int) -> Tidied:
    limit = current.loss * (1.0 + FREE) + samples.enough
    improved = True
    while improved:
        improved = False
        for k, (estimate, proposal) in enumerate(_snaps(current, samples)):
            if estimate > 0 and k >= tries:
                break
            step = _try(proposal, samples)
            if step is not None and step.complexity < current.complexity and step.loss <= limit:
                current, improved = step, True
                break
    return current


def _best_step(current: Tidied, samples: Samples, tries: int) -> Tidied | None:
    """The simpler equation with the least loss among the most promising snaps."""
    steps = []
    for _, proposal in _snaps(current, samples):
        step = _try(proposal, samples)
        if step is not None and step.complexity < current.complexity and math.isfinite(step.loss):
            steps.append(step)
            if len(steps) == tries:
                break
    return min(steps, key=lambda s: (s.loss, s.complexity), default=None)


def _try(proposal: sympy.Expr, samples: Samples) -> Tidied | None:
    try:
        return _tidied(fit(expanded(proposal), samples, _FEW_ITERATIONS))
    except SymcError:
        return None


def _snaps(current: Tidied, samples: Samples) -> Iterator[tuple[int, sympy.Expr]]:
    """Equations with one constant snapped, the most promising first, each with its estimated cost (0: free)."""
    template, loss = current.fit.template, max(current.loss, samples.enough)
    freedom = freedom_of(current.fit.slopes)
    ranked = []
    for k, (value, role) in enumerate(zip(template.values, template.roles, strict=True)):
        for target in _targets(value, role, freedom.redundant[k]):
            estimate = 0 if freedom.redundant[k] else _steps(target - value, freedom.room[k], FREE * loss)
            ranked.append((estimate, target != 0.0, k, target))
    # Equals stay in the order of _targets.
    for estimate, _, k, target in sorted(ranked, key=lambda entry: entry[:3]):
        if freedom.redundant[k]:
            values = _made_up_for(template, freedom.follow[:, k], k, target)
        else:
            values = [target if j == k else value for j, value in enumerate(template.values)]
        try:
            yield estimate, template.filled(values)
        except SymcError:
            continue


def _made_up_for(template: Template, follow: np.ndarray, k: int, target: float) -> list[float]:
    """All constants when constant k goes to `target` and the others follow, as far each as `follow` says per unit.

    How far a fit drifted along constants that make up for each other is an accident of its method; from here every
    such equation comes to the same one. Exact for what scales a factor (a*(b*x + c), a*x/(b*y + c), (a*x)^2*b) and for
    what shifts a term (a*exp(b*x + c), log(a*x) + b).
    """
    values = np.array(template.values)
    with np.errstate(all="ignore"):
        if template.roles[k] == FACTOR and target != 0.0:
            powers = follow * values[k] / values
            ratio = target / values[k]
            signs = np.where(np.round(powers) % 2.0 != 0.0, np.sign(ratio), 1.0)
            moved = values * signs * abs(ratio) ** powers
        else:
            shifts = follow * (target - values[k])
            factors = np.array([role == FACTOR for role in template.roles])
            moved = np.where(factors, values * np.exp(shifts / values), values + shifts)
    moved[k] = target
    return moved.tolist()


def _steps(move: float, freedom: float, free: float) -> int:
    """How often the growth of the loss by `move` must be halved to be free, in whole steps: 0 when it is.

    Steps as coarse as that keep rounding noise from reordering equals on another machine. Logarithms, because a
    constant that means nothing may be of any size.
    """
    if move == 0.0 or not freedom > 0.0:
        return 0
    halvings = 2.0 * math.log2(abs(move)) - math.log2(freedom) - math.log2(free)
    return 0 if halvings <= 0.0 else 1 + round(min(halvings, _MOST_HALVINGS))


def _targets(value: float, role: str, redundant: bool) -> tuple[float, ...]:
    if role == TERM:
        return (0.0,)
    if role == FACTOR:
        # Others may take over the sign as well.
        return (0.0, 1.0, -1.0) if redundant else (0.0, math.copysign(1.0, value))
    if role == EXPONENT:
        halves = {float(round(value)), round(2.0 * value) / 2.0, math.copysign(1.0, value)}
        return tuple(sorted(halves - {value}))
    return ()


def _shortest(value: float, room: float) -> float:
    """The decimal with the fewest digits within `room` of value."""
    for digits in range(1, _LONGEST_DECIMAL):
        short = float(f"{value:.{digits - 1}e}")
        if abs(short - value) <= room:
            return short
    return value
