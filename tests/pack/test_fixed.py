"""Models in fixed point as packages: what compiles of them, where, and that the results are the equations'."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import numpy as np
import pytest

import symc
from symc.pack.registry import PACKERS
from tests.pack.test_arduino import STOP, on_an_atmega
from tests.targets import building
from tests.targets.building import STRICT
from tests.tools import require

# The example's row lies at 5/8 of the domain.
ROW = (0.5, 1.25)
EXPECTED = (np.exp(-1.5 * ROW[0]) * np.sin(3 * ROW[1]), np.log(ROW[0] + 3))
FORMATS = [format for format in PACKERS if PACKERS[format].fixed]
STRICT_CXX = ("-x", "c++", "-std=c++11", "-Wall", "-Wextra", "-Wpedantic", "-Wconversion", "-Wshadow", "-Werror")


@pytest.fixture(scope="module")
def packages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a folder for each format, and in it the model "pump"."""
    out = tmp_path_factory.mktemp("fixed")
    symc.build(["y = exp(-1.5*x0)*sin(3*x1)", "z = log(x0 + 3)"], out=out, name="pump", domain="-2:2,0:2",
               numbers="fixed", pack=FORMATS)  # fmt: skip
    return out


def _right(printed: str) -> None:
    """Both results and the self-test, as the example prints them."""
    values = [float(value) for value in re.findall(r"y\[\d\] = (-?\d+\.\d+)", printed)]
    np.testing.assert_allclose(values[:2], EXPECTED, rtol=0, atol=2e-6)
    assert "pump: self-test passed (0)" in printed


def test_the_formats_of_c_take_them(packages: Path) -> None:
    assert FORMATS == ["single-header", "arduino", "platformio", "esp-idf", "zephyr", "cmake", "cmsis-pack"]
    for format in FORMATS:
        readme = (packages / format / "pump" / "README.md").read_text()
        assert "int32_t x[PUMP_N_IN] = {0}, y[PUMP_N_OUT];" in readme and "pump_fixed_eval(x, y);" in readme
        assert "pump_eval" not in readme and "float x" not in readme and "fuse" not in readme


@pytest.mark.parametrize(
    ("format", "main", "code"),
    [
        ("single-header", "example/main.c", None),
        ("platformio", "examples/native/main.c", "src"),
        ("cmsis-pack", "example/main.c", "src"),
        ("cmake", "example/main.c", "src"),
    ],
)
@pytest.mark.parametrize("language", ["C99", "C++11"])
def test_the_example_compiles_without_warnings_and_is_right(
    format: str, main: str, code: str | None, language: str, packages: Path, tmp_path: Path
) -> None:
    root = packages / format / "pump"
    compiler, flags = ("gcc", ("-std=c99", *STRICT)) if language == "C99" else ("g++", STRICT_CXX)
    require(compiler)
    sources = sorted((root / code).glob("*.c")) if code else []
    includes = [f"-I{place}" for place in (root, root / "include", root / "src")]
    objects = [tmp_path / f"{source.stem}.o" for source in sources]
    for source, made in zip(sources, objects, strict=True):
        building.run(["gcc", "-std=c99", *STRICT, *includes, "-c", source, "-o", made])
    building.run([compiler, *flags, *includes, "-c", root / main, "-o", tmp_path / "main.o"])
    building.run([compiler, tmp_path / "main.o", *objects, "-o", tmp_path / "app"])
    _right(building.run([tmp_path / "app"]).stdout)


def test_cmake_takes_it_in(packages: Path, tmp_path: Path) -> None:
    require("cmake")
    root = Path(shutil.copytree(packages / "cmake" / "pump", tmp_path / "pump"))
    building.run(["cmake", "-S", root / "example", "-B", tmp_path / "build"])
    building.run(["cmake", "--build", tmp_path / "build"])
    (program,) = (path for path in (tmp_path / "build").iterdir() if path.is_file() and path.stat().st_mode & 0o111)
    _right(building.run([program]).stdout)


def test_the_example_runs_on_an_atmega(packages: Path, tmp_path: Path) -> None:
    example = (packages / "arduino" / "pump" / "examples" / "pump" / "pump.ino").read_text()
    sketch = "#include <avr/sleep.h>\n" + example.replace("delay(1000);", STOP)
    _right(on_an_atmega(sketch, packages / "arduino", tmp_path, "arduino:avr:mega:cpu=atmega2560"))


def test_beside_a_model_in_floats(packages: Path, bundles: dict[str, Path], tmp_path: Path) -> None:
    """Both implemented in one file."""
    require("gcc")
    fan = symc.pack(bundles["fan"], format="single-header", out=tmp_path).path
    (tmp_path / "main.c").write_text(
        "#define PUMP_IMPLEMENTATION\n#define FAN_IMPLEMENTATION\n"
        '#include "pump.h"\n#include "fan.h"\nint main(void) { return pump_selftest() | fan_selftest(); }\n'
    )
    includes = [f"-I{fan}", f"-I{packages / 'single-header' / 'pump'}"]
    building.run(["gcc", "-std=c99", *STRICT, *includes, tmp_path / "main.c", "-o", tmp_path / "app"])
    building.run([tmp_path / "app"])


# What the examples for ESP-IDF and Zephyr find on a computer.
STAND_INS = {
    "host.c": "void app_main(void);\nint main(void)\n{\n    app_main();\n    return 0;\n}\n",
    "zephyr/kernel.h": "",
    "zephyr/sys/printk.h": "#include <stdio.h>\n#define printk printf\n",
}


@pytest.mark.parametrize(
    ("format", "main", "more"),
    [("esp-idf", "examples/pump/main/main.c", ["host.c"]), ("zephyr", "samples/pump/src/main.c", [])],
)
def test_the_examples_of_frameworks_are_right(
    format: str, main: str, more: list[str], packages: Path, tmp_path: Path
) -> None:
    require("gcc")
    for name, text in STAND_INS.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    root = packages / format / "pump"
    sources = [root / main, *sorted((root / "src").glob("*.c")), *(tmp_path / name for name in more)]
    includes = [f"-I{place}" for place in (tmp_path, root / "include", root / "src")]
    building.run(["gcc", "-std=gnu17", "-Wall", "-Wextra", "-Werror", *includes, *sources, "-o", tmp_path / "app"])
    printed = building.run([tmp_path / "app"]).stdout
    if format == "zephyr":
        # In units of 2^-24 and 2^-30: its printk prints no floats.
        units = [int(value) for value in re.findall(r"y\[\d\] = (-?\d+)\n", printed)]
        header = (root / "include" / "pump.h").read_text()
        bits = [int(value) for value in re.findall(r"BITS_OUT_\w+ (\d+)", header)]
        np.testing.assert_allclose(np.ldexp(units, np.negative(bits)), EXPECTED, rtol=0, atol=2e-6)
        assert printed.endswith("pump: self-test passed (0)\n")
    else:
        _right(printed)
