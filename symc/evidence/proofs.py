"""The recorded proofs of the runtime's functions, compared with the runtime that a bundle brings."""

from __future__ import annotations

import hashlib
import json
import re
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from symc import resources
from symc.errors import MissingTool
from symc.ir.program import Program
from symc.toolchain.compilers import find_c

_ALL = 2**32
_TIMEOUT_S = 60


@dataclass(frozen=True)
class Proof:
    """How it is known that a function is correctly rounded; `holds` is None where that was not checked."""

    function: str
    how: Literal["exhaustive", "measured", "not checked"]
    holds: bool | None
    detail: str


def proofs_of(program: Program, include: Path) -> tuple[Proof, ...]:
    """Of the functions that the program calls, by name; what the hardware computes needs none.

    include: the folder that holds the bundle's own symc/*.h. A record counts where the bundle's code, preprocessed as
    it was for the proof, is the code that was proved.
    """
    results = resources.runtime() / "proof" / "results"
    found = []
    for name in sorted(program.operators):
        paths = sorted(results.glob(f"{name}.json")) or sorted(results.glob(f"{name}-*.json"))
        if paths:
            found.append(_proof(name, [json.loads(path.read_text()) for path in paths], include))
    return tuple(found)


def _proof(name: str, records: list[dict[str, Any]], include: Path) -> Proof:
    builds = list(records[0]["builds"])
    try:
        same = all(_is_of(record, include) for record in records)
    except (MissingTool, OSError, subprocess.SubprocessError) as error:
        return Proof(name, "not checked", None, f"the code could not be compared with that of the proof: {error}")
    if not same:
        return Proof(name, "not checked", None, "the bundle's code is not the code that was proved")
    inputs = sum(record["inputs"] for record in records)
    wrong = sum(build["wrong"] for record in records for build in record["builds"].values())
    whole = len(records) == 1 and inputs == _ALL
    counted = f"{'all ' * whole}{inputs:,} inputs in {len(builds)} builds, {wrong} wrong; the bundle's own code"
    return Proof(name, "exhaustive" if whole else "measured", wrong == 0, counted)


def _is_of(record: dict[str, Any], include: Path) -> bool:
    """Whether the bundle's headers give the code that the record is of, in every build."""
    own = [name for name in record["headers"] if re.fullmatch(r"symc/\w+\.h", name) and (include / name).is_file()]
    return any(
        all(_digest(header, build["flags"].split(), include) == record["code"][name] for name, build in builds)
        for header in sorted(own)
        if (builds := list(record["builds"].items()))
    )


def _digest(header: str, flags: list[str], include: Path) -> str:
    """sha256 of what a build compiles of `header`, as runtime/proof/records.py takes it: our lines alone."""
    command = [*find_c().command, "-E", *flags, f"-I{include}", "-xc", "-"]
    source = f'#include "{header}"\n'
    done = subprocess.run(command, input=source, capture_output=True, text=True, check=True, timeout=_TIMEOUT_S)
    digest = hashlib.sha256()
    ours = False
    for line in done.stdout.splitlines():
        marker = re.match(r'# \d+ "([^"]*)"', line)
        if marker:
            ours = marker[1].startswith(str(include))
        elif ours and line.strip():
            digest.update(" ".join(line.split()).encode() + b"\n")
    return digest.hexdigest()
