"""The runtime's functions against the correctly rounded result; records what was run in results.json.

    runtime/proof/run               every function, with and without fused multiply-add (half an hour on two cores)
    runtime/proof/run exp tanh      these functions only; the other records stay
    runtime/proof/run --check       computes nothing: exit 1 unless results.json is about the sources as they are

Unary functions are compared on all 2^32 inputs (prove.c), pow on the sets of prove_pow.c. Needs x86-64 with AVX2 and
FMA, glibc, gcc or clang (CC) and MPFR (Debian: libmpfr-dev). Exit code 1 if a result is wrong, 3 if a tool is missing.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).resolve().parent
INCLUDE = HERE.parent / "include"
RESULTS = HERE / "results.json"
FLAGS = ("-std=c11", "-O3", "-ffp-contract=off", "-fno-math-errno", "-fno-trapping-math")
HEADERS = {"exp": "exp", "log": "log", "sin": "trig", "cos": "trig", "tan": "trig", "tanh": "tanh", "sqrt": "sqrt"}
POW_SETS = (
    ("special",),
    ("exact",),
    ("powers", "16777216"),
    ("random", "1000000000", "1"),
    ("slow", "20000000", "2"),
)


@dataclass(frozen=True)
class Job:
    """One run of a driver: its record's key, the driver, extra compiler flags, arguments and the header it proves."""

    key: str
    driver: str
    flags: tuple[str, ...]
    arguments: tuple[str, ...]
    header: str


def jobs() -> list[Job]:
    """Every run that a complete proof consists of, longest first."""
    fused, separate = ("-mavx2", "-mfma"), ("-mavx2", "-mno-fma")
    found = []
    for name in ("tan", "sin", "cos", "tanh", "log", "exp"):
        for build, flags in (("fma", fused), ("no-fma", separate)):
            found.append(Job(f"{name} {build}", "prove.c", flags, (name,), HEADERS[name]))
    found.append(Job("sqrt hardware", "prove.c", separate, ("sqrt",), "sqrt"))
    found.append(Job("sqrt software", "prove.c", ("-DSYMC_SQRT_SOFT",), ("sqrt",), "sqrt"))
    for build, flags in (("fma", fused), ("no-fma", separate)):
        for arguments in POW_SETS:
            found.append(Job(f"pow {arguments[0]} {build}", "prove_pow.c", flags, arguments, "pow"))
    return found


def dependencies(header: str) -> list[str]:
    """The names of symc/`header`.h and of the runtime headers that it includes, directly or not, sorted."""
    seen: set[str] = set()
    todo = [header]
    while todo:
        name = todo.pop()
        if name not in seen:
            seen.add(name)
            text = (INCLUDE / "symc" / f"{name}.h").read_text(encoding="utf-8")
            todo += re.findall(r'#include "symc/(\w+)\.h"', text)
    return sorted(seen)


def header_digests(header: str) -> dict[str, str]:
    """sha256 of each header that symc/`header`.h consists of."""
    return {
        f"symc/{name}.h": hashlib.sha256((INCLUDE / "symc" / f"{name}.h").read_bytes()).hexdigest()
        for name in dependencies(header)
    }


def check(records: dict[str, dict], wanted: list[Job]) -> list[str]:
    """What results.json lacks to be a proof of the sources as they are: one line per finding."""
    findings = []
    for job in wanted:
        record = records.get(job.key)
        if record is None:
            findings.append(f"{job.key}: not run")
        elif record["headers"] != header_digests(job.header):
            findings.append(f"{job.key}: a header changed since the run")
        elif record["wrong"] != 0:
            findings.append(f"{job.key}: {record['wrong']} wrong results")
    by_function: dict[str, set[str]] = {}
    for job in wanted:
        if job.key in records:
            by_function.setdefault(" ".join(job.key.split()[:-1]), set()).add(records[job.key]["hash"])
    findings += [f"{name}: builds differ in their hash" for name, hashes in by_function.items() if len(hashes) > 1]
    return findings


def run(job: Job, compiler: str, folder: Path) -> dict:
    """Compile the driver for `job`, run it, and return its record."""
    binary = folder / job.key.replace(" ", "-")
    command = [compiler, *FLAGS, *job.flags, f"-I{INCLUDE}", f"-I{HERE}", str(HERE / job.driver)]
    if subprocess.run([*command, "-o", str(binary), "-lmpfr", "-lgmp", "-lm"]).returncode != 0:
        print(f"{job.driver} does not compile; is MPFR there (Debian: libmpfr-dev)?", file=sys.stderr)
        raise SystemExit(3)
    digests = header_digests(job.header)
    start = time.monotonic()
    done = subprocess.run(["nice", "-n", "4", str(binary), *job.arguments], stdout=subprocess.PIPE, text=True)
    if not done.stdout:
        raise SystemExit(f"{job.key}: the driver failed with exit code {done.returncode}")
    _, inputs, *counts, digest = done.stdout.split()
    version = subprocess.run([compiler, "--version"], stdout=subprocess.PIPE, text=True, check=True).stdout
    record = {
        "function": job.key.split()[0],
        "profile": "F64",
        "arguments": " ".join(job.arguments),
        "compiler": version.splitlines()[0],
        "flags": " ".join((*FLAGS, *job.flags)),
        "inputs": int(inputs),
        "wrong": int(counts[0]),
        "hard": int(counts[1]),
        "hash": digest,
        "headers": digests,
    }
    if len(counts) > 2:
        record["slow"] = int(counts[2])
    print(f"{job.key:22} {inputs:>10} inputs  {counts[0]} wrong  {counts[1]} hard  {digest}  "
          f"{time.monotonic() - start:.0f} s", flush=True)  # fmt: skip
    return record


def save(records: dict[str, dict]) -> None:
    """Write the records in the order of jobs()."""
    text = json.dumps({job.key: records[job.key] for job in jobs() if job.key in records}, indent=1)
    RESULTS.write_text(text + "\n", encoding="utf-8")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("functions", nargs="*", help="exp log sin cos tan tanh sqrt pow; default all")
    parser.add_argument("--check", action="store_true", help="only compare results.json with the sources")
    parser.add_argument("--processes", type=int, default=2, help="drivers that run at once (default 2)")
    arguments = parser.parse_args()
    names = {job.key.split()[0] for job in jobs()}
    if unknown := sorted(set(arguments.functions) - names):
        parser.error(f"no such function: {', '.join(unknown)}")
    wanted = [job for job in jobs() if not arguments.functions or job.key.split()[0] in arguments.functions]
    records = json.loads(RESULTS.read_text(encoding="utf-8")) if RESULTS.exists() else {}
    if not arguments.check:
        compiler = shutil.which(os.environ.get("CC", "gcc"))
        if compiler is None:
            print("no C compiler: install gcc, or name one in CC", file=sys.stderr)
            return 3
        with tempfile.TemporaryDirectory() as folder, ThreadPoolExecutor(arguments.processes) as pool:
            for job, record in zip(wanted, pool.map(lambda j: run(j, compiler, Path(folder)), wanted), strict=True):
                records[job.key] = record
                save(records)
    findings = check(records, wanted)
    for line in findings:
        print(line, file=sys.stderr)
    if not findings:
        print(f"{len(wanted)} records, none wrong, all of the sources as they are")
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main())
