"""binary32 in integers (symc/int/float.h) against this machine's own, which numpy uses; and its parts exhaustively."""

from __future__ import annotations

import ctypes

import numpy as np
import numpy.typing as npt
import pytest

from tests.runtime.helpers import HOST_FLAGS, WARNINGS, compile_with
from tests.tools import require

U32 = npt.NDArray[np.uint32]
OPERATIONS = {"add": np.add, "sub": np.subtract, "mul": np.multiply, "div": np.divide}
_LOOP = """
void run_{name}(const float *x, const float *y, float *z, size_t n);
void run_{name}(const float *x, const float *y, float *z, size_t n)
{{
    for (size_t i = 0; i < n; ++i) {{ z[i] = symc_{name}(x[i], y[i]); }}
}}
"""
_PARTS = """
uint32_t reciprocal(uint32_t n);
uint32_t reciprocal(uint32_t n) { return symc_soft_reciprocal(n); }
/* The first n whose reciprocal is too large, or too small by 2^-12 of it; 0 if there is none. */
uint32_t bad_reciprocal(void);
uint32_t bad_reciprocal(void)
{
    uint32_t n;
    for (n = 0x00800000u; n < 0x01000000u; ++n) {
        const uint64_t product = (uint64_t)symc_soft_reciprocal(n) * n;
        if (product > UINT64_C(1) << 39 || product < (UINT64_C(1) << 39) - (UINT64_C(1) << 27)) {
            return n;
        }
    }
    return 0u;
}
"""


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> ctypes.CDLL:
    folder = tmp_path_factory.mktemp("soft")
    source = folder / "soft.c"
    loops = "".join(_LOOP.format(name=name) for name in OPERATIONS)
    source.write_text(f'#include <stddef.h>\n#include "symc/f32.h"\n{loops}{_PARTS}')
    flags = ("-std=c99", *HOST_FLAGS, *WARNINGS, "-DSYMC_SOFT_FLOAT", "-shared", "-fPIC")
    built = compile_with(require("gcc"), *flags, source, "-o", folder / "soft.so")
    assert built.returncode == 0, built.stderr
    return ctypes.CDLL(str(folder / "soft.so"))


def computed(library: ctypes.CDLL, name: str, x: U32, y: U32) -> U32:
    z = np.empty_like(x)
    pointers = [ctypes.c_void_p(a.ctypes.data) for a in (x, y, z)]
    getattr(library, f"run_{name}")(*pointers, ctypes.c_size_t(x.size))
    return z


def expected(name: str, x: U32, y: U32) -> U32:
    with np.errstate(all="ignore"):
        z = OPERATIONS[name](x.view(np.float32), y.view(np.float32))
    return np.where(np.isnan(z), np.float32(np.nan), z).view(np.uint32)


def edges() -> U32:
    """Both signs of zeros, ends of the subnormal and the normal numbers, powers of two, infinity, NaN."""
    bits = [0, 1, 2, 0x7FFFFF, 0x800000, 0x800001, 0xFFFFFF, 0x1000000, 0x7F7FFFFF, 0x7F000000, 0x7F800000]
    bits += [0x7F800001, 0x7FC00000, 0x7FFFFFFF, 0x3F7FFFFF, 0x3F800001, 0x4B000000, 0x4B800001]
    bits += [exponent << 23 | significand for exponent in range(1, 255, 9) for significand in (0, 1, 0x7FFFFF)]
    positive = np.array(bits, dtype=np.uint32)
    return np.concatenate([positive, positive | np.uint32(1 << 31)])


def pairs(n: int) -> tuple[U32, U32]:
    """Random bits; exponents close together, for cancellation and carries; results near the ends of the range."""
    rng = np.random.default_rng(3)
    x = rng.integers(0, 1 << 32, n, dtype=np.uint32)
    y = rng.integers(0, 1 << 32, n, dtype=np.uint32)
    exponent = x >> np.uint32(23) & np.uint32(255)
    near = np.clip(exponent.astype(np.int64) + rng.integers(-28, 29, n), 0, 254).astype(np.uint32)
    # For a product or a quotient that is subnormal or overflows.
    away = rng.integers(-26, 3, n)
    product = np.clip(np.where(rng.random(n) < 0.5, 127, 383) - exponent.astype(np.int64) + away, 0, 254)
    quotient = np.clip(exponent.astype(np.int64) + np.where(rng.random(n) < 0.5, 127, -127) - away, 0, 254)
    kind = rng.integers(0, 5, n)
    chosen = np.select([kind == 1, kind == 2, kind == 3], [near, product, quotient]).astype(np.uint32)
    y = np.where(kind == 0, y, (y & np.uint32(0x807FFFFF)) | (chosen << np.uint32(23)))
    # A few bits apart; significands of few bits, which make exact results and ties.
    y = np.where(kind == 4, x ^ (y & np.uint32(0x8000000F)), y)
    few = rng.random(n) < 0.3
    mask = np.where(few, np.uint32(0xFFFF0000), np.uint32(0xFFFFFFFF))
    return x & mask, (y & np.roll(mask, n // 5)).astype(np.uint32)


@pytest.mark.parametrize("name", OPERATIONS)
def test_every_pair_of_edges(library: ctypes.CDLL, name: str) -> None:
    x, y = (a.ravel().copy() for a in np.meshgrid(edges(), edges()))
    np.testing.assert_array_equal(computed(library, name, x, y), expected(name, x, y))


@pytest.mark.parametrize("name", OPERATIONS)
def test_random_pairs(library: ctypes.CDLL, name: str) -> None:
    x, y = pairs(2_000_000)
    want = expected(name, x, y)
    np.testing.assert_array_equal(computed(library, name, x, y), want)
    # What is hard is there: subnormal results, and for the others normal ones.
    magnitude = want & np.uint32(0x7FFFFFFF)
    assert ((magnitude > 0) & (magnitude < 0x800000)).sum() > 10_000
    assert (magnitude >= 0x800000).sum() > 500_000


def test_all_reciprocals(library: ctypes.CDLL) -> None:
    """Never too large, which would make a digit of a quotient too large, and no more than a few units too small."""
    library.bad_reciprocal.restype = ctypes.c_uint32
    assert library.bad_reciprocal() == 0
    library.reciprocal.restype = ctypes.c_uint32
    assert library.reciprocal(ctypes.c_uint32(0x800000)) == pytest.approx(2**16, rel=2**-12)
