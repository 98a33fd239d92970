"""A search that is watched: what is shown of it at any width, what ends it early, and that neither changes results."""

from __future__ import annotations

import io
import os
import pty
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from rich.console import Console

from symc.capture.dataset import Dataset
from symc.search.board import Board, shared_board
from symc.search.engines.protocol import Budget
from symc.search.engines.registry import choose
from symc.search.fitting import search_output
from symc.search.front import Front
from symc.search.kept import Shelf
from symc.search.operators import DEFAULT_OPERATORS
from symc.search.progress import Progress
from symc.search.refit import Samples
from symc.search.run import search
from symc.search.structure.propose import structure_of
from symc.search.task import Task
from symc.search.watch import Ended, Watch, ends_with, pulse

ROOT = Path(__file__).parents[2]


def waves(n: int = 200) -> Dataset:
    """One output that no law explains to the end."""
    rng = np.random.default_rng(0)
    x = rng.uniform(-1.0, 1.0, (n, 2))
    return Dataset.from_samples(x, np.sin(3.0 * x[:, :1]) + rng.normal(scale=0.1, size=(n, 1)), seed=3)


def task(dataset: Dataset, **changes: object) -> Task:
    plain = Task(dataset, 0, choose("operon"), Budget(8_000), 0, ("add", "mul"))
    return replace(plain, **changes)  # type: ignore[arg-type]


def busy_board() -> Iterator[Progress]:
    with shared_board(4) as (board, _):
        board.write(0, "structure")
        board.write(1, "engine", 123_456, 500_000, 0.0123456)
        board.write(2, "judging", 500_000, 500_000, 1.5)
        yield Progress(board, ["saturation temperature", "latent heat", "vapour density", "speed of sound"], None)


@pytest.mark.parametrize("width", [40, 60, 80, 120])
def test_what_is_shown_fits_any_width_with_its_words_whole(width: int) -> None:
    for progress in busy_board():
        progress.lines(time.monotonic() - 10.0)
        progress.board.write(1, "engine", 200_000, 500_000, 0.0123456)
        page = io.StringIO()
        Console(file=page, width=width, force_terminal=False).print(progress)
        words = " ".join(progress.lines(time.monotonic())).split()
        assert page.getvalue().split()[: len(words) - 4] == words[: len(words) - 4]
        assert max(map(len, page.getvalue().splitlines())) <= width
        shown = " ".join(page.getvalue().split())
        assert "latent heat: 200,000 of 500,000 evaluations, best held-out error 0.0123" in shown
        assert "0 of 4 outputs done" in shown and "looking for structure" in shown


def test_the_time_left_is_told_from_the_evaluations_and_the_budget() -> None:
    with shared_board(1) as (board, _):
        for seconds, left in ((None, "1:15 left"), (20.0, "0:10 left")):
            progress = Progress(board, ["y"], seconds)
            for now, spent in ((0.0, 0), (0.0, 1_000), (10.0, 11_000)):
                board.write(0, "engine", spent, 86_000)
                lines = progress.lines(now)
            assert lines == [f"y: 11,000 of 86,000 evaluations, {left}"]


_SHOWN = """
from tests.search.test_watch import waves
from symc.search.run import search
print([front.to_json() for front in search(waves(80), "operon", 20_000, operators=["add", "mul"]).fronts])
"""


def test_on_a_terminal_the_search_is_shown_and_gives_the_same_front() -> None:
    command = [sys.executable, "-c", _SHOWN]
    env = {**os.environ, "PYTHONPATH": str(ROOT), "TERM": "xterm", "COLUMNS": "60"}
    piped = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, check=True)
    assert piped.stderr == ""
    ours, theirs = pty.openpty()
    watched = subprocess.Popen(command, cwd=ROOT, env=env, stdout=subprocess.PIPE, stderr=theirs, text=True)
    os.close(theirs)
    screen = bytearray()
    reader = threading.Thread(target=_read_all, args=(ours, screen))
    reader.start()
    out, _ = watched.communicate(timeout=60)
    reader.join(10)
    os.close(ours)
    assert out == piped.stdout
    assert b"20,000 evaluations" in screen and b"best held-out error 0." in b" ".join(screen.split())


def _read_all(terminal: int, into: bytearray) -> None:
    while True:
        try:
            part = os.read(terminal, 65536)
        except OSError:
            return
        if not part:
            return
        into += part


def test_a_search_that_is_told_to_stop_keeps_what_it_has_and_its_fit_is_not_kept(tmp_path: Path) -> None:
    endless = task(waves(), budget=Budget(1_000_000_000))
    shelf = Shelf.opened(tmp_path)
    with shared_board(1) as (board, path):
        timer = threading.Thread(target=_stop_the_engine, args=(board,))
        timer.start()
        found = search_output(endless, shelf, path)
        timer.join()
        assert board.standings()[0].phase == "done"
    assert found is not None and found.stopped_by == "interrupted" and found.front.cut_short == "interrupted"
    assert found.front.members and "The search was interrupted" in str(found.front)
    assert Front.from_json(found.front.to_json()) == found.front
    assert not list(tmp_path.iterdir())


def _stop_the_engine(board: Board) -> None:
    board.watch()
    while board.standings()[0].spent < 2_000:
        time.sleep(0.02)
    board.stop()


def test_a_search_that_is_stopped_before_it_began_has_nothing() -> None:
    with shared_board(1) as (board, path):
        board.stop()
        assert search_output(task(waves()), None, path) is None


def test_without_the_boards_file_nobody_is_told_and_the_front_is_the_same() -> None:
    short = task(waves(80), budget=Budget(2_000))
    alone = search_output(short, None, "/nowhere/board")
    with shared_board(1) as (board, path):
        board.watch()
        assert search_output(short, None, path) == alone


def test_the_time_budget_covers_structure() -> None:
    rng = np.random.default_rng(1)
    x = rng.uniform(1.0, 3.0, (160, 3))
    samples = Samples(x, np.sin(x[:, 0] * x[:, 1]) + np.cos(x[:, 2] * x[:, 1]), tuple("abc"))
    began = time.monotonic()
    with ends_with(Watch(seconds=0.05)):
        cut = structure_of(samples, DEFAULT_OPERATORS)
    took = time.monotonic() - began
    began = time.monotonic()
    structure_of(samples, DEFAULT_OPERATORS)
    assert not cut.exact and not cut.laws
    assert took < 0.7 * (time.monotonic() - began)


def test_a_time_budget_that_structure_uses_up_is_recorded_and_what_there_is_is_judged() -> None:
    found = search(waves(), "operon", 1_000_000, time_budget=1e-3)
    assert found.stopped_by == "time" and found.evaluations == 0
    assert found.fronts[0].cut_short == "time" and "The time budget ended the search" in str(found.fronts[0])
    assert found.fronts[0].members


def test_a_budget_that_is_not_reached_changes_nothing() -> None:
    found = [search(waves(80), "operon", 2_000, time, operators=["add", "mul"]) for time in (1e4, None)]
    assert found[0] == found[1]


def test_only_what_is_watched_ends() -> None:
    pulse()
    with ends_with(Watch(seconds=1e-9)), pytest.raises(Ended):
        pulse()
    pulse()


def test_work_may_be_given_a_share_of_the_time() -> None:
    """Of what is left; without a cap all of it."""
    watch = Watch(seconds=1.0)
    with ends_with(watch, 1e-9), pytest.raises(Ended):
        pulse()
    assert watch.ending is None
    with ends_with(watch, 0.9):
        pulse()
    with ends_with(Watch(), 1e-9):
        pulse()


def test_an_exact_law_is_marked_and_ends_its_front() -> None:
    x = np.random.default_rng(0).uniform(1.0, 2.0, (200, 2))
    front = search(Dataset.from_samples(x, x[:, :1] * x[:, 1:], seed=0), "operon", 8_000).fronts[0]
    assert [m.law for m in front.members][-1] == "exact" and front.members[-1].equation == "x0*x1"
    assert "Complexity 3 is exact to float32's rounding: nothing longer is needed." in str(front)
    assert Front.from_json(front.to_json()) == front


@pytest.mark.parametrize("named", [True, False])
def test_behind_a_law_that_is_near_a_named_budget_is_spent(named: bool) -> None:
    """x0*x1 and an error as a network makes it: smooth, and some thousandth of the output."""
    x = np.random.default_rng(0).uniform(1.0, 2.0, (400, 2)).astype(np.float32)
    error = 2e-3 * np.sin(3.0 * x[:, :1]) * np.cos(2.0 * x[:, 1:])
    dataset = Dataset.from_samples(x, x[:, :1] * x[:, 1:] + error, seed=0)
    slopes = np.stack([x[:, 1], x[:, 0]], axis=1).astype(np.float64)
    one = task(dataset, slopes=slopes, named_budget=named, operators=DEFAULT_OPERATORS, budget=Budget(20_000))
    found = search_output(one, None, None)
    assert found is not None
    law = found.front.pick()
    assert law.equation.endswith("x0*x1") and "is taken for the law" in str(found.front)
    assert ("where a number of evaluations is given" in str(found.front)) != named
    assert (found.evaluations > 0) == named
    most = found.front.pick("accuracy")
    assert (most.complexity > law.complexity and most.loss < 0.9 * law.loss) == named
    assert task(dataset, named_budget=True).key != task(dataset).key
