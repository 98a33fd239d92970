"""The runtime's functions against the correctly rounded result; records what was run in results/.

    runtime/proof/run                        every build whose code is not that of its record
    runtime/proof/run --all                  every function in every build (long: hours on two cores)
    runtime/proof/run exp tanh               these functions only; the other records stay
    runtime/proof/run --sample 1009 exp      every 1009th input only, nothing is recorded
    runtime/proof/run --check                computes nothing: exit 1 unless the records are of the sources as they are

Each function is compiled three times (BUILDS), and all builds are compared: unary functions on all 2^32 inputs
(prove.c), pow on the sets of prove_pow.c. Needs x86-64 with AVX2 and FMA, glibc, gcc or clang (CC) and MPFR (Debian:
libmpfr-dev). Exit code 1 if a result is wrong, 3 if a tool is missing.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import replace
from pathlib import Path
from typing import Any

import subjects
from records import check, code_digests, header_digests, proved, recorded, write
from subjects import BUILDS, FLAGS, FUNCTIONS, Job, build_flags, jobs

HERE = Path(__file__).resolve().parent
LIBRARIES = ("-lmpfr", "-lgmp", "-lm")


def compiler_version(compiler: str) -> str:
    """The first line in which the compiler says what it is."""
    done = subprocess.run([compiler, "--version"], stdout=subprocess.PIPE, text=True, check=True)
    return done.stdout.splitlines()[0]


def compile_driver(function: str, compiler: str, folder: Path, builds: Iterable[str] = tuple(BUILDS)) -> Path:
    """Compile `builds` of `function` and the driver that checks them, in `folder`; the driver's path."""
    unary = FUNCTIONS.get(function)
    header = (unary.header or unary.name) if unary else function
    about = [f"-DFUNCTION={function}", f'-DHEADER="symc/{header}.h"', f"-DARITY={1 if unary else 2}"]
    about.append(f"-I{subjects.INCLUDE}")
    if unary is None or unary.fast:
        about.append("-DFAST=1")
    objects = []
    for name in builds:
        for batch, extra in ((f"batch_{name}", ()), (f"slow_{name}", ("-DSLOW_ONLY=1",))):
            if unary and extra:
                continue
            objects.append(str(folder / f"{function}_{batch}.o"))
            command = [compiler, *FLAGS, *BUILDS[name], *about, f"-DBATCH={batch}", *extra]
            subprocess.run([*command, "-c", str(HERE / "subject.c"), "-o", objects[-1]], check=True)
    driver = folder / "_".join(("prove", function, *builds))
    if unary:
        facts = [f"-DFUNCTION={function}", f"-DREFERENCE={unary.reference or function}", f"-DSAFE={unary.safe}u"]
        facts += [f"-DEXACT={unary.exact or 'mpfr_' + function}", f"-DSYMMETRY={unary.symmetry}"]
    else:
        facts = []
    facts.append("-DEACH_BUILD(X)=" + " ".join(f"X({name})" for name in builds))
    source = HERE / ("prove.c" if unary else "prove_pow.c")
    subprocess.run([compiler, *FLAGS, *facts, str(source), *objects, *LIBRARIES, "-o", str(driver)], check=True)
    return driver


def run(job: Job, version: str, driver: Path, kept: dict[str, Any]) -> dict[str, Any]:
    """Run the driver of the builds that are not `kept`, and return the record of all, without digests."""
    start = time.monotonic()
    done = subprocess.run(["nice", str(driver), *job.arguments], stdout=subprocess.PIPE, text=True)
    lines = [line.split() for line in done.stdout.splitlines()]
    if [words[1] for words in lines] != [name for name in BUILDS if name not in kept]:
        raise SystemExit(f"{job.key}: the driver failed with exit code {done.returncode}")
    for _, build, inputs, wrong, hard, digest in lines:
        print(f"{job.key:12} {build:6} {inputs:>10} inputs  {wrong} wrong  {hard} hard  {digest}", flush=True)
    print(f"{job.key:12} {time.monotonic() - start:.0f} s", flush=True)
    found = {words[1]: {"flags": build_flags(words[1]), "wrong": int(words[3]), "hash": words[5]} for words in lines}
    return {
        "function": lines[0][0],
        "arguments": " ".join(job.arguments),
        "inputs": int(inputs),
        "hard": int(hard),
        "compiler": version,
        "builds": {name: (kept | found)[name] for name in BUILDS},
    }


def prove(wanted: list[Job], compiler: str, processes: int, everything: bool, sample: int | None) -> bool:
    """Run what the jobs lack to be proved, or all of them, and record it; or a sample of their inputs, unrecorded.

    Returns False if a sample found a wrong result. Raises CalledProcessError where a driver does not compile.
    """
    version = compiler_version(compiler)
    old = {} if everything or sample else recorded()
    with tempfile.TemporaryDirectory() as name, ThreadPoolExecutor(processes) as pool:
        # Of what is compiled now: a header may change while the drivers run.
        digests = {
            job: {"headers": header_digests(job.header), "code": code_digests(job.header, compiler)} for job in wanted
        }
        kept = {job: proved(old.get(job.key), job, version, digests[job]["code"]) for job in wanted}
        drivers: dict[tuple[str, ...], Path] = {}
        running = {}
        for job in wanted:
            builds = tuple(build for build in BUILDS if build not in kept[job])
            if not builds:
                write(job, old[job.key] | digests[job])
                continue
            if (job.function, *builds) not in drivers:
                drivers[job.function, *builds] = compile_driver(job.function, compiler, Path(name), builds)
            about = replace(job, arguments=("0", "7fffffff", f"{sample:x}")) if sample else job
            running[pool.submit(run, about, version, drivers[job.function, *builds], kept[job])] = job
        for future in as_completed(running):
            record = future.result()
            if not sample:
                write(running[future], record | digests[running[future]])
            elif any(build["wrong"] for build in record["builds"].values()):
                return False
    return True


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("functions", nargs="*", help=f"{' '.join(FUNCTIONS)} pow; default all")
    parser.add_argument("--check", action="store_true", help="only compare the records with the sources")
    parser.add_argument("--all", action="store_true", help="also run builds whose code is that of their record")
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
        if arguments.sample:
            wanted = [job for job in wanted if job.function in FUNCTIONS]
        try:
            right = prove(wanted, compiler, arguments.processes, arguments.all, arguments.sample)
        except subprocess.CalledProcessError:
            print("a driver does not compile; is MPFR there (Debian: libmpfr-dev)?", file=sys.stderr)
            return 3
        if arguments.sample:
            return 0 if right else 1
    findings = check(recorded(), wanted, compiler)
    for line in findings:
        print(line, file=sys.stderr)
    if not findings:
        print(f"{len(wanted)} records, none wrong, all of the sources as they are")
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main())
