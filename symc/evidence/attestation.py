"""provenance.intoto.json: how a bundle was built, as an in-toto Statement v1 with SLSA's provenance v1.

Sources: in-toto/attestation spec/v1 (statement, resource descriptor), slsa.dev/spec/v1.0/provenance.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any
from urllib.parse import quote

from symc.bundle import Manifest
from symc.bundle.files import read_plain
from symc.bundle.folder import sha256
from symc.bundle.manifest import MANIFEST_NAME
from symc.bundle.signature import STATEMENT
from symc.errors import SymcError

PREDICATE = "https://slsa.dev/provenance/v1"
# A package URL whose subpath is where the parameters are described.
BUILD_TYPE = "pkg:generic/symc#docs/evidence.md"
_URI = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:[\x21-\x7e]+\Z")


def check_builder(builder: str) -> str:
    """`builder`; SymcError where it is no URI."""
    if not _URI.match(builder):
        raise SymcError(
            f"{builder!r} is no URI", where="--builder", hint="Such as https://ci.example.org/runner, or mailto:you@..."
        )
    return builder


def attestation(manifest: Manifest, bundle: Path, builder: str) -> bytes:
    """The statement that `builder` built the bundle in folder `bundle`: equal bundles and builders give equal bytes.

    Subjects are the manifest and every file that it lists. There are no times in it: bundles have none.
    """
    digests = {**manifest.files, MANIFEST_NAME: sha256(read_plain(bundle / MANIFEST_NAME))}
    statement = {
        "_type": STATEMENT,
        "subject": [_resource(f"{manifest.name}/{path}", digest) for path, digest in sorted(digests.items())],
        "predicateType": PREDICATE,
        "predicate": {
            "buildDefinition": {
                "buildType": BUILD_TYPE,
                "externalParameters": {
                    "command": manifest.reproduce,
                    "name": manifest.name,
                    "targets": list(manifest.targets),
                    "options": dict(sorted(manifest.options.items())),
                },
                "internalParameters": _search(manifest),
                "resolvedDependencies": _dependencies(manifest),
            },
            "runDetails": {
                "builder": {"id": builder, "version": {manifest.tool.name: manifest.tool.version}},
                "metadata": {"invocationId": f"sha256:{manifest.digest}"},
            },
        },
    }
    return json.dumps(statement, indent=2, ensure_ascii=False, allow_nan=False).encode() + b"\n"


def _resource(name: str, digest: str) -> dict[str, Any]:
    return {"name": name, "digest": {"sha256": digest}}


def _search(manifest: Manifest) -> dict[str, Any]:
    """What the equations were searched with, seeds included."""
    found: dict[str, Any] = {}
    if manifest.search is not None:
        search = manifest.search
        found["search"] = {
            "engine": search.engine, "seed": search.seed,
            "evaluations": search.evaluations, "stoppedBy": search.stopped_by,
        }  # fmt: skip
    if manifest.samples is not None:
        found["samples"] = {"seed": manifest.samples.seed, "rows": manifest.samples.rows}
    return found


def _dependencies(manifest: Manifest) -> list[dict[str, Any]]:
    """The model and its recorded rows by their hashes, symc and the engine of the search by their versions."""
    model = {**_resource("model", manifest.model.sha256), "annotations": {"kind": manifest.model.kind}}
    found = [model]
    if manifest.samples is not None:
        found.append(_resource("recorded rows", manifest.samples.sha256))
    found.append({"name": manifest.tool.name, "uri": _package(manifest.tool.name, manifest.tool.version)})
    if manifest.search is not None:
        engine = manifest.search.engine
        found.append({"name": engine, "uri": _package(engine, manifest.search.engine_version)})
    return found


def _package(name: str, version: str) -> str:
    return f"pkg:generic/{quote(name, safe='')}" + (f"@{quote(version, safe='')}" if version else "")
