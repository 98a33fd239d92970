"""The file that module.save writes: tensors and text only, so that opening it can run nothing."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields, replace
from functools import cached_property
from pathlib import Path
from typing import Any

from symc.capture.dataset import Dataset
from symc.capture.layout import Layout
from symc.capture.stored import dataset_of, tensors_of
from symc.errors import SymcError
from symc.ir.heads import Head
from symc.ir.program import Program
from symc.meaning.compile import program_of
from symc.models.safe import HoldsObjects, UnknownField, check_fields, check_format, read_safely, write_safely
from symc.search.front import Front
from symc.search.member import Member
from symc.search.task import Settings

MARKER = "symc distilled module"
ONE_TENSOR = Layout((), ())
# The source of equations of plain data, where a distilled module names its network.
SAMPLES = "samples"
FORMAT = 2
_FIELDS = (
    *("features", "outputs", "seed", "fronts", "provenance", "chosen", "layout"),
    # Since format 2, only where they say something.
    *("definitions", "seen", "nonfinite", "output_dims", "head", "input_names", "output_names"),
)
_AGAIN = "Save the module again."
_NOT_OURS = "Networks are opened by symc build and by symc distill."


class UnknownHead(SymcError):
    """A file of ours has a head that this version of symc does not know."""


@dataclass(frozen=True)
class Provenance:
    """Where fronts come from: enough to run the search again.

    `evaluations` were spent of `evaluations_budget` (None: the default); `time_budget` is in seconds; `stopped_by`
    says which of them ended the search. `operators` are those that the equations might use. `by_output` holds the
    settings of each output where they are not the same for all.
    """

    source: str
    engine: str
    engine_version: str
    seed: int
    evaluations: int
    stopped_by: str
    evaluations_budget: int | None = None
    time_budget: float | None = None
    operators: tuple[str, ...] = ()
    symc_version: str = ""
    max_complexity: int | None = None
    by_output: tuple[Settings, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """A dict of numbers, text and lists; what is left at its default since format 2 is left out."""
        added = {"max_complexity": None, "by_output": ()}
        return {name: value for name, value in asdict(self).items() if name not in added or value != added[name]}


@dataclass(frozen=True)
class Distilled:
    """A distilled block: the samples, the Pareto fronts found on them, and how.

    `chosen` holds the complexity picked for each output (None: none was picked yet); `layout` says which
    columns belong to which tensor of the block's call; by default one tensor in, one out. `output_dims` are the
    columns of the block's output that have equations, rising; () says all of them.
    """

    dataset: Dataset
    fronts: tuple[Front, ...]
    provenance: Provenance
    chosen: tuple[int, ...] | None = None
    layout: Layout = ONE_TENSOR
    output_dims: tuple[int, ...] = ()

    def __post_init__(self) -> None:
        names = tuple(front.output for front in self.fronts)
        if names != self.dataset.outputs:
            raise SymcError(f"the fronts are for {', '.join(names)}, the samples for {', '.join(self.dataset.outputs)}")
        if not self.layout.inputs:
            object.__setattr__(self, "layout", Layout((self.dataset.n_in,), (self.dataset.n_out,)))
        dims = self.output_dims or tuple(range(self.layout.n_out))
        fits = len(dims) == self.dataset.n_out and list(dims) == sorted({d for d in dims if 0 <= d < self.layout.n_out})
        if self.layout.n_in != self.dataset.n_in or not fits:
            raise SymcError("the layout of the block's tensors does not fit the samples")
        if self.chosen is not None:
            chosen_members(self.fronts, self.chosen)

    @cached_property
    def sha256(self) -> str:
        """Hash of everything the file holds; the same on every machine and for every version of torch."""
        return hashlib.sha256(f"{self.dataset.sha256}\n{self._text}".encode()).hexdigest()

    @property
    def members(self) -> tuple[Member, ...] | None:
        """The chosen member of each front, or None."""
        return None if self.chosen is None else chosen_members(self.fronts, self.chosen)

    @property
    def head(self) -> Head | None:
        """What stands behind the equations."""
        return None if self.dataset.logits is None else self.dataset.logits.head

    @cached_property
    def program(self) -> Program:
        """The chosen equations, and the head behind them, as one Program over the inputs; some must be chosen."""
        data, members = self.dataset, self.members
        assert members is not None
        texts = [data.variables.written_out(m.equation) for m in members]
        domain = [(low, high) for low, high in data.domain.tolist()]
        program = program_of(texts, data.features, data.outputs, domain)
        return program if self.head is None else self.head.behind(program)

    def encode(self) -> dict[str, Any]:
        """A dict of tensors and text that decode reads back to an equal object."""
        return {
            "symc": MARKER,
            "format": FORMAT,
            "text": self._text,
            **tensors_of(self.dataset),
            "sha256": self.sha256,
        }

    @classmethod
    def decode(cls, data: Mapping[str, Any], where: str = "distilled module") -> Distilled:
        """The inverse of encode; SymcError when `data` is of another format, incomplete, or not what was written."""
        check_format(data.get("format"), FORMAT, where, "Distill the network again and save it.")
        try:
            text = json.loads(data["text"])
            check_fields(text, _FIELDS, where)
            check_fields(text["provenance"], [field.name for field in fields(Provenance)], where)
            head = _head(text.get("head"), where)
            dataset = dataset_of(
                data,
                text["features"],
                text["outputs"],
                text["seed"],
                definitions=tuple((str(name), str(expression)) for name, expression in text.get("definitions", ())),
                seen=int(text.get("seen", 0)),
                nonfinite=int(text.get("nonfinite", 0)),
                head=head,
                input_names=tuple(map(str, text.get("input_names", ()))),
                output_names=tuple(map(str, text.get("output_names", ()))),
            )
            provenance = dict(text["provenance"])
            operators = tuple(provenance.pop("operators"))
            settings = tuple(
                Settings(tuple(s["operators"]), s["evaluations"], s["max_complexity"])
                for s in provenance.pop("by_output", ())
            )
            found = cls(
                dataset,
                tuple(Front.from_json(f) for f in text["fronts"]),
                Provenance(**provenance, operators=operators, by_output=settings),
                None if text["chosen"] is None else tuple(map(int, text["chosen"])),
                Layout.from_json(text["layout"]),
                tuple(map(int, text.get("output_dims", ()))),
            )
        except (UnknownField, UnknownHead):
            raise
        except SymcError as error:
            raise SymcError(f"is damaged: {error.what}", where=where, hint=_AGAIN) from None
        except (KeyError, TypeError, ValueError, AttributeError, OverflowError, RecursionError) as error:
            raise SymcError(f"is damaged ({type(error).__name__}: {error})", where=where, hint=_AGAIN) from None
        if found.sha256 != data.get("sha256"):
            raise SymcError("is damaged: its content does not match the hash it carries", where=where, hint=_AGAIN)
        return found

    def choosing(self, chosen: tuple[int, ...] | None) -> Distilled:
        """A copy with other complexities chosen."""
        return replace(self, chosen=chosen)

    def __str__(self) -> str:
        p = self.provenance
        lines = [f"distilled by {p.engine} {p.engine_version}: {p.evaluations} evaluations, stopped by {p.stopped_by}"]
        lines += [str(self.dataset), *(str(front) for front in self.fronts)]
        return "\n".join(lines)

    @cached_property
    def _text(self) -> str:
        content = {
            "features": self.dataset.features,
            "outputs": self.dataset.outputs,
            "seed": self.dataset.seed,
            "fronts": [front.to_json() for front in self.fronts],
            "provenance": self.provenance.to_json(),
            "chosen": self.chosen,
            "layout": self.layout.to_json(),
        }
        # Only where they say something, so that earlier files keep their hash.
        added = {
            "definitions": self.dataset.definitions,
            "seen": self.dataset.seen,
            "nonfinite": self.dataset.nonfinite,
            "output_dims": self.output_dims,
            "head": "" if self.head is None else str(self.head),
            "input_names": self.dataset.input_names,
            "output_names": self.dataset.output_names,
        }
        content |= {name: value for name, value in added.items() if value}
        # Python writes the shortest decimals that read back to the same double, so the text is exact.
        return json.dumps(content, sort_keys=True, indent=1)


def _head(text: Any, where: str) -> Head | None:
    try:
        return None if text is None else Head.of(str(text))
    except SymcError as error:
        raise UnknownHead(
            f"ends in the head {text!r}, which this version of symc does not know",
            where=where,
            hint="Install a newer symc.",
        ) from error


def chosen_members(fronts: tuple[Front, ...], complexities: tuple[int, ...]) -> tuple[Member, ...]:
    """The member of each front with the given complexity; SymcError naming the complexities there are."""
    if len(complexities) != len(fronts):
        raise SymcError(f"{len(complexities)} complexities are given for {len(fronts)} outputs")
    return tuple(front.member(k) for front, k in zip(fronts, complexities, strict=True))


def save_distilled(distilled: Distilled, path: str | Path) -> None:
    """Write the file in one step: a failure leaves an earlier file of that name as it was and no other behind."""
    write_safely(distilled.encode(), Path(path))


def load_distilled(path: str | Path) -> Distilled:
    """Read what save_distilled wrote. Raises SymcError when the file is missing, damaged, or holds something else."""
    where = str(path)
    try:
        data = read_safely(Path(path))
    except HoldsObjects:
        raise SymcError("was not saved by symc", where=where, hint=_NOT_OURS) from None
    if not is_distilled(data):
        raise SymcError("was not saved by symc", where=where, hint=_NOT_OURS)
    return Distilled.decode(data, where)


def is_distilled(data: Any) -> bool:
    """Whether an opened file is one of ours, whatever its format."""
    return isinstance(data, dict) and data.get("symc") == MARKER
