"""The module for MicroPython of fixed-point code: its integers are the oracle's, its real numbers those of numpy."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest

import symc
from symc.bundle import read_manifest
from symc.bundle.fixed import fixed_of
from symc.fixed.evaluate import evaluate, outside, quantized, real
from symc.fixed.program import FixedProgram
from tests.pack.conftest import DOMAIN, EQUATIONS, expected
from tests.pack.test_micropython import _compiled, _run, native
from tests.targets import building
from tests.tools import require

NUMBERS = {"pump": ("fixed", "i"), "fan": ("fixed16", "h")}
# Integers of the rows in "m", and real numbers of those in "x", of which the last is outside.
MAIN = """
from array import array
import {name} as model
with open("m", "rb") as file:
    m = array("{code}", file.read())
with open("x", "rb") as file:
    x = array("f", file.read())
y = array("{code}", bytes(model.N_OUT * len(m) // model.N_IN * {size}))
print(model.eval_raw_into(m, y))
n, k = model.N_IN, model.N_OUT
for row in range(len(m) // n):
    one = m[n * row : n * row + n]
    assert model.eval_raw(one) == model.eval_raw(list(one)) == tuple(y[k * row : k * row + k]), row
with open("y", "wb") as file:
    file.write(y)
found = [model.eval(x[n * row : n * row + n]) for row in range(len(x) // n)]
assert found[0] == model.eval(list(x[:n]))
with open("real", "wb") as file:
    file.write(array("d", [value for row in found for value in row]))
print([model.check(x[n * row : n * row + n]) for row in range(len(x) // n)])
print(model.bits_in(), model.bits_out(), model.domain(), model.inputs(), model.outputs(), model.selftest())
"""
WRONG = """
from array import array
import fan
y = array("h", [7] * 4)
for call in (
    lambda: fan.eval_raw([32768, 0]), lambda: fan.eval_raw([2**40, 0]), lambda: fan.eval_raw([0.5, 0]),
    lambda: fan.eval_raw([1]), lambda: fan.eval([float("nan"), 0]), lambda: fan.eval(["1", 0]),
    lambda: fan.eval_raw_into(y, y), lambda: fan.eval_raw_into(y, array("i", y)), lambda: fan.eval_raw_into(y, y[:3]),
):
    try:
        call()
        print("passed")
    except (TypeError, ValueError) as error:
        print(type(error).__name__)
print(list(y) == [7] * 4)
"""


@pytest.fixture(scope="module")
def packages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("modules")
    domain = ",".join([f"{DOMAIN[0]}:{DOMAIN[1]}"] * 2)
    for name, (numbers, _) in NUMBERS.items():
        texts = [f"y{k} = {text}" for k, text in enumerate(EQUATIONS[name][0])]
        symc.build(equation=texts, domain=domain, numbers=numbers, name=name, pack="micropython", out=out)
    return out


def program_of(packages: Path, name: str) -> FixedProgram:
    fixed = fixed_of(read_manifest(packages / name))
    assert fixed is not None
    return fixed


@pytest.fixture(scope="module")
def board(packages: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with both as .mpy files for this computer."""
    if building.MACHINE != "x86_64":
        pytest.skip("MicroPython loads native files for Linux on x86-64 alone")
    require("micropython")
    folder = tmp_path_factory.mktemp("board")
    for name in NUMBERS:
        native(packages / "micropython" / name, folder, "x64")
    return folder


@pytest.mark.parametrize("name", NUMBERS)
def test_integers_are_the_oracles_and_real_numbers_the_equations(name: str, packages: Path, board: Path) -> None:
    fixed, code = program_of(packages, name), NUMBERS[name][1]
    word = np.dtype(f"int{fixed.bits}")
    generator = np.random.Generator(np.random.PCG64(4))
    edges = np.iinfo(word)
    m = np.concatenate([
        generator.integers(edges.min, edges.max, (300, 2), endpoint=True),
        [[edges.min, edges.max], [edges.max, edges.min], [0, 0], *np.array(fixed.bounds).T],
    ]).astype(word)  # fmt: skip
    ties = (generator.integers(-4000, 4000, (50, 2)) + 0.5) * np.exp2(-np.array(fixed.inputs))
    inside = np.concatenate([generator.uniform(*DOMAIN, (200, 2)), ties, [[-2.0, 2.0]]])
    x = np.concatenate([inside, [[9.0, -1e30], [np.inf, 0.0]]]).astype(np.float32)
    m.tofile(board / "m")
    x.tofile(board / "x")
    flags, checks, told = _run(board, MAIN.format(name=name, code=code, size=word.itemsize)).splitlines()
    y = np.fromfile(board / "y", word).reshape(-1, 2)
    np.testing.assert_array_equal(y, evaluate(fixed, m))
    assert int(flags) == np.bitwise_or.reduce(outside(fixed, m)) == 3
    found = np.fromfile(board / "real").reshape(-1, 2)
    # Only here: floats of the Unix port are doubles.
    np.testing.assert_array_equal(found, real(fixed, evaluate(fixed, quantized(fixed, x))))
    assert checks == str([0] * len(inside) + [3, 1])
    np.testing.assert_allclose(found[:200], expected(name, x[:200]), atol={"pump": 1e-6, "fan": 4e-3}[name])
    low, high = DOMAIN
    names = "('x0', 'x1') ('y0', 'y1')"
    assert told == f"{fixed.inputs} {fixed.outputs} {((low, high),) * 2} {names} 0"


def test_wrong_calls_raise_and_change_nothing(board: Path) -> None:
    *raised, kept = _run(board, WRONG).split()
    row = ["ValueError"] * 2 + ["TypeError"]
    assert raised == [*row, *row, "ValueError", "TypeError", "ValueError"] and kept == "True"


@pytest.mark.parametrize("name", NUMBERS)
def test_the_example_and_the_readmes_lines_run(name: str, board: Path, packages: Path) -> None:
    package = packages / "micropython" / name
    printed = _run(board, (package / "example.py").read_text()).splitlines()
    values = [float(line.split(" = ")[1]) for line in printed[:2]]
    wanted = expected(name, np.array([[0.5, 0.5]]))[0]
    np.testing.assert_allclose(values, wanted, atol={"pump": 2e-6, "fan": 4e-3}[name])
    assert printed[2] == f"{name}: self-test passed (0)"
    (lines,) = re.findall(r"```python\n(.*?)```", (package / "README.md").read_text(), re.S)
    scaled = f"results[0] * 2.0 ** -{name}.bits_out()[0]"
    assert _run(board, f"{lines}\nprint(len(results), {scaled} == y[0])") == "200 True\n"


@pytest.mark.parametrize("floats", ["NONE", "FLOAT", "DOUBLE"])
def test_it_compiles_as_a_part_of_a_firmware(floats: str, packages: Path, tmp_path: Path) -> None:
    for name in NUMBERS:
        package = packages / "micropython" / name
        assert _compiled(package, tmp_path, f"-DMICROPY_FLOAT_IMPL=MICROPY_FLOAT_IMPL_{floats}") == ""


@pytest.mark.long
@pytest.mark.parametrize("floats", ["none", "float"])
def test_a_native_module_for_a_core_without_floats_is_linked(floats: str, packages: Path, tmp_path: Path) -> None:
    require("arm-none-eabi-gcc")
    made = native(packages / "micropython" / "pump", tmp_path, "armv6m", f"MICROPY_FLOAT_IMPL={floats}")
    assert made.read_bytes()[:2] == b"M\x06"
