"""A bundle as a function of numpy arrays alone: the oracle's bits with any number of threads, and no torch."""

from __future__ import annotations

import multiprocessing
import os
import pickle
import subprocess
import sys
import threading
from pathlib import Path

import numpy as np
import pytest

import symc
from symc.errors import SymcError
from symc.ir.along import along
from symc.ir.derive import jacobian
from symc.ir.directional import hessian
from symc.ir.evaluate import evaluate
from tests.tools import require

# Enough for three threads to have something to do, and not a multiple of any block.
ROWS = np.random.default_rng(3).normal(size=(120_001, 3)).astype(np.float32)


def bits(values: np.ndarray) -> np.ndarray:
    return np.ascontiguousarray(values).view(np.uint32)


@pytest.mark.parametrize("threads", [1, 2, 3])
def test_every_bit_is_the_oracles_with_any_number_of_threads(bundle: Path, threads: int) -> None:
    require("cc")
    f = symc.load(bundle, torch=False, threads=threads)
    assert np.array_equal(bits(f(ROWS)), bits(evaluate(f.package.program, ROWS)))
    slopes = evaluate(jacobian(f.package.program), ROWS).reshape(-1, 2, 3)
    assert np.array_equal(bits(f.jacobian(ROWS)), bits(slopes))
    again = pickle.loads(pickle.dumps(f))
    assert np.array_equal(bits(again(ROWS)), bits(f(ROWS))) and again.threads == threads


@pytest.mark.parametrize("threads", [1, 2])
def test_derivatives_along_directions_and_second_ones(bundle: Path, threads: int) -> None:
    require("cc")
    f = symc.load(bundle, torch=False, threads=threads)
    program = f.package.program
    rng = np.random.default_rng(4)
    v, t = rng.normal(size=(len(ROWS), 2)).astype(np.float32), rng.normal(size=ROWS.shape).astype(np.float32)
    assert np.array_equal(bits(f.vjp(ROWS, v)), bits(along(program, "vjp").values(ROWS, v)[:, 2:]))
    assert np.array_equal(bits(f.jvp(ROWS, t)), bits(along(program, "jvp").values(ROWS, t)[:, 2:]))
    want = evaluate(hessian(program), ROWS).reshape(-1, 2, 3, 3)
    assert np.array_equal(bits(f.hessian(ROWS)), bits(want))
    assert f.vjp(np.ones(3), np.ones(2)).shape == (3,)
    assert f.jvp(np.ones((2, 1, 3)), np.ones((2, 1, 3))).shape == (2, 1, 2)


def test_a_direction_that_does_not_fit_is_refused(bundle: Path) -> None:
    require("cc")
    f = symc.load(bundle, torch=False)
    with pytest.raises(SymcError, match="takes 2 weights in the last dimension"):
        f.vjp(np.ones((4, 3)), np.ones((4, 3)))
    with pytest.raises(SymcError, match="takes 3 values of a direction in the last dimension"):
        f.jvp(np.ones((4, 3)), np.ones((4, 2)))
    with pytest.raises(SymcError, match=r"a direction of shape \(3, 2\) does not fit inputs of shape \(4, 3\)"):
        f.vjp(np.ones((4, 3)), np.ones((3, 2)))


def test_what_is_masked_is_refused(bundle: Path) -> None:
    require("cc")
    for f in (symc.load(bundle), symc.load(bundle, torch=False)):
        assert f(np.ma.masked_array(ROWS[:4])).shape == (4, 2)
        with pytest.raises(SymcError, match=r"some are masked.*filled"):
            f(np.ma.masked_less(ROWS[:4], 0.0))


def test_more_threads_than_one_share_a_large_batch_and_none_a_small_one(bundle: Path) -> None:
    require("cc")
    f = symc.load(bundle, torch=False, threads=3)
    before = threading.active_count()
    f(ROWS[:1000])
    assert threading.active_count() == before
    f(ROWS)
    assert threading.active_count() > before


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork")
def test_a_fork_has_threads_of_its_own(bundle: Path) -> None:
    require("cc")
    f = symc.load(bundle, torch=False, threads=2)
    expected = bits(f(ROWS)).tobytes()
    fork = multiprocessing.get_context("fork")
    is_equal = fork.SimpleQueue()
    child = fork.Process(target=lambda: is_equal.put(bits(f(ROWS)).tobytes() == expected))
    child.start()
    child.join(60)
    came_back = child.exitcode == 0
    child.kill()
    assert came_back and is_equal.get()


@pytest.mark.parametrize("shape", [(3,), (2, 4, 3), (0, 3)])
def test_shapes_and_dtypes(bundle: Path, shape: tuple[int, ...]) -> None:
    require("cc")
    f = symc.load(bundle, torch=False)
    x = np.ones(shape)
    assert f(x).shape == (*shape[:-1], 2) and f(x).dtype == np.float64
    assert f.jacobian(x.astype(np.float16)).shape == (*shape[:-1], 2, 3)
    assert "pair: 3 -> 2" in repr(f) and f.equations[0] in repr(f)
    f.selftest()


def test_what_is_wrong_is_said(bundle: Path) -> None:
    require("cc")
    f = symc.load(bundle, torch=False)
    for x in (np.ones((2, 3), int), [1.0, 2.0, 3.0]):
        with pytest.raises(SymcError, match=r"takes numpy arrays of floating-point numbers, not (int64|list)"):
            f(x)
    for x in (np.ones((2, 4)), np.ones(())):
        with pytest.raises(SymcError, match="takes 3 values in the last dimension"):
            f(x)
    with pytest.raises(SymcError, match="0 threads cannot"):
        symc.load(bundle, torch=False, threads=0)
    with pytest.raises(SymcError, match="threads are for numpy arrays alone"):
        symc.load(bundle, threads=2)


@pytest.mark.parametrize(
    ("first", "torch", "more"),
    [("numpy", False, "'torch', 'shutil', 'tempfile', 'symc.ir.evaluate',"), ("torch", True, "")],
)
def test_nothing_heavy_is_imported(bundle: Path, first: str, torch: bool, more: str) -> None:
    require("cc")
    script = (
        f"import sys, numpy, {first}, symc; symc.load(sys.argv[1], torch={torch})(numpy.ones((2, 3)));"
        f"heavy = {{{more} 'sympy', 'scipy', 'numba', 'mpmath', 'flint', 'jinja2', 'pycparser', 'symc.backends',"
        "'symc.fixed'} & set(sys.modules); assert not heavy, heavy"
    )
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}
    # Compiled before, in a process that nothing was loaded in.
    warm = "import sys, symc; symc.load(sys.argv[1], torch=False)"
    subprocess.run([sys.executable, "-c", warm, str(bundle)], check=True, env=environment)
    subprocess.run([sys.executable, "-c", script, str(bundle)], check=True, env=environment)
