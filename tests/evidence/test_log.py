"""What devices count reaches the reader: the C's own lines, and logs that are cut, garbled, foreign or hostile."""

from __future__ import annotations

import contextlib
import ctypes
import json
import zlib
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

import symc
from symc.backends.guard import BEYOND, NOT_FINITE, OUTSIDE, expected_guarded
from symc.backends.unit import Unit
from symc.cli.main import main
from symc.evidence.counts import Counts
from symc.evidence.log import DAMAGED, ELSEWHERE, LONG, OTHER, READ
from tests.targets import building
from tests.targets.building import NUMERIC, ONE_SET, STRICT, Build
from tests.targets.programs import unit_from_text
from tests.tools import require

PLAIN = Build("gcc", ("-std=c99", *ONE_SET, *NUMERIC, *STRICT))
BLOCK = "pump@00c0ffee"
MODEL = "00c0ffee" + "0" * 56


def guarded_unit(n_in: int = 2, name: str = "pump") -> Unit:
    inputs = [f"x{k}" for k in range(n_in)]
    unit = unit_from_text([" + ".join(["1/x0", *inputs[1:]])], inputs, ["y"], name, [(-1.0, 1.0)] * n_in)
    return replace(unit, outside="hold", bounds=((-3.0, 3.0),), model_sha256=MODEL)


class Device:
    """The compiled functions of a bundle that count and report."""

    def __init__(self, folder: Path, unit: Unit) -> None:
        require("gcc")
        root = building.write(folder, unit, ["c"])
        self.library = building.c_library(root, PLAIN, folder / "device.so")
        self.n_counted = min(unit.program.n_in, 32)
        self.counts = (ctypes.c_uint32 * (5 + self.n_counted))()
        self.library.pump_report.restype = ctypes.c_size_t
        self.library.pump_guarded.restype = ctypes.c_uint32
        header = (root / "include" / "pump.h").read_text()
        self.size = int(header.split("define PUMP_REPORT_SIZE ")[1].split()[0])

    def run(self, x: np.ndarray) -> None:
        y = np.zeros(1, np.float32)
        for row in np.ascontiguousarray(x, np.float32):
            flags = self.library.pump_guarded(ctypes.c_void_p(row.ctypes.data), ctypes.c_void_p(y.ctypes.data))
            self.library.pump_count(self.counts, ctypes.c_void_p(row.ctypes.data), ctypes.c_uint32(flags))

    def report(self) -> bytes:
        line = (ctypes.c_char * (self.size + 8)).from_buffer(bytearray(b"\x7f" * (self.size + 8)))
        length = self.library.pump_report(self.counts, line)
        assert line.raw[length] == 0 and length < self.size
        assert line.raw[self.size :] == b"\x7f" * 8, "it wrote beyond its line"
        return line.raw[:length]


def report(block: str = BLOCK, numbers: str = "rows=9 guarded=3 outside=2 not_finite=0 beyond=1 inputs=2,0") -> bytes:
    """A line as the documents describe it, with the checksum of the standard library."""
    text = f"symc-log 1 {block} {numbers}".encode()
    return text + b" crc=%08x\n" % zlib.crc32(text)


def log_of(folder: Path, *lines: bytes) -> Path:
    path = folder / "device.log"
    path.write_bytes(b"".join(lines))
    return path


def test_a_device_counts_what_its_guarded_function_returned(tmp_path: Path) -> None:
    unit = guarded_unit()
    device = Device(tmp_path, unit)
    rng = np.random.default_rng(3)
    x = rng.uniform(-1.5, 1.5, (400, 2)).astype(np.float32)
    x[::7, 0], x[::11, 1], x[3] = 0.0, np.nan, [np.inf, -np.inf]
    device.run(x[:100])
    first = device.report()
    device.run(x[100:])
    log = log_of(tmp_path, b"boot\n", b"[12:00:01] " + first, device.report())
    found = symc.read_log(log)
    flags, _ = expected_guarded(unit, x)
    outside = ~(np.abs(x) <= 1.0)
    assert found.counts == {
        BLOCK: Counts(
            rows=400,
            guarded=int((flags != 0).sum()),
            reasons=tuple(int(((flags & flag) != 0).sum()) for flag in (OUTSIDE, NOT_FINITE, BEYOND)),
            inputs={"0": int(outside[:, 0].sum()), "1": int(outside[:, 1].sum())},
        )
    }
    assert min(found.counts[BLOCK].reasons) > 10
    assert found.lines == {READ: 2, OTHER: 1, DAMAGED: 0, LONG: 0, ELSEWHERE: 0}


def test_a_report_empties_the_counts(tmp_path: Path) -> None:
    device = Device(tmp_path, guarded_unit())
    device.run(np.float32([[0.5, 0.0], [2.0, 0.0]]))
    assert b"rows=2 guarded=1 outside=1" in device.report()
    assert device.report() == report(numbers="rows=0 guarded=0 outside=0 not_finite=0 beyond=0 inputs=0,0")


@pytest.mark.parametrize("n_in", [1, 40])
def test_the_longest_report_fits_and_full_counts_stay(n_in: int, tmp_path: Path) -> None:
    device = Device(tmp_path, guarded_unit(n_in))
    for k in range(len(device.counts)):
        device.counts[k] = 2**32 - 1
    device.run(np.full((1, n_in), 2.0, np.float32))
    line = device.report()
    assert len(line) == device.size - 1 and line.count(b"4294967295") == 5 + min(n_in, 32)
    found = symc.read_log(log_of(tmp_path, line, line))
    assert found.counts[BLOCK].rows == 2 * (2**32 - 1)


def test_the_last_number_stands_for_all_inputs_from_there_on(tmp_path: Path) -> None:
    device = Device(tmp_path, guarded_unit(40))
    x = np.full((3, 40), 0.01, np.float32)
    x[0, 30], x[1, 31], x[2, [35, 39]] = 5.0, 5.0, 5.0
    device.run(x)
    counts = symc.read_log(log_of(tmp_path, device.report())).counts[BLOCK]
    assert {name: count for name, count in counts.inputs.items() if count} == {"30": 1, "31": 2}


HOSTILE = {
    "cut in a number": report()[:-20] + b"\n",
    "cut at the end of the file": report()[:-3],
    "another digit": report().replace(b"rows=9", b"rows=8"),
    "a NUL": report().replace(b"pump", b"pu\0p"),
    "a number of 2000 digits": report(numbers=f"rows={'9' * 2000} guarded=0 outside=0 not_finite=0 beyond=0 inputs=0"),
    "more than 32 bits": report(numbers=f"rows={2**32} guarded=0 outside=0 not_finite=0 beyond=0 inputs=0"),
    "more guarded than rows": report(numbers="rows=1 guarded=2 outside=2 not_finite=0 beyond=0 inputs=2"),
    "guarded for no reason": report(numbers="rows=9 guarded=2 outside=0 not_finite=0 beyond=0 inputs=0"),
    "an input more often than any": report(numbers="rows=9 guarded=2 outside=2 not_finite=0 beyond=0 inputs=3"),
    "outside without an input": report(numbers="rows=9 guarded=2 outside=2 not_finite=0 beyond=0 inputs=0,1"),
    "33 inputs": report(numbers=f"rows=9 guarded=0 outside=0 not_finite=0 beyond=0 inputs={','.join('0' * 33)}"),
    "a sign": report(numbers="rows=-9 guarded=0 outside=0 not_finite=0 beyond=0 inputs=0"),
    "digits of other scripts": report(numbers="rows=٣ guarded=0 outside=0 not_finite=0 beyond=0 inputs=0"),
    "a name with quotes": report(block='p"{}\\@00c0ffee'),
    "a later format": report().replace(b"symc-log 1", b"symc-log 2"),
    "nothing behind it": b"symc-log \n",
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_report_that_cannot_be_right_is_counted_and_left_out(name: str, tmp_path: Path) -> None:
    found = symc.read_log(log_of(tmp_path, report(), b"\xff\xfe\0 text\n", HOSTILE[name]))
    assert found.counts[BLOCK].rows == 9
    assert (found.lines[READ], found.lines[DAMAGED], found.lines[OTHER]) == (1, 1, 1)
    with pytest.raises(symc.SymcError, match=r"no line is a report.*1 cut or garbled"):
        symc.read_log(log_of(tmp_path, HOSTILE[name]))


def test_a_lost_end_of_line_costs_one_report(tmp_path: Path) -> None:
    found = symc.read_log(log_of(tmp_path, report()[:40] + report(), report().rstrip() + report()))
    assert (found.lines[READ], found.lines[DAMAGED], found.counts[BLOCK].rows) == (3, 1, 27)


def test_long_lines_and_many_names_take_no_memory(tmp_path: Path) -> None:
    import tracemalloc

    many = b"".join(report(block=f"b{k}@00c0ffee") for k in range(2000))
    log = log_of(tmp_path, b"x" * 10_000_000 + b"\n", report(), b"\0" * 10_000_000 + report(), many)
    tracemalloc.start()
    found = symc.read_log(log)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 2_000_000
    assert (found.lines[LONG], found.lines[READ], found.lines[ELSEWHERE]) == (2, 256, 1745)


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> symc.Bundle:
    out = tmp_path_factory.mktemp("bundle")
    made = {"equation": "y = pressure - 2*temp", "features": ["pressure", "temp"], "domain": "0:1"}
    return symc.build(**made, outside="clamp", out=out, name="pump")


def test_with_a_bundle_others_are_left_out_and_inputs_have_names(bundle: symc.Bundle, tmp_path: Path) -> None:
    header = (bundle.path / "src" / "pump_counts.c").read_text()
    own = f"pump@{bundle.manifest.model.sha256[:8]}"
    assert f'"symc-log 1 {own} rows="' in header
    wide = report(own, "rows=9 guarded=0 outside=0 not_finite=0 beyond=0 inputs=0")
    found = symc.read_log(log_of(tmp_path, report(own), report("fan@00c0ffee"), report(), wide), bundle=bundle.path)
    assert found.counts[own].inputs == {"pressure": 2, "temp": 0}
    assert found.lines == {READ: 1, OTHER: 0, DAMAGED: 1, LONG: 0, ELSEWHERE: 2}
    assert "pressure 2" in str(found) and "2 of other blocks" in str(found)


def test_the_command_prints_tables_json_and_prometheus(tmp_path: Path) -> None:
    path = str(log_of(tmp_path, report(), report()))

    def run(*words: str) -> str:
        done = CliRunner().invoke(main, ["monitor", path, *words])
        assert done.exit_code == 0, done.output
        return done.stdout

    assert "33.33%" in run() and "reports read: 2" in run()
    data = json.loads(run("--format", "json"))
    assert data == json.loads(run("--json"))
    assert data["blocks"][BLOCK]["reasons"] == {"outside": 4, "not_finite": 0, "beyond": 2}
    require("prometheus_client", module=True)
    lines = run("--format", "prometheus").splitlines()
    assert f'symc_rows_total{{block="{BLOCK}"}} 18.0' in lines
    assert f'symc_outside_inputs_total{{block="{BLOCK}",input="0"}} 4.0' in lines
    assert 'symc_log_lines_total{kind="read"} 2.0' in lines
    assert run("--format", "prometheus") == "\n".join(lines) + "\n"


@pytest.mark.parametrize(
    ("words", "what"),
    [
        (["missing.log"], "missing.log: cannot be read"),
        (["."], "cannot be read"),
        (["device.log", "./device.log"], "given twice"),
        (["device.log", "--bundle", "."], "manifest"),
        (["empty.log"], "there are none"),
    ],
)
def test_what_cannot_be_read_is_said(words: list[str], what: str, tmp_path: Path) -> None:
    log_of(tmp_path, report())
    (tmp_path / "empty.log").touch()
    with contextlib.chdir(tmp_path):
        done = CliRunner().invoke(main, ["monitor", *words])
    assert done.exit_code == 2 and what in done.stderr, done.output


def test_a_pipe_is_refused_without_waiting(tmp_path: Path) -> None:
    import os

    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(symc.SymcError, match="no plain file"):
        symc.read_log(tmp_path / "pipe")


def test_a_link_to_itself_is_no_log(tmp_path: Path) -> None:
    (tmp_path / "loop").symlink_to("loop")
    with pytest.raises(symc.SymcError, match="loop: cannot be read"):
        symc.read_log(tmp_path / "loop")


def test_modules_and_devices_add_up(tmp_path: Path) -> None:
    from symc.module.monitor import Monitor

    monitor = Monitor(2, 1)
    monitor.count_fine(6)
    monitor.largest.fill_(0.5)
    both = monitor.counts + symc.read_log(log_of(tmp_path, report())).counts[BLOCK]
    assert (both.rows, both.guarded, both.reasons, both.largest) == (15, 3, (2, 0, 1), (0.5,))
    assert both.guard_rate == 3 / 15
    monitor.largest.fill_(float("nan"))
    assert json.loads(json.dumps((both + monitor.counts).to_json(), allow_nan=False))["largest_difference"] == ["nan"]
