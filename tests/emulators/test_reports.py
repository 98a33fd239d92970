"""A device's report is the same line on every core, and the reader takes it from among what else the device prints."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import symc
from symc.backends.guard import BEYOND, NOT_FINITE, OUTSIDE, expected_guarded
from symc.evidence.counts import Counts
from symc.toolchain.emulators import run
from tests.targets import building
from tests.targets.programs import unit_from_text
from tests.tools import require_board

ROWS = 700
MAIN = f"""
#include "board.h"
#include "pump.h"

int main(void)
{{
    static pump_counts counts;
    static char line[PUMP_REPORT_SIZE];
    float y[PUMP_N_OUT] = {{0.0f}};

    for (int i = 0; i < {ROWS}; i++) {{
        const float x[PUMP_N_IN] = {{0.00390625f * (float)(i - 350), 0.0078125f * (float)((i * 7) % 200 - 100)}};
        pump_count(&counts, x, pump_guarded(x, y));
        if (i == 99) {{
            board_put("starting ");
            (void)pump_report(&counts, line);
            board_put(line);
        }}
    }}
    (void)pump_report(&counts, line);
    board_put(line);
    return 0;
}}
"""


@pytest.mark.parametrize("name", ["cortex-m0", "cortex-m4f", "atmega2560", "rv32imac"])
def test_a_core_reports_what_the_oracle_counts(name: str, tmp_path: Path) -> None:
    board = require_board(name)
    unit = unit_from_text(["x0/x1"], ["x0", "x1"], ["y"], "pump", [(-1.0, 1.0), (-0.75, 0.75)])
    unit = replace(unit, outside="hold", bounds=((-5.0, 5.0),))
    root = building.write(tmp_path, unit, ["c"])
    (tmp_path / "main.c").write_text(MAIN)
    sources = [tmp_path / "main.c", *sorted((root / "src").glob("*.c"))]
    flags = ("-Os", "-std=c99", "-Wall", "-Wextra", "-ffunction-sections", "-Wl,--gc-sections")
    (tmp_path / "device.log").write_text(run(board, sources, [root / "include", root / "src"], flags))

    i = np.arange(ROWS)
    x = np.column_stack([(i - 350) / 256, (i * 7 % 200 - 100) / 128]).astype(np.float32)
    flags_of, _ = expected_guarded(unit, x)
    outside = ~(np.abs(x) <= np.float32([1.0, 0.75]))
    expected = Counts(
        rows=ROWS,
        guarded=int((flags_of != 0).sum()),
        reasons=tuple(int(((flags_of & flag) != 0).sum()) for flag in (OUTSIDE, NOT_FINITE, BEYOND)),
        inputs={str(k): int(outside[:, k].sum()) for k in range(2)},
    )
    assert min(expected.reasons) > 0
    found = symc.read_log(tmp_path / "device.log")
    assert list(found.counts.values()) == [expected]
    assert found.lines["read"] == 2 and found.lines["damaged"] == 0
