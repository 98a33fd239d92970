"""What the user gave to be built: an object of Python's, or files, each of which is read once."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

from symc.backends.names import default_name
from symc.ir.formats import FLOAT32, Format
from symc.models.plain import read_plain
from symc.models.recognise import Kind, recognise
from symc.pipes import refuse_pipe
from symc.sources.equation_text import as_written, name_of

Model = Any


class Given:
    """A model as it was given: `paths` of its files in order, or () where `model` is an object.

    `equations` are texts where equations themselves were given, as texts or as sympy's expressions; None elsewhere.
    `format` is that of the code to come: numbers in a text are read for it. SymcError for a pipe.
    """

    def __init__(self, model: Model, format: Format = FLOAT32) -> None:
        self.model, self.format = model, format
        self.equations = as_written(model)
        self.paths = _paths(model) if self.equations is None else ()
        for path in self.paths:
            refuse_pipe(path)

    @property
    def path(self) -> Path | None:
        """The file, where it is exactly one."""
        return self.paths[0] if len(self.paths) == 1 else None

    @property
    def where(self) -> str | None:
        """For an error: the file, or the files; None for an object."""
        return ", ".join(map(str, self.paths)) or None

    @property
    def label(self) -> str:
        """The model as it would be given on the command line, without folders."""
        if self.equations is not None:
            return " ".join(f"--equation {shlex.quote(text)}" for text in self.equations)
        return " ".join(path.resolve().name for path in self.paths) or "MODEL.pt"

    def name(self, targets: Sequence[str]) -> str:
        """What the bundle is called where no name is given: the first file's or folder's name (see default_name).

        Of equations: the name on the left of the only one, else "equations".
        """
        if self.equations is not None:
            return default_name(name_of(self.equations), targets)
        if not self.paths:
            return "surrogate"
        first = self.paths[0]
        return default_name(first.resolve().name if first.is_dir() else first.name.split(".")[0], targets)

    @cached_property
    def kind(self) -> Kind | None:
        """How the file of a network was written; None for all else."""
        return None if self.path is None else recognise(self.path)

    @cached_property
    def content(self) -> Any:
        """Tensors, text and containers of them in a file of torch.save or of safetensors; None for all else.

        Of a file that symc itself wrote the tensors are numpy arrays.

        HoldsObjects, returned and not raised, where opening the file would run code. SymcError when it is damaged.
        """
        if self.path is None or self.kind not in ("torch", "pickle", "safetensors"):
            return None
        if self.kind == "safetensors":
            from symc.models.safetensors_files import read_safetensors

            return read_safetensors(self.path)
        # torch takes seconds to import, and neither PySR's equations nor what symc saved need any.
        if self.kind == "torch":
            found = read_plain(self.path)
            if found is not None and "symc" in found:
                return found
        from symc.models.safe import HoldsObjects, read_safely

        try:
            return read_safely(self.path)
        except HoldsObjects as error:
            return error


def _paths(model: Model) -> tuple[Path, ...]:
    if isinstance(model, str | Path):
        return (Path(model),)
    listed = isinstance(model, Sequence) and bool(model) and all(isinstance(part, str | Path) for part in model)
    return tuple(Path(part) for part in model) if listed else ()
