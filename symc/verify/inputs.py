"""The inputs on which a bundle's functions are compared with the oracle: where they are used, and where they break."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt

from symc.bundle import Manifest
from symc.bundle.parity import PARITY_FILE, Recording
from symc.ir.layered import Layered

F32 = npt.NDArray[np.float32]


def test_inputs(folder: Path, manifest: Manifest, rows: int) -> F32:
    """(rows, n_in) float32: special values in every combination drawn, recorded inputs, raw bits, the domain, its ends.

    Where every input takes part in every sum, a few odd values in a row of the domain tell more than a row of them.
    """
    program = manifest.program
    generator = np.random.Generator(np.random.PCG64(0))
    box = np.array(manifest.domain or [(-10.0, 10.0)] * program.n_in, dtype=np.float64)

    def inside(count: int) -> F32:
        return (box[:, 0] + generator.random((count, program.n_in)) * np.ptp(box, axis=1)).astype(np.float32)

    specials = _specials(generator, program.n_in, max(rows // 8, 64))
    raw = generator.integers(0, 2**32, size=(rows // 4, program.n_in), dtype=np.uint32).view(np.float32)
    if isinstance(program, Layered):
        specials, raw = (_sprinkled(generator, odd, inside(len(odd))) for odd in (specials, raw))
    blocks = [specials, raw, _ends(inside(min(4 * program.n_in, rows // 8)), box)]
    if manifest.samples is not None:
        recording = Recording.from_bytes((folder / PARITY_FILE).read_bytes(), program)
        blocks.append(recording.x[: rows // 4])
    blocks.append(inside(max(rows - sum(map(len, blocks)), 0)))
    return np.ascontiguousarray(np.concatenate(blocks)[:rows])


def _specials(generator: np.random.Generator, width: int, rows: int) -> F32:
    largest = float(np.finfo(np.float32).max)
    values = [0.0, -0.0, 1.0, -1.0, 0.5, np.inf, -np.inf, np.nan, 1e-45, -1e-45, 1.1754942e-38, 1.1754944e-38]
    values += [largest, -largest, np.pi, 88.72284, 89.0, -103.97, -104.0, 16777216.0, 1e10, 3e38, 1e-30]
    return generator.choice(np.array(values, dtype=np.float32), size=(rows, width))


def _ends(points: F32, box: np.ndarray) -> F32:
    """`points`, each with one input on an end of its range or just outside it, in turn."""
    ends = box.astype(np.float32)
    outside = np.nextafter(ends, np.array([-np.inf, np.inf], np.float32))
    places = np.concatenate([ends, outside], axis=1)
    rows = np.arange(len(points))
    inputs = rows % len(box)
    points[rows, inputs] = places[inputs, rows // len(box) % places.shape[1]]
    return points


def _sprinkled(generator: np.random.Generator, odd: F32, ordinary: F32) -> F32:
    """`ordinary` with two values per row, on average, taken from `odd`."""
    taken = generator.random(odd.shape) < 2 / odd.shape[1]
    return np.where(taken, odd, ordinary)
