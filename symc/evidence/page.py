"""report.html: the evidence of a bundle as people read it, in one file that asks nothing of any server."""

from __future__ import annotations

import base64
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import jinja2

from symc import resources
from symc.backends.guard import known
from symc.backends.layers import core
from symc.backends.spelling import format_of
from symc.bundle import Manifest
from symc.bundle.manifest import Member
from symc.bundle.parity import PARITY_FILE, Recording
from symc.bundle.unit import agreement_lines
from symc.describe import warnings
from symc.errors import MissingTool, SymcError
from symc.evidence.certificate import Certificate
from symc.evidence.formulas import typeset
from symc.evidence.playground import wasm_of
from symc.evidence.plots import parity_plots
from symc.evidence.slices import worst_slices
from symc.ir.layered import Layered
from symc.tables import labels

# Of outputs: what a page shows of each.
_MOST_PLOTS = 6
_MOST_SLIDERS = 12
_MOST_FRONTS = 8
# What each way of establishing a claim is called on the page.
_WORDS = {
    "proved": "proved for every input of the domain",
    "exhaustive": "computed for every float32 number",
    "measured": "measured",
    "repeated": "done again, same outcome",
    "not checked": "not checked",
}


@dataclass
class Parts:
    """What could be made for the page, and why the rest could not."""

    plots: list[tuple[str, str, str]] = field(default_factory=list)
    wasm: str = ""
    missing: list[str] = field(default_factory=list)


def page(bundle: Path, manifest: Manifest, certificate: Certificate) -> bytes:
    """The page. `bundle` is the folder, whose files are known to be good."""
    program = manifest.program
    recording = None
    if manifest.samples is not None:
        recording = Recording.from_bytes((bundle / PARITY_FILE).read_bytes(), program)
    parts = _parts(bundle, manifest, recording)
    context: dict[str, Any] = {
        "m": manifest,
        "certificate": certificate,
        "words": _WORDS,
        "equations": [_equation(manifest, k) for k in range(len(manifest.equations))],
        "layered": isinstance(program, Layered),
        "inputs": _inputs(manifest),
        "known": known(program),
        "format": format_of(program).name,
        "ranges": list(manifest.ranges.outputs) if manifest.ranges else [],
        "cautions": warnings(manifest),
        "meaning": list(manifest.meaning) if manifest.meaning else [],
        "units": manifest.units or None,
        "fronts": _fronts(manifest),
        "heldout": [p for p in manifest.parity if p.split == "held-out"],
        "classes": agreement_lines(manifest),
        "slices": worst_slices(program, recording) if recording is not None else (),
        "parts": parts,
        "domain": [[low, high] for low, high in manifest.domain or ()],
    }
    return _environment().get_template("report.html.jinja").render(context).encode()


def _parts(bundle: Path, manifest: Manifest, recording: Recording | None) -> Parts:
    parts = Parts()
    if recording is not None:
        try:
            for k, output in enumerate(manifest.program.outputs[:_MOST_PLOTS]):
                parts.plots.append((output, *parity_plots(manifest.program, recording, k)))
        except MissingTool as error:
            parts.missing.append(f"No plots: {error.what} ({error.hint}).")
    if manifest.domain is not None and manifest.program.n_in <= _MOST_SLIDERS:
        try:
            parts.wasm = base64.b64encode(wasm_of(bundle, manifest)).decode()
        except (MissingTool, SymcError) as error:
            parts.missing.append(f"Nothing to try: {error.what}.")
    return parts


def _equation(manifest: Manifest, k: int) -> dict[str, Any]:
    equation = manifest.equations[k]
    math = typeset(equation.output, equation.text, core(manifest.program).inputs)
    written = next((text for text in (equation.source, equation.written) if isinstance(text, str)), "")
    written = written if written != equation.text else ""
    return {"output": equation.output, "math": math, "text": equation.text, "written": written, "of": equation}


def _fronts(manifest: Manifest) -> list[tuple[str, list[tuple[bool, Member]]]]:
    """Output -> the members of its front, each with whether it was chosen."""
    chosen = {(e.output, e.text) for e in manifest.equations}
    members = manifest.fronts or ()
    return [
        (e.output, [((m.output, m.text) in chosen, m) for m in members if m.output == e.output])
        for e in manifest.equations[:_MOST_FRONTS]
        if members
    ]


def _inputs(manifest: Manifest) -> list[dict[str, Any]]:
    units = manifest.units.inputs if manifest.units else ("",) * manifest.program.n_in
    boxes = manifest.domain or (None,) * manifest.program.n_in
    return [
        {"name": name, "unit": unit, "domain": box}
        for name, unit, box in zip(labels(manifest.program.inputs, manifest.own_names[0]), units, boxes, strict=True)
    ]


def _environment() -> jinja2.Environment:
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(resources.templates() / "report"),
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        autoescape=True,
    )
    environment.filters["figure"] = _figure
    environment.filters["unit"] = lambda text: "not given" if text == "?" else text
    return environment


def _figure(value: float | None, digits: int = 4) -> str:
    return "not known" if value is None else f"{value:.{digits}g}"
