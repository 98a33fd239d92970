"""The ways in. Adding one is one file beside this and one row here."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from symc.bundle import MANIFEST_NAME, read_manifest
from symc.bundle.constants import describe_digits, digits_that_matter
from symc.describe import describe
from symc.errors import SymcError
from symc.ir.formats import FLOAT32, Format
from symc.registry import Registry
from symc.sources.fronts import FrontsOrigin, fronts_in
from symc.sources.given import Given, Model
from symc.sources.options import meant, on_the_command_line
from symc.sources.protocol import Origin, Source

if TYPE_CHECKING:
    from symc.models.loading import Network
    from symc.search.front import Front

SOURCES: Registry[type[Source[Any]]] = Registry(
    "kind of model",
    [
        ("distilled module", "symc.sources.distilled:DistilledSource"),
        ("compressed block", "symc.sources.compressed:CompressedSource"),
        ("network", "symc.sources.network:NetworkSource"),
        ("table of equations", "symc.sources.table:TableSource"),
        ("equations", "symc.sources.equations:EquationsSource"),
        ("regressor", "symc.sources.regressor:RegressorSource"),
        ("pipeline", "symc.sources.pipeline:PipelineSource"),
        ("estimator", "symc.sources.estimators.source:EstimatorSource"),
    ],
)


def source_of(given: Given) -> Source[Any]:
    """The source that recognises what was given. SymcError when none does, or more than one."""
    sources = {name: source() for name, source in SOURCES.items()}
    found = [name for name, source in sources.items() if source.recognises(given)]
    if len(found) > 1:
        raise SymcError(
            f"is recognised as a {found[0]} and as a {found[1]}",
            where=given.where,
            hint="One of the two takes what is not its own: a fault in that source, not in the model.",
        )
    if not found:
        from symc.sources.refusal import refusal

        raise refusal(given, f"Models are: {'; '.join(source.accepts for source in sources.values())}.")
    return sources[found[0]]


def open_model(model: Model, **options: Any) -> Any:
    """What a model holds, opened: a Network, Distilled, Compressed, HallOfFame ...; nothing is distilled.

    model: an object, a path, or the paths of several files. Options: those of `resolve` that say how it is opened.
    Raises SymcError: nothing there, not a model, damaged, not trusted, an option that it has no use for.
    """
    given, wanted = Given(model), meant(options)
    source = source_of(given)
    source.check(given, wanted)
    return source.open(given, wanted)


def open_network(path: str | Path, hint: str, **options: Any) -> Network:
    """The network in a file; SymcError with `hint` when the file holds equations already."""
    from symc.models.loading import Network

    found = open_model(path, **options)
    if not isinstance(found, Network):
        raise SymcError("holds equations already", where=str(path), hint=hint)
    return found


def resolve(
    model: Model, *, seen: Callable[[str], None] | None = None, format: Format = FLOAT32, **options: Any
) -> Origin:
    """What a bundle of `model` is made of.

    seen: is told the model's sha256, for a network before it is distilled, and may raise. format: of the code to come;
    what is found by a search or recorded is float32 in each.

    model: what a source in SOURCES recognises: a distilled SymbolicModule, a Compressed, a fitted SymbolicRegressor or
    regressor of scikit-learn, or a path (several for a multi-output PySR run), or equations as texts or
    sympy's expressions.
    Options: `layer`, `inputs` (file or arrays), `weights` (file or array), `module`, `trust`, and all others that
    SymbolicModule.distill takes to sample and to search; those that a model has no use for are refused. `scale` is a
    file of scalers around the model (see symc.sources.scaling.read_scaling). Equations take `dialect` (see
    symc.sources.dialects), and `inputs` with `targets`: what was measured (see symc.sources.measured.measured). Raises
    SymcError for anything that cannot be opened or distilled.
    """
    given, wanted = Given(model, format), meant(options)
    source = source_of(given)
    scale = wanted.pop("scale", None)
    source.check(given, wanted)
    held = source.open(given, wanted)
    early = source.identity(held, given)
    if seen is not None and early is not None:
        seen(early)
    origin = source.origin(held, given, wanted)
    if seen is not None:
        seen(origin.sha256)
    return origin if scale is None else _scaled(origin, scale)


def _scaled(origin: Origin, scale: str | Path) -> Origin:
    if not isinstance(origin, FrontsOrigin):
        raise SymcError("scalers stand around equations, not around matrices", hint="Leave --scale out.")
    from symc.sources.scaling import read_scaling

    outputs = [front.output for front in origin.fronts]
    own = (origin.names.inputs, origin.names.outputs) if origin.names else (origin.features, outputs)
    scaled = read_scaling(scale, *own).around(origin)
    return replace(scaled, arguments=(*scaled.arguments, *on_the_command_line({"scale": scale})))


def fronts_of(model: Model, **options: Any) -> tuple[Front, ...]:
    """The Pareto fronts that a model, a bundle or a table of equations holds; equations are fronts of one each.

    SymcError for a model that holds none.
    """
    if isinstance(model, str | Path) and (Path(model) / MANIFEST_NAME).is_file():
        return fronts_in(read_manifest(model))
    fronts = getattr(open_model(model, **options), "fronts", ())
    if not fronts:
        raise SymcError("holds no front of equations", where=Given(model).where)
    return tuple(fronts)


def inspect(model: Model, **options: Any) -> tuple[str, dict[str, Any]]:
    """What `model` or a bundle holds, as text for people and as plain data. Raises SymcError when it is neither."""
    if isinstance(model, str | Path) and (Path(model) / MANIFEST_NAME).is_file():
        manifest = read_manifest(model)
        digits = digits_that_matter(manifest)
        text = "\n\n".join([describe(manifest, str(model)), *([describe_digits(digits)] if digits else [])])
        return text, {**json.loads(manifest.to_bytes()), **({"constants": digits} if digits else {})}
    given, wanted = Given(model), meant(options)
    source = source_of(given)
    source.check(given, wanted)
    return source.describe(source.open(given, wanted))
