"""A front as people look at it: expressions, LaTeX, a notebook's table, a plot."""

from __future__ import annotations

import html
import io
import math
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from symc.atomic import write_atomically
from symc.errors import MissingTool, SymcError

if TYPE_CHECKING:
    import sympy


class Entry(Protocol):
    """What is asked of a front's member."""

    @property
    def equation(self) -> str: ...
    @property
    def complexity(self) -> int: ...
    @property
    def loss(self) -> float: ...
    @property
    def heldout(self) -> float | None: ...
    @property
    def cost(self) -> int: ...


class Shown(Protocol):
    """What is asked of a front."""

    @property
    def output(self) -> str: ...
    @property
    def members(self) -> Sequence[Entry]: ...
    @property
    def scores(self) -> Sequence[float]: ...
    @property
    def remarks(self) -> Sequence[str]: ...
    def pick(self, rule: str = "best") -> Entry: ...


def expression_of(equation: str) -> sympy.Expr:
    """An equation as sympy has it; its symbols are real numbers."""
    from symc.ir.parse import parse
    from symc.ir.tokens import names

    # pi is a number where no input is called so; a front does not say, and its own equations write the number.
    return parse(equation, sorted(set(names(equation)) - {"pi"}))


def latex_of(output: str, equation: str) -> str:
    """`output` = `equation` in LaTeX's mathematics."""
    import sympy

    from symc.ir.typeset import latex

    return f"{latex(sympy.Symbol(output))} = {latex(expression_of(equation))}"


def html_of(front: Shown) -> str:
    """A table with the member that "best" picks marked, for notebooks."""
    best = front.pick()
    head = ("", "complexity", "loss", "held-out", "score", "cost", "equation")
    rows = []
    for m, score in zip(front.members, front.scores, strict=True):
        heldout = "" if m.heldout is None else f"{m.heldout:.4g}"
        mark = "&#9654;" if m is best else ""
        equation = f"<code>{html.escape(m.equation)}</code>"
        rows.append((mark, str(m.complexity), f"{m.loss:.4g}", heldout, f"{score:.3g}", str(m.cost), equation))
    lines = [_row("th", head), *(_row("td", row) for row in rows)]
    table = f"<table><caption>{html.escape(front.output)}</caption>{''.join(lines)}</table>"
    return "".join([f"<div>{table}", *(f"<p>{html.escape(remark)}</p>" for remark in front.remarks), "</div>"])


def _row(tag: str, cells: Sequence[str]) -> str:
    return "<tr>" + "".join(f'<{tag} style="text-align: left">{cell}</{tag}>' for cell in cells) + "</tr>"


def draw(fronts: Sequence[Shown], file: str | Path) -> None:
    """Every front below the other in one picture, whose kind the file's name says.

    Raises MissingTool without matplotlib, SymcError for a kind that it does not write.
    """
    try:
        from matplotlib.figure import Figure
    except ImportError:
        raise MissingTool("matplotlib is not installed", hint="pip install 'symc[plot]'") from None
    if not any(math.isfinite(m.loss) for front in fronts for m in front.members):
        raise SymcError("holds equations without errors, so there is nothing to draw", hint="--latex prints them.")
    figure = Figure(figsize=(5.0, 3.4 * len(fronts)), layout="constrained")
    for front, axes in zip(fronts, figure.subplots(len(fronts), squeeze=False)[:, 0], strict=True):
        plot(front, axes)
    kind = Path(file).suffix.removeprefix(".")
    kinds = figure.canvas.get_supported_filetypes()
    if kind not in kinds:
        what = f"{kind or 'a name without an ending'} is no kind of picture"
        raise SymcError(what, where=str(file), hint=f"There are: {', '.join(sorted(kinds))}.")
    picture = io.BytesIO()
    figure.savefig(picture, format=kind)
    write_atomically(Path(file), picture.getvalue())


def plot(front: Shown, axes: Any = None) -> Any:
    """Errors over complexity, the member that "best" picks marked; returns matplotlib's axes, new ones by default.

    Raises MissingTool without matplotlib (the extra symc[plot]).
    """
    if axes is None:
        try:
            from matplotlib.figure import Figure
        except ImportError:
            raise MissingTool("matplotlib is not installed", hint="pip install 'symc[plot]'") from None
        axes = Figure(figsize=(5.0, 3.4), layout="constrained").add_subplot()
    sizes = [m.complexity for m in front.members]
    axes.step(sizes, [m.loss for m in front.members], where="post", marker="o", label="loss")
    held = [(m.complexity, m.heldout) for m in front.members if m.heldout is not None]
    if held:
        axes.plot(*zip(*held, strict=True), "x", label="held-out")
    best = front.pick()
    axes.plot([best.complexity], [best.loss], "s", markersize=12, fillstyle="none", label="best")
    if all(m.loss > 0.0 for m in front.members):
        axes.set_yscale("log")
    elif all(m.loss >= 0.0 for m in front.members) and any(m.loss > 0.0 for m in front.members):
        # An exact law has no logarithm: the axis is linear below the smallest error that is there.
        axes.set_yscale("symlog", linthresh=min(m.loss for m in front.members if m.loss > 0.0))
    axes.set_xlabel("complexity, nodes")
    axes.set_ylabel("mean squared error")
    axes.set_title(front.output, parse_math=False)
    axes.legend()
    return axes
