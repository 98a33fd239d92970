"""Packages of fixed-point bundles: each by a real tool, with the right values; two words in one program."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import symc
from symc.bundle import read_manifest
from symc.bundle.fixed import fixed_of
from symc.fixed.evaluate import evaluate, outside, quantized, real
from symc.fixed.program import FixedProgram
from symc.toolchain.emulators import build, execute
from tests.pack.conftest import DOMAIN, EQUATIONS, expected
from tests.pack.test_arduino import STOP
from tests.pack.test_arduino import _run as run_sketch
from tests.pack.test_cmsis_pack import unpacked
from tests.pack.test_esp_idf import PROJECT
from tests.pack.test_rust import cargo
from tests.pack.test_zephyr import ZEPHYR
from tests.targets import building
from tests.tools import require, require_board

# One of each word. How far results may be from numpy's, which is above what is proved of either.
NUMBERS = {"pump": "fixed", "fan": "fixed16"}
FAR = {"pump": 1e-6, "fan": 4e-3}
# Where the examples evaluate.
POINT = np.array([[0.5, 0.5]])
# Fails where a model is wrong: at POINT, in units of its outputs.
MAIN = """
#include "pump.h"
#include "fan.h"

static int differ(int32_t value, double expected, double units)
{
    return (double)value > expected + units || (double)value < expected - units;
}

int main(void)
{
    int32_t x[2] = {PUMP_FIXED_X0(0.5), PUMP_FIXED_X1(0.5)}, y[2];
    int16_t u[2] = {FAN_FIXED_X0(0.5), FAN_FIXED_X1(0.5)}, v[2];
    int wrong = pump_selftest() != 0 || fan_selftest() != 0;
    wrong |= pump_fixed_eval(x, y) != 0 || differ(y[0], %r, %r) || differ(y[1], %r, %r);
    wrong |= fan_fixed_eval(u, v) != 0 || differ(v[0], %r, %r) || differ(v[1], %r, %r);
    return wrong;
}
"""


@pytest.fixture(scope="module")
def fixed_bundles(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    out = tmp_path_factory.mktemp("bundles")
    domain = ",".join([f"{DOMAIN[0]}:{DOMAIN[1]}"] * 2)
    return {
        name: symc.build(
            equation=[f"y{k} = {text}" for k, text in enumerate(EQUATIONS[name][0])],
            domain=domain, numbers=numbers, name=name, out=out,
        ).path
        for name, numbers in NUMBERS.items()
    }  # fmt: skip


def packed(bundles: dict[str, Path], format: str, out: Path) -> dict[str, Path]:
    return {name: symc.pack(path, format=format, out=out).path for name, path in bundles.items()}


def program_of(bundle: Path) -> FixedProgram:
    fixed = fixed_of(read_manifest(bundle))
    assert fixed is not None
    return fixed


@pytest.fixture(scope="module")
def main(fixed_bundles: dict[str, Path]) -> str:
    """The text of that program."""
    values: list[float] = []
    for name, bundle in fixed_bundles.items():
        for point, value in zip(program_of(bundle).outputs, expected(name, POINT)[0], strict=True):
            values += [float(value) * 2.0**point, FAR[name] * 2.0**point]
    return MAIN % tuple(values)


def check_example(printed: str, name: str) -> None:
    """The results and the verdict that an example prints."""
    assert f"{name}: self-test passed (0)" in printed
    values = [float(value) for value in re.findall(r"y\[\d\] = (?:-?\d+ units, )?(-?[\d.]+?)(?:\.\.|\s)", printed)]
    np.testing.assert_allclose(values, expected(name, POINT)[0], atol=FAR[name])


def test_a_build_makes_packages_too(tmp_path: Path) -> None:
    made = symc.build("y = x0*x0", domain="0:1", numbers="fixed16", name="law", pack="arduino", out=tmp_path)
    assert [package.format for package in made.packages] == ["arduino"]
    assert b"int16_t" in (tmp_path / "arduino" / "law" / "src" / "law.h").read_bytes()


@pytest.mark.parametrize("compiler", [["gcc", "-std=c99"], ["g++", "-std=c++11", "-x", "c++"]])
def test_single_headers(compiler: list[str], fixed_bundles: dict[str, Path], main: str, tmp_path: Path) -> None:
    require(compiler[0])
    roots = packed(fixed_bundles, "single-header", tmp_path)
    places = [f"-I{root}" for root in roots.values()]
    strict = [*compiler, "-O1", "-Wall", "-Wextra", "-Wconversion", "-Werror", *places]
    (tmp_path / "main.c").write_text(f"#define PUMP_IMPLEMENTATION\n#define FAN_IMPLEMENTATION\n{main}")
    building.run([*strict, tmp_path / "main.c", "-o", tmp_path / "both"])
    building.run([tmp_path / "both"])
    for name, root in roots.items():
        building.run([*strict, root / "example" / "main.c", "-o", tmp_path / f"{name}.out"])
        check_example(building.run([tmp_path / f"{name}.out"]).stdout, name)


@pytest.mark.parametrize("name", NUMBERS)
def test_the_arduino_example_runs_on_an_atmega(name: str, fixed_bundles: dict[str, Path], tmp_path: Path) -> None:
    roots = packed(fixed_bundles, "arduino", tmp_path / "libraries")
    example = (roots[name] / "examples" / name / f"{name}.ino").read_text()
    sketch = "#include <avr/sleep.h>\n" + example.replace("delay(1000);", STOP)
    check_example(run_sketch(sketch, tmp_path / "libraries", tmp_path, "arduino:avr:mega:cpu=atmega2560"), name)
    keywords = (roots[name] / "keywords.txt").read_text()
    assert f"{name}_fixed_eval\tKEYWORD2" in keywords and f"{name}_check" not in keywords


def test_platformio(fixed_bundles: dict[str, Path], tmp_path: Path) -> None:
    require("gcc")
    for name, root in packed(fixed_bundles, "platformio", tmp_path).items():
        sources = [*(root / "src").glob("*.c"), root / "examples" / "native" / "main.c"]
        includes = [f"-I{root}/include", f"-I{root}/src"]
        building.run(["gcc", "-O1", *building.STRICT, *includes, *sources, "-o", tmp_path / f"{name}.out"])
        check_example(building.run([tmp_path / f"{name}.out"]).stdout, name)


def test_cmake(fixed_bundles: dict[str, Path], main: str, tmp_path: Path) -> None:
    require("cmake")
    roots = packed(fixed_bundles, "cmake", tmp_path)
    (tmp_path / "both.c").write_text(main)
    (tmp_path / "CMakeLists.txt").write_text(
        "cmake_minimum_required(VERSION 3.16)\nproject(app C)\n"
        + "".join(f"add_subdirectory({root} {name})\n" for name, root in roots.items())
        + "add_executable(both both.c)\ntarget_link_libraries(both symc::pump symc::fan)\n"
        + f"add_executable(example {roots['fan']}/example/main.c)\ntarget_link_libraries(example symc::fan)\n"
    )
    building.run(["cmake", "-S", tmp_path, "-B", tmp_path / "build"])
    building.run(["cmake", "--build", tmp_path / "build"])
    building.run([tmp_path / "build" / "both"])
    check_example(building.run([tmp_path / "build" / "example"]).stdout, "fan")


def test_cmsis_packs_on_a_cortex_m0(fixed_bundles: dict[str, Path], main: str, tmp_path: Path) -> None:
    board = require_board("cortex-m0")
    packs = [unpacked(root, tmp_path / "packs") for root in packed(fixed_bundles, "cmsis-pack", tmp_path).values()]
    (tmp_path / "main.c").write_text(main)
    sources = [tmp_path / "main.c", *(source for pack in packs for source in pack.sources)]
    places = [place for pack in packs for place in (*pack.public, *pack.private)]
    program = build(board, sources, places, ("-Os",), tmp_path / "program.elf")
    assert execute(board, program, timeout_s=60).status == 0


def test_esp_idf(fixed_bundles: dict[str, Path], main: str, tmp_path: Path) -> None:
    require("cmake")
    roots = packed(fixed_bundles, "esp-idf", tmp_path / "components")
    (tmp_path / "both.c").write_text(main)
    (tmp_path / "host.c").write_text("void app_main(void);\nint main(void)\n{\n    app_main();\n    return 0;\n}\n")
    (tmp_path / "CMakeLists.txt").write_text(
        PROJECT
        + "".join(f"add_subdirectory({root} {name})\n" for name, root in roots.items())
        + f"add_subdirectory({roots['fan']}/examples/fan/main main)\n"
        "add_executable(both both.c)\ntarget_link_libraries(both __idf_pump __idf_fan)\n"
        "add_executable(example host.c)\ntarget_link_libraries(example __idf_main)\n"
    )
    building.run(["cmake", "-S", tmp_path, "-B", tmp_path / "build"])
    building.run(["cmake", "--build", tmp_path / "build"])
    building.run([tmp_path / "build" / "both"])
    check_example(building.run([tmp_path / "build" / "example"]).stdout, "fan")


def test_zephyr(fixed_bundles: dict[str, Path], main: str, tmp_path: Path) -> None:
    require("cmake")
    roots = packed(fixed_bundles, "zephyr", tmp_path / "modules")
    (tmp_path / "both.c").write_text(main)
    for header, text in {"kernel.h": "", "sys/printk.h": "#include <stdio.h>\n#define printk printf\n"}.items():
        (tmp_path / "zephyr" / header).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "zephyr" / header).write_text(text)
    (tmp_path / "CMakeLists.txt").write_text(
        ZEPHYR
        + "set(CONFIG_SYMC_PUMP y)\nset(CONFIG_SYMC_FAN y)\n"
        + "".join(f"add_subdirectory({root}/zephyr {name})\n" for name, root in roots.items())
        + "add_executable(both both.c)\ntarget_link_libraries(both symc_pump symc_fan)\n"
        + f"add_executable(sample {roots['fan']}/samples/fan/src/main.c)\n"
        + f"target_include_directories(sample PRIVATE {tmp_path})\ntarget_link_libraries(sample symc_fan)\n"
    )
    building.run(["cmake", "-S", tmp_path, "-B", tmp_path / "build"])
    building.run(["cmake", "--build", tmp_path / "build"])
    building.run([tmp_path / "build" / "both"])
    *lines, verdict = building.run([tmp_path / "build" / "sample"]).stdout.splitlines()
    fixed = program_of(fixed_bundles["fan"])
    integers = np.array([[int(line.partition(" = ")[2]) for line in lines]])
    np.testing.assert_allclose(real(fixed, integers), expected("fan", POINT), atol=FAR["fan"])
    assert verdict == "fan: self-test passed (0)"


def rows(fixed: FixedProgram) -> np.ndarray:
    """(n, 2) float64: in the domain and beyond it, ties of the units, and what no word holds."""
    rng = np.random.default_rng(7)
    ties = (rng.integers(-4000, 4000, (200, 2)) + 0.5) * np.exp2(-np.array(fixed.inputs))
    odd = np.array([[1e30, -1e30], [np.inf, -np.inf], [0.0, -0.0], [2.0, -2.0], [5.0, 0.25]])
    return np.concatenate([rng.uniform(*DOMAIN, (400, 2)), rng.normal(0, 9, (100, 2)), ties, odd])


def test_the_python_module_takes_and_gives_real_numbers(fixed_bundles: dict[str, Path], tmp_path: Path) -> None:
    require("scikit_build_core", module=True)
    require("cmake")
    root = packed(fixed_bundles, "python", tmp_path)["fan"]
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "install", "-q", "--no-deps", "--no-index"]
    building.run([*pip, "--no-build-isolation", "--target", tmp_path / "site", root])
    fixed = program_of(fixed_bundles["fan"])
    x, raw = rows(fixed), np.random.default_rng(8).integers(-(2**15), 2**15, (300, 2)).astype(np.int16)
    np.savez(tmp_path / "x.npz", x=x, raw=raw)
    code = """
import sys, numpy as np, fan
given = np.load(sys.argv[1])
y, flags = fan.eval_raw(given["raw"])
np.savez(sys.argv[2], eval=fan.eval(given["x"]), check=fan.check(given["x"]), y=y, flags=flags)
assert fan.selftest() == 0 and fan.eval(np.zeros((3, 4, 2))).shape == (3, 4, 2) and fan.eval([0.5, 0.5]).shape == (2,)
refused = []
for kind, bad in (("eval", [np.nan, 0]), ("eval", [0]), ("eval_raw", np.zeros(2, np.int32)), ("eval_raw", [0, 0])):
    try:
        getattr(fan, kind)(bad)
    except (TypeError, ValueError) as error:
        refused.append(str(error))
print(*refused, sep="\\n")
assert not {"symc", "torch", "sympy", "cffi"} & set(sys.modules)
"""

    def run(*words: object) -> str:
        env = {**os.environ, "PYTHONPATH": str(tmp_path / "site"), "PYTHONWARNINGS": "error"}
        done = subprocess.run([sys.executable, *map(str, words)], env=env, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        return done.stdout

    refused = run("-c", code, tmp_path / "x.npz", tmp_path / "y.npz").splitlines()
    assert len(refused) == 4 and "is NaN" in refused[0] and "not int32" in refused[2] and "not list" in refused[3]
    made = np.load(tmp_path / "y.npz")
    np.testing.assert_array_equal(made["eval"], real(fixed, evaluate(fixed, quantized(fixed, x))))
    np.testing.assert_array_equal(made["y"], evaluate(fixed, raw))
    np.testing.assert_array_equal(made["flags"], outside(fixed, raw))
    np.testing.assert_array_equal(made["eval"].dtype, np.float64)
    inside = (np.abs(x) <= DOMAIN[1]).all(axis=1)
    np.testing.assert_allclose(made["eval"][inside], expected("fan", x[inside]), atol=FAR["fan"])
    assert (made["check"][inside] == 0).all() and (made["check"][(np.abs(x) > 2.01).any(axis=1)] != 0).all()
    check_example(run(root / "example.py"), "fan")


def test_the_module_for_javascript_takes_and_gives_real_numbers(
    fixed_bundles: dict[str, Path], tmp_path: Path
) -> None:
    require("ziglang", module=True)
    node = require("node")
    roots = packed(fixed_bundles, "npm", tmp_path)
    for name, root in roots.items():
        building.run([node, "--test"], cwd=root)
        check_example(building.run([node, "example.js"], cwd=root).stdout, name)
    fixed = program_of(fixed_bundles["pump"])
    x = rows(fixed)
    (tmp_path / "x").write_bytes(x.tobytes())
    (tmp_path / "main.mjs").write_text("""
import * as pump from "./pump/index.js";
import { readFileSync, writeFileSync } from "node:fs";
const x = new Float64Array(new Uint8Array(readFileSync("x")).buffer);
writeFileSync("y", pump.evaluate(x));
writeFileSync("flags", pump.check(x));
const refused = [[0, 1], new Float64Array(3), Float64Array.of(NaN, 0)].map((bad) => {
  try { return pump.evaluate(bad); } catch (error) { return error.name; }
});
console.log(JSON.stringify(refused));
""")
    told = building.run([node, "main.mjs"], cwd=tmp_path).stdout
    assert json.loads(told) == ["TypeError", "RangeError", "RangeError"]
    y = np.frombuffer((tmp_path / "y").read_bytes()).reshape(-1, 2)
    np.testing.assert_array_equal(y, real(fixed, evaluate(fixed, quantized(fixed, x))))
    flags = np.frombuffer((tmp_path / "flags").read_bytes(), np.uint32)
    assert (flags[(np.abs(x) <= 2.0).all(axis=1)] == 0).all() and (flags[(np.abs(x) > 2.01).any(axis=1)] != 0).all()


@pytest.mark.parametrize("name", NUMBERS)
def test_the_crate(name: str, fixed_bundles: dict[str, Path], tmp_path: Path) -> None:
    root = packed(fixed_bundles, "rust", tmp_path)[name]
    tested = cargo("test --locked", root, tmp_path / "target")
    assert tested.returncode == 0 and "warning" not in tested.stderr, tested.stdout + tested.stderr
    assert "the_selftest_passes ... ok" in tested.stdout and "rows_have_the_recorded_integers ... ok" in tested.stdout
    check_example(cargo(f"run --locked --example {name}", root, tmp_path / "target").stdout, name)
