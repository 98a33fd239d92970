"""The Numba module as its user meets it: loading, batch sizes, inputs of other types, and a batch that vectorises."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import llvmlite.binding as llvm
import numba
import numpy as np
import pytest
from numba.core.errors import TypingError

from symc.backends import Unit
from symc.backends.numba import ROWS
from symc.ir.evaluate import evaluate
from tests.targets import building
from tests.targets.programs import bits, differences, hard_inputs, unit_from_text


@pytest.fixture(scope="module")
def unit() -> Unit:
    return unit_from_text(["sin(3.14*x0)*exp(-1.98*x1)", "x1^2.5 - x0"], ["x0", "x1"], ["y", "z"], "swell")


@pytest.fixture(scope="module")
def bundle(unit: Unit, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return building.write(tmp_path_factory.mktemp("numba"), unit, ["numba"])


@pytest.fixture(scope="module")
def module(bundle: Path) -> ModuleType:
    return building.python_module(bundle / "numba" / "swell.py")


@pytest.mark.parametrize("n", [0, 1, ROWS - 1, ROWS, ROWS + 1, 5 * ROWS + 3])
def test_batches_of_every_size_have_the_bits_of_the_oracle(module: ModuleType, unit: Unit, n: int):
    x = hard_inputs(2)[:n]
    got = module.eval_batch(x)
    assert got.shape == (n, 2)
    assert not differences(got, evaluate(unit.program, x), x, unit.program.outputs)
    assert unit.jacobian is not None
    jacobian = module.jacobian_batch(x)
    assert jacobian.shape == (n, 2, 2)
    assert not differences(jacobian.reshape(n, 4), evaluate(unit.jacobian, x), x, unit.jacobian.outputs)


def test_other_inputs_are_rounded_to_float32(module: ModuleType):
    x = np.random.default_rng(0).uniform(0.1, 2, (50, 2))
    want = bits(module.eval_batch(x.astype(np.float32)))
    assert (bits(module.eval_batch(x)) == want).all()
    assert (bits(module.eval_batch(np.asfortranarray(x))) == want).all()


def test_wrong_width_is_an_error(module: ModuleType):
    with pytest.raises(ValueError, match="swell: x must have 2 columns"):
        module.eval_batch(np.zeros((3, 4), np.float32))


def test_folder_on_the_path_serves_an_ordinary_import(tmp_path: Path):
    root = building.write(tmp_path, unit_from_text(["x0*x1 + 1"], ["x0", "x1"], ["y"], "swell"), ["numba"])
    code = "import swell, numpy; print(swell.INPUTS, swell.eval_batch(numpy.ones((1, 2), numpy.float32)).tolist())"
    code = f"import sys; sys.path.insert(0, {str(root / 'numba')!r}); {code}"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "('x0', 'x1') [[2.0]]\n"


def test_two_bundles_share_one_compiled_runtime(module: ModuleType, tmp_path: Path):
    other = unit_from_text(["sin(x0) + exp(x1)*x0^1.5"], ["x0", "x1"], ["y"], "bend")
    root = building.write(tmp_path, other, ["numba"])
    assert building.python_module(root / "numba" / "bend.py").rt is module.rt


def test_a_bundle_with_other_functions_brings_a_runtime_of_its_own(module: ModuleType, tmp_path: Path):
    other = unit_from_text(["tanh(x0)"], ["x0"], ["y"], "bend")
    root = building.write(tmp_path, other, ["numba"])
    runtime = building.python_module(root / "numba" / "bend.py").rt
    assert runtime is not module.rt
    assert hasattr(runtime, "tanh") and not hasattr(runtime, "sin")


def test_pointers_and_selections_refuse_what_would_be_read_wrongly(module: ModuleType):
    rt = module.rt
    select = sys.modules[f"{rt.__name__}.f32"].select

    @numba.njit
    def first(a):
        return rt.pointer(a)[0]

    @numba.njit
    def greater(a, b):
        return select(a > b, a, b)

    assert first(np.arange(3, 5, dtype=np.float32)) == 3
    with pytest.raises(TypingError, match="pointer takes a contiguous array"):
        first(np.zeros(4, np.float32)[::2])
    assert greater(np.float32(1), np.float32(2)) == 2
    with pytest.raises(TypingError, match="select takes two values of one type, not float32 and float64"):
        greater(np.float32(1), 2.0)


def test_functions_over_a_block_use_simd(module: ModuleType):
    if building.MACHINE != "x86_64":
        pytest.skip("the assembly is read as x86-64 writes it")
    module.eval_batch(np.zeros((1, 2), np.float32))
    for function in (module._rows_exp, module._rows_sin):
        (assembly,) = function.inspect_asm().values()
        assert "mulpd" in assembly, "no packed multiplication of doubles"
        if llvm.get_host_cpu_features().get("avx2"):
            assert re.search(r"v(mul|fmadd\w+)ps\b.*%ymm", assembly), "vectors of float32 are half full"
    # The slow path of a power has multiplications that are packed, but no such division.
    (assembly,) = module._rows_pow_cv.inspect_asm().values()
    assert "divpd" in assembly, "no packed division of doubles"
