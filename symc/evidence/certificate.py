"""certificate.json: the claims of a bundle for machines, with where and when they were established."""

from __future__ import annotations

import os
import platform
import re
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec

from symc.bundle import Manifest
from symc.bundle.manifest import THIS_TOOL
from symc.errors import CheckFailed, MissingTool
from symc.evidence.claims import Claim, claims_of
from symc.evidence.device import Cost
from symc.toolchain.compilers import find_c
from symc.verify.check import Report

SCHEMA = 1


class _Record(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    pass


class Place(_Record, frozen=True):
    """The machine on which the checks ran."""

    system: str
    processor: str
    python: str
    compiler: str | None


class Subject(_Record, frozen=True):
    """The bundle: its name, and the digest of its manifest, which holds the sha256 of every file."""

    name: str
    manifest_digest: str
    model_kind: str
    model_sha256: str
    built_by: str
    command: str


class Certificate(_Record, frozen=True):
    """What is claimed of a bundle. `holds`: whether every claim that was checked does. `at`: UTC, in ISO 8601."""

    schema: int
    tool: str
    at: str
    place: Place
    bundle: Subject
    holds: bool
    claims: tuple[Claim, ...]

    def raise_if_failed(self) -> None:
        """Raise CheckFailed that names the first claim that does not hold."""
        for claim in self.claims:
            if claim.holds is False:
                raise CheckFailed(f"{claim.subject}: {claim.detail}", where=self.bundle.name)

    def to_bytes(self) -> bytes:
        return msgspec.json.format(msgspec.json.encode(self), indent=2) + b"\n"


def certify(manifest: Manifest, report: Report, bundle: Path, costs: Sequence[Cost] = ()) -> Certificate:
    """The certificate of what `report` found of the folder, and of its costs; its date is SOURCE_DATE_EPOCH if set."""
    claims = claims_of(manifest, report, bundle, costs)
    return Certificate(
        schema=SCHEMA,
        tool=str(THIS_TOOL),
        at=now().isoformat(timespec="seconds"),
        place=Place(
            system=platform.platform(),
            processor=_processor(),
            python=sys.version.split()[0],
            compiler=_compiler(),
        ),
        bundle=Subject(
            name=manifest.name,
            manifest_digest=manifest.digest,
            model_kind=manifest.model.kind,
            model_sha256=manifest.model.sha256,
            built_by=str(manifest.tool),
            command=manifest.reproduce,
        ),
        holds=all(claim.holds is not False for claim in claims),
        claims=claims,
    )


def schema() -> dict[str, Any]:
    """The JSON Schema of certificate.json."""
    return msgspec.json.schema(Certificate)


def now() -> datetime:
    """The date of what is written: SOURCE_DATE_EPOCH where that is set."""
    epoch = os.environ.get("SOURCE_DATE_EPOCH", "")
    # Twelve digits are beyond the year 9999, which datetime does not know.
    return datetime.fromtimestamp(int(epoch), UTC) if re.fullmatch("[0-9]{1,11}", epoch) else datetime.now(UTC)


def _processor() -> str:
    try:
        with open("/proc/cpuinfo", encoding="utf-8", errors="replace") as file:
            names = [line.partition(":")[2].strip() for line in file if line.startswith("model name")]
    except OSError:
        names = []
    return names[0] if names else platform.processor() or platform.machine()


def _compiler() -> str | None:
    try:
        return find_c().version
    except MissingTool:
        return None
