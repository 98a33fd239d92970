"""Plots of a bundle's parity as SVG that takes the colour of the text around it."""

from __future__ import annotations

import io
import re
from typing import Any

import numpy as np
from numpy.typing import NDArray

from symc.bundle.parity import Recording
from symc.errors import MissingTool
from symc.ir.evaluate import evaluate
from symc.ir.layered import Layered
from symc.ir.program import Program

F64 = NDArray[np.float64]

_INK = "#010203"
_BLUE, _ORANGE = "#2a78c8", "#b8651b"
_MOST_POINTS = 600
_BINS = 40
_INCHES = (3.6, 2.9)


def parity_plots(program: Program | Layered, recording: Recording, output: int) -> tuple[str, str]:
    """Of one output on the held-out rows: what the equations give over what was recorded, and the errors' histogram.

    Raises MissingTool without matplotlib (the extra symc[plot]).
    """
    rows = np.flatnonzero(~recording.train)
    recorded = recording.y[rows, output].astype(np.float64)
    given = evaluate(program, recording.x[rows])[:, output].astype(np.float64)
    affine = _affine(recording, output)[rows]
    few = slice(None, None, max(len(rows) // _MOST_POINTS, 1))
    name = program.outputs[output]
    return _scatter(recorded[few], given[few], name), _histogram(given - recorded, affine - recorded, name)


def _affine(recording: Recording, output: int) -> F64:
    """What the best affine map of the inputs, fitted on the training rows, gives at every row."""
    design = np.column_stack([recording.x.astype(np.float64), np.ones(len(recording.x))])
    train = recording.train
    weights = np.linalg.lstsq(design[train], recording.y[train, output].astype(np.float64), rcond=None)[0]
    found: F64 = design @ weights
    return found


def _scatter(recorded: F64, given: F64, name: str) -> str:
    figure, axes = _axes(f"recorded {name}", f"equation's {name}")
    low, high = min(recorded.min(), given.min()), max(recorded.max(), given.max())
    axes.plot([low, high], [low, high], color=_INK, linewidth=0.8, alpha=0.6)
    axes.plot(recorded, given, ".", markersize=3, color=_BLUE)
    return _svg(figure, f"parity-{name}")


def _histogram(errors: F64, affine: F64, name: str) -> str:
    figure, axes = _axes(f"error of {name}", "held-out rows")
    reach = float(np.abs(errors).max()) or 1.0
    edges = np.linspace(-reach, reach, _BINS + 1)
    for values, colour, label in ((affine, _ORANGE, "affine map"), (errors, _BLUE, "equation")):
        outside = float(np.mean(np.abs(values) > reach))
        left_out = f", {100 * outside:.0f} % are larger" if outside else ""
        axes.stairs(np.histogram(values, edges)[0], edges, color=colour, label=f"{label}{left_out}")
    # Above the axes, where it hides no row.
    figure.legend(loc="outside upper left", frameon=False, fontsize=8, labelcolor=_INK, ncols=2)
    return _svg(figure, f"errors-{name}")


def _axes(x: str, y: str) -> tuple[Any, Any]:
    try:
        from matplotlib.figure import Figure
    except ImportError:
        raise MissingTool("matplotlib is not installed", hint="pip install 'symc[plot]'") from None
    figure = Figure(figsize=_INCHES, layout="constrained")
    figure.patch.set_alpha(0.0)
    axes = figure.add_subplot()
    axes.patch.set_alpha(0.0)
    axes.set_xlabel(x, color=_INK, fontsize=9, parse_math=False)
    axes.set_ylabel(y, color=_INK, fontsize=9, parse_math=False)
    axes.tick_params(colors=_INK, labelsize=8)
    for side in axes.spines.values():
        side.set_color(_INK)
    return figure, axes


def _svg(figure: Any, salt: str) -> str:
    """The figure's <svg>: the same bytes each time, identifiers of its own, and text as text."""
    import matplotlib as mpl

    buffer = io.StringIO()
    with mpl.rc_context({"svg.hashsalt": salt, "svg.fonttype": "none"}):
        figure.savefig(buffer, format="svg", metadata={"Date": None, "Creator": None}, transparent=True)
    text = buffer.getvalue()
    text = re.sub(r"<metadata>.*?</metadata>", "", text[text.index("<svg") :], flags=re.DOTALL)
    prefix = re.sub(r"\W", "-", salt)
    text = re.sub(r'\b(id="|href="#|url\(#)', lambda match: f"{match[0]}{prefix}-", text)
    return text.replace(_INK, "currentColor")
