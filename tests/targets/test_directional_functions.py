"""NAME_vjp, NAME_jvp and NAME_hessian on every target: the bits of the oracle, with every operator and at random."""

from __future__ import annotations

import ctypes
import re
from pathlib import Path

import numpy as np
import pytest

from symc.backends import Unit
from symc.backends.batches import ROWS
from symc.backends.cuda import host_shim_source
from symc.backends.derived import OF_LAYERED, Derived, derived
from symc.backends.selftest import directions
from symc.ir import passes
from symc.ir.directional import DIRECTIONAL
from symc.ir.ops import OPERATORS, PRIMITIVES
from symc.ir.program import Builder, Program
from tests.targets import building
from tests.targets.building import NUMERIC, ONE_SET, STRICT, Build
from tests.targets.programs import coverage_program, differences, hard_inputs, layered_program, unit_from_text, unit_of
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


def still() -> Program:
    """Nothing depends on the inputs, whose number is 1: what a compiler could make calls of memset and memcpy of."""
    b = Builder(("x",))
    return b.finish(("y",), (b.const(2.5),))


def passed() -> Program:
    b = Builder(("x",))
    return b.finish(("y",), (b.input(0),))


PROGRAMS = {"every": coverage_program(), **{f"random{seed}": random_program(seed) for seed in range(3)}}
PROGRAMS |= {"still": still(), "passed": passed()}
LAYERED = {
    "block": layered_program(),
    "bare": layered_program(direct=False),
    "wide": layered_program(70, 37, [f"z{k} + 0.25*z{k}*z{(k + 3) % 9}" for k in range(9)], direct=False),
    "few": layered_program(19, 3, ("z0 - 0.5*z1*z2",)),
    # For machines without vectors, which have no tables by output.
    "scalar": layered_program(9, 6, ("z0*z1 - 0.5*z2", "exp(-z0^2)")),
    "thin": layered_program(1, 1, ("z0",)),
    "product": layered_program(5, 4, ("z0*z1 - 0.5*z2", "z0^2")),
    "rigid": layered_program(2, 2, ("0", "0")),
}
OF = {name: KINDS for name in PROGRAMS} | {name: OF_LAYERED for name in LAYERED if name != "product"}
# For `make test-long`.
MANY = ("random1", "random2")
PLAIN = Build("gcc", ("-std=c99", *ONE_SET, *STRICT, *NUMERIC))
SCALAR = Build("gcc", (*PLAIN.flags, "-DSYMC_AFFINE_TURNED=0"))
FAST = Build("gcc", ("-std=c99", "-O3", "-march=native", *STRICT, *NUMERIC))


@pytest.mark.parametrize("name", [pytest.param(name, marks=[pytest.mark.long] if name in MANY else []) for name in OF])
def test_c_and_device_arithmetic_give_the_bits_of_the_oracle(name: str, tmp_path: Path) -> None:
    require("gcc")
    require("g++")
    unit = unit_of({**PROGRAMS, **LAYERED}[name], name, derivatives=False, further=OF[name])
    root = building.write(tmp_path, unit, ("c", "cuda"))
    library = building.c_library(root, {"every": PLAIN, "scalar": SCALAR}.get(name, FAST), tmp_path / "c.so")
    made = derived(unit.program, OF[name])
    (tmp_path / "shim.cpp").write_text(host_shim_source(name, jacobian=False, further=made))
    command = ["g++", "-std=c++17", "-O1", "-shared", "-fPIC", f"-I{root}/cuda", tmp_path / "shim.cpp"]
    building.run([*command, "-o", tmp_path / "shim.so"])
    shim = ctypes.CDLL(str(tmp_path / "shim.so"))
    x = hard_inputs(unit.program.n_in, random=100)
    along = directions(unit.program, np.roll(x, 1, axis=0))
    assert getattr(library, f"{name}_selftest")() == 0
    for of in made:
        want = of.values(x, along)
        assert not differences(_many(shim, f"{name}_shim_{of.kind}_batch", of, x, along), want, x, of.outputs)
        assert not differences(_single(library, name, of, x, along), want, x, of.outputs)
        for n in (0, 1, ROWS - 1, ROWS, ROWS + 1, len(x)):
            batch = _many(library, f"{name}_{of.kind}_batch", of, x[:n], along[:n])
            assert not differences(batch, want[:n], x, of.outputs)


# Numba takes longest for functions, which "product" has none of.
@pytest.mark.parametrize(
    "name", ["product", *(pytest.param(name, marks=pytest.mark.long) for name in ("block", "law", "wide"))]
)
def test_numba_gives_the_bits_of_the_oracle(name: str, tmp_path: Path) -> None:
    texts = ["2.5*cos(x1) + x0^2/v", "exp(x0)*abs(x1) - max(x0, v)"]
    program = LAYERED.get(name) or unit_from_text(texts, ("x0", "x1", "v"), ("y", "gx"), "law").program
    kinds = OF_LAYERED if name in LAYERED else KINDS
    unit = unit_of(program, name, derivatives=False, further=kinds)
    x = hard_inputs(program.n_in, random=100)
    along = directions(unit.program, np.roll(x, 1, axis=0))
    module = building.python_module(building.write(tmp_path, unit, ("numba",)) / "numba" / f"{name}.py")
    for of in derived(unit.program, kinds):
        given = [along[:, : of.n_along].copy()] if of.n_along else []
        got = getattr(module, f"{of.kind}_batch")(x, *given)
        rows = np.column_stack(got) if given else got.reshape(len(x), -1)
        assert not differences(rows, of.values(x, along), x, of.outputs)
        if given:
            assert of.along is not None
            with pytest.raises(ValueError, match=f"{of.along.name} must have a row for each of x"):
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
    library = building.c_library(root, Build("gcc", ("-std=c99", *ONE_SET, *NUMERIC)), tmp_path / "law.so")
    header = (root / "include" / "law.h").read_text()
    values = re.findall(rf"^#define LAW_FAULT_{kind.upper()}(?:_BATCH)? (\w+)$", header, re.M)
    assert len(values) == 2 and library.law_selftest() == sum(int(value, 16) for value in values)


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
        y, g = np.zeros(of.n_values, np.float32), np.zeros(of.derivatives.n, np.float32)
        place = y.ctypes.data if row % 2 == 0 else None
        direction = (given[row].ctypes.data, place) if of.n_along else ()
        call(x[row].ctypes.data, *direction, g.ctypes.data)
        if row % 2 == 0:
            result[row, : of.n_values] = y
        result[row, of.n_values :] = g
    return result


def _many(library: ctypes.CDLL, function: str, of: Derived, x: np.ndarray, along: np.ndarray) -> np.ndarray:
    """All rows by one call, whose results are watched for writes beyond their end; the values by another one."""
    call = getattr(library, function)
    x, given = np.ascontiguousarray(x), np.ascontiguousarray(along[:, : of.n_along])
    results = [np.full(len(x) * array.n + 8, 12345.0, np.float32) for array in of.results.arrays]
    arrays = [x, given, *results] if of.n_along else [x, *results]
    call.argtypes = (*(ctypes.c_void_p,) * len(arrays), ctypes.c_size_t)
    call.restype = None
    call(*(array.ctypes.data for array in arrays), len(x))
    kept = results[-1].copy()
    if of.n_along and "shim" not in function:
        results[-1][:] = 12345.0
        call(x.ctypes.data, given.ctypes.data, None, results[-1].ctypes.data, len(x))
    assert np.array_equal(kept.view(np.uint32), results[-1].view(np.uint32))
    for array, values in zip(of.results.arrays, results, strict=True):
        assert (values[len(x) * array.n :] == 12345.0).all(), f"{function} wrote beyond {array.name}"
    rows = (v[: len(x) * a.n].reshape(len(x), a.n) for a, v in zip(of.results.arrays, results, strict=True))
    return np.column_stack(list(rows))
