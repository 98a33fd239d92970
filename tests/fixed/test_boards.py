"""The self-test of fixed-point bundles on the boards: the checksums are the integer oracle's."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from symc import resources
from symc.building import Bundle
from symc.toolchain.emulators import build, execute
from tests.tools import DISTINCT, require_board

MAIN = """
#include "board.h"
#include "law.h"

int main(void)
{
    const int32_t result = law_selftest();
    board_put(result == 0 ? "passed" : "FAILED");
    return result == 0 ? 0 : 1;
}
"""
# One of each kind of core at once; the others, and the smaller code, in make test-long.
OFTEN = ("cortex-m0", "cortex-m3", "rv32imac", "atmega2560", "host-gcc", "host-clang")


# Where words of 16 bits are another way of computing.
OFTEN_16 = ("cortex-m0", "atmega2560")


def _marked(name: str, flags: str, which: str) -> Any:
    often = flags == "-Os" and name in (OFTEN if which == "coverage" else OFTEN_16)
    return pytest.param(name, flags, which, marks=() if often else pytest.mark.long)


CASES = [
    _marked(name, flags, which) for name in DISTINCT for flags in ("-Os", "-O3") for which in ("coverage", "coverage16")
]


# Where tables lie in flash, how they are read hangs on the dialect: gnu99 has an address space for it, c99 has not.
CASES += [("atmega2560", "-Os -std=c99", which) for which in ("coverage", "coverage16")]


def outcome(name: str, bundle: Path, flags: str, folder: Path) -> tuple[str, int]:
    main = folder / "main.c"
    main.write_text(MAIN)
    sources = [main, *sorted((bundle / "src").glob("*.c"))]
    board = require_board(name)
    includes = [bundle / "include", bundle / "src"]
    done = execute(board, build(board, sources, includes, flags.split(), folder / "program.elf"))
    return done.output.strip(), done.status


@pytest.mark.parametrize(("name", "flags", "which"), CASES)
def test_passes(name: str, flags: str, which: str, request: pytest.FixtureRequest, tmp_path: Path) -> None:
    bundle: Bundle = request.getfixturevalue(which)
    assert outcome(name, bundle.path, flags, tmp_path) == ("passed", 0)


@pytest.mark.parametrize("name", ["cortex-m0", "atmega2560"])
def test_one_format_passes(name: str, one_format: Bundle, tmp_path: Path) -> None:
    assert outcome(name, one_format.path, "-Os", tmp_path) == ("passed", 0)


QUOTIENTS = """
#include "board.h"
#include "symc/fixed/quotient.h"
#include "symc/fixed16/quotient.h"

static uint32_t state = 1u;

/* Any number of bits, so that small and large ones meet. */
static uint32_t next(void)
{
    uint32_t bits;
    state ^= state << 13;
    state ^= state >> 17;
    state ^= state << 5;
    bits = state;
    state ^= state << 13;
    state ^= state >> 17;
    state ^= state << 5;
    return bits >> (1u + state % 31u);
}

int main(void)
{
    uint32_t found = 0u;
    uint32_t wrong = 0u;
    while (found < 3000u) {
        const uint32_t a = next();
        const uint32_t d = next();
        const uint32_t k = next() & 31u;
        const uint32_t down = next() & 1u;
        if (d != 0u && (((uint64_t)a << k) >> 31) < d) {
            const uint64_t n = (uint64_t)a << k;
            const uint64_t q = symc_fixed_ratio(a, d, (uint8_t)k, (uint8_t)down);
            /* 2 n / d lies between 2 q - 1 and 2 q + 1, and on the edge that ties go to. */
            const int64_t twice = (int64_t)(2u * n) - (int64_t)(2u * q * d);
            const int64_t side = (int64_t)d;
            wrong += (uint32_t)(down != 0u ? twice <= -side || twice > side : twice < -side || twice >= side);
            found++;
        }
    }
    for (found = 0u; found < 3000u;) {
        const uint32_t a = next() >> 16;
        const uint32_t d = next() >> 16;
        const uint32_t k = next() & 15u;
        const uint32_t down = next() & 1u;
        if (d != 0u && ((a << k) >> 15) < d) {
            const uint32_t q = symc_fixed16_ratio((uint16_t)a, (uint16_t)d, (uint8_t)k, (uint8_t)down);
            const int32_t twice = (int32_t)((a << k) - q * d) * 2;
            const int32_t side = (int32_t)d;
            wrong += (uint32_t)(down != 0u ? twice <= -side || twice > side : twice < -side || twice >= side);
            found++;
        }
    }
    board_put(wrong == 0u ? "passed" : "FAILED");
    return wrong == 0u ? 0 : 1;
}
"""


@pytest.mark.parametrize("name", ["cortex-m0", "rv32imac", "atmega2560", "host-gcc"])
def test_quotients_are_the_nearest(name: str, tmp_path: Path) -> None:
    """Each core has its own way to them; here the product with the quotient says what is right."""
    main = tmp_path / "main.c"
    main.write_text(QUOTIENTS)
    board = require_board(name)
    done = execute(board, build(board, [main], [resources.runtime() / "include"], ["-Os"], tmp_path / "program.elf"))
    assert (done.output.strip(), done.status) == ("passed", 0)


def test_a_wrong_bit_is_found(coverage: Bundle, tmp_path: Path) -> None:
    copy = tmp_path / "law"
    for path in coverage.path.rglob("*.[ch]"):
        target = copy / path.relative_to(coverage.path)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(path.read_text().replace("SIN_1 INT32_C(1387197330)", "SIN_1 INT32_C(1387197900)"))
    assert outcome("cortex-m0", copy, "-Os", tmp_path) == ("FAILED", 1)
