"""NAME_vjp, NAME_jvp and NAME_hessian on every target: the bits of the oracle, with every operator and at random."""

from __future__ import annotations

import ctypes
from pathlib import Path

import numpy as np
import pytest

from symc.backends import Unit
from symc.backends.cuda import host_shim_source
from symc.backends.derived import Derived, derived
from symc.backends.selftest import directions
from symc.ir import passes
from symc.ir.directional import DIRECTIONAL
from symc.ir.ops import OPERATORS, PRIMITIVES
from symc.ir.program import Builder, Program
from tests.targets import building
from tests.targets.building import NUMERIC, STRICT, Build
from tests.targets.programs import coverage_program, differences, hard_inputs, unit_from_text, unit_of
from tests.tools import require

KINDS = tuple(DIRECTIONAL)


def random_program(seed: int, steps: int = 60) -> Program:
    """Operators of every kind over three inputs, each on the latest values; three outputs."""
    rng = np.random.default_rng(seed)
    b = Builder(("a", "v", "t"))
    pool = [b.input(k) for k in range(3)] + [b.const(c) for c in (0.5, -1.98, 3.0)]
    for _ in range(steps):
        name = PRIMITIVES[rng.integers(len(PRIMITIVES))]
        newest = pool[-9:]
        pool.append(b.op(name, *(newest[k] for k in rng.integers(len(newest), size=OPERATORS[name].arity))))
    return passes.run(b.finish(("gx", "y", "h"), pool[-3:]))


PROGRAMS = {"every": coverage_program(), **{f"random{seed}": random_program(seed) for seed in range(6)}}


@pytest.mark.parametrize("name", PROGRAMS)
def test_c_and_device_arithmetic_give_the_bits_of_the_oracle(name: str, tmp_path: Path) -> None:
    require("gcc")
    require("g++")
    unit = unit_of(PROGRAMS[name], name, derivatives=False, further=KINDS)
    root = building.write(tmp_path, unit, ("c", "cuda"))
    c = building.c_library(root, Build("gcc", ("-std=c99", "-O2", *STRICT, *NUMERIC)), tmp_path / "c.so")
    made = derived(unit.program, KINDS)
    (tmp_path / "shim.cpp").write_text(host_shim_source(name, jacobian=False, further=made))
    command = ["g++", "-std=c++17", "-O1", "-shared", "-fPIC", f"-I{root}/cuda", tmp_path / "shim.cpp"]
    building.run([*command, "-o", tmp_path / "shim.so"])
    shim = ctypes.CDLL(str(tmp_path / "shim.so"))
    assert getattr(c, f"{name}_selftest")() == 0
    x = hard_inputs(unit.program.n_in, random=100)
    along = directions(unit.program, np.roll(x, 1, axis=0))
    for of in made:
        want = of.values(x, along)
        assert not differences(_single(c, name, of, x, along), want, x, of.program.outputs)
        assert not differences(_many(shim, name, of, x, along), want, x, of.program.outputs)


def test_numba_gives_the_bits_of_the_oracle(tmp_path: Path) -> None:
    texts = ["2.5*cos(x1) + x0^2/v", "exp(x0)*abs(x1) - max(x0, v)"]
    unit = unit_from_text(texts, ("x0", "x1", "v"), ("y", "gx"), "law")
    unit = unit_of(unit.program, "law", derivatives=False, further=KINDS)
    x = hard_inputs(3, random=100)
    along = directions(unit.program, np.roll(x, 1, axis=0))
    module = building.python_module(building.write(tmp_path, unit, ("numba",)) / "numba" / "law.py")
    for of in derived(unit.program, KINDS):
        given = [along[:, : of.n_along].copy()] if of.n_along else []
        got = getattr(module, f"{of.kind}_batch")(x, *given)
        rows = np.column_stack(got) if given else got.reshape(len(x), -1)
        assert not differences(rows, of.values(x, along), x, of.program.outputs)
        if given:
            with pytest.raises(ValueError, match=f"{of.along} must have a row for each of x"):
                getattr(module, f"{of.kind}_batch")(x, given[0][1:])


@pytest.mark.parametrize("kind", KINDS)
def test_a_wrong_bit_is_found_by_the_self_test(kind: str, tmp_path: Path) -> None:
    require("gcc")
    unit = unit_from_text(["2.5*cos(x1) + 1.25*x0^3"], ("x0", "x1"), ("y",), "law")
    unit = unit_of(unit.program, "law", further=KINDS)
    root = building.write(tmp_path, unit, ("c",))
    path = root / "src" / f"law_{kind}.c"
    text = path.read_text()
    assert "2.5F" in text
    path.write_text(text.replace("2.5F", "2.5000002F"))
    library = building.c_library(root, Build("gcc", ("-std=c99", "-O1", *NUMERIC)), tmp_path / "law.so")
    header = (root / "include" / "law.h").read_text()
    macro = f"#define LAW_FAULT_{kind.upper()} "
    (value,) = [line.removeprefix(macro) for line in header.splitlines() if line.startswith(macro)]
    assert library.law_selftest() == int(value, 16)


def test_nothing_is_there_that_was_not_asked_for(tmp_path: Path) -> None:
    unit: Unit = unit_of(coverage_program(), "every", further=("vjp",))
    root = building.write(tmp_path, unit, ("c", "cuda", "numba"))
    header = (root / "include" / "every.h").read_text()
    assert "every_vjp(" in header and "every_jvp" not in header and "HESSIAN" not in header
    assert "jvp" not in (root / "cuda" / "every.cuh").read_text()
    assert "src/every_vjp.c" in (root / "CMakeLists.txt").read_text()


def _single(library: ctypes.CDLL, name: str, of: Derived, x: np.ndarray, along: np.ndarray) -> np.ndarray:
    """Row by row; every second row without a place for the values, which are then taken as right."""
    call = getattr(library, f"{name}_{of.kind}")
    call.argtypes = (ctypes.c_void_p,) * (4 if of.n_along else 2)
    call.restype = None
    given = np.ascontiguousarray(along[:, : of.n_along])
    result = of.values(x, along)
    for row in range(len(x)):
        y, g = np.zeros(of.n_values, np.float32), np.zeros(of.n_results, np.float32)
        place = y.ctypes.data if row % 2 == 0 else None
        direction = (given[row].ctypes.data, place) if of.n_along else ()
        call(x[row].ctypes.data, *direction, g.ctypes.data)
        if row % 2 == 0:
            result[row, : of.n_values] = y
        result[row, of.n_values :] = g
    return result


def _many(library: ctypes.CDLL, name: str, of: Derived, x: np.ndarray, along: np.ndarray) -> np.ndarray:
    call = getattr(library, f"{name}_shim_{of.kind}_batch")
    given = np.ascontiguousarray(along[:, : of.n_along])
    y, g = np.zeros((len(x), of.n_values), np.float32), np.zeros((len(x), of.n_results), np.float32)
    arrays = [x, given, y, g] if of.n_along else [x, g]
    call.argtypes = (*(ctypes.c_void_p,) * len(arrays), ctypes.c_size_t)
    call.restype = None
    call(*(array.ctypes.data for array in arrays), len(x))
    return np.column_stack([y, g])
