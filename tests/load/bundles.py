"""Real bundles for the tests of loading: equations in text -> lowered, generated, written with their manifest."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path

from symc.backends import Unit, sources
from symc.bundle import Manifest, write_bundle
from symc.bundle import manifest as record
from symc.ir.derive import jacobian
from symc.ir.lower import lower
from symc.ir.parse import complexity, parse


def make_bundle(
    out: Path,
    name: str,
    equations: Sequence[str],
    n_in: int,
    targets: Sequence[str] = ("c",),
    *,
    with_jacobian: bool = True,
    domain: tuple[tuple[float, float], ...] | None = None,
) -> Path:
    """Write the bundle out/name for equations over x0, x1, ... and return its folder."""
    features = [f"x{k}" for k in range(n_in)]
    outputs = [f"y{k}" for k in range(len(equations))]
    expressions = [parse(text, features) for text in equations]
    program = lower(expressions, features, outputs)
    unit = Unit(
        name=name,
        program=program,
        jacobian=jacobian(program) if with_jacobian else None,
        equations=tuple(equations),
        domain=domain,
        errors=(),
        model_sha256="0" * 64,
        tool="symc test",
        options=(),
    )
    files = sources(unit, targets)
    manifest = Manifest(
        schema=record.SCHEMA_VERSION,
        tool=record.Tool(name="symc", version="test"),
        name=name,
        model=record.Model(kind="hall_of_fame", sha256="0" * 64),
        targets=tuple(targets),
        options={},
        equations=tuple(
            record.Equation(output=o, text=t, complexity=complexity(e), cost=program.cost, loss=None, heldout=None)
            for o, t, e in zip(outputs, equations, expressions, strict=True)
        ),
        program_json=program.to_json(),
        domain=domain,
        samples=None,
        search=None,
        parity=(),
        dropped=(),
        reproduce="symc build",
        files={path: hashlib.sha256(content).hexdigest() for path, content in files.items()},
    )
    return write_bundle(out, manifest.sealed(), files)
