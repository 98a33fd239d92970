"""Every board gives the bits of the oracle: hashes over the outputs for inputs that the boards make themselves.

The coverage program (every operator of the table), fifty random programs and a layered one; every pair of special
values first, then random bit patterns and numbers of moderate size. docs/targets.md states how many inputs each board
sees.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import cast

import numpy as np
import pytest

from symc.ir.evaluate import evaluate
from symc.ir.layered import Layered
from symc.ir.ops import PRIMITIVES
from symc.ir.program import Program
from symc.toolchain.emulators import BOARDS, missing_tools
from tests.emulators.hashing import hashes, inputs, run_on
from tests.targets.building import MACHINE
from tests.targets.programs import SPECIAL_BITS, coverage_program, layered_program
from tests.targets.test_random_programs import CONSTANTS, together
from tests.tools import require_board

PAIRS = len(SPECIAL_BITS) ** 2
ROWS = 100_000
RANDOM_PROGRAMS = 50


@dataclass(frozen=True)
class Case:
    """A board and how to use it.

    eval_batch sees every `stride`-th of the first `rows` inputs of the sequence; eval, of those, the pairs of special
    values and one in sixteen of the others.
    """

    board: str
    flags: str
    rows: int = ROWS
    random_rows: int = 20_000
    stride: int = 1
    # Boards with little RAM take few outputs at a time, those with little flash few of these units.
    most_outputs: int = 255
    most_units: int = 255
    # Another of the same kind is always run; this one in make test-long.
    seldom: bool = False

    def __str__(self) -> str:
        return f"{self.board} {self.flags}"


CASES = (
    Case("cortex-m0", "-Os", rows=20_000, random_rows=5_000, most_outputs=8, most_units=6),
    Case("cortex-m3", "-O2", seldom=True),
    Case("cortex-m4f", "-O3"),
    Case("cortex-m7", "-O2", seldom=True),
    Case("cortex-m33", "-O2", seldom=True),
    Case("rv32imac", "-O2", seldom=True),
    Case("rv64gc", "-O3"),
    # An 8-bit processor, simulated by interpretation.
    Case("atmega2560", "-Os", rows=3000, random_rows=3000, stride=5, most_outputs=8, most_units=4),
    Case("aarch64", "-O3"),
    *([Case("i386", "-O2"), Case("i386", "-Os -DSYMC_PROFILE_INT", seldom=True)] if MACHINE == "x86_64" else []),
    Case("host-gcc", "-O0", seldom=True),
    Case("host-gcc", "-O3 -march=native"),
    Case("host-gcc", "-x c++ -std=gnu++17 -O2", seldom=True),
    Case("host-clang", "-O3 -march=native -DSYMC_PROFILE_INT"),
    # Nothing that a compiler may take in two ways.
    Case("host-gcc", "-O1 -DSYMC_PROFILE_INT -fsanitize=undefined -fno-sanitize-recover=all", seldom=True),
    Case("host-gcc", "-O1 -DSYMC_PROFILE_F64 -fsanitize=undefined -fno-sanitize-recover=all", seldom=True),
)


def random_program() -> Program:
    """Fifty programs of up to seven operations, as the outputs of one."""
    rng = np.random.Generator(np.random.PCG64(7))
    recipes = []
    for _ in range(RANDOM_PROGRAMS):
        steps = [tuple(rng.integers([len(PRIMITIVES), 16, 16, 16]).tolist()) for _ in range(rng.integers(1, 8))]
        recipes.append((int(rng.integers(len(CONSTANTS))), steps))
    return together(recipes)


class Expected:
    """The oracle's hashes of the inputs that are asked for, each made once."""

    def __init__(self, program: Program | Layered) -> None:
        self.program = program
        self._hashes: dict[range, list[str]] = {}
        self._lock = threading.Lock()

    def hashes(self, rows: range) -> list[str]:
        with self._lock:
            if rows not in self._hashes:
                x = inputs(self.program.n_in, rows.stop)[rows.start :: rows.step]
                self._hashes[rows] = hashes(evaluate(self.program, x))
            return self._hashes[rows]


Runs = dict[tuple[str, Case], "Future[list[str]]"]


@pytest.fixture(scope="module")
def runs(request: pytest.FixtureRequest) -> Iterator[Runs]:
    """The outputs that differ, for every selected test: computed on all cores, in the order of the tests."""
    expected = {
        "test_every_operator": Expected(coverage_program()),
        "test_random_programs": Expected(random_program()),
        "test_a_layered_program": Expected(layered_program()),
    }
    started: Runs = {}
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        for item in request.session.items:
            if isinstance(item, pytest.Function) and item.parent is request.node:
                test, case = str(item.originalname), cast(Case, item.callspec.params["case"])
                if not missing_tools(BOARDS[case.board]):
                    started[test, case] = pool.submit(_differing, expected[test], case, test != "test_every_operator")
        yield started
        pool.shutdown(cancel_futures=True)


def _differing(expected: Expected, case: Case, fewer_rows: bool) -> list[str]:
    rows = range(0, case.random_rows if fewer_rows else case.rows, case.stride)
    got = run_on(
        BOARDS[case.board], expected.program, rows,
        single_rows=PAIRS, most_outputs=case.most_outputs, most_units=case.most_units, flags=case.flags.split(),
    )  # fmt: skip
    want = expected.hashes(rows)
    return [name for name, has, wants in zip(expected.program.outputs, got, want, strict=True) if has != wants]


# Every pair of special values and some thousand inputs more; all that docs/targets.md states in make test-long.
SOME_ROWS = 10_000
SOME = [replace(case, rows=min(case.rows, SOME_ROWS)) for case in CASES if not case.seldom]


@pytest.mark.parametrize(
    "case",
    [
        *(pytest.param(case, id=f"some {case}") for case in SOME),
        *(pytest.param(case, id=str(case), marks=pytest.mark.long) for case in CASES if case not in SOME),
    ],
)
def test_every_operator(case: Case, runs: Runs):
    require_board(case.board)
    assert runs["test_every_operator", case].result() == []


@pytest.mark.long
@pytest.mark.parametrize("case", CASES, ids=str)
def test_random_programs(case: Case, runs: Runs):
    require_board(case.board)
    assert runs["test_random_programs", case].result() == []


@pytest.mark.parametrize("case", CASES, ids=str)
def test_a_layered_program(case: Case, runs: Runs):
    require_board(case.board)
    assert runs["test_a_layered_program", case].result() == []
