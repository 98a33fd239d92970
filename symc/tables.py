"""Tables as people read them: at the terminal's width where there is one, plain text of any width elsewhere."""

from __future__ import annotations

import io
import re
from collections.abc import Iterable, Sequence

# Nothing is folded in a pipe, a file or a notebook's output.
_UNBOUNDED = 10_000
# A number, and a unit or the like behind it; an equation that begins with a number is none.
_NUMBER = re.compile(r"[-+]?(?:inf|nan|\d[\d,]*\.?\d*|\.\d+)(?:e[-+]?\d+)?(?: ?[^\s*^()+-]+){0,2}\Z")


def shortened(text: str, width: int = 90) -> str:
    """Text for a line that must not grow with it."""
    return text if len(text) <= width else f"{text[: width - 3]}..."


def printable(text: str) -> str:
    """Text on one line without what a terminal or an editor would not show: control characters, marks of direction."""
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())


def labels(names: Sequence[str], own: Sequence[str] = ()) -> tuple[str, ...]:
    """What tables call columns: the name, and the column's own behind it where that differs, as a_b "a b"."""
    pairs = zip(names, own or names, strict=True)
    return tuple(name if name == theirs else f'{name} "{printable(theirs)}"' for name, theirs in pairs)


def table(columns: Sequence[str], rows: Iterable[Sequence[str]], title: str | None = None) -> str:
    """A plain table; a column whose cells all look like numbers is right-aligned."""
    from rich import box
    from rich.console import Console
    from rich.table import Table

    cells = [list(map(str, row)) for row in rows]
    drawn = Table(box=box.SIMPLE_HEAD, title=title, title_justify="left", pad_edge=False, show_edge=False)
    for k, name in enumerate(columns):
        numeric = bool(cells) and all(_NUMBER.match(row[k]) for row in cells if row[k])
        drawn.add_column(name, justify="right" if numeric else "left", overflow="fold")
    for row in cells:
        drawn.add_row(*row)
    shown = Console()
    page = io.StringIO()
    Console(
        file=page,
        width=shown.width if shown.is_terminal else _UNBOUNDED,
        color_system=None,
        markup=False,
        emoji=False,
        highlight=False,
    ).print(drawn)
    return "\n".join(line.rstrip() for line in page.getvalue().splitlines())
