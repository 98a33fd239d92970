"""Instructions and cycles of symc cost: beside a trace of the emulator, at recorded rows, and at the worst found."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner, Result

import symc
from symc.bundle import read_manifest
from symc.cli.main import main
from symc.evidence.budget import check_units, excess, read_limits
from symc.evidence.costs import cost
from symc.evidence.device import Cost, Time
from symc.evidence.hardest import first_rows, hardest
from symc.evidence.probes import timed
from symc.toolchain.emulators import BOARDS, build
from tests.tools import require, require_board


def run(*words: object) -> Result:
    return CliRunner().invoke(main, [str(word) for word in words])


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("times")
    return symc.build("y = x0*x1 + 2.5", domain="0:1,1:2", out=out, name="law").path


def row(core: str, time: Time | None, untimed: str = "") -> Cost:
    return Cost(core=core, compiler="", flash=100, ram=0, stack=32, rows=1, time=time, untimed=untimed)


def time(unit: str, worst: int) -> Time:
    return Time(unit, 10.0, "recorded rows", 5, worst, {"x0": 1.0}, 7)


def test_instructions_are_those_of_a_trace(bundle: Path, tmp_path: Path) -> None:
    """Without a function of its own to call, every instruction of a call lies in law_eval."""
    require("cc")
    board = require_board("cortex-m7")
    main_file = tmp_path / "main.c"
    main_file.write_text(timed(read_manifest(bundle), np.array([[0.5, 1.5]], dtype=np.float32)))
    includes = [bundle / "include", bundle / "src"]
    flags = ["-std=c99", "-Os", "-ffp-contract=off"]
    program = build(board, [main_file, bundle / "src" / "law.c"], includes, flags, tmp_path / "main.elf")
    log = tmp_path / "trace"
    command = [str(program) if part == "{program}" else part for part in board.emulator]
    subprocess.run([*command, "-singlestep", "-d", "exec,nochain", "-D", log], check=True, stdin=subprocess.DEVNULL)
    symbols = subprocess.run(["arm-none-eabi-nm", "-S", program], capture_output=True, text=True, check=True).stdout
    found = re.search(r"^([0-9a-f]+) ([0-9a-f]+) T law_eval$", symbols, re.MULTILINE)
    assert found
    start, size = (int(number, 16) for number in found.groups())
    places = [int(place, 16) for place in re.findall(r"^Trace 0: \S+ \[[0-9a-f]+/([0-9a-f]+)/", log.read_text(), re.M)]
    traced = sum(start <= place < start + size for place in places)
    (measured,) = cost(bundle, core="cortex-m7").rows
    assert measured.time is not None and traced > 5
    # The empty function's return is taken off.
    assert measured.time.typical == measured.time.worst == traced - 1


@pytest.fixture(scope="module")
def of_cortex_m0(bundle: Path) -> Cost:
    """What `bundle` costs there; each time that it is measured, the same."""
    require("cc")
    require_board("cortex-m0")
    (found,) = cost(bundle, core="cortex-m0").rows
    return found


def test_the_table_names_the_unit_and_the_place(bundle: Path, of_cortex_m0: Cost) -> None:
    assert of_cortex_m0.time is not None
    printed = run("cost", bundle, "--core", "cortex-m0").output
    assert "instructions" in printed and "measured in the emulator" in printed
    assert str(of_cortex_m0.time.worst) in printed


@pytest.mark.parametrize(
    ("core", "unit"),
    [("atmega2560", "cycles"), pytest.param("cortex-m0", "instructions", marks=pytest.mark.long)],
)
def test_the_data_name_the_unit_and_the_place(bundle: Path, core: str, unit: str) -> None:
    require_board(core)
    require("cc")
    found = json.loads(run("cost", bundle, "--core", core, "--json").output)["cores"][0]["time"]
    assert found["unit"] == unit and found["how"] == "measured in the emulator"
    assert found["typical_of"] == "points that fill the domain" and found["typical_rows"] == 128
    assert 20 < found["typical"] <= found["worst"] < 10_000
    assert 0 <= found["worst_at"]["x0"] <= 1 <= found["worst_at"]["x1"] <= 2


def test_typical_is_the_median_of_the_recorded_rows(tmp_path: Path) -> None:
    """Float arithmetic in software takes longer with a subnormal number, and nearly all recorded ones are."""
    require("cc")
    require_board("cortex-m0")
    x = np.full((200, 1), 1e-40, dtype=np.float32)
    x[:20] = np.linspace(1, 2, 20, dtype=np.float32)[:, None]
    np.save(tmp_path / "x.npy", x)
    np.save(tmp_path / "y.npy", 3.7 * x)
    options = {"inputs": str(tmp_path / "x.npy"), "targets": str(tmp_path / "y.npy")}
    path = symc.build("y = 3.7*x0", out=tmp_path, name="law", **options).path
    plain = symc.build("y = 3.7*x0", out=tmp_path, name="plain", domain="1:2").path
    (recorded,), (filled,) = (cost(place, core="cortex-m0").rows for place in (path, plain))
    assert recorded.time is not None and filled.time is not None
    assert recorded.time.typical_of == "recorded rows" and recorded.time.typical_rows == 100
    assert recorded.time.typical > 1.2 * filled.time.typical


def test_the_search_climbs_to_a_peak_that_no_sample_meets() -> None:
    box = ((0.0, 1.0), (-3.0, 3.0))
    place = np.array([0.3137, 1.777])

    def count(rows: np.ndarray) -> np.ndarray:
        away = np.abs((rows - place) / [1.0, 6.0]).max(axis=1)
        return (1000.0 / (1.0 + 200.0 * away)).astype(np.int64)

    rows = first_rows(box, 2, 64)
    found, worst, more = hardest(count, box, rows, count(rows))
    assert count(rows).max() < 300 and worst > 800 and more > 100
    assert count(found[None])[0] == worst
    again = hardest(count, box, rows, count(rows))
    assert again[1:] == (worst, more) and (again[0] == found).all()


@pytest.mark.parametrize("box", [((0.0, 1.0), (5.0, 6.0)), ((-2.0, 0.0), (1e-30, 1.0)), ((0.0, 0.0), (-1.0, 1.0))])
def test_every_row_lies_in_the_domain_and_tiny_ones_are_among_them(box: tuple[tuple[float, float], ...]) -> None:
    low, high = np.array(box, dtype=np.float32).T
    seen = [first_rows(box, 2, 64)]
    if low[0] != high[0]:
        assert ((np.abs(seen[0][:, 0]) < 1e-37) & (seen[0][:, 0] != 0)).any()

    def count(rows: np.ndarray) -> np.ndarray:
        seen.append(rows)
        return np.abs(rows * 1000).sum(axis=1).astype(np.int64)

    hardest(count, box, seen[0], count(seen[0]))
    rows = np.concatenate(seen)
    assert (rows >= low).all() and (rows <= high).all()


def test_limits_of_time_are_plain_numbers_or_thousands() -> None:
    assert read_limits("cycles=5k, instructions=1200,flash=2k") == {"cycles": 5000, "instructions": 1200, "flash": 2048}
    with pytest.raises(symc.SymcError, match="'cycles=5kb' is no limit"):
        read_limits("cycles=5kb")


@pytest.mark.parametrize(
    ("limit", "cores", "what"),
    [
        ("cycles=5000", ["cortex-m0"], "of cortex-m0 counts instructions and no cycles. Say instructions=N"),
        ("instructions=5000", ["atmega2560"], "of atmega2560 counts cycles and no instructions. Say cycles=N"),
        ("cycles=5000", ["atmega2560", "rv32imac"], "of rv32imac counts instructions and no cycles"),
        ("cycles=1,instructions=1", ["cortex-m0"], "no emulator of these cores counts cycles"),
        ("cycles=1", ["host-gcc"], "of host-gcc counts no time"),
    ],
)
def test_a_limit_in_what_a_core_does_not_count_is_refused(limit: str, cores: list[str], what: str) -> None:
    with pytest.raises(symc.SymcError) as caught:
        check_units(read_limits(limit), [BOARDS[core] for core in cores])
    assert caught.value.exit_code == 2 and what in str(caught.value)


def test_time_beyond_a_limit_or_not_counted_is_an_excess() -> None:
    limits = read_limits("instructions=100,cycles=200")
    check_units(limits, [BOARDS["cortex-m0"], BOARDS["atmega2560"]])
    rows = [row("cortex-m0", time("instructions", 150)), row("atmega2560", time("cycles", 200))]
    assert excess(rows, limits) == ["instructions on cortex-m0 reach 150, 50 more than 100"]
    assert excess([row("cortex-m0", None, "no compiler")], read_limits("instructions=100")) == [
        "instructions on cortex-m0 were not counted: no compiler"
    ]


def test_without_a_compiler_for_the_plugin_the_rest_is_measured(bundle: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    require_board("cortex-m0")
    monkeypatch.setenv("CC", "no-such-compiler")
    (found,) = cost(bundle, core="cortex-m0").rows
    assert found.time is None and found.flash > 100 and found.stack >= 32
    assert "cortex-m0: time not counted: CC=no-such-compiler names" in run("cost", bundle, "--core", "cortex-m0").output
    done = run("cost", bundle, "--core", "cortex-m0", "--limit", "instructions=9999")
    assert done.exit_code == 1 and "were not counted" in done.output


def test_a_report_tells_what_a_call_costs_on_the_cores_that_are_named(
    bundle: Path, of_cortex_m0: Cost, tmp_path: Path
) -> None:
    done = run("report", bundle, "-o", tmp_path, "--rows", 100, "--core", "cortex-m0", "--json")
    assert done.exit_code == 0, done.output
    (claim,) = [c for c in json.loads(done.output)["claims"] if c["subject"] == "cortex-m0"]
    found = of_cortex_m0
    assert claim["how"] == "measured" and claim["detail"] == str(found)
    assert found.time is not None and f"{found.time.worst} at the worst found" in (tmp_path / "report.html").read_text()
    assert run("report", bundle, "-o", tmp_path, "--core", "cortex-m5").exit_code == 2
