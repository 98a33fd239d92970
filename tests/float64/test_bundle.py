"""A bundle in double precision from the equation to its files: verified, the same bits, and what it refuses."""

from __future__ import annotations

import json
import math
import subprocess
from pathlib import Path
from typing import Any

import mpmath
import msgspec
import numpy as np
import pytest

import symc
from symc.backends import numba as numba_backend
from symc.backends.cuda import PRINTERS as CUDA_PRINTERS
from symc.backends.operations import PRINTERS
from symc.building import Bundle
from symc.bundle import MANIFEST_NAME
from symc.bundle.folder import sha256
from symc.errors import CheckFailed, SymcError
from symc.evidence.changes import diff
from symc.evidence.claims import claims_of
from symc.evidence.device import measure
from symc.ir.evaluate import _MEANT, evaluate
from symc.ir.formats import FLOAT64, FORMATS
from symc.ir.ops import PRIMITIVES
from symc.ir.program import Program
from symc.meaning.check import check_meaning
from symc.meaning.compile import program_of
from symc.toolchain import cuda
from symc.verify import verify
from tests.float64.bundles import COVERAGE, build
from tests.targets.building import run
from tests.tools import require, require_board, require_m32

DRIVER = """#include <stdio.h>
#include <stdlib.h>
#include "law.h"
int main(void)
{
    static double x[ROWS * LAW_N_IN], y[ROWS * LAW_N_OUT];
    size_t k;
    if (fread(x, sizeof x, 1, stdin) != 1) return 1;
    for (k = 0; k < ROWS; k++) law_eval(&x[LAW_N_IN * k], &y[LAW_N_OUT * k]);
    fwrite(y, sizeof y, 1, stdout);
    law_eval_batch(x, y, ROWS);
    fwrite(y, sizeof y, 1, stdout);
    return 0;
}
"""
COMPILERS = (
    *("gcc -O0 -std=c99", "gcc -O3 -march=native", "clang -O2 -std=c11", "gcc -O2 -DSYMC_PROFILE_INT"),
    *("g++ -x c++ -std=c++17 -O2", "gcc -O1 -DSYMC_DOUBLE_SQRT_SOFT -fsanitize=undefined -fno-sanitize-recover=all"),
)
# What fuses where it may, another compiler, and undefined behaviour; the others are for `make test-long`.
QUICK = (COMPILERS[1], COMPILERS[2], COMPILERS[5])
# Where a build would give other bits, it stops, or the self-test says so.
REFUSED = {
    "gcc -O2 -ffast-math": "-ffast-math, -Ofast and their parts change results",
    "gcc -m32 -O2": "float must be computed in its own precision",
    "gcc -O2 -fsingle-precision-constant": "symc_double_constants_must_be_double",
}


def inputs(n_in: int, count: int = 1500) -> np.ndarray:
    generator = np.random.Generator(np.random.PCG64(3))
    raw = generator.integers(0, 2**64, (count, n_in), dtype=np.uint64).view(np.float64)
    return np.where(np.arange(count)[:, None] % 3 == 0, raw, generator.uniform(0.5, 4.0, (count, n_in)))


def compiled(compiler: str, bundle: Bundle, folder: Path, rows: int) -> Path:
    (folder / "driver.c").write_text(DRIVER)
    include = [f"-I{bundle.path}/include", f"-I{bundle.path}/src"]
    sources = [folder / "driver.c", bundle.path / "src/law.c"]
    run([*compiler.split(), f"-DROWS={rows}", *include, *sources, "-o", folder / "driver"])
    return folder / "driver"


@pytest.mark.parametrize("compiler", [c if c in QUICK else pytest.param(c, marks=pytest.mark.long) for c in COMPILERS])
def test_every_compiler_gives_the_bits_of_the_oracle(compiler: str, coverage: Bundle, tmp_path: Path) -> None:
    require(compiler.split()[0])
    program = coverage.manifest.program
    x = inputs(program.n_in)
    driver = compiled(compiler, coverage, tmp_path, len(x))
    done = subprocess.run([driver], input=x.tobytes(), capture_output=True, check=True)
    one, many = np.frombuffer(done.stdout, np.uint64).reshape(2, len(x), program.n_out)
    wanted = evaluate(program, x).view(np.uint64)
    assert (one == wanted).all() and (many == wanted).all()


@pytest.mark.parametrize("compiler", sorted(REFUSED))
def test_a_build_with_other_bits_is_refused(compiler: str, coverage: Bundle, tmp_path: Path) -> None:
    if "-m32" in compiler:
        require_m32()
    include = [f"-I{coverage.path}/include", f"-I{coverage.path}/src"]
    command = [*compiler.split(), *include, "-c", str(coverage.path / "src/law.c"), "-o", str(tmp_path / "law.o")]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode != 0 and REFUSED[compiler] in done.stderr


def test_fused_products_are_found_by_the_self_test(coverage: Bundle, tmp_path: Path) -> None:
    """clang obeys the flag against the pragma; where the machine has no such instruction, nothing is fused."""
    require("clang")
    sources = [coverage.path / "test/main.c", *sorted((coverage.path / "src").glob("*.c"))]
    include = [f"-I{coverage.path}/include", f"-I{coverage.path}/src"]
    for flags, passes in (("-ffp-contract=off", True), ("-ffp-contract=fast", False)):
        run(["clang", "-O2", "-mfma", flags, *include, *sources, "-o", tmp_path / "test"])
        done = subprocess.run([tmp_path / "test"], capture_output=True, text=True)
        assert (done.returncode == 0) == passes, done.stdout
    assert "this build fuses multiply and add" in done.stdout


def test_verifies(coverage: Bundle) -> None:
    report = verify(coverage.path, rows=400)
    assert report.ok, str(report)
    names = {check.name for check in report.checks}
    assert {"meaning", "c: self-test", "c: value", "c: batch", "c: check", "cuda: value"} <= names
    assert "ranges" in names


def test_numba_verifies(tmp_path: Path) -> None:
    bundle = build(tmp_path, ("y = exp(x0)*sin(1e5*x1) - mod(x1, x0)",), target="numba")
    report = verify(bundle.path, rows=400)
    assert report.ok, str(report)
    assert {"numba: batch", "numba: jacobian batch"} <= {check.name for check in report.checks}


@pytest.mark.long
def test_every_function_verifies_in_numba(tmp_path: Path) -> None:
    report = verify(build(tmp_path, COVERAGE, target="numba").path, rows=2000)
    assert report.ok, str(report)


def test_derivatives_verify(tmp_path: Path) -> None:
    bundle = build(
        tmp_path, ("a = exp(x0)*sin(x1)/x0", "b = x0^1.7 + x1^3"), target="c,cuda",
        derivatives="jacobian,vjp,jvp,hessian",
    )  # fmt: skip
    report = verify(bundle.path, rows=300)
    assert report.ok, str(report)
    for kind in ("jacobian", "vjp", "jvp", "hessian"):
        assert {f"c: {kind} batch", f"cuda: {kind}"} <= {check.name for check in report.checks}
    # The checks run the device functions; the kernels around them are compiled here.
    require("cuda.bindings.nvrtc", module=True)
    code = cuda.device_code(_device_files(bundle), "cuda/law.cu", ("cuda",), arch="compute_80", form="ptx").decode()
    assert all(f"law_kernel_{kind}(" in code for kind in ("J", "VJP", "JVP", "HESSIAN"))


def test_an_edited_constant_is_found(coverage: Bundle, tmp_path: Path) -> None:
    """Not by the hashes alone, which are made to fit."""
    bundle = build(tmp_path, ("y = 0.1*x0 + exp(x1)",))
    source = bundle.path / "src/law.c"
    source.write_text(source.read_text().replace("0.1 *", "0.10000000000000002 *"))
    files = {**bundle.manifest.files, "src/law.c": sha256(source.read_bytes())}
    forged = msgspec.structs.replace(bundle.manifest, files=files).sealed()
    (bundle.path / MANIFEST_NAME).write_bytes(forged.to_bytes())
    report = verify(bundle.path, rows=100)
    assert not report.ok and "is not what the recorded program generates" in str(report)


def test_constants_keep_a_double_s_digits(tmp_path: Path) -> None:
    bundle = build(tmp_path, ("y = 3.141592653589793*x0/9 + 0*x1",))
    assert "3.141592653589793" in (bundle.path / "src/law.c").read_text()
    y = symc.load(bundle.path, torch=False)(np.array([[1.0, 1.0]]))
    with mpmath.workdps(40):
        exact = mpmath.mpf("3.141592653589793") / 9
    assert abs(y[0, 0] - exact) <= 2 * math.ulp(float(exact))


def test_the_meaning_is_measured_in_a_double_s_units(tmp_path: Path) -> None:
    """A program in float32's digits is found wrong against the text."""
    text = "x0/3 + exp(x1)"
    program = program_of([text], ["x0", "x1"], ["y"], format=FLOAT64)
    coarse = Program.from_json(
        json.loads(json.dumps(program.to_json()).replace((3.0).hex(), float(np.float32(3.0000002)).hex()))
    )
    assert check_meaning(program, [text], [(0.5, 3.0), (0.5, 4.0)])[0].ulp < 3.0
    with pytest.raises(CheckFailed, match="float64 arithmetic explains"):
        check_meaning(coarse, [text], [(0.5, 3.0), (0.5, 4.0)])


def test_numpy_and_torch_run_it_in_float64(tmp_path: Path) -> None:
    import torch

    bundle = build(tmp_path, ("y = x0/9 + exp(-x1)*0.1",))
    x = np.random.Generator(np.random.PCG64(1)).uniform(0.5, 3.0, (50, 2))
    exact = x[:, :1] / 9 + np.exp(-x[:, 1:]) * 0.1
    for model in (symc.load(bundle.path, torch=False), symc.load(bundle.path)):
        y = model(x)
        assert y.dtype == np.float64
        np.testing.assert_allclose(y, exact, rtol=1e-15)
    tensor = torch.tensor(x[:5], requires_grad=True)
    model = symc.load(bundle.path)
    assert model(tensor).dtype == torch.float64
    assert torch.autograd.gradcheck(model, (tensor,), eps=1e-6, atol=1e-9)
    assert model(tensor.detach().float()).dtype == torch.float32


def test_a_tensor_of_another_size_never_reaches_the_code(tmp_path: Path) -> None:
    """The operator itself, as a kept trace calls it."""
    import torch

    model = symc.load(build(tmp_path, ("y = x0 + x1",)).path)
    with pytest.raises(SymcError, match="takes float64 tensors"):
        torch.ops.symc.evaluate(torch.zeros(3, 2), None, model.package.digest, "", 2, 1)


@pytest.mark.parametrize(
    ("options", "named"),
    [
        ({"accurate": True}, "--accurate"),
        ({"shorten_constants": True}, "--shorten-constants"),
        ({"selftest": "full"}, "--selftest"),
        ({"require": "positive"}, "--require"),
    ],
)
def test_what_is_proved_in_float32_is_refused_by_name(options: dict[str, Any], named: str, tmp_path: Path) -> None:
    with pytest.raises(SymcError, match=f"{named}.* is of float32 code"):
        build(tmp_path, ("y = x0 + x1",), **options)
    assert not (tmp_path / "law").exists()


def test_what_overflows_in_float32_alone_is_built(tmp_path: Path) -> None:
    bundle = build(tmp_path, ("y = exp(x0) + x1",), domain="0:200,0:1")
    y = symc.load(bundle.path, torch=False)(np.array([[200.0, 0.0]]))
    assert y[0, 0] == pytest.approx(math.exp(200.0), rel=1e-15)


def test_the_derivative_of_gamma_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SymcError, match="derivative of gamma is known to float32's digits alone"):
        build(tmp_path, ("y = gamma(x0) + x1",), derivatives="vjp")
    bundle = build(tmp_path, ("y = gamma(x0) + x1",))
    assert not (bundle.path / "src/law_jacobian.c").exists()


def test_differences_are_refused(coverage: Bundle) -> None:
    with pytest.raises(SymcError, match="in double precision"):
        diff(coverage.path, coverage.path)


def test_evidence_claims_no_proof(coverage: Bundle) -> None:
    claims = claims_of(coverage.manifest, verify(coverage.path, rows=64), coverage.path)
    assert "proved" not in {claim.how for claim in claims}
    assert any(c.what == "the code is within a bound of the text everywhere" and c.holds is None for c in claims)


def test_constants_that_no_float_holds_are_those_of_a_double() -> None:
    program = program_of(["1e-60*x0 + x1*1e200"], ["x0", "x1"], ["y"], format=FLOAT64)
    assert evaluate(program, [[1.0, 2.0]])[0, 0] == 2e200
    # Two factors keep the digits that one subnormal number would lose.
    split = program_of(["1.234567890123456e-310*x0*1e5"], ["x0"], ["y"], format=FLOAT64)
    assert evaluate(split, [[3.0]])[0, 0] == pytest.approx(3.703703670370368e-305, rel=3e-16)
    with pytest.raises(SymcError, match="too small for float64"):
        program_of(["x0 + 1e-200*1e-200"], ["x0"], ["y"], format=FLOAT64)


def test_a_program_remembers_its_format(coverage: Bundle) -> None:
    data = coverage.manifest.program.to_json()
    assert data["format"] == "float64"
    assert Program.from_json(data).format == FLOAT64
    with pytest.raises(SymcError, match="no number format 'float16'"):
        Program.from_json({**data, "format": "float16"})


def test_every_primitive_has_a_row_in_every_format() -> None:
    for name in FORMATS:
        printers = (PRINTERS, CUDA_PRINTERS, numba_backend.PRINTERS)
        for table in (*(printer[name].table for printer in printers), _MEANT[name]):
            assert set(PRIMITIVES) <= set(table), name


def _device_files(bundle: Bundle) -> dict[str, bytes]:
    found = (path for path in bundle.path.rglob("cuda/**/*") if path.is_file())
    return {path.relative_to(bundle.path).as_posix(): path.read_bytes() for path in found}


def test_device_code_fuses_nothing(coverage: Bundle) -> None:
    """Under flags that fuse what they can, the PTX of the bundle's kernel has no fused product."""
    require("cuda.bindings.nvrtc", module=True)
    ptx = cuda.device_code(_device_files(coverage), "cuda/law.cu", ("cuda",), arch="compute_80", form="ptx").decode()
    assert "mul.rn.f64" in ptx
    assert "fma.rn.f64" not in ptx.replace("div", "")


def test_costs_on_a_core_without_doubles(tmp_path: Path) -> None:
    board = require_board("cortex-m0")
    # Inputs that no float32 holds are among those that are timed.
    bundle = build(tmp_path, ("y = 2.5*x0 + exp(-x1)",), domain="0:1e200,0.1:3")
    cost = measure(board, bundle.path, bundle.manifest)
    assert cost.flash > 1000 and cost.time is not None and cost.time.typical > 1000
