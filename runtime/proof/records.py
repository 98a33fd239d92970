"""Records of the proof: what was run, of which code, with which result; and what they lack for the present sources."""

from __future__ import annotations

import hashlib
import json
import re
import subprocess
from pathlib import Path
from typing import Any

import subjects
from subjects import BUILDS, FLAGS, Job, build_flags, jobs

RESULTS = Path(__file__).resolve().parent / "results"


def dependencies(header: str) -> list[str]:
    """The names of symc/`header`.h and of the runtime headers that it includes, directly or not, sorted."""
    seen: set[str] = set()
    todo = [header]
    while todo:
        name = todo.pop()
        if name not in seen:
            seen.add(name)
            text = (subjects.INCLUDE / "symc" / f"{name}.h").read_text(encoding="utf-8")
            todo += re.findall(r'#include "symc/([a-z0-9_/]+)\.h"', text)
    return sorted(seen)


def header_digests(header: str) -> dict[str, str]:
    """sha256 of each header that symc/`header`.h consists of."""
    return {
        f"symc/{name}.h": hashlib.sha256((subjects.INCLUDE / "symc" / f"{name}.h").read_bytes()).hexdigest()
        for name in dependencies(header)
    }


def code_digests(header: str, compiler: str) -> dict[str, str]:
    """sha256 of what each build compiles of symc/`header`.h: our headers after preprocessing, without comments.

    What another target sees, and what is said about the code, may change without a new proof.
    """
    return {name: _code_digest(header, compiler, flags) for name, flags in BUILDS.items()}


def _code_digest(header: str, compiler: str, flags: tuple[str, ...]) -> str:
    command = [compiler, "-E", *FLAGS, *flags, f"-I{subjects.INCLUDE}", "-xc", "-"]
    text = subprocess.run(command, input=f'#include "symc/{header}.h"\n', capture_output=True, text=True, check=True)
    digest = hashlib.sha256()
    ours = False
    for line in text.stdout.splitlines():
        marker = re.match(r'# \d+ "([^"]*)"', line)
        if marker:
            ours = marker[1].startswith(str(subjects.INCLUDE))
        elif ours and line.strip():
            digest.update(" ".join(line.split()).encode() + b"\n")
    return digest.hexdigest()


def unchanged(record: dict[str, Any], header: str, compiler: str | None) -> bool:
    """Whether what was compiled for `record` is what would be compiled now."""
    if record["headers"] == header_digests(header):
        return True
    return compiler is not None and record.get("code") == code_digests(header, compiler)


def check(records: dict[str, Any], wanted: list[Job], compiler: str | None = None) -> list[str]:
    """What the records lack to be a proof of the sources as they are: one line per finding."""
    findings = []
    for job in wanted:
        record = records.get(job.key)
        if record is None:
            findings.append(f"{job.key}: not run")
            continue
        if not unchanged(record, job.header, compiler):
            findings.append(f"{job.key}: a header changed since the run")
        if set(record["builds"]) != set(BUILDS):
            findings.append(f"{job.key}: a build is missing")
        findings += [
            f"{job.key}: {build['wrong']} wrong results in the build {name}"
            for name, build in record["builds"].items()
            if build["wrong"] != 0
        ]
        if len({build["hash"] for build in record["builds"].values()}) != 1:
            findings.append(f"{job.key}: the builds differ")
    return findings


def proved(record: dict[str, Any] | None, job: Job, version: str, code: dict[str, str]) -> dict[str, Any]:
    """The builds in `record` that need not run again: right, by this compiler, for this job and of this code."""
    if record is None or record["arguments"] != " ".join(job.arguments) or record["compiler"] != version:
        return {}
    return {
        name: record["builds"][name]
        for name in BUILDS
        if name in record["builds"]
        and record["builds"][name]["wrong"] == 0
        and record["builds"][name]["flags"] == build_flags(name)
        and record.get("code", {}).get(name) == code[name]
    }


def record_of(job: Job) -> Path:
    """Where the record of a job lies."""
    return RESULTS / f"{job.key}.json"


def recorded() -> dict[str, Any]:
    """The records there are, by key."""
    return {job.key: json.loads(record_of(job).read_text()) for job in jobs() if record_of(job).exists()}


def write(job: Job, record: dict[str, Any]) -> None:
    """Make `record` the record of the job."""
    record_of(job).write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")
