"""What a way in is: something that recognises what is its own, opens it, and says what a bundle is made of."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, Generic, NamedTuple, Protocol, TypeVar

from msgspec import UnsetType

from symc.bundle import manifest as record
from symc.bundle.parity import Recording
from symc.errors import SymcError
from symc.ir.heads import Head
from symc.ir.layered import Layered
from symc.ir.program import Program
from symc.sources.given import Given

Held = TypeVar("Held")
Options = Mapping[str, Any]


class Choice(NamedTuple):
    """The program to compile, its equations, those that a rule passed over, with the reason, and all there were."""

    program: Program | Layered
    equations: tuple[record.Equation, ...]
    passed_over: tuple[record.Dropped, ...] = ()
    fronts: tuple[record.Member, ...] = ()


class Origin(Protocol):
    """Equations with all that a bundle tells of their history. `arguments` repeat the build on the command line."""

    @property
    def kind(self) -> str: ...

    @property
    def sha256(self) -> str: ...

    @property
    def domain(self) -> tuple[tuple[float, float], ...] | None: ...

    @property
    def recording(self) -> Recording | None: ...

    @property
    def samples(self) -> record.Samples | None: ...

    @property
    def search(self) -> record.Search | None: ...

    @property
    def dropped(self) -> tuple[record.Dropped, ...]:
        """What was proposed but cannot be used, with the reasons."""

    @property
    def controls(self) -> tuple[record.Control, ...] | UnsetType:
        """What the network's metric is with other forms in the block's place, where that was measured."""

    @property
    def agreement(self) -> tuple[record.Agreement, ...]:
        """How often the whole network decides as before, where that was counted before; () elsewhere."""

    @property
    def head(self) -> Head | None:
        """What stands behind the equations that `choose` gives; None for nothing."""

    @property
    def names(self) -> record.Names | UnsetType:
        """The columns' own names, where these are not identifiers."""

    @property
    def notes(self) -> Mapping[str, str]:
        """What the manifest and the sources shall say beside the options of the build."""

    @property
    def arguments(self) -> tuple[str, ...]: ...

    def choose(self, rule: str | None, complexity: int | Sequence[int] | None) -> Choice:
        """What to compile, without the head: picked by a rule, by complexity, or as the model itself says."""


class Source(ABC, Generic[Held]):
    """A way in. Adding one is one file in this folder and one row in SOURCES.

    `accepts` says in a hint what it takes, `holds` in an error what a file of its kind holds, and `uses` are the
    options of resolve that it has a use for.
    """

    accepts: ClassVar[str]
    holds: ClassVar[str]
    uses: ClassVar[frozenset[str]] = frozenset()

    @abstractmethod
    def recognises(self, given: Given) -> bool:
        """Whether that is one of its own, told from types and bytes; nothing that a file holds is run."""

    @abstractmethod
    def open(self, given: Given, options: Options) -> Held:
        """What was given, opened, with those of `options` that say how. SymcError when it cannot be."""

    @abstractmethod
    def origin(self, held: Held, given: Given, options: Options) -> Origin:
        """What a bundle is made of; a network is distilled first."""

    @abstractmethod
    def describe(self, held: Held) -> tuple[str, dict[str, Any]]:
        """What it holds, as text for people and as plain data."""

    def identity(self, held: Held, given: Given) -> str | None:
        """The sha256 that the origin will have, where it takes long to make; else None."""
        return None

    def check(self, given: Given, options: Options) -> None:
        """Raise SymcError for an option that this kind of model has no use for."""
        for name in options:
            if name not in self.uses and name != "trust":
                flag = name.replace("_", "-")
                raise SymcError(
                    f"holds {self.holds}, so there is no use for --{flag}", where=given.where, hint="Leave it out."
                )
