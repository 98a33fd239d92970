"""The Arduino library: the rules of the library specification, and Arduino's own builder and core, run on an ATmega."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest

import symc
from symc.toolchain.emulators import execute
from tests.pack.conftest import expected
from tests.targets import building
from tests.tools import require, require_board, require_file

HARDWARE = Path("/usr/share/arduino/hardware")
# https://arduino.github.io/arduino-cli/latest/library-specification/
CATEGORIES = {
    "Display", "Communication", "Signal Input/Output", "Sensors", "Device Control", "Timing", "Data Storage",
    "Data Processing", "Other",
}  # fmt: skip
REQUIRED = {
    "name", "version", "author", "maintainer", "sentence", "paragraph", "category", "url", "architectures",
}  # fmt: skip


@pytest.fixture(scope="module")
def libraries(bundles: dict[str, Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder "libraries" with both."""
    out = tmp_path_factory.mktemp("sketchbook") / "libraries"
    about = {"version": "1.2.0", "author": "Ann Example <ann@example.org>", "url": "https://example.org/pump"}
    for bundle in bundles.values():
        symc.pack(bundle, format="arduino", out=out, **about)
    return out


def test_the_library_specification(libraries: Path) -> None:
    root = libraries / "pump"
    lines = (root / "library.properties").read_text().splitlines()
    fields = dict(line.split("=", 1) for line in lines)
    assert len(fields) == len(lines) and set(fields) == REQUIRED | {"includes"}
    assert all(value == value.strip() != "" for value in fields.values())
    assert re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9 _.-]{0,62}", fields["name"])
    assert fields["name"] == root.name and not fields["name"].lower().startswith("arduino")
    assert fields["version"] == "1.2.0" and fields["author"] == "Ann Example <ann@example.org>"
    assert fields["category"] in CATEGORIES and fields["architectures"] == "*"
    assert (root / "src" / fields["includes"]).is_file()
    # The recursive layout: no source beside src/, no folder utility, a sketch named as its folder.
    assert {p.name for p in root.iterdir() if p.is_dir()} == {"src", "examples"}
    assert [p.relative_to(root).as_posix() for p in root.rglob("*.ino")] == ["examples/pump/pump.ino"]
    keywords = [line.split("\t") for line in (root / "keywords.txt").read_text().splitlines()]
    assert ["pump_eval", "KEYWORD2"] in keywords and ["PUMP_N_IN", "LITERAL1"] in keywords
    header = (root / "src" / "pump.h").read_text()
    for word, kind in keywords:
        assert re.search(rf"\b{word}\b", header) and kind in {"KEYWORD1", "KEYWORD2", "KEYWORD3", "LITERAL1"}


def test_without_an_author_or_a_page(bundles: dict[str, Path], tmp_path: Path) -> None:
    root = symc.pack(bundles["pump"], format="arduino", out=tmp_path).path
    text = (root / "library.properties").read_text()
    assert "author=symc\n" in text and "url=\n" in text


# The board stops, and with it the emulator, where the processor sleeps and nothing can wake it.
STOP = "Serial.flush(); cli(); sleep_enable(); sleep_cpu();"
BOTH = f"""
#include <avr/sleep.h>
#include <pump.h>
#include <fan.h>

void setup() {{
  Serial.begin(115200);
  const float x[2] = {{0.5F, 1.5F}};
  float y[2];
  pump_eval(x, y);
  show(y);
  fan_eval(x, y);
  show(y);
  Serial.println(pump_selftest() + fan_selftest());
  {STOP}
}}

void show(const float *y) {{
  for (int i = 0; i < 2; i++) {{
    Serial.println(y[i], 5);
  }}
}}

void loop() {{}}
"""


def _run(sketch: str, libraries: Path, folder: Path, fqbn: str) -> str:
    """What a sketch prints that Arduino's builder compiled, flags of Arduino's core and all."""
    builder = require("arduino-builder")
    require_file(HARDWARE / "arduino" / "avr" / "platform.txt", "arduino-core-avr")
    board = require_board("atmega2560")
    (folder / "app" / "build").mkdir(parents=True, exist_ok=True)
    # Of all tests, which compile the same core.
    core = folder.parent / "arduino-core"
    core.mkdir(exist_ok=True)
    path = folder / "app" / "app.ino"
    path.write_text(sketch)
    done = building.run([
        builder, "-compile", "-hardware", "/usr/share/arduino-builder", "-hardware", HARDWARE, "-tools", "/usr/bin",
        "-libraries", libraries, "-fqbn", fqbn, "-build-path", folder / "app" / "build",
        "-build-cache", core, "-warnings", "all",
        "-prefs=runtime.tools.avr-gcc.path=/usr",
        # Arduino's own gcc is newer than Debian's, whose <float.h> tells these to C alone.
        "-prefs=compiler.cpp.extra_flags=-DDECIMAL_DIG=__DECIMAL_DIG__ -DFLT_EVAL_METHOD=__FLT_EVAL_METHOD__",
        path,
    ])  # fmt: skip
    ours = [line for line in done.stderr.splitlines() if "warning:" in line and str(libraries) in line]
    # gcc 5 says so of every table in flash.
    assert [line for line in ours if "put into program memory area" not in line] == []
    outcome = execute(board, folder / "app" / "build" / "app.ino.elf", timeout_s=60)
    return re.sub(r"\x1b\[\d*m", "", outcome.output)


def test_the_example_runs_on_an_atmega(libraries: Path, tmp_path: Path) -> None:
    example = (libraries / "pump" / "examples" / "pump" / "pump.ino").read_text()
    assert "delay(1000);" in example
    sketch = "#include <avr/sleep.h>\n" + example.replace("delay(1000);", STOP)
    printed = _run(sketch, libraries, tmp_path, "arduino:avr:mega:cpu=atmega2560")
    assert "pump: self-test passed (0)" in printed
    values = [float(value) for value in re.findall(r"y\[\d\] = (-?[\d.]+)\.\.", printed)]
    np.testing.assert_allclose(values, expected("pump", np.array([[0.5, 0.5]]))[0], atol=2e-6)


def test_two_libraries_in_one_sketch(libraries: Path, tmp_path: Path) -> None:
    printed = _run(BOTH, libraries, tmp_path, "arduino:avr:mega:cpu=atmega2560")
    lines = [float(line) for line in re.findall(r"(-?[\d.]+)\.\.", printed)]
    x = np.array([[0.5, 1.5]])
    np.testing.assert_allclose(lines, [*expected("pump", x)[0], *expected("fan", x)[0], 0.0], atol=1e-5)


def test_a_single_header_beside_the_sketch(bundles: dict[str, Path], libraries: Path, tmp_path: Path) -> None:
    """Implemented in the sketch itself, among the macros of Arduino.h."""
    header = symc.pack(bundles["fan"], format="single-header", out=tmp_path / "single").path / "fan.h"
    (tmp_path / "app").mkdir()
    shutil.copy(header, tmp_path / "app")
    sketch = f"""
        #include <avr/sleep.h>
        #define FAN_IMPLEMENTATION
        #include "fan.h"
        void setup() {{ Serial.begin(115200); Serial.println(fan_selftest()); {STOP} }}
        void loop() {{}}
    """
    printed = _run(sketch, libraries, tmp_path, "arduino:avr:mega:cpu=atmega2560")
    assert re.findall(r"^(-?\d+)\.\.$", printed, re.M) == ["0"]


def test_the_example_leaves_the_self_test_out_where_memory_is_short(tmp_path: Path, libraries: Path) -> None:
    """A Uno has 2 kB; the self-test of this model keeps 2.5."""
    require("avr-gcc")
    texts = [f"x{k} + {k}" for k in range(4)]
    tables = [tmp_path / f"{k}.csv" for k in range(4)]
    for table, text in zip(tables, texts, strict=True):
        table.write_text(f"Complexity,Loss,Equation\n3,0.5,{text}\n")
    features = ["x0", "x1", "x2", "x3"]
    bundle = symc.build(tables, out=tmp_path, name="wide", features=features, pack="arduino").path
    size = re.search(r"arrays of (\d+) bytes, and what the functions take", (bundle / "include/wide.h").read_text())
    example = (tmp_path / "arduino" / "wide" / "examples" / "wide" / "wide.ino").read_text()
    assert size and f"it keeps {size[1]} bytes on the stack" in example
    for mcu, left_out in (("atmega328p", True), ("atmega2560", False)):
        command = ["avr-gcc", f"-mmcu={mcu}", "-E", "-P", "-include", "avr/io.h", "-x", "c++", "-"]
        text = example.replace("#include <wide.h>", "")
        done = subprocess.run(command, input=text, capture_output=True, text=True, timeout=60, check=True)
        assert ("wide_selftest()" not in done.stdout) == left_out


def test_libraries_of_two_versions_of_symc_are_refused(libraries: Path, tmp_path: Path) -> None:
    """A source finds its own headers first, but what they include may be another library's."""
    require("gcc")
    pump, fan = Path(shutil.copytree(libraries / "pump" / "src", tmp_path / "src")), libraries / "fan" / "src"
    command = ["gcc", "-c", fan / "fan.c", f"-I{pump}", f"-I{fan}", "-o", tmp_path / "fan.o"]
    building.run(command)
    for header in (pump / "symc").rglob("*.h"):
        header.write_text(re.sub(r"(SYMC_RUNTIME (?:!= )?)0x\w+", r"\g<1>0x12345678u", header.read_text()))
    with pytest.raises(AssertionError, match="mixed with the runtime of another symc"):
        building.run(command)
