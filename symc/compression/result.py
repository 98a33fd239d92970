"""What compress found: the table of controls, the curve of cost against damage, and the forms to apply or save."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from torch import nn

from symc.capture.dataset import Dataset
from symc.compression.choose import Candidate, front
from symc.compression.forms import Form
from symc.compression.samples import Samples, put
from symc.compression.saved import Compressed, Control, save_compressed
from symc.errors import MissingTool, SymcError

# A block's file and its parity need no more.
_SAVED_ROWS = 4096
_PICTURES = (".png", ".svg", ".pdf")


@dataclass(frozen=True, eq=False)
class BlockResult:
    """One block: the forms tried in its place, and the one chosen (None: the block stays as it is).

    `multiply_adds` are those of the original block for one row. The candidates' figures are the metric's on the rows
    that chose, with the blocks before this one compressed already.
    """

    name: str
    multiply_adds: int
    original: nn.Module
    samples: Samples
    candidates: tuple[Candidate, ...]
    chosen: Candidate | None
    # The form itself: of several blocks it was tuned again, together with the others, after it was chosen.
    form: Form | None

    @property
    def curve(self) -> list[Candidate]:
        """The candidates that nothing as cheap beats, by rising cost."""
        return front(self.candidates)


@dataclass(frozen=True, eq=False)
class Compression:
    """The outcome of symc.compress; prints as the table of controls.

    table: the network's metric with each control, and with what was chosen, in the place of all blocks at once; on
    held-out rows where a metric of them was given. `multiply_adds` there are the sum over the blocks.
    """

    network: nn.Module
    blocks: tuple[BlockResult, ...]
    table: tuple[Control, ...]
    provenance: Mapping[str, str] = field(default_factory=dict)

    def __getitem__(self, name: str) -> BlockResult:
        for block in self.blocks:
            if block.name == name:
                return block
        raise SymcError(f"no block {name!r} was compressed", hint=f"There are: {self._listed}.")

    @property
    def forms(self) -> dict[str, Form]:
        """Name of the block -> what takes its place; blocks that stay are left out."""
        return {block.name: block.form for block in self.blocks if block.form is not None}

    def row(self, form: str) -> Control:
        """The row of the table for the control called so; "chosen" is the last."""
        for row in self.table:
            if row.form == form:
                return row
        raise SymcError(f"the table has no row {form!r}", hint=f"It has: {', '.join(r.form for r in self.table)}.")

    def apply(self) -> nn.Module:
        """Put the forms into the network, and return it."""
        for name, form in self.forms.items():
            put(self.network, name, form)
        return self.network

    def restore(self) -> nn.Module:
        """Put the original blocks back, and return the network."""
        for block in self.blocks:
            put(self.network, block.name, block.original)
        return self.network

    def compressed(self, name: str | None = None) -> Compressed:
        """The layered program of a block (the only one by default), with some of the rows that it was fitted to.

        Raises SymcError for an unknown block, one that stays as it is, and a constant, which needs no program.
        """
        if name is None and len(self.blocks) != 1:
            raise SymcError("several blocks were compressed", hint=f"Name one: {self._listed}.")
        block = self.blocks[0] if name is None else self[name]
        if block.form is None:
            raise SymcError("no form was found within the tolerance, so the block stays", where=block.name)
        program, equations = block.form.layered()
        x, y = (t[:: -(-len(t) // _SAVED_ROWS)].numpy() for t in (block.samples.x, block.samples.y))
        rows = Dataset.from_samples(x, y, features=program.inputs, outputs=program.outputs)
        about = {"block": block.name, "method": block.form.label, **self.provenance}
        return Compressed(program, equations, rows, about, self.table)

    def save(self, path: str | Path, name: str | None = None) -> None:
        """Write the file that `symc build` compiles: tensors and text only. Raises SymcError as compressed does."""
        save_compressed(self.compressed(name), path)

    def plot(self, path: str | Path, name: str | None = None) -> None:
        """Draw damage against multiply-adds of a block's candidates as PNG, SVG or PDF.

        Raises MissingTool without matplotlib.
        """
        block = self.blocks[0] if name is None else self[name]
        if Path(path).suffix not in _PICTURES:
            raise SymcError("is no picture that can be drawn", where=str(path), hint=f"Use {', '.join(_PICTURES)}.")
        try:
            from matplotlib.figure import Figure
        except ImportError:
            raise MissingTool("matplotlib is not installed", hint="pip install matplotlib.") from None
        figure = Figure(figsize=(7, 4.5), layout="constrained")
        axes = figure.subplots()
        shown = [c for c in block.candidates if math.isfinite(c.damage)]
        for tuned, marker in ((False, "o"), (True, "^")):
            some = [c for c in shown if c.tuned == tuned]
            axes.scatter([c.multiply_adds for c in some], [c.damage for c in some], marker=marker,
                         label="fine-tuned" if tuned else "fitted in closed form")  # fmt: skip
        axes.step([c.multiply_adds for c in block.curve], [c.damage for c in block.curve], where="post", lw=0.8)
        if block.chosen is not None:
            axes.annotate(block.chosen.label, (block.chosen.multiply_adds, block.chosen.damage),
                          xytext=(6, 6), textcoords="offset points")  # fmt: skip
        axes.set(xlabel=f"multiply-adds per row (the block itself: {block.multiply_adds})", ylabel="rise of the metric")
        axes.set_title(block.name)
        axes.legend()
        figure.savefig(path)

    @property
    def _listed(self) -> str:
        return ", ".join(block.name for block in self.blocks)

    def __str__(self) -> str:
        from symc.tables import table

        rows = [
            [r.form, f"{r.multiply_adds}", f"{r.metric:.5g}", f"{r.damage:+.4g}", *_shares(r)] for r in self.table
        ]
        heads = ["in place of the blocks", "multiply-adds", "metric", "rise", *_counted(self.table)]
        kept = [b.name for b in self.blocks if b.form is None]
        lines = [table(heads, rows)]
        lines += [f"{b.name}: {b.chosen.label}" for b in self.blocks if b.chosen is not None]
        lines += [f"{name} stays: nothing within the tolerance is cheaper" for name in kept]
        return "\n".join(lines)


def _counted(controls: Sequence[Control]) -> list[str]:
    first = controls[0].classes
    return [] if first is None else ["same class, %"] if first.right is None else ["same class, %", "right, %"]


def _shares(control: Control) -> list[str]:
    found = control.classes
    if found is None:
        return []
    counts = (found.agreeing,) if found.right is None else (found.agreeing, found.right)
    return [f"{100 * count / found.rows:.4g}" for count in counts]
