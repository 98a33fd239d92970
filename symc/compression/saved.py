"""A compressed block and the file it is kept in: tensors and text only, so that opening it can run nothing."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from symc.capture.dataset import Dataset
from symc.capture.stored import dataset_of, tensors_of
from symc.errors import SymcError
from symc.ir.layered import Layered
from symc.ir.lower import lower
from symc.ir.parse import parse
from symc.ir.program import Program
from symc.meaning.compile import program_of
from symc.models.safe import HoldsObjects, UnknownField, check_fields, check_format, read_safely, write_safely

MARKER = "symc compressed block"
FORMAT = 1
_AGAIN = "Compress the block again and save it."


@dataclass(frozen=True)
class Control:
    """A row of the control table: the whole network's `metric` with `form` in the block's place.

    `multiply_adds` are those of the form for one row; `damage` is the rise of the metric over the original's.
    """

    form: str
    multiply_adds: int
    metric: float
    damage: float


@dataclass(frozen=True, eq=False)
class Compressed:
    """What takes a block's place, the block's own inputs and outputs to judge it by, and how it was found.

    program: the layered program; its inputs and outputs are called as the dataset's.
    equations: one text per value between the matrices, in our grammar; they compile to program.equations. (Files of
        earlier versions hold them as sympy arranges them, whether or not that is as good as the text.)
    dataset: the block's recorded inputs and outputs.
    provenance: name -> text for people and for the manifest, such as method, metric, source and tool version.
    controls: the control table, trivial forms included.

    Raises SymcError when the parts do not fit together.
    """

    program: Layered
    equations: tuple[str, ...]
    dataset: Dataset
    provenance: Mapping[str, str] = field(default_factory=dict)
    controls: tuple[Control, ...] = ()

    def __post_init__(self) -> None:
        object.__setattr__(self, "equations", tuple(self.equations))
        self.program.check()
        names = (self.program.inputs, self.program.outputs)
        if names != (self.dataset.features, self.dataset.outputs):
            raise SymcError(
                "the program and the samples name their inputs or outputs differently", where="compressed block"
            )
        inner = self.program.equations
        if len(self.equations) != inner.n_out:
            raise SymcError(
                f"{len(self.equations)} equations are given for {inner.n_out} values", where="compressed block"
            )
        if inner not in (self.compiled, self._arranged):
            raise SymcError("the equations do not lower to the program between the matrices", where="compressed block")

    @cached_property
    def compiled(self) -> Program:
        """The equations as build and verify compile them."""
        inner = self.program.equations
        return program_of(self.equations, inner.inputs, inner.outputs)

    @property
    def _arranged(self) -> Program:
        inner = self.program.equations
        return lower([parse(text, inner.inputs) for text in self.equations], inner.inputs, inner.outputs)

    @cached_property
    def sha256(self) -> str:
        """Hash of everything the file holds; the same on every machine and for every version of torch."""
        return hashlib.sha256(f"{self.dataset.sha256}\n{self._text}".encode()).hexdigest()

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
    def decode(cls, data: Mapping[str, Any], where: str = "compressed block") -> Compressed:
        """The inverse of encode; SymcError when `data` is of another format, incomplete, or not what was written."""
        check_format(data.get("format"), FORMAT, where, _AGAIN)
        try:
            text = json.loads(data["text"])
            check_fields(text, ("program", "equations", "seed", "provenance", "controls"), where)
            program = Layered.from_json(text["program"])
            found = cls(
                program,
                tuple(map(str, text["equations"])),
                dataset_of(data, program.inputs, program.outputs, text["seed"]),
                {str(name): str(value) for name, value in text["provenance"].items()},
                tuple(Control(**row) for row in text["controls"]),
            )
        except UnknownField:
            raise
        except SymcError as error:
            raise SymcError(f"is damaged: {error.what}", where=where, hint=_AGAIN) from None
        except (KeyError, TypeError, ValueError, AttributeError, OverflowError, RecursionError) as error:
            raise SymcError(f"is damaged ({type(error).__name__}: {error})", where=where, hint=_AGAIN) from None
        if found.sha256 != data.get("sha256"):
            raise SymcError("is damaged: its content does not match the hash it carries", where=where, hint=_AGAIN)
        return found

    def __str__(self) -> str:
        lines = [f"compressed block: {str(self.program).splitlines()[0]}"]
        lines += [f"  {name}: {text}" for name, text in self.provenance.items()]
        named = zip(self.program.equations.outputs, self.equations, strict=True)
        lines += [f"  {name} = {text}" for name, text in named]
        return "\n".join(lines)

    @cached_property
    def _text(self) -> str:
        content = {
            "program": self.program.to_json(),
            "equations": self.equations,
            "seed": self.dataset.seed,
            "provenance": dict(self.provenance),
            "controls": [asdict(row) for row in self.controls],
        }
        # Python writes the shortest decimals that read back to the same double, so the text is exact.
        return json.dumps(content, sort_keys=True, indent=1)


def save_compressed(compressed: Compressed, path: str | Path) -> None:
    """Write the file in one step: a failure leaves an earlier file of that name as it was and no other behind."""
    write_safely(compressed.encode(), Path(path))


def load_compressed(path: str | Path) -> Compressed:
    """Read what save_compressed wrote. Raises SymcError when the file is missing, damaged, or holds something else."""
    where = str(path)
    try:
        data = read_safely(Path(path))
    except HoldsObjects:
        data = None
    if not is_compressed(data):
        raise SymcError("holds no compressed block", where=where, hint="result.save of symc.compress writes one.")
    return Compressed.decode(data, where)


def is_compressed(data: Any) -> bool:
    """Whether an opened file is one of ours, whatever its format."""
    return isinstance(data, dict) and data.get("symc") == MARKER
