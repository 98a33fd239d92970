"""A process in which subnormal numbers are flushed to zero, as torch.set_flush_denormal has it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import torch

import symc
from symc.verify import verify

# With the least normal number of the format, subnormal ones.
ROWS = {
    "float": np.array([[0.25, 0.5], [0.5, 0.5], [-0.125, 0.0]], np.float32) * np.float32(2.0**-126),
    "float64": np.array([[0.25, 0.5], [0.5, 0.5], [-0.125, 0.0]]) * 2.0**-1022,
}


@pytest.fixture(autouse=True)
def flushing() -> Iterator[None]:
    if not torch.set_flush_denormal(True):
        pytest.skip("this processor keeps subnormals")
    yield
    torch.set_flush_denormal(False)


@pytest.mark.parametrize(
    ("target", "numbers"),
    [("c", "float"), ("c", "float64"), pytest.param("numba", "float", marks=pytest.mark.long)],
)
def test_builds_have_the_bits_of_other_processes(target: str, numbers: str, tmp_path: Path) -> None:
    options = {"equation": "y = x0*(x1 + 0.5) + x0", "domain": "-2:2", "target": target, "numbers": numbers}
    made = symc.build(out=tmp_path / "flushed", name="law", **options)
    assert verify(made.path, rows=200).ok
    x = ROWS[numbers]
    found = results(made.path, x)
    assert (x * x.dtype.type(1) == 0).all(), "the process no longer flushes"
    torch.set_flush_denormal(False)
    other = symc.build(out=tmp_path / "kept", name="law", **options)
    files = {path.relative_to(made.path): path.read_bytes() for path in made.path.rglob("*") if path.is_file()}
    assert all((other.path / path).read_bytes() == content for path, content in files.items())
    assert (found[0] != 0).all()
    for mine, theirs in zip(found, results(other.path, x), strict=True):
        assert mine.tobytes() == theirs.tobytes()


def results(path: Path, x: np.ndarray) -> tuple[np.ndarray, ...]:
    law, given = symc.load(path), torch.from_numpy(x)
    return law(given).numpy(), law.jacobian(given).numpy(), law.hessian(x)
