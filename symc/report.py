"""What people read: short tables with units."""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence

from symc.bundle import Manifest

_WIDTH = 110


def table(columns: Sequence[str], rows: Iterable[Sequence[str]], title: str | None = None) -> str:
    """A plain table; a column whose cells all look like numbers is right-aligned."""
    from rich import box
    from rich.console import Console
    from rich.table import Table

    cells = [list(map(str, row)) for row in rows]
    drawn = Table(box=box.SIMPLE_HEAD, title=title, title_justify="left", pad_edge=False, show_edge=False)
    for k, name in enumerate(columns):
        numeric = bool(cells) and all(row[k][:1] in "0123456789.-+" for row in cells if row[k])
        drawn.add_column(name, justify="right" if numeric else "left", overflow="fold")
    for row in cells:
        drawn.add_row(*row)
    console = Console(file=io.StringIO(), width=_WIDTH, color_system=None, markup=False, emoji=False, highlight=False)
    console.print(drawn)
    lines = console.file.getvalue().splitlines()  # type: ignore[attr-defined]
    return "\n".join(line.rstrip() for line in lines)


def describe(manifest: Manifest, place: str) -> str:
    """The bundle as a reader wants it: equations, parity with the network, where it lies."""
    parts = [f"{manifest.name}: {', '.join(manifest.targets)} in {place}"]
    parts.append(
        table(
            ("output", "nodes", "cost", "equation"),
            [(e.output, str(e.complexity), str(e.cost), e.text) for e in manifest.equations],
        )
    )
    if manifest.dropped:
        first = manifest.dropped[0]
        parts.append(
            f"{len(manifest.dropped)} more equations were proposed and left out (manifest.json lists them), such as\n"
            f"  {first.output} = {_shortened(first.text)}\n  because: {first.reason}"
        )
    heldout = [p for p in manifest.parity if p.split == "held-out"]
    if heldout:
        parts.append(
            table(
                ("held-out", "RMSE", "% of range", "largest", "R2", "mean RMSE", "zero RMSE", "affine RMSE"),
                [
                    (
                        p.output,
                        f"{p.rmse:.3g}",
                        f"{100 * p.relative_rmse:.2g}",
                        f"{p.max_error:.3g}",
                        f"{p.r2:.6f}",
                        f"{p.mean:.3g}",
                        f"{p.zero:.3g}",
                        f"{p.affine:.3g}",
                    )
                    for p in heldout
                ],
            )
        )
    else:
        parts.append("No parity: the model came without recorded samples.")
    return "\n\n".join(parts)


def _shortened(text: str, width: int = 90) -> str:
    return text if len(text) <= width else f"{text[: width - 3]}..."
