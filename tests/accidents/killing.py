"""A process that builds and distils in children, and kills them with SIGKILL at moments that a seed chose.

    python -m tests.accidents.killing build|distil FOLDER COUNT SEED

The children are forks of a process that has done the work once, so that the blows fall on it and not on imports.
Ends with an AssertionError where anything is broken after a blow; prints how many struck before the child was done.
"""

from __future__ import annotations

import os
import random
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch

import symc
from symc.bundle import read_manifest
from symc.bundle.files import check_plain, read_file
from symc.cli import main
from tests.searches import SHORTEST

LAWS = ("law = 2.5*cos(x1) + x0^2", "law = x0*exp(-x1) - 0.25*tanh(x0*x1)")
Work = Callable[[int], Any]


def build(out: Path, turn: int) -> None:
    words = ["build", "--equation", LAWS[turn % 2], "--name", "law", "--target", "c,numba", "-o", str(out)]
    main(words)


def check_bundle(out: Path) -> None:
    """The bundle there is one of the two, and whole: its manifest's digest, and every file."""
    place = out / "law"
    manifest = read_manifest(place)
    check_plain(place)
    for name, digest in manifest.files.items():
        read_file(place, name, digest)
    there = {p.relative_to(place).as_posix() for p in place.rglob("*") if p.is_file()}
    assert there == {*manifest.files, "manifest.json"}, there


def distil(keep: Path | None) -> tuple[Any, ...]:
    torch.manual_seed(0)
    block = symc.wrap(torch.nn.Linear(2, 2))
    block.distill(torch.randn(64, 2), keep=keep, **SHORTEST)
    return block.fronts


def kept(keep: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in keep.glob("*.json")}


def in_a_child(work: Callable[[], Any]) -> int:
    child = os.fork()
    if child:
        return child
    with open(os.devnull, "w") as nowhere:
        os.dup2(nowhere.fileno(), 1)
        os.dup2(nowhere.fileno(), 2)
    try:
        work()
    except SystemExit as done:
        os._exit(int(done.code or 0))
    except BaseException:
        os._exit(70)
    os._exit(0)


def duration(work: Callable[[], Any]) -> float:
    start = time.monotonic()
    assert os.waitstatus_to_exitcode(os.waitpid(in_a_child(work), 0)[1]) == 0
    return time.monotonic() - start


def strike(work: Callable[[], Any], delay: float, first: Callable[[], bool] = lambda: True) -> bool:
    """Kill a child `delay` seconds after `first` holds; whether it was still at work. An error of its own is raised."""
    child = in_a_child(work)
    while not first() and not os.waitid(os.P_PID, child, os.WEXITED | os.WNOHANG | os.WNOWAIT):
        time.sleep(0.0002)
    time.sleep(delay)
    os.kill(child, signal.SIGKILL)
    code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    assert code in (0, -signal.SIGKILL), code
    return code != 0


def kill_builds(out: Path, count: int, seed: int) -> int:
    """Every second blow falls while the bundle's files are written."""
    symc.build(equation=LAWS[0], out=out)
    build_in = [duration(lambda turn=turn: build(out, turn)) for turn in (0, 1)]
    rng, struck = random.Random(seed), 0
    for turn in range(count):
        before = set(os.listdir(out))
        if turn % 2:
            begun = lambda before=before: bool(set(os.listdir(out)) - before)  # noqa: E731
            struck += strike(lambda turn=turn: build(out, turn // 2), rng.uniform(0, 0.02), begun)
        else:
            struck += strike(lambda turn=turn: build(out, turn // 2), rng.uniform(0, max(build_in)))
        check_bundle(out)
    assert duration(lambda: build(out, 0)) > 0
    check_bundle(out)
    assert os.listdir(out) == ["law"], os.listdir(out)
    return struck


def kill_distillations(keep: Path, count: int, seed: int) -> int:
    """A fit that is kept stays, byte for byte; what is found in the end is what is found without a blow."""
    expected = distil(None)
    # The shorter of two: a machine that is busy for a moment would let later children be done before their blow.
    whole = min(duration(lambda: distil(None)) for _ in range(2))
    rng, struck = random.Random(seed), 0
    folders = [keep / str(k) for k in range(-(-count // 2))]
    for turn in range(count):
        folder = folders[turn // 2]
        before = kept(folder)
        struck += strike(lambda folder=folder: distil(folder), rng.uniform(0, 0.8 * whole))
        after = kept(folder)
        assert before.items() <= after.items(), set(before) - set(after)
    for folder in folders:
        before = kept(folder)
        assert distil(folder) == expected
        assert before.items() <= kept(folder).items() and len(os.listdir(folder)) == 2, os.listdir(folder)
    return struck


if __name__ == "__main__":
    torch.set_num_threads(1)
    what, folder, count, seed = sys.argv[1:]
    kill = {"build": kill_builds, "distil": kill_distillations}[what]
    print(kill(Path(folder), int(count), int(seed)))
