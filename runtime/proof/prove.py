"""The runtime's functions against the correctly rounded result; records what was run in results/.

    runtime/proof/run                        every function (long: hours on two cores)
    runtime/proof/run exp tanh               these functions only; the other records stay
    runtime/proof/run --sample 1009 exp      every 1009th input only, nothing is recorded
    runtime/proof/run --check                computes nothing: exit 1 unless the records are of the sources as they are

Each function is compiled three times (BUILDS), and all builds are compared: unary functions on all 2^32 inputs
(prove.c), pow on the sets of prove_pow.c. Needs x86-64 with AVX2 and FMA, glibc, gcc or clang (CC) and MPFR (Debian:
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
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
INCLUDE = HERE.parent / "include"
RESULTS = HERE / "results"
FLAGS = ("-std=c11", "-O3", "-ffp-contract=off", "-fno-math-errno", "-fno-trapping-math")
BUILDS = {
    "fma": ("-mavx2", "-mfma", "-DSYMC_PROFILE_F64"),
    "plain": ("-mavx2", "-mno-fma", "-DSYMC_PROFILE_F64", "-DSYMC_SQRT_SOFT"),
    "int": ("-DSYMC_PROFILE_INT", "-DSYMC_SQRT_SOFT"),
}
LIBRARIES = ("-lmpfr", "-lgmp", "-lm")


@dataclass(frozen=True)
class Unary:
    """A function of one argument and what prove.c needs to know of it.

    `safe`: units in the last place of glibc's double function that a result must be away from a rounding boundary; at
    least three times the largest error in the glibc manual's table. `reference` and `exact` are the names in glibc and
    MPFR where they are not the function's own; `header` is its header.
    """

    name: str
    symmetry: str = "NONE"
    safe: int = 8
    header: str = ""
    reference: str = ""
    exact: str = ""
    fast: bool = False


FUNCTIONS = {
    f.name: f
    for f in (
        Unary("sqrt"),
        Unary("cbrt", "ODD", 16),
        Unary("exp", fast=True),
        Unary("exp2"),
        Unary("expm1"),
        Unary("log"),
        Unary("log2"),
        Unary("log10"),
        Unary("log1p"),
        Unary("sin", "ODD", header="trig", fast=True),
        Unary("cos", "EVEN", header="trig", fast=True),
        Unary("tan", "ODD", header="trig", fast=True),
        Unary("asin", "ODD"),
        Unary("acos"),
        Unary("atan", "ODD"),
        Unary("sinh", "ODD"),
        Unary("cosh", "EVEN"),
        Unary("tanh", "ODD"),
        Unary("asinh", "ODD"),
        Unary("acosh"),
        Unary("atanh", "ODD"),
        Unary("erf", "ODD"),
        Unary("erfc", safe=16, header="erf"),
        Unary("gamma", safe=32, reference="tgamma", exact="mpfr_gamma"),
    )
}
POW_SETS = (
    ("special",),
    ("exact",),
    ("near", "2000000", "1"),
    ("slow", "2000000", "2"),
    ("powers", "16777216"),
    ("random-1", "1000000000", "1"),
)


@dataclass(frozen=True)
class Job:
    """One run of a driver: the key of its record, the function, its arguments and the header it is about."""

    key: str
    function: str
    arguments: tuple[str, ...]
    header: str


def jobs() -> list[Job]:
    """Every run that a complete proof consists of."""
    unary = [Job(f.name, f.name, (), f.header or f.name) for f in FUNCTIONS.values()]
    return unary + [Job(f"pow-{words[0]}", "pow", words, "pow") for words in POW_SETS]


def dependencies(header: str) -> list[str]:
    """The names of symc/`header`.h and of the runtime headers that it includes, directly or not, sorted."""
    seen: set[str] = set()
    todo = [header]
    while todo:
        name = todo.pop()
        if name not in seen:
            seen.add(name)
            text = (INCLUDE / "symc" / f"{name}.h").read_text(encoding="utf-8")
            todo += re.findall(r'#include "symc/([a-z0-9_/]+)\.h"', text)
    return sorted(seen)


def header_digests(header: str) -> dict[str, str]:
    """sha256 of each header that symc/`header`.h consists of."""
    return {
        f"symc/{name}.h": hashlib.sha256((INCLUDE / "symc" / f"{name}.h").read_bytes()).hexdigest()
        for name in dependencies(header)
    }


def code_digests(header: str, compiler: str) -> dict[str, str]:
    """sha256 of what each build compiles of symc/`header`.h: our headers after preprocessing, without comments.

    What another target sees, and what is said about the code, may change without a new proof.
    """
    return {name: _code_digest(header, compiler, flags) for name, flags in BUILDS.items()}


def _code_digest(header: str, compiler: str, flags: tuple[str, ...]) -> str:
    command = [compiler, "-E", *FLAGS, *flags, f"-I{INCLUDE}", "-xc", "-"]
    text = subprocess.run(command, input=f'#include "symc/{header}.h"\n', capture_output=True, text=True, check=True)
    digest = hashlib.sha256()
    ours = False
    for line in text.stdout.splitlines():
        marker = re.match(r'# \d+ "([^"]*)"', line)
        if marker:
            ours = marker[1].startswith(str(INCLUDE))
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


def compile_driver(function: str, compiler: str, folder: Path) -> Path:
    """Compile every build of `function` and the driver that compares them, in `folder`; the driver's path."""
    unary = FUNCTIONS.get(function)
    header = (unary.header or unary.name) if unary else function
    about = [f"-DFUNCTION={function}", f'-DHEADER="symc/{header}.h"', f"-DARITY={1 if unary else 2}", f"-I{INCLUDE}"]
    if unary is None or unary.fast:
        about.append("-DFAST=1")
    objects = []
    for name, flags in BUILDS.items():
        for batch, extra in ((f"batch_{name}", ()), (f"slow_{name}", ("-DSLOW_ONLY=1",))):
            if unary and extra:
                continue
            objects.append(str(folder / f"{function}_{batch}.o"))
            command = [compiler, *FLAGS, *flags, *about, f"-DBATCH={batch}", *extra, "-c", str(HERE / "subject.c")]
            subprocess.run([*command, "-o", objects[-1]], check=True)
    driver = folder / f"prove_{function}"
    if unary:
        facts = [f"-DFUNCTION={function}", f"-DREFERENCE={unary.reference or function}", f"-DSAFE={unary.safe}u"]
        facts += [f"-DEXACT={unary.exact or 'mpfr_' + function}", f"-DSYMMETRY={unary.symmetry}"]
    else:
        facts = []
    source = HERE / ("prove.c" if unary else "prove_pow.c")
    subprocess.run([compiler, *FLAGS, *facts, str(source), *objects, *LIBRARIES, "-o", str(driver)], check=True)
    return driver


def run(job: Job, compiler: str, driver: Path, digests: dict[str, dict[str, str]]) -> dict[str, Any]:
    """Run the driver for `job`, compiled from sources with those digests, and return its record."""
    start = time.monotonic()
    done = subprocess.run(["nice", str(driver), *job.arguments], stdout=subprocess.PIPE, text=True)
    lines = [line.split() for line in done.stdout.splitlines()]
    if [words[1] for words in lines] != list(BUILDS):
        raise SystemExit(f"{job.key}: the driver failed with exit code {done.returncode}")
    version = subprocess.run([compiler, "--version"], stdout=subprocess.PIPE, text=True, check=True).stdout
    for _, build, inputs, wrong, hard, digest in lines:
        print(f"{job.key:12} {build:6} {inputs:>10} inputs  {wrong} wrong  {hard} hard  {digest}", flush=True)
    print(f"{job.key:12} {time.monotonic() - start:.0f} s", flush=True)
    return {
        "function": lines[0][0],
        "arguments": " ".join(job.arguments),
        "inputs": int(inputs),
        "hard": int(hard),
        "compiler": version.splitlines()[0],
        "builds": {
            words[1]: {"flags": " ".join((*FLAGS, *BUILDS[words[1]])), "wrong": int(words[3]), "hash": words[5]}
            for words in lines
        },
        **digests,
    }


def record_of(job: Job) -> Path:
    """Where the record of a job lies."""
    return RESULTS / f"{job.key}.json"


def recorded() -> dict[str, Any]:
    """The records there are, by key."""
    return {job.key: json.loads(record_of(job).read_text()) for job in jobs() if record_of(job).exists()}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("functions", nargs="*", help=f"{' '.join(FUNCTIONS)} pow; default all")
    parser.add_argument("--check", action="store_true", help="only compare the records with the sources")
    parser.add_argument("--sample", type=int, metavar="N", help="every Nth input only; nothing is recorded")
    parser.add_argument("--processes", type=int, default=2, help="drivers that run at once (default 2)")
    arguments = parser.parse_args()
    if unknown := sorted(set(arguments.functions) - {*FUNCTIONS, "pow"}):
        parser.error(f"no such function: {', '.join(unknown)}")
    wanted = [job for job in jobs() if not arguments.functions or job.function in arguments.functions]
    compiler = shutil.which(os.environ.get("CC", "gcc"))
    if not arguments.check:
        if compiler is None:
            print("no C compiler: install gcc, or name one in CC", file=sys.stderr)
            return 3
        with tempfile.TemporaryDirectory() as name, ThreadPoolExecutor(arguments.processes) as pool:
            try:
                functions = dict.fromkeys(job.function for job in wanted)
                # Of what is compiled now: a header may change while the drivers run.
                digests = {
                    job.key: {"headers": header_digests(job.header), "code": code_digests(job.header, compiler)}
                    for job in wanted
                }
                drivers = {function: compile_driver(function, compiler, Path(name)) for function in functions}
            except subprocess.CalledProcessError:
                print("a driver does not compile; is MPFR there (Debian: libmpfr-dev)?", file=sys.stderr)
                return 3
            if arguments.sample:
                wanted = [
                    replace(job, arguments=("0", "7fffffff", f"{arguments.sample:x}"))
                    for job in wanted
                    if job.function in FUNCTIONS
                ]
            running = {pool.submit(run, job, compiler, drivers[job.function], digests[job.key]): job for job in wanted}
            for future in as_completed(running):
                record = future.result()
                if arguments.sample:
                    if any(build["wrong"] for build in record["builds"].values()):
                        return 1
                else:
                    text = json.dumps(record, indent=1) + "\n"
                    record_of(running[future]).write_text(text, encoding="utf-8")
            if arguments.sample:
                return 0
    findings = check(recorded(), wanted, compiler)
    for line in findings:
        print(line, file=sys.stderr)
    if not findings:
        print(f"{len(wanted)} records, none wrong, all of the sources as they are")
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main())
