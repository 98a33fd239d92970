"""Fuzzing for as long as one likes: guided by coverage where atheris is installed, by chance where it is not.

    python -m tests.fuzz [--seconds 600] [--seed 0] [--out build/fuzz] [WAY ...]

The time is shared out evenly between the ways in (tests/fuzz/ways.py), each in a process of its own. What is found is
written to the folder, one file a fault with the data beside it; the exit code is 1 where there is any.
"""

from __future__ import annotations

import argparse
import contextlib
import hashlib
import json
import os
import random
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

with contextlib.suppress(ImportError):
    import atheris
_GUIDED = "atheris" in globals()
_HERE = "--here"

with atheris.instrument_imports(include=["symc"]) if _GUIDED and _HERE in sys.argv else contextlib.nullcontext():
    from tests.fuzz.guard import fault, limited_memory
    from tests.fuzz.mutate import mutated
    from tests.fuzz.ways import WAYS


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description="Fuzz every way in.")
    parser.add_argument("--seconds", type=float, default=600.0)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--out", type=Path, default=Path("build/fuzz"))
    parser.add_argument(_HERE, action="store_true", help="one way, in this process")
    parser.add_argument("ways", nargs="*", choices=[[], *WAYS])
    options = parser.parse_args()
    names = options.ways or list(WAYS)
    options.out.mkdir(parents=True, exist_ok=True)
    if options.here:
        _fuzz(names[0], options.seconds, options.seed, options.out.resolve())
        return 0
    total, faults = 0, 0
    for name in names:
        found = _in_a_process(name, options.seconds / len(names), options.seed, options.out)
        total, faults = total + found["cases"], faults + len(found["faults"])
        told = f"{found['cases']} cases, slowest {found['slowest']:.2f} s, {len(found['faults'])} faults"
        print(f"{name}: {told}", flush=True)
        for key in found["faults"]:
            print(f"  {key}", flush=True)
    how = "guided by coverage" if _GUIDED else "by chance"
    print(f"{total} cases {how}, {faults} faults" + (f": see {options.out}" if faults else ""))
    return int(faults > 0)


def _in_a_process(name: str, seconds: float, seed: int, out: Path) -> dict[str, Any]:
    command = [sys.executable, "-m", "tests.fuzz", _HERE, "--seconds", str(seconds), "--seed", str(seed)]
    done = subprocess.run([*command, "--out", str(out), name], capture_output=True, text=True, check=False)
    result = out / f"{_slug(name)}.json"
    found: dict[str, Any] = {"cases": 0, "slowest": 0.0, "faults": []}
    if result.is_file():
        found = json.loads(result.read_text())
    if done.returncode:
        # The process itself came to an end: as bad as a fault can be.
        found["faults"].append(f"the process ended with {done.returncode}: {done.stderr[-2000:]}")
    return found


def _fuzz(name: str, seconds: float, seed: int, out: Path) -> None:
    way, seeds = WAYS[name], WAYS[name].seeds()
    found: dict[str, Any] = {"cases": 0, "slowest": 0.0, "faults": []}
    result = out / f"{_slug(name)}.json"
    result.unlink(missing_ok=True)
    end = time.monotonic() + seconds
    with tempfile.TemporaryDirectory() as folder:

        def one(data: bytes) -> None:
            start = time.monotonic()
            wrong = fault(way.use, data, Path(folder), way.programs)
            found["cases"] += 1
            found["slowest"] = max(found["slowest"], time.monotonic() - start)
            if wrong is not None and wrong.key not in found["faults"]:
                found["faults"].append(wrong.key)
                beside = out / f"{_slug(name)}-{hashlib.sha256(wrong.key.encode()).hexdigest()[:8]}"
                beside.with_suffix(".data").write_bytes(data)
                beside.with_suffix(".txt").write_text(f"{wrong.key}\n\n{wrong.told}\n", errors="backslashreplace")
            if time.monotonic() > end:
                result.write_text(json.dumps(found))
                if _GUIDED:
                    # libFuzzer has no other way to stop at a time with what was counted.
                    os._exit(0)

        with limited_memory():
            if _GUIDED:
                _guided(one, seeds, seed, Path(folder))
            rng = random.Random(seed)
            while time.monotonic() <= end:
                one(mutated(rng.choice(seeds), rng, seeds))


def _guided(one: Any, seeds: list[bytes], seed: int, folder: Path) -> None:
    corpus = folder / "corpus"
    corpus.mkdir()
    for k, data in enumerate(seeds):
        (corpus / str(k)).write_bytes(data)

    def change(data: bytes, most: int, number: int) -> bytes:
        rng = random.Random(number)
        changed = atheris.Mutate(data, most) if rng.random() < 0.3 else mutated(data, rng, seeds)
        return bytes(changed[:most])

    options = ["-max_len=60000", "-len_control=0", "-rss_limit_mb=0", "-timeout=0", "-verbosity=0"]
    atheris.Setup([sys.argv[0], *options, f"-seed={seed + 1}", str(corpus)], one, custom_mutator=change)
    atheris.Fuzz()


def _slug(name: str) -> str:
    return name.replace(" ", "_")


if __name__ == "__main__":
    sys.exit(main())
