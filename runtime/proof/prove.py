"""The runtime's functions against the correctly rounded result; records what was run in results.json.

    runtime/proof/run               every function (long: an hour and more on two cores)
    runtime/proof/run exp tanh      these functions only; the other records stay
    runtime/proof/run --check       computes nothing: exit 1 unless results.json is about the sources as they are

Each function is compiled twice (BUILDS), and both builds are compared: unary functions on all 2^32 inputs (prove.c),
pow on the sets of prove_pow.c. Needs x86-64 with AVX2 and FMA, glibc, gcc or clang (CC) and MPFR (Debian:
libmpfr-dev). Exit code 1 if a result is wrong, 3 if a tool is missing.
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
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
INCLUDE = HERE.parent / "include"
RESULTS = HERE / "results.json"
FLAGS = ("-std=c11", "-O3", "-ffp-contract=off", "-fno-math-errno", "-fno-trapping-math")
BUILDS = {"fma": ("-mavx2", "-mfma"), "plain": ("-mavx2", "-mno-fma", "-DSYMC_SQRT_SOFT")}
HEADERS = {"exp": "exp", "log": "log", "sin": "trig", "cos": "trig", "tan": "trig", "tanh": "tanh", "sqrt": "sqrt"}
POW_SETS = (
    ("random", "1000000000", "1"),
    ("powers", "16777216"),
    ("slow", "20000000", "2"),
    ("exact",),
    ("special",),
)
LIBRARIES = ("-lmpfr", "-lgmp", "-lm")


@dataclass(frozen=True)
class Job:
    """One run of a driver: the key of its record, the driver, its arguments and the header it is about."""

    key: str
    driver: str
    arguments: tuple[str, ...]
    header: str


def jobs() -> list[Job]:
    """Every run that a complete proof consists of, longest first."""
    unary = [Job(name, "prove", (name,), HEADERS[name]) for name in ("tan", "sin", "cos", "tanh", "log", "exp", "sqrt")]
    return unary + [Job(f"pow {words[0]}", "prove_pow", words, "pow") for words in POW_SETS]


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


def check(records: dict[str, Any], wanted: list[Job]) -> list[str]:
    """What the records lack to be a proof of the sources as they are: one line per finding."""
    findings = []
    for job in wanted:
        record = records.get(job.key)
        if record is None:
            findings.append(f"{job.key}: not run")
            continue
        if record["headers"] != header_digests(job.header):
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


def compile_drivers(compiler: str, folder: Path) -> None:
    """Compile every build of the functions and both drivers, which test all builds at once, into `folder`."""
    objects = []
    for name, flags in BUILDS.items():
        objects.append(str(folder / f"{name}.o"))
        command = [compiler, *FLAGS, *flags, f"-DBUILD_NAME={name}", f"-I{INCLUDE}", "-c", str(HERE / "builds.c")]
        subprocess.run([*command, "-o", objects[-1]], check=True)
    for driver in ("prove", "prove_pow"):
        command = [compiler, *FLAGS, str(HERE / f"{driver}.c"), *objects, *LIBRARIES, "-o", str(folder / driver)]
        subprocess.run(command, check=True)


def run(job: Job, compiler: str, folder: Path) -> dict[str, Any]:
    """Run the driver for `job` and return its record."""
    digests = header_digests(job.header)
    start = time.monotonic()
    done = subprocess.run(["nice", str(folder / job.driver), *job.arguments], stdout=subprocess.PIPE, text=True)
    lines = [line.split() for line in done.stdout.splitlines()]
    if [words[1] for words in lines] != list(BUILDS):
        raise SystemExit(f"{job.key}: the driver failed with exit code {done.returncode}")
    version = subprocess.run([compiler, "--version"], stdout=subprocess.PIPE, text=True, check=True).stdout
    for _, build, inputs, wrong, hard, digest in lines:
        print(f"{job.key:12} {build:6} {inputs:>10} inputs  {wrong} wrong  {hard} hard  {digest}", flush=True)
    print(f"{job.key:12} {time.monotonic() - start:.0f} s", flush=True)
    return {
        "function": lines[0][0],
        "profile": "F64",
        "arguments": " ".join(job.arguments),
        "inputs": int(inputs),
        "hard": int(hard),
        "compiler": version.splitlines()[0],
        "builds": {
            words[1]: {"flags": " ".join((*FLAGS, *BUILDS[words[1]])), "wrong": int(words[3]), "hash": words[5]}
            for words in lines
        },
        "headers": digests,
    }


def save(records: dict[str, Any]) -> None:
    """Write the records in the order of jobs()."""
    text = json.dumps({job.key: records[job.key] for job in jobs() if job.key in records}, indent=1)
    RESULTS.write_text(text + "\n", encoding="utf-8")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("functions", nargs="*", help="exp log sin cos tan tanh sqrt pow; default all")
    parser.add_argument("--check", action="store_true", help="only compare results.json with the sources")
    parser.add_argument("--processes", type=int, default=2, help="drivers that run at once (default 2)")
    arguments = parser.parse_args()
    if unknown := sorted(set(arguments.functions) - {*HEADERS, "pow"}):
        parser.error(f"no such function: {', '.join(unknown)}")
    wanted = [job for job in jobs() if not arguments.functions or job.key.split()[0] in arguments.functions]
    records = json.loads(RESULTS.read_text(encoding="utf-8")) if RESULTS.exists() else {}
    if not arguments.check:
        compiler = shutil.which(os.environ.get("CC", "gcc"))
        if compiler is None:
            print("no C compiler: install gcc, or name one in CC", file=sys.stderr)
            return 3
        with tempfile.TemporaryDirectory() as name, ThreadPoolExecutor(arguments.processes) as pool:
            folder = Path(name)
            try:
                compile_drivers(compiler, folder)
            except subprocess.CalledProcessError:
                print("the drivers do not compile; is MPFR there (Debian: libmpfr-dev)?", file=sys.stderr)
                return 3
            running = {pool.submit(run, job, compiler, folder): job for job in wanted}
            for future in as_completed(running):
                records[running[future].key] = future.result()
                save(records)
    findings = check(records, wanted)
    for line in findings:
        print(line, file=sys.stderr)
    if not findings:
        print(f"{len(wanted)} records, none wrong, all of the sources as they are")
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main())
