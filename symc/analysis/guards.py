"""Under which conditions an instruction matters at all: the branches of selections that must be taken on the way."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from symc.ir.program import Program

# Conditions of selections, by position, and whether each is above 0: what is guarded matters only where all hold.
Guards = frozenset[tuple[int, bool]]

ALWAYS: Guards = frozenset()
# Instructions times sets of guards, in programs: beyond it what is guarded is looked at as if it were not.
_MOST = 6


@dataclass(frozen=True)
class Guarded:
    """own[p]: the guards of instruction p, None where no result hangs on it.

    at[p]: under which guards the value of p is asked for, fewest first; its own are among them.
    """

    own: tuple[Guards | None, ...]
    at: tuple[tuple[Guards, ...], ...]

    @property
    def visits(self) -> int:
        """How often an instruction is looked at, in all."""
        return sum(map(len, self.at))

    @property
    def sets(self) -> list[Guards]:
        """Every set of guards but the empty one."""
        return list(dict.fromkeys(g for guards in self.at for g in guards if g))


@lru_cache(maxsize=64)
def guarded(program: Program) -> Guarded | None:
    """The guards of every instruction; None where there are none, or too many."""
    if "select" not in program.operators:
        return None
    own = _own(program)
    at: list[dict[Guards, None]] = [{} for _ in own]
    for position in reversed(range(len(own))):
        guards = own[position]
        if guards is None:
            continue
        at[position].setdefault(guards)
        step = program.instructions[position]
        # Operands are asked for in each setting in which the instruction is.
        for asked in at[position]:
            for slot, argument in enumerate(step.args):
                at[argument].setdefault(branch(step.op, step.args, slot, asked) if asked == guards else asked)
    if sum(map(len, at)) > _MOST * len(own):
        return None
    return Guarded(tuple(own), tuple(tuple(sorted(found, key=len)) for found in at))


def guards_of(program: Program, position: int) -> Guards:
    """The guards of an instruction on which a result hangs."""
    return _own(program)[position] or ALWAYS


def branch(op: str, args: tuple[int, ...], slot: int, guards: Guards) -> Guards:
    """The guards of operand `slot` of an instruction that has `guards`."""
    return guards | {(args[0], slot == 1)} if op == "select" and slot else guards


def _own(program: Program) -> list[Guards | None]:
    own: list[Guards | None] = [None] * len(program.instructions)
    for result in program.results:
        own[result] = ALWAYS
    for position in reversed(range(len(own))):
        guards, step = own[position], program.instructions[position]
        if guards is None:
            continue
        for slot, argument in enumerate(step.args):
            through, before = branch(step.op, step.args, slot, guards), own[argument]
            own[argument] = through if before is None else before & through
    return own


def visits(program: Program) -> int:
    """What one look at a box costs: the program's instructions, and again those inside branches."""
    found = guarded(program)
    return max(len(program.instructions), 1) + (0 if found is None else found.visits)
