"""Packages in double precision: each by a real tool, with the oracle's bits; C and C++ including a header twice."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import symc
from symc.bundle import read_manifest
from symc.ir.evaluate import evaluate
from symc.toolchain.emulators import build, execute
from tests.pack.conftest import DOMAIN, EQUATIONS, expected
from tests.pack.test_cmsis_pack import unpacked
from tests.pack.test_esp_idf import PROJECT
from tests.pack.test_rust import cargo
from tests.pack.test_zephyr import ZEPHYR
from tests.targets import building
from tests.tools import require, require_board

# Where the examples evaluate.
POINT = np.array([[0.5, 0.5]])
# Fails where a bit is not the oracle's; ROWS are words of inputs and results by turns, of each model in turn.
MAIN = """
#include <string.h>
#include "pump.h"
#include "fan.h"
#include "pump.h"

static const uint64_t rows[2][N][4] = ROWS;

int main(void)
{
    int wrong = (pump_selftest() != 0) + (fan_selftest() != 0);
    for (int i = 0; i < N; i++) {
        for (int model = 0; model < 2; model++) {
            double x[2], y[2];
            memcpy(x, rows[model][i], sizeof x);
            if (model == 0) {
                pump_eval(x, y);
            } else {
                fan_eval(x, y);
            }
            wrong += memcmp(y, &rows[model][i][2], sizeof y) != 0;
        }
    }
    return wrong != 0;
}
"""


def rows(count: int) -> np.ndarray:
    """(count + 6, 2) float64: in the domain, beyond it and any bits; ends, infinities and NaN."""
    generator = np.random.Generator(np.random.PCG64(5))
    words = generator.integers(0, 2**64, (count // 4, 2), np.uint64).view(np.float64)
    odd = [[2.0, -2.0], [np.inf, 1.0], [-np.inf, 0.1], [np.nan, 0.5], [5e-324, -0.0], [0.1, 0.3]]
    return np.concatenate([generator.uniform(*DOMAIN, (count - count // 4, 2)), words, odd])


@pytest.fixture(scope="module")
def double_bundles(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    out = tmp_path_factory.mktemp("bundles")
    return {
        name: symc.build(
            equation=[f"y{k} = {text}" for k, text in enumerate(texts)],
            domain=f"{DOMAIN[0]}:{DOMAIN[1]}", numbers="float64", name=name, outside="hold", out=out,
        ).path
        for name, (texts, _) in EQUATIONS.items()
    }  # fmt: skip


def packed(bundles: dict[str, Path], format: str, out: Path) -> dict[str, Path]:
    return {name: symc.pack(path, format=format, out=out).path for name, path in bundles.items()}


def values(bundle: Path, x: np.ndarray) -> np.ndarray:
    return evaluate(read_manifest(bundle).program, x)


@pytest.fixture(scope="module")
def main(double_bundles: dict[str, Path]) -> str:
    """The text of that program."""
    x = rows(24)
    models = []
    for bundle in double_bundles.values():
        words = np.concatenate([x, values(bundle, x)], axis=1).view(np.uint64).tolist()
        models.append(",\n".join("{" + ", ".join(f"UINT64_C(0x{word:016x})" for word in row) + "}" for row in words))
    table = "{{" + "},\n{".join(models) + "}}"
    return MAIN.replace("ROWS", table).replace("[N]", f"[{len(x)}]").replace("< N", f"< {len(x)}")


def check_example(printed: str, name: str) -> None:
    """The results, to a double's digits, and the verdict that an example prints."""
    assert f"{name}: self-test passed (0)" in printed
    found = [float(value) for value in re.findall(r"y\[\d\] = (\S+)", printed)]
    np.testing.assert_allclose(found, expected(name, POINT)[0], rtol=1e-14)


@pytest.mark.parametrize("compiler", [["gcc", "-std=c99"], ["g++", "-std=c++11", "-x", "c++"]])
def test_single_headers(compiler: list[str], double_bundles: dict[str, Path], main: str, tmp_path: Path) -> None:
    require(compiler[0])
    roots = packed(double_bundles, "single-header", tmp_path)
    strict = [*compiler, "-O1", "-Wall", "-Wextra", "-Werror", *(f"-I{root}" for root in roots.values())]
    (tmp_path / "main.c").write_text(f"#define PUMP_IMPLEMENTATION\n#define FAN_IMPLEMENTATION\n{main}")
    building.run([*strict, tmp_path / "main.c", "-o", tmp_path / "both"])
    building.run([tmp_path / "both"])
    building.run([*strict, roots["fan"] / "example" / "main.c", "-o", tmp_path / "fan.out"])
    check_example(building.run([tmp_path / "fan.out"]).stdout, "fan")


def test_arduino_is_for_cores_whose_double_has_64_bits(double_bundles: dict[str, Path], tmp_path: Path) -> None:
    """The library names them, and for AVR the compiler stops."""
    roots = packed(double_bundles, "arduino", tmp_path)
    (line,) = re.findall(r"^architectures=(.*)$", (roots["fan"] / "library.properties").read_text(), re.M)
    named = set(line.split(","))
    assert {"esp32", "samd", "stm32", "renesas_uno"} <= named and not {"avr", "*", "megaavr"} & named
    require("avr-gcc")
    words = ["avr-gcc", "-mmcu=atmega2560", "-c", roots["fan"] / "src" / "fan.c", "-o", os.devnull]
    done = subprocess.run(words, capture_output=True, text=True)
    assert done.returncode != 0 and "double" in done.stderr


def test_the_arduino_sketch_on_a_core_of_32_bits(double_bundles: dict[str, Path], tmp_path: Path) -> None:
    """With a Serial of our own: there is no core of Arduino's for a processor that an emulator here has."""
    require("g++")
    root = packed(double_bundles, "arduino", tmp_path)["fan"]
    (tmp_path / "sketch.cpp").write_text(
        "#include <cstdio>\n#include <cstdlib>\nstruct S {\n void begin(int) {} operator bool() { return true; }\n"
        ' void print(const char *s) { printf("%s", s); } void print(int v) { printf("%d", v); }\n'
        ' void println(const char *s) { printf("%s\\n", s); }\n'
        ' void println(double v, int digits) { printf("%.*f\\n", digits, v); }\n} Serial;\n'
        "static void delay(int) { std::exit(0); }\n"
        + (root / "examples" / "fan" / "fan.ino").read_text()
        + "int main() { setup(); for (;;) loop(); }\n"
    )
    objects = [tmp_path / f"{source.stem}.o" for source in sorted((root / "src").glob("*.c"))]
    for source, made in zip(sorted((root / "src").glob("*.c")), objects, strict=True):
        building.run(["gcc", "-Os", "-c", f"-I{root}/src", source, "-o", made])
    building.run(["g++", f"-I{root}/src", tmp_path / "sketch.cpp", *objects, "-o", tmp_path / "sketch"])
    check_example(building.run([tmp_path / "sketch"]).stdout, "fan")


def test_platformio(double_bundles: dict[str, Path], tmp_path: Path) -> None:
    require("gcc")
    root = packed(double_bundles, "platformio", tmp_path)["fan"]
    sources = [*(root / "src").glob("*.c"), root / "examples" / "native" / "main.c"]
    building.run(["gcc", "-O1", f"-I{root}/include", f"-I{root}/src", *sources, "-o", tmp_path / "fan.out"])
    check_example(building.run([tmp_path / "fan.out"]).stdout, "fan")


def of_cmake(head: str, tail: str, folder: Path) -> Path:
    """The build folder of a project of both models."""
    require("cmake")
    (folder / "CMakeLists.txt").write_text(head + tail)
    building.run(["cmake", "-S", folder, "-B", folder / "build"])
    building.run(["cmake", "--build", folder / "build"])
    building.run([folder / "build" / "both"])
    return folder / "build"


def added(roots: dict[str, Path], below: str = "") -> str:
    return "".join(f"add_subdirectory({root}{below} {name})\n" for name, root in roots.items())


def test_cmake(double_bundles: dict[str, Path], main: str, tmp_path: Path) -> None:
    roots = packed(double_bundles, "cmake", tmp_path)
    (tmp_path / "both.c").write_text(main)
    made = of_cmake(
        "cmake_minimum_required(VERSION 3.16)\nproject(app C)\n",
        f"{added(roots)}add_executable(both both.c)\ntarget_link_libraries(both symc::pump symc::fan)\n"
        f"add_executable(example {roots['fan']}/example/main.c)\ntarget_link_libraries(example symc::fan)\n",
        tmp_path,
    )
    check_example(building.run([made / "example"]).stdout, "fan")


def test_esp_idf(double_bundles: dict[str, Path], main: str, tmp_path: Path) -> None:
    roots = packed(double_bundles, "esp-idf", tmp_path / "components")
    (tmp_path / "both.c").write_text(main)
    (tmp_path / "host.c").write_text("void app_main(void);\nint main(void)\n{\n    app_main();\n    return 0;\n}\n")
    made = of_cmake(
        PROJECT,
        f"{added(roots)}add_subdirectory({roots['fan']}/examples/fan/main main)\n"
        "add_executable(both both.c)\ntarget_link_libraries(both __idf_pump __idf_fan)\n"
        "add_executable(example host.c)\ntarget_link_libraries(example __idf_main)\n",
        tmp_path,
    )
    check_example(building.run([made / "example"]).stdout, "fan")


def test_zephyr(double_bundles: dict[str, Path], main: str, tmp_path: Path) -> None:
    roots = packed(double_bundles, "zephyr", tmp_path / "modules")
    (tmp_path / "both.c").write_text(main)
    for header, text in {"kernel.h": "", "sys/printk.h": "#include <stdio.h>\n#define printk printf\n"}.items():
        (tmp_path / "zephyr" / header).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "zephyr" / header).write_text(text)
    made = of_cmake(
        f"{ZEPHYR}set(CONFIG_SYMC_PUMP y)\nset(CONFIG_SYMC_FAN y)\n",
        f"{added(roots, '/zephyr')}add_executable(both both.c)\ntarget_link_libraries(both symc_pump symc_fan)\n"
        f"add_executable(sample {roots['fan']}/samples/fan/src/main.c)\n"
        f"target_include_directories(sample PRIVATE {tmp_path})\ntarget_link_libraries(sample symc_fan)\n",
        tmp_path,
    )
    *lines, verdict = building.run([made / "sample"]).stdout.splitlines()
    words = np.array([int(line.partition(" = ")[2], 16) for line in lines], np.uint64)
    np.testing.assert_array_equal(words, values(double_bundles["fan"], POINT)[0].view(np.uint64))
    assert verdict == "fan: self-test passed (0)"


def test_cmsis_packs_on_a_cortex_m7(double_bundles: dict[str, Path], main: str, tmp_path: Path) -> None:
    board = require_board("cortex-m7")
    packs = [unpacked(root, tmp_path / "packs") for root in packed(double_bundles, "cmsis-pack", tmp_path).values()]
    (tmp_path / "main.c").write_text(main)
    sources = [tmp_path / "main.c", *(source for pack in packs for source in pack.sources)]
    places = [place for pack in packs for place in (*pack.public, *pack.private)]
    program = build(board, sources, places, ("-Os",), tmp_path / "program.elf")
    assert execute(board, program, timeout_s=60).status == 0


CODE = """
import sys, numpy as np, fan
x = np.load(sys.argv[1])
held, flags = fan.guarded(x)
np.savez(sys.argv[2], y=fan.eval(x), j=fan.jacobian(x), check=fan.check(x), held=held, flags=flags)
assert fan.selftest() == 0 and fan.DOMAIN == ((-2.0, 2.0), (-2.0, 2.0))
try:
    fan.eval(np.zeros((1, 2), np.float32))
except TypeError as error:
    print(error)
"""


def test_the_python_wheel(double_bundles: dict[str, Path], tmp_path: Path) -> None:
    require("scikit_build_core", module=True)
    require("cmake")
    root = packed(double_bundles, "python", tmp_path)["fan"]
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "install", "-q", "--no-deps", "--no-index"]
    building.run([*pip, "--no-build-isolation", "--target", tmp_path / "site", root])
    x = rows(400)
    np.save(tmp_path / "x.npy", x)
    environment = {**os.environ, "PYTHONPATH": str(tmp_path / "site"), "PYTHONWARNINGS": "error"}
    for words in (["-c", CODE, tmp_path / "x.npy", tmp_path / "y.npz"], [root / "example.py"]):
        done = subprocess.run([sys.executable, *words], env=environment, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        if words[0] == "-c":
            assert "array of float64, not float32" in done.stdout
        else:
            check_example(done.stdout, "fan")
    made = np.load(tmp_path / "y.npz")
    wanted = values(double_bundles["fan"], x)
    np.testing.assert_array_equal(made["y"].view(np.uint64), wanted.view(np.uint64))
    native = symc.load(double_bundles["fan"], torch=False)
    np.testing.assert_array_equal(made["j"], native.jacobian(x))
    trusted = made["flags"] == 0
    assert trusted.any() and (trusted == ((np.abs(x) <= 2.0).all(axis=1))).all()
    np.testing.assert_array_equal(made["held"][trusted], wanted[trusted])


def test_the_crate(double_bundles: dict[str, Path], tmp_path: Path) -> None:
    root = packed(double_bundles, "rust", tmp_path)["fan"]
    tested = cargo("test --locked", root, tmp_path / "target")
    assert tested.returncode == 0 and "warning" not in tested.stderr, tested.stdout + tested.stderr
    assert "rows_have_the_recorded_bits ... ok" in tested.stdout
    check_example(cargo("run --locked --example fan", root, tmp_path / "target").stdout, "fan")


def test_the_module_for_javascript(double_bundles: dict[str, Path], tmp_path: Path) -> None:
    require("ziglang", module=True)
    node = require("node")
    root = packed(double_bundles, "npm", tmp_path)["fan"]
    building.run([node, "--test"], cwd=root)
    check_example(building.run([node, "example.js"], cwd=root).stdout, "fan")
    x = rows(600)
    (tmp_path / "x").write_bytes(x.tobytes())
    (tmp_path / "main.mjs").write_text("""
import * as fan from "./fan/index.js";
import { readFileSync, writeFileSync } from "node:fs";
const x = new Float64Array(new Uint8Array(readFileSync("x")).buffer);
writeFileSync("y", fan.evaluate(x));
writeFileSync("held", fan.guarded(x.subarray(2 * 601)).y);
try { fan.evaluate(new Float32Array(2)); } catch (error) { console.log(error.name); }
""")
    assert building.run([node, "main.mjs"], cwd=tmp_path).stdout == "TypeError\n"
    y = np.frombuffer((tmp_path / "y").read_bytes(), np.uint64).reshape(-1, 2)
    np.testing.assert_array_equal(y, values(double_bundles["fan"], x).view(np.uint64))
    held = np.frombuffer((tmp_path / "held").read_bytes(), np.uint64)
    # The first of these rows is infinite: there is none before it to hold.
    assert held[0] == 0x7FF8000000000000 and len(held) == 10


def test_micropython_has_no_module_of_it(double_bundles: dict[str, Path], tmp_path: Path) -> None:
    with pytest.raises(symc.SymcError, match="in double precision, of which there is no module for MicroPython"):
        symc.pack(double_bundles["pump"], format="micropython", out=tmp_path)
    assert not list(tmp_path.rglob("*.c"))


def test_a_build_makes_packages_too(tmp_path: Path) -> None:
    made = symc.build("y = x0*x0", domain="0:1", numbers="float64", name="law", pack="arduino,cmake", out=tmp_path)
    assert [package.format for package in made.packages] == ["arduino", "cmake"]
    assert b"double x" in (tmp_path / "arduino" / "law" / "src" / "law.h").read_bytes()
