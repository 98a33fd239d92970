"""The whole search on real data with real engines: what comes out is judged, and repeats."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from symc.capture.dataset import Dataset
from symc.errors import SymcError
from symc.ir.evaluate import evaluate
from symc.ir.lower import lower
from symc.ir.parse import complexity, parse
from symc.search.front import Front
from symc.search.judge import GAIN, domain_points, judge
from symc.search.run import SearchResult, search
from tests.under_way import wait_for_equations

RUNS = Path(__file__).parents[1] / "data" / "pysr_runs"


def recorded(name: str) -> Dataset:
    data = np.load(RUNS / name / "data.npz")
    return Dataset.from_samples(data["X"], data["y"].reshape(len(data["X"]), -1), seed=3)


def cosine() -> Dataset:
    return recorded("cosine")


def noisy() -> Dataset:
    """Two outputs that no law explains to the end."""
    rng = np.random.default_rng(0)
    x = rng.uniform(-1.0, 1.0, (200, 2))
    return Dataset.from_samples(x, np.sin(3.0 * x) + rng.normal(scale=0.1, size=(200, 2)), seed=3)


def check_front(front: Front, dataset: Dataset, column: int) -> None:
    """Every member is what it says: complexity, losses and cost by the oracle, rising and falling as a front does."""
    y = dataset.y[:, column].astype(np.float64)
    for before, after in zip(front.members, front.members[1:], strict=False):
        assert after.complexity > before.complexity and after.loss < before.loss * (1 - GAIN)
    for member in front.members:
        expression = parse(member.equation, dataset.features)
        program = lower([expression], dataset.features, ["y"])
        assert member.complexity == complexity(expression) and member.cost == program.cost
        errors = (evaluate(program, dataset.x)[:, 0] - y) ** 2
        assert member.loss == pytest.approx(errors[dataset.train].mean(), rel=1e-6, abs=1e-18)
        assert member.heldout == pytest.approx(errors[~dataset.train].mean(), rel=1e-6, abs=1e-18)
        assert np.isfinite(evaluate(program, domain_points(dataset.domain, 0))).all()


def test_a_law_comes_out_as_itself_with_the_default_budget() -> None:
    found = search(cosine(), engine="operon", workers=1)
    (front,) = found.fronts
    assert front.pick("best").equation == "x0^2 + 2.5382*cos(x3) - 0.5"
    assert front.pick("best").complexity == 10
    assert front.pick("best") == front.pick("accuracy") == front.members[-1]
    check_front(front, cosine(), 0)
    assert found.engine == "operon" and found.stopped_by in ("evaluations", "converged")


_SCRIPT = """
from tests.search.test_search import told
print(told(2))
"""


def told(workers: int) -> str:
    """What a search finds, as text."""
    found = search(recorded("twooutput"), "operon", 500, seed=11, workers=workers)
    return json.dumps([found.evaluations, found.stopped_by, [f.to_json() for f in found.fronts]])


def test_fronts_depend_neither_on_hash_seeds_nor_on_the_number_of_workers() -> None:
    """Against this process, whose hash seed is any other."""
    done = subprocess.run(
        [sys.executable, "-c", _SCRIPT],
        env={**os.environ, "PYTHONHASHSEED": "2"},
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        check=True,
    )
    text = told(1)
    assert done.stdout == f"{text}\n"
    _, _, fronts = json.loads(text)
    assert [f["output"] for f in fronts] == ["y0", "y1"]
    dataset = recorded("twooutput")
    for column, data in enumerate(fronts):
        check_front(Front.from_json(data), dataset, column)


def test_an_output_is_searched_the_same_whatever_stands_beside_it() -> None:
    both = recorded("twooutput")
    alone = Dataset(both.x, both.y[:, 1:], both.train, both.features, both.outputs[1:], both.domain, both.seed)
    budget = {"engine": "operon", "evaluations": 500, "workers": 1}
    assert search(both, **budget).fronts[1] == search(alone, **budget).fronts[0]


@pytest.fixture(scope="module")
def judged() -> tuple[Dataset, Front]:
    """Proposals of every kind for y = x0^2 on [-2, 2], judged."""
    x = np.linspace(-2, 2, 101, dtype=np.float32)[:, None]
    keep = np.abs(x[:, 0]) > 0.3
    dataset = Dataset.from_samples(x[keep], x[keep] ** 2, seed=1, domain=[(-2, 2)])
    proposals = [
        "1.2*x0*x0 + 0.1",
        "__import__('os').system('touch OWNED')",
        "x0^2 + 1e-12/x0^12",
        "log(-abs(x0))",
        "frobnicate(x0)",
        "exp(exp(exp(abs(x0) + 1.5)))",
    ]
    return dataset, judge(dataset, 0, proposals)


def test_proposals_are_only_proposals(judged: tuple[Dataset, Front]) -> None:
    dataset, front = judged
    check_front(front, dataset, 0)
    assert front.members[-1].equation == "x0^2" and front.members[-1].loss == 0.0
    reasons = dict(front.dropped)
    assert 'unexpected "\'"' in reasons["__import__('os').system('touch OWNED')"]
    assert reasons["frobnicate(x0)"] == "unknown operator 'frobnicate'"
    assert not Path("OWNED").exists()


def test_a_pole_between_the_samples_drops_an_equation_with_its_reason() -> None:
    # No sample is near 0, where 1/x0 has its pole; the domain contains it.
    x = np.concatenate([np.linspace(-2, -0.5, 60), np.linspace(0.5, 2, 60)]).astype(np.float32)[:, None]
    dataset = Dataset.from_samples(x, 1 / x, seed=1)
    front = judge(dataset, 0, ["1/x0"])
    assert all("/x0" not in m.equation for m in front.members)
    (reason,) = [reason for equation, reason in front.dropped if equation == "1/x0"]
    assert "inf at a point of the domain (x0=0)" in reason or "point of the domain" in reason


def test_mean_and_affine_map_are_always_proposed() -> None:
    x = np.random.default_rng(8).normal(size=(80, 2)).astype(np.float32)
    y = (1.5 * x[:, :1] - 2.25 * x[:, 1:] + 4).astype(np.float32)
    dataset = Dataset.from_samples(x, y)
    front = judge(dataset, 0, [])
    assert front.members[0].complexity == 1
    assert front.members[-1].equation == "1.5*x0 - 2.25*x1 + 4"
    assert front.members[-1].loss <= 1e-12


def test_noise_is_not_fitted_beyond_reason() -> None:
    draw = np.random.default_rng(5)
    x = draw.uniform(-1, 1, size=(300, 2)).astype(np.float32)
    y = (np.sin(2 * x[:, :1]) + 0.3 * draw.normal(size=(300, 1))).astype(np.float32)
    front = search(Dataset.from_samples(x, y), "operon", 4_000, workers=1).fronts[0]
    best = front.pick("cheapest:0.05")
    assert best.heldout is not None and 0.06 < best.heldout < 0.14
    assert max(len(m.equation) for m in front.members) < 250


def test_an_output_that_never_changes_is_one_constant() -> None:
    x = np.random.default_rng(2).normal(size=(60, 2)).astype(np.float32)
    y = np.stack([np.full(60, 2.7182817, np.float32), x[:, 0]], axis=1)
    found = search(Dataset.from_samples(x, y), "operon", 2_000, workers=1)
    (member,) = found.fronts[0].members
    assert (member.equation, member.complexity, member.loss, member.cost) == ("2.7182817", 1, 0.0, 0)
    assert found.fronts[1].members[-1].equation == "x0"


def test_an_output_constant_in_training_only_is_an_error() -> None:
    x = np.arange(40, dtype=np.float32)[:, None]
    train = np.ones(40, dtype=bool)
    train[7] = False
    y = np.where(train, 1.0, 2.0).astype(np.float32)[:, None]
    dataset = Dataset(x, y, train, ("x0",), ("y0",), np.array([[0, 39]], np.float32))
    with pytest.raises(SymcError, match="'y0' is constant on the training rows"):
        search(dataset, "operon", 1_000)


def test_few_samples_are_enough_to_say_something() -> None:
    x = np.linspace(0, 1, 16, dtype=np.float32)[:, None]
    found = search(Dataset.from_samples(x, 2 * x + 1), "operon", 2_000, workers=1)
    assert found.fronts[0].members[-1].equation == "2*x0 + 1"


def test_time_that_ran_out_is_reported() -> None:
    found = search(recorded("mlp"), "operon", 100_000_000, time_budget=0.3, workers=1, operators=["add", "mul"])
    assert found.stopped_by == "time" and found.evaluations < 100_000_000


_LONG = """
import sys
from tests.search.test_search import noisy
from symc.search.run import search
found = search(noisy(), "operon", 2_000_000_000, workers=int(sys.argv[1]), operators=["add", "mul"])
print(found.stopped_by, [front.cut_short for front in found.fronts], [len(front.members) for front in found.fronts])
"""


@pytest.mark.skipif(os.name != "posix", reason="signals are sent as POSIX systems do")
@pytest.mark.parametrize(
    ("workers", "said"), [("1", "Interrupted"), pytest.param("2", "Ctrl-C again", marks=pytest.mark.long)]
)
def test_an_interrupt_ends_a_long_search_and_keeps_what_it_found(workers: str, said: str, tmp_path: Path) -> None:
    root = Path(__file__).parents[2]
    # A process group of its own, as a terminal has it: Ctrl-C reaches the workers too.
    process = subprocess.Popen(
        [sys.executable, "-c", _LONG, workers],
        cwd=root,
        env={**os.environ, "TMPDIR": str(tmp_path)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    )
    wait_for_equations(tmp_path, 2, lambda: process.poll() is None, of=int(workers))
    os.killpg(process.pid, signal.SIGINT)
    try:
        out, errors = process.communicate(timeout=60)
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
    assert said in errors
    # With one worker the second output had not begun.
    assert (process.returncode == 0) == (workers == "2")
    assert out.startswith("interrupted ['interrupted', 'interrupted']") == (workers == "2")
    assert ("no equations had been found yet for y1" in errors) == (workers == "1")


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"engine": "eureqa"}, "unknown engine"),
        ({"evaluations": 0}, "budget is 0 evaluations"),
        ({"time_budget": -1.0}, "time budget"),
        ({"operators": ["sine"]}, "unknown operator 'sine'"),
        ({"operators": ["relu"], "engine": "operon"}, "cannot search with operator 'relu'"),
        ({"workers": 0}, "0 workers"),
        ({"seed": -1}, "seed is -1"),
    ],
)
def test_bad_options_are_errors_before_anything_runs(options: dict, message: str) -> None:
    with pytest.raises(SymcError, match=message):
        search(cosine(), **{"engine": "operon", **options})


def test_results_print_with_what_found_them() -> None:
    text = str(SearchResult((Front("y", ()),), "operon", "0.6.2", 12, "evaluations"))
    assert text.startswith("operon 0.6.2: 12 evaluations, stopped by evaluations")
