"""Sample inputs drawn from a box, or read from a file."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from symc.capture.dataset import check_seed
from symc.capture.inputs import Inputs, as_inputs, read_inputs
from symc.capture.text_tables import count
from symc.errors import SymcError
from symc.ir.formats import FLOAT32, Format

__all__ = ["DEFAULT_SAMPLES", "Inputs", "as_inputs", "from_domain", "parse_domain", "read_inputs"]

DEFAULT_SAMPLES = 2048
_MOST_SAMPLES = 2**24


def from_domain(
    domain: str | Sequence[Sequence[float]] | NDArray,
    n: int = DEFAULT_SAMPLES,
    seed: int = 0,
    *,
    width: int | None = None,
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Sobol points in a box: (samples (m, n_in), box (n_in, 2)), both float32; m is n rounded up to a power of two.

    `domain` is as for parse_domain. Sobol's points (Joe and Kuo's directions, from scipy) are shifted by seed with
    exclusive or, which keeps their balance; the same seed gives the same points on every machine.
    """
    from scipy.stats import qmc

    box = parse_domain(domain, width)
    flat = np.flatnonzero(box[:, 0] == box[:, 1])
    if len(flat) == len(box):
        raise SymcError("every range of the domain is a single value", where="domain", hint="Give lo:hi with lo < hi.")
    if isinstance(n, bool) or not isinstance(n, (int, np.integer)) or not 1 <= n <= _MOST_SAMPLES:
        raise SymcError(f"{n!r} samples, need 1 to {_MOST_SAMPLES}", where="domain")
    if len(box) > qmc.Sobol.MAXDIM:
        raise SymcError(f"the domain has {len(box)} inputs, Sobol points exist for {qmc.Sobol.MAXDIM}", where="domain")
    exponent = (int(n) - 1).bit_length()
    lattice = (qmc.Sobol(len(box), scramble=False).random_base2(exponent) * 2.0**30).astype(np.int64)
    shift = np.random.PCG64(check_seed(seed)).random_raw(len(box)).astype(np.uint64) >> np.uint64(34)
    # The half moves each point to the middle of its cell, so that no input sits on a face of the box.
    unit = ((lattice ^ shift.astype(np.int64)) + 0.5) / 2.0**30
    low, high = box[:, 0].astype(np.float64), box[:, 1].astype(np.float64)
    points = (low + (high - low) * unit).astype(np.float32)
    return np.clip(points, box[:, 0], box[:, 1]), box


def parse_domain(
    domain: str | Sequence[Sequence[float]] | NDArray, width: int | None = None, format: Format = FLOAT32
) -> NDArray[Any]:
    """A box (n_in, 2) from "lo:hi,lo:hi", from one "lo:hi" for all `width` inputs, or from pairs of numbers.

    Each end is the nearest number of `format`. Raises SymcError that names the range which is not lo:hi with finite
    lo <= hi, or the wrong number of ranges.
    """
    if isinstance(domain, str):
        pairs = [_range(text, index) for index, text in enumerate(domain.split(","))]
    else:
        try:
            array = np.asarray(domain, dtype=np.float64)
        except (TypeError, ValueError):
            raise SymcError(f"{domain!r} is not a list of (lo, hi)", where="domain") from None
        if array.ndim == 1 and len(array) == 2:
            array = array[None]
        if array.ndim != 2 or array.shape[1] != 2 or not len(array):
            raise SymcError(f"has shape {array.shape}, needs one (lo, hi) per input", where="domain")
        pairs = [(float(low), float(high)) for low, high in array]
    with np.errstate(over="ignore"):
        box = np.array(pairs, dtype=np.float64).astype(format.dtype)
    for index, (low, high) in enumerate(box.tolist()):
        if not (math.isfinite(low) and math.isfinite(high)):
            raise SymcError(f"range {index + 1} is {pairs[index]}, not finite in {format.name}", where="domain")
        if low > high:
            raise SymcError(
                f"range {index + 1} is {low:g}:{high:g}, its lower end is above its upper end", where="domain"
            )
    if width is not None and len(box) != width:
        if len(box) != 1:
            raise SymcError(
                f"gives {count(len(box), 'range')}, but the model takes {count(width, 'input')}",
                where="domain",
                hint="Give one lo:hi per input, or a single lo:hi for all.",
            )
        box = np.repeat(box, width, axis=0)
    return box


def box_of(
    domain: str | Sequence[Sequence[float]] | NDArray, names: Sequence[str], format: Format = FLOAT32
) -> NDArray[Any]:
    """parse_domain for the inputs `names`; a text may say which range is whose, as "lift=0:4,flow=0:3", in any order.

    Raises SymcError as parse_domain does, and where some ranges have names and others none, or the names do not fit.
    """
    if not isinstance(domain, str) or "=" not in domain:
        return parse_domain(domain, len(names), format)
    ranges: dict[str, tuple[float, float]] = {}
    for index, text in enumerate(domain.split(",")):
        name, equals, rest = (part.strip() for part in text.partition("="))
        if not equals:
            what = f"range {index + 1} is {name!r}, without the name of its input"
            raise SymcError(what, where="domain", hint="Name all of them or none.")
        if name in ranges:
            raise SymcError(f"has two ranges for {name!r}", where="domain")
        ranges[name] = _range(rest, index)
    return ranges_of(ranges, names, "domain", format)


def ranges_of(
    ranges: Mapping[str, tuple[float, float]], names: Sequence[str], where: str, format: Format = FLOAT32
) -> NDArray[Any]:
    """A box (n_in, 2) in `format` of one range for each of `names`; SymcError for one too few or too many."""
    for name in names:
        if name not in ranges:
            raise SymcError(f"the domain has no range for {name!r}", where=where, hint="Give [lo, hi] for every input.")
    for name in ranges:
        if name not in names:
            raise SymcError(f"the domain has a range for {name!r}", where=where, hint=f"Inputs: {', '.join(names)}.")
    return parse_domain([ranges[name] for name in names], format=format)


def _range(text: str, index: int) -> tuple[float, float]:
    low, colon, high = text.partition(":")
    first, second = _number(low), _number(high)
    if not colon or first is None or second is None:
        raise SymcError(
            f"range {index + 1} is {text.strip()!r}, not lo:hi", where="domain", hint='Write it as "0:1,-2.5:2.5".'
        )
    return first, second


def _number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None
