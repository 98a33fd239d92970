"""A fitted regressor of scikit-learn: its own closed form, compiled without any search."""

from __future__ import annotations

import hashlib
import math
import shlex
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
from msgspec import UNSET, UnsetType

from symc.bundle import manifest as record
from symc.capture.names import default_names, identifiers, own_names
from symc.errors import SymcError
from symc.search.front import Front
from symc.sources.estimators.forms import check_fitted, library_of, texts_of
from symc.sources.fronts import FrontsOrigin
from symc.sources.given import Given
from symc.sources.measured import columns_of, read_table
from symc.sources.options import on_the_command_line
from symc.sources.pipeline import PipelineSource
from symc.sources.protocol import Options, Source
from symc.sources.samples import domain_of, recording_of, samples_of

if TYPE_CHECKING:
    from symc.capture.dataset import Dataset

_LIBRARIES = ("sklearn", "xgboost", "lightgbm")
# Longer equations are not repeated on a command line.
_SHOWN = 2000


@dataclass(frozen=True)
class Closed:
    """An estimator as equations: `texts` over `features`, the identifiers of its columns, whose own names `own` are."""

    model: Any
    own: tuple[str, ...]
    features: tuple[str, ...]
    outputs: tuple[str, ...]
    texts: tuple[str, ...]

    def __str__(self) -> str:
        lines = [f"{name} = {text}" for name, text in zip(self.outputs, self.texts, strict=True)]
        return "\n".join([f"{self.model}", f"inputs {', '.join(self.own)}", *lines])


class EstimatorSource(Source[Closed]):
    accepts: ClassVar[str] = "a fitted regressor of scikit-learn, XGBoost or LightGBM"
    holds: ClassVar[str] = "an estimator"
    uses: ClassVar[frozenset[str]] = frozenset({"domain", "samples", "inputs", "features", "outputs", "seed"})

    def recognises(self, given: Given) -> bool:
        ours = library_of(given.model) in _LIBRARIES and hasattr(given.model, "get_params")
        return ours and not PipelineSource().recognises(given)

    def open(self, given: Given, options: Options) -> Closed:
        model = given.model
        if not hasattr(model, "predict"):
            raise SymcError(f"a {type(model).__name__} predicts nothing", hint="Give the regressor or its pipeline.")
        check_fitted(model)
        own = tuple(map(str, options.get("features") or _columns(model)))
        features = identifiers(own, "input")
        texts = tuple(texts_of(model, features))
        outputs = tuple(options.get("outputs") or default_names("y", len(texts)))
        if len(outputs) != len(texts):
            raise SymcError(f"{len(outputs)} names for {len(texts)} outputs", where="--outputs")
        return Closed(model, own, features, identifiers(outputs, "output"), texts)

    def origin(self, held: Closed, given: Given, options: Options) -> FrontsOrigin:
        from symc.sources.texts import member_of

        data = _predictions(held, options)
        fronts = []
        for name, text in zip(held.outputs, held.texts, strict=True):
            found = member_of(text, held.features, _complexity(text, held.features), math.nan, format=given.format)
            if isinstance(found, str):
                raise SymcError(f"the equation of {name} cannot be compiled: {found}")
            fronts.append(Front(name, (found,)))
        box = {"domain": options["domain"]} if isinstance(options.get("domain"), str) else {}
        return FrontsOrigin(
            kind="estimator",
            sha256=hashlib.sha256("\n".join([*held.own, *held.texts]).encode()).hexdigest(),
            features=held.features,
            fronts=tuple(fronts),
            domain=None if data is None else domain_of(data),
            recording=None if data is None else recording_of(data),
            samples=None if data is None else samples_of(data),
            search=None,
            chosen=tuple(front.members[0].complexity for front in fronts),
            arguments=(_command(held), *on_the_command_line({"features": held.features, **box})),
            notes={"estimator": " ".join(repr(held.model).split())},
            names=_names(held),
            format=given.format,
        )

    def describe(self, held: Closed) -> tuple[str, dict[str, Any]]:
        found = dict(zip(held.outputs, held.texts, strict=True))
        return str(held), {"kind": "estimator", "features": list(held.own), "equations": found}


def _columns(model: Any) -> Sequence[str]:
    """The names of the columns that an estimator was fitted with, x0, x1 ... where they had none."""
    for part in _outermost(model):
        if (names := _fitted_names(part)) is not None:
            return names
    widths = [int(part.n_features_in_) for part in _outermost(model) if hasattr(part, "n_features_in_")]
    if not widths:
        what = f"the {type(model).__name__} does not say how many columns it takes"
        raise SymcError(what, hint='Name them: features=["a", "b"].')
    return default_names("x", widths[0])


def _fitted_names(part: Any) -> list[str] | None:
    """The names of the columns that an estimator was fitted with; None where they had none."""
    names = list(map(str, getattr(part, "feature_names_in_", ())))
    # LightGBM 4.6 and older name the columns of arrays themselves.
    return None if names in ([], [f"Column_{k}" for k in range(len(names))]) else names


def _outermost(model: Any) -> Iterator[Any]:
    """The estimator and the parts of it that its columns go into first."""
    yield model
    for name in ("regressor_", "best_estimator_"):
        if hasattr(model, name):
            yield from _outermost(getattr(model, name))
    for _, step in getattr(model, "steps", ()):
        if step is not None and not isinstance(step, str):
            yield from _outermost(step)
            return


def _complexity(text: str, features: Sequence[str]) -> int:
    from symc.ir.reading import read

    return len(read(text, features))


def _predictions(held: Closed, options: Options) -> Dataset | None:
    """What the estimator itself predicts, on the inputs given or in the domain; None where neither is there."""
    from symc.capture.dataset import Dataset
    from symc.capture.sampling import DEFAULT_SAMPLES, from_domain, parse_domain

    seed, width, box = options.get("seed", 0), len(held.features), None
    if "inputs" in options:
        if "samples" in options:
            raise SymcError("--samples goes with --domain", hint="With --inputs every row of the file is used.")
        data = read_table(options["inputs"])
        known = data.columns or ()
        by_name = set(held.own) <= {*known, *data.unusable}
        x = columns_of(data, data.table(), known, held.own) if by_name else data.table(width)
        box = parse_domain(options["domain"], width) if "domain" in options else None
    elif "domain" in options:
        x, box = from_domain(options["domain"], options.get("samples", DEFAULT_SAMPLES), seed, width=width)
    else:
        return None
    y = np.asarray(held.model.predict(_frame(held.model, x))).reshape(len(x), -1)
    return Dataset.from_samples(x, y, features=held.own, outputs=held.outputs, domain=box, seed=seed)


def _frame(model: Any, x: np.ndarray) -> Any:
    """The rows as the estimator was fitted with them: under names, or plain."""
    if not any(_fitted_names(part) for part in _outermost(model)):
        return x
    import pandas

    return pandas.DataFrame(x, columns=list(_columns(model)))


def _command(held: Closed) -> str:
    texts = [f"{name} = {text}" for name, text in zip(held.outputs, held.texts, strict=True)]
    if sum(map(len, texts)) > _SHOWN:
        return "ESTIMATOR"
    return " ".join(f"--equation {shlex.quote(text)}" for text in texts)


def _names(held: Closed) -> record.Names | UnsetType:
    own = own_names(held.own, held.features)
    return record.Names(inputs=own, outputs=held.outputs) if own else UNSET
