"""What was asked of a build, as it is handed on, kept in the manifest and written as a command."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from symc.bundle.accuracy import ACCURATE
from symc.bundle.constants import SHORTEN
from symc.bundle.demands import Conserved, Demand
from symc.bundle.numbers import NUMBERS
from symc.bundle.ranges import ALLOW_POLES
from symc.bundle.unit import DERIVATIVES, OUTSIDE
from symc.meaning.units import Units

# Options of a build, as the manifest records them.
LIMIT, CORE = "limit", "core"


@dataclass(frozen=True)
class Order:
    """What was asked of a build, read and checked; `asked` is option -> text, and `limits` are those of the errors.

    `derivatives` are those that were named, the default one too.
    """

    name: str
    targets: tuple[str, ...]
    asked: dict[str, str]
    demands: Sequence[Demand | Conserved]
    limits: Mapping[str, float]
    required: tuple[str, ...]
    selftest: str
    units: Units | None
    derivatives: tuple[str, ...] = ()

    def of(self, complexity: Sequence[int]) -> Order:
        """The same order for equations that are named."""
        return replace(self, asked={**self.asked, **choice_of(None, complexity)})

    def command(self, arguments: Sequence[str]) -> str:
        """The command that builds the same bundle again; `arguments` name the model."""
        asked = self.asked
        words = ["symc build", *arguments, *(f"--target {t}" for t in self.targets), f"--name {self.name}"]
        # Complexity overrules a rule.
        words += [f"--{option} {asked[option]}" for option in ("complexity", "select") if option in asked][:1]
        words += [f"--{ALLOW_POLES}"] if ALLOW_POLES in asked else []
        words += [f"--{ACCURATE}"] if ACCURATE in asked else []
        words += [f"--{SHORTEN}={asked[SHORTEN]}"] if SHORTEN in asked else []
        words += [f"--{OUTSIDE} {asked[OUTSIDE]}"] if OUTSIDE in asked else []
        words += [f"--{DERIVATIVES} {asked[DERIVATIVES]}"] if DERIVATIVES in asked else []
        words += [f"--{NUMBERS} {asked[NUMBERS]}"] if NUMBERS in asked else []
        words += [f'--require "{text}"' for text in self.required]
        words += [f"--selftest {self.selftest}"] * (self.selftest != "short")
        words += [] if self.units is None else [f'--units "{self.units}"']
        if LIMIT in asked:
            words += [f"--{LIMIT} {asked[LIMIT]}", *(f"--{CORE} {name}" for name in asked[CORE].split(","))]
        return " ".join([*words, "-o OUT"])


def choice_of(select: str | None, complexity: int | Sequence[int] | None) -> dict[str, str]:
    """What chooses from the fronts, option -> text."""
    chosen = {} if select is None else {"select": select}
    if complexity is not None:
        chosen["complexity"] = str(complexity) if isinstance(complexity, int) else ",".join(map(str, complexity))
    return chosen

