"""The inputs on which a bundle's functions are compared with the oracle: where they are used, and where they break."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt

from symc.backends.spelling import format_of
from symc.bundle import Manifest
from symc.bundle.parity import PARITY_FILE, Recording
from symc.ir.formats import FLOAT32, FLOAT64, Format
from symc.ir.layered import Layered

Real = npt.NDArray[np.floating]


def test_inputs(folder: Path, manifest: Manifest, rows: int) -> Real:
    """(rows, n_in) in the program's format: special values combined, recorded inputs, raw bits, the domain, its ends.

    Where every input takes part in every sum, a few odd values in a row of the domain tell more than a row of them.
    """
    program = manifest.program
    format = format_of(program)
    generator = np.random.Generator(np.random.PCG64(0))
    box = np.array(manifest.domain or [(-10.0, 10.0)] * program.n_in, dtype=np.float64)

    def inside(count: int) -> Real:
        share = generator.random((count, program.n_in))
        return (box[:, 0] * (1.0 - share) + box[:, 1] * share).astype(format.dtype)

    specials = _specials(generator, program.n_in, max(rows // 8, 64), format)
    words = generator.integers(0, 2 ** (8 * format.word(0).nbytes), size=(rows // 4, program.n_in), dtype=format.word)
    raw = words.view(format.dtype)
    if isinstance(program, Layered):
        specials, raw = (_sprinkled(generator, odd, inside(len(odd))) for odd in (specials, raw))
    blocks = [specials, raw, _ends(inside(min(4 * program.n_in, rows // 8)), box)]
    if manifest.samples is not None:
        recording = Recording.from_bytes((folder / PARITY_FILE).read_bytes(), program)
        blocks.append(recording.x[: rows // 4].astype(format.dtype))
    blocks.append(inside(max(rows - sum(map(len, blocks)), 0)))
    return np.ascontiguousarray(np.concatenate(blocks)[:rows])


# Of each format: the ends of subnormal and of normal numbers, the ends of e^x, and from where on numbers are whole.
_EDGES = {
    FLOAT32.name: (1e-45, 1.1754942e-38, 1.1754944e-38, 88.72284, 89.0, -103.97, -104.0, 2.0**24, 3e38, 1e-30),
    FLOAT64.name: (
        *(5e-324, 2.225073858507201e-308, 2.2250738585072014e-308, 709.782712893384, 709.7827128933841),
        *(-745.1332191019411, -745.2, 2.0**53, 1e300, 1e-300, 171.6243769563027),
    ),
}


def _specials(generator: np.random.Generator, width: int, rows: int, format: Format) -> Real:
    values = [0.0, -0.0, 1.0, -1.0, 0.5, np.inf, -np.inf, np.nan, np.pi, 1e10]
    values += [format.largest, -format.largest, -format.least, *_EDGES[format.name]]
    return generator.choice(np.array(values, dtype=format.dtype), size=(rows, width))


def _ends(points: Real, box: np.ndarray) -> Real:
    """`points`, each with one input on an end of its range or just outside it, in turn."""
    ends = box.astype(points.dtype)
    with np.errstate(over="ignore"):
        outside = np.nextafter(ends, np.array([-np.inf, np.inf], points.dtype))
    places = np.concatenate([ends, outside], axis=1)
    rows = np.arange(len(points))
    inputs = rows % len(box)
    points[rows, inputs] = places[inputs, rows // len(box) % places.shape[1]]
    return points


def _sprinkled(generator: np.random.Generator, odd: Real, ordinary: Real) -> Real:
    """`ordinary` with two values per row, on average, taken from `odd`."""
    taken = generator.random(odd.shape) < 2 / odd.shape[1]
    return np.where(taken, odd, ordinary)
