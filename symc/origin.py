"""Where equations come from: a distilled module, a network that is distilled now, or a PySR hall of fame."""

from __future__ import annotations

import hashlib
import json
import math
import re
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from msgspec import UNSET, UnsetType

from symc.block import Block, domain_of, recording_of, samples_of
from symc.bundle import manifest as record
from symc.errors import SymcError
from symc.frontend.front import Front, Member, select
from symc.ir.lower import lower
from symc.ir.parse import parse
from symc.ir.program import Program
from symc.verify.parity import Recording

if TYPE_CHECKING:
    from symc.frontend.loading import Network
    from symc.frontend.saved import Distilled
    from symc.frontend.scan import Scan
    from symc.frontend.search.hall_of_fame import HallOfFame

_SEARCH = (
    "engine",
    "evaluations",
    "time_budget",
    "operators",
    "max_complexity",
    "variable_transforms",
    "heldout",
    "fit_rows",
    "workers",
    "executor",
    "keep",
    "seed",
)
# Where a search runs and what it keeps does not change what it finds.
_ELSEWHERE = ("workers", "executor", "keep")
_SAMPLING = ("inputs", "domain", "samples", "layer", "output_dims", "weights", "memory", "max_nonfinite")


@dataclass(frozen=True)
class Origin:
    """Fronts with all that a bundle tells of their history. `arguments` repeat the build on the command line."""

    kind: str
    sha256: str
    features: tuple[str, ...]
    fronts: tuple[Front, ...]
    domain: tuple[tuple[float, float], ...] | None
    recording: Recording | None
    samples: record.Samples | None
    search: record.Search | None
    chosen: tuple[int, ...] | None
    arguments: tuple[str, ...]

    @property
    def notes(self) -> dict[str, str]:
        """What the manifest and the sources shall say beside the options of the build."""
        return {}

    @property
    def controls(self) -> UnsetType:
        """Only a compressed block has a control table."""
        return UNSET

    @property
    def dropped(self) -> tuple[record.Dropped, ...]:
        """What was proposed but cannot be used, with the reasons."""
        return tuple(
            record.Dropped(output=front.output, text=text, reason=reason)
            for front in self.fronts
            for text, reason in front.dropped
        )

    def choose(
        self, rule: str | None, complexity: int | Sequence[int] | None
    ) -> tuple[Program, tuple[record.Equation, ...]]:
        """Choose one equation per output, jointly, and lower them to one program.

        Without a rule or a complexity: what the module was switched to, else PySR's "best".
        """
        if rule is None and complexity is None:
            complexity = self.chosen
        members = select(self.fronts, rule=rule or "best", complexity=complexity, features=self.features)
        outputs = [front.output for front in self.fronts]
        program = lower([parse(m.equation, self.features) for m in members], self.features, outputs)
        return program, tuple(_equation(name, m) for name, m in zip(outputs, members, strict=True))


def resolve(model: Any, **options: Any) -> Origin | Block:
    """Make an Origin of `model`, or a Block of a compressed one.

    model: a distilled SymbolicModule, a Compressed, or a path (several for a multi-output PySR run).
    Options: `layer`, `inputs` (file or arrays), `weights` (file or array), `module`, `trust`, and all others that
    SymbolicModule.distill takes to sample and to search; those that a model has no use for are refused. Raises
    SymcError for anything that cannot be opened or distilled.
    """
    options = {key: value for key, value in options.items() if value is not None and value is not False}
    unknown = sorted(set(options) - {*_SEARCH, *_SAMPLING, "features", "module", "trust"})
    if unknown:
        raise SymcError(f"unknown option {unknown[0]!r}", hint=f"Options are: {', '.join((*_SAMPLING, *_SEARCH))}.")
    if not _is_path(model):
        return _from_saved(model, "MODEL.pt", options)
    if _is_hall_of_fame(model):
        from symc.frontend.search.hall_of_fame import read_hall_of_fame

        _refuse(options, "PySR's equations", allowed=("domain", "features"))
        return _from_hall_of_fame(read_hall_of_fame(model, options.get("features")), model, options)
    from symc.frontend.loading import Network, open_model

    opening: dict[str, Any] = {key: options.pop(key) for key in ("trust", "module", "layer") if key in options}
    found = open_model(model, **opening)
    if isinstance(found, Network):
        return _from_network(found, Path(model), opening, options)
    return _from_saved(found, _label(model), options)


def distil_network(network: Network, options: Mapping[str, Any]) -> Distilled:
    """Read the sample inputs or sample the domain, record the block on them, and search for equations."""
    from symc.frontend.inputs import read_inputs
    from symc.frontend.module import wrap

    if "inputs" not in options and "domain" not in options:
        raise SymcError(
            "a network needs sample inputs", where=network.source, hint='Pass --inputs FILE or --domain "lo:hi,lo:hi".'
        )
    if "samples" in options and "inputs" in options:
        raise SymcError("--samples goes with --domain", hint="With --inputs every row of the file is used.")
    given = {key: value for key, value in options.items() if key != "inputs"}
    if isinstance(given.get("weights"), str | Path):
        given["weights"] = read_inputs(given["weights"]).table(1)
    module = wrap(network.model if network.block is None else network.block)
    parent = None if network.block is None else network.model
    module.distill(options.get("inputs"), parent, source=Path(network.source).name, **given)
    return _distilled_module(module)


def distil_file(path: str, out: str, **options: Any) -> Distilled:
    """Distil the network in file `path` and save it to `out`. Raises SymcError when it is no network."""
    from symc.frontend.loading import Network, open_model
    from symc.frontend.saved import save_distilled

    opening = {key: options.pop(key) for key in ("trust", "module", "layer") if key in options}
    found = open_model(path, **opening)
    if not isinstance(found, Network):
        raise SymcError("holds equations already", where=path, hint="symc build compiles them.")
    distilled = distil_network(found, options)
    save_distilled(distilled, out)
    return distilled


def scan_file(path: str, inputs: str, layers: Sequence[str], **opening: Any) -> Scan:
    """Scan the network in file `path` on the inputs in a file. Raises SymcError when it is no network."""
    from symc.frontend.inputs import read_inputs
    from symc.frontend.loading import Network, open_model
    from symc.frontend.scan import scan

    found = open_model(path, **opening)
    if not isinstance(found, Network):
        raise SymcError("holds equations already", where=path, hint="A network's blocks are scanned before distilling.")
    return scan(found.model, read_inputs(inputs), layers=layers)


def default_name(model: Any) -> str:
    """The bundle's name when none is given: the model's file name as an identifier."""
    if not _is_path(model):
        return "surrogate"
    first = Path(model if isinstance(model, str | Path) else model[0])
    stem = first.resolve().name if first.is_dir() else first.name
    return re.sub(r"[^A-Za-z0-9_]", "_", stem.split(".")[0]) or "model"


def _is_path(model: Any) -> bool:
    if isinstance(model, str | Path):
        return True
    return isinstance(model, list | tuple) and bool(model) and all(isinstance(m, str | Path) for m in model)


def _is_hall_of_fame(model: str | Path | Sequence[str | Path]) -> bool:
    """Whether files are PySR's, told from their bytes; such equations need no torch, which takes seconds to import."""
    from symc.frontend.recognise import recognise

    paths = [model] if isinstance(model, str | Path) else list(model)
    return {recognise(Path(p)) for p in paths} == {"hall of fame"}


def _distilled_module(model: Any) -> Distilled:
    from symc.frontend.module import SymbolicModule
    from symc.frontend.saved import Distilled

    if isinstance(model, Distilled):
        return model
    if isinstance(model, SymbolicModule):
        if model.distilled is None:
            raise SymcError("the block was not distilled yet", hint="Call block.distill(x) first.")
        return model.distilled
    raise SymcError(
        f"cannot build a {type(model).__name__}",
        hint="Pass a distilled module (symc.wrap(block), then .distill(x)) or the path of a model file.",
    )


def _refuse(options: Mapping[str, Any], what: str, allowed: Sequence[str]) -> None:
    for name in options:
        if name not in allowed and name != "trust":
            raise SymcError(f"--{name.replace('_', '-')} has no use for {what}", hint="Leave it out.")


def _from_saved(model: Any, label: str, options: Mapping[str, Any]) -> Origin | Block:
    from symc.frontend.compressed import Compressed

    if isinstance(model, Compressed):
        _refuse(options, "a block that is compressed already", allowed=())
        return Block(model, (label,))
    _refuse(options, "a module that is distilled already", allowed=())
    return _from_distilled(_distilled_module(model), label)


def _label(model: str | Path | Sequence[str | Path]) -> str:
    paths = [model] if isinstance(model, str | Path) else list(model)
    return " ".join(Path(p).resolve().name for p in paths)


def _from_distilled(distilled: Distilled, label: str) -> Origin:
    data, history = distilled.dataset, distilled.provenance
    return Origin(
        kind="distilled",
        sha256=distilled.sha256,
        features=data.features,
        fronts=tuple(front.over_inputs(data.variables) for front in distilled.fronts),
        domain=domain_of(data),
        recording=recording_of(data),
        samples=samples_of(data),
        search=record.Search(
            engine=history.engine,
            engine_version=history.engine_version,
            evaluations=history.evaluations,
            seed=history.seed,
            stopped_by=history.stopped_by,
        ),
        chosen=distilled.chosen,
        arguments=(label,),
    )


def _from_network(
    network: Network, path: Path, opening: Mapping[str, Any], options: Mapping[str, Any]
) -> Origin:
    origin = _from_distilled(distil_network(network, options), path.name)
    words = [path.name]
    for name, value in sorted({**opening, **options}.items()):
        if name not in _ELSEWHERE:
            words += _words(name, value)
    return replace(
        origin, kind="network", sha256=hashlib.sha256(path.read_bytes()).hexdigest(), arguments=tuple(words)
    )


def _words(name: str, value: Any) -> list[str]:
    """An option as it would be given on the command line; files by their names alone."""
    flag = f"--{name.replace('_', '-')}"
    if value is True:
        return [flag]
    if name in ("inputs", "weights"):
        return [f"{flag} {Path(value).name}" if isinstance(value, str | Path) else f"{flag} FILE"]
    if name == "variable_transforms":
        return [f"--variable {shlex.quote(f'{variable}={text}')}" for variable, text in value.items()]
    if isinstance(value, Mapping):
        # By output: Python alone can say so.
        return [f"{flag} {shlex.quote(json.dumps(value))}"]
    return [f"{flag} {value if isinstance(value, str | int | float) else ','.join(map(str, value))}"]


def _from_hall_of_fame(found: HallOfFame, model: Any, options: Mapping[str, Any]) -> Origin:
    from symc.frontend.sampling import parse_domain

    domain = None
    if "domain" in options:
        box = parse_domain(options["domain"], len(found.features))
        domain = tuple((float(low), float(high)) for low, high in box)
    words = [_label(model)]
    words += [f"--features {','.join(options['features'])}"] if "features" in options else []
    words += [f"--domain {options['domain']}"] if isinstance(options.get("domain"), str) else []
    return Origin(
        kind="hall_of_fame",
        sha256=found.sha256,
        features=found.features,
        fronts=found.fronts,
        domain=domain,
        recording=None,
        samples=None,
        search=None,
        chosen=None,
        arguments=tuple(words),
    )


def _equation(output: str, member: Member) -> record.Equation:
    return record.Equation(
        output=output,
        text=member.equation,
        complexity=member.complexity,
        cost=member.cost,
        loss=_known(member.loss),
        heldout=_known(member.heldout),
    )


def _known(value: float | None) -> float | None:
    return None if value is None or not math.isfinite(value) else float(f"{value:.6g}")


def inspect(model: Any, **options: Any) -> tuple[str, dict[str, Any]]:
    """What `model` or a bundle holds, as text for people and as plain data. Raises SymcError when it is neither."""
    from symc.bundle import MANIFEST_NAME, read_manifest

    if isinstance(model, str | Path) and (Path(model) / MANIFEST_NAME).is_file():
        from symc.report import describe

        manifest = read_manifest(model)
        return describe(manifest, str(model)), json.loads(manifest.to_bytes())
    if _is_hall_of_fame(model):
        from symc.frontend.search.hall_of_fame import read_hall_of_fame

        run = read_hall_of_fame(model, options.get("features"))
        fronts = [front.to_json() for front in run.fronts]
        return str(run), {"kind": "hall_of_fame", "features": list(run.features), "fronts": fronts}
    from symc.frontend.compressed import Compressed
    from symc.frontend.loading import Network, open_model
    from symc.frontend.saved import Distilled

    found = open_model(model, **options)
    if isinstance(found, Compressed):
        from symc.report import control_table

        block = Block(found, ())
        parts = [str(found), *([control_table(block.controls)] if block.controls else [])]
        return "\n\n".join(parts), {"kind": block.kind, "sha256": found.sha256, "program": found.program.to_json()}
    if isinstance(found, Network):
        layers = {name: type(layer).__name__ for name, layer in found.model.named_modules() if name}
        lines = [str(found), *(f"  {name}  {kind}" for name, kind in layers.items())]
        return "\n".join(lines), {"kind": found.kind, "layers": layers}
    assert isinstance(found, Distilled)
    fronts = [front.to_json() for front in found.fronts]
    return str(found), {"kind": "distilled", "sha256": found.sha256, "fronts": fronts}
