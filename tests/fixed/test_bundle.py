"""A fixed-point bundle from the equation to its files: verified, free of floats, the same bits from every compiler."""

from __future__ import annotations

import json
import pickle
import re
import subprocess
from functools import cache
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest

import symc
from symc.backends.fixedtest import _mixed, _summed
from symc.building import Bundle
from symc.bundle import read_manifest
from symc.bundle.fixed import code_of, fixed_of
from symc.errors import CheckFailed, SymcError
from symc.evidence.budget import boards_of
from symc.evidence.claims import claims_of
from symc.evidence.device import measure
from symc.fixed.evaluate import evaluate
from symc.load.host import native_function
from symc.load.integers import Integers
from symc.load.package import read_package
from symc.verify import verify
from tests.fixed.bundles import build
from tests.targets.building import run
from tests.tools import require, require_board

ROWS = 4000
# Prints a checksum over all results for ROWS rows of any integers, and for as many in the domain.
DRIVER = """#include <stdio.h>
#include "law.h"
static uint32_t mixed(uint32_t v)
{
    v = (v ^ (v >> 16)) * UINT32_C(0x85ebca6b);
    v = (v ^ (v >> 13)) * UINT32_C(0xc2b2ae35);
    return v ^ (v >> 16);
}
int main(void)
{
    static const WORD domain[LAW_N_IN][2] = LAW_DOMAIN;
    uint32_t sum = 0, k, i;
    for (k = 0; k < ROWS; k++) {
        WORD x[LAW_N_IN], y[LAW_N_OUT];
        for (i = 0; i < LAW_N_IN; i++) {
            const uint32_t v = mixed(k * LAW_N_IN + i);
            const uint32_t span = (uint32_t)domain[i][1] - (uint32_t)domain[i][0];
            x[i] = (WORD)(k % 2u ? (int32_t)v : domain[i][0] + (int32_t)(v % span));
        }
        law_fixed_eval(x, y);
        for (i = 0; i < LAW_N_OUT; i++) sum = mixed(sum ^ (uint32_t)y[i]);
    }
    printf("%08x\\n", (unsigned)sum);
    return 0;
}
"""
COMPILERS = [
    "gcc -O0 -std=c99", "gcc -O3 -march=native -DSYMC_FIXED_DIGITS=1", "clang -O2 -std=c11",
    "gcc -O2 -fsanitize=undefined -fno-sanitize-recover=all",
    "gcc -O1 -DSYMC_FIXED_DIGITS=1 -fsanitize=undefined -fno-sanitize-recover=all", "g++ -x c++ -std=c++17 -O2",
]  # fmt: skip
FLOATS = re.compile(r"__aeabi_[fdi]2?[fd]|__\w*[sd]f[23]?\b|__float|__fix|libm")


@cache
def expected_sum(path: Path) -> str:
    """The checksum by the oracle, which takes longer than most compilers: each bundle's once."""
    fixed = fixed_of(read_manifest(path))
    assert fixed is not None
    n_in = fixed.program.n_in
    v = _mixed(np.arange(ROWS * n_in, dtype=np.uint32).reshape(ROWS, n_in))
    low, high = np.array(fixed.bounds, np.int64).T
    inner = low + v % (high - low)
    anywhere = v.view(np.int32).astype(f"int{fixed.bits}")
    x = np.where((np.arange(ROWS) % 2 == 1)[:, None], anywhere, inner).astype(np.int32)
    return f"{_summed(evaluate(fixed, x).view(np.uint32).ravel()):08x}"


@pytest.mark.parametrize(
    ("compiler", "which"),
    [(compiler, "coverage") for compiler in COMPILERS] + [(compiler, "coverage16") for compiler in COMPILERS[3:5]],
)
def test_every_compiler_gives_the_bits_of_the_oracle(
    compiler: str, which: str, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    coverage: Bundle = request.getfixturevalue(which)
    assert coverage.manifest.fixed
    word = f"-DWORD=int{coverage.manifest.fixed.bits}_t"
    require(compiler.split()[0])
    main = tmp_path / "driver.c"
    main.write_text(DRIVER)
    include = [f"-I{coverage.path}/include", f"-I{coverage.path}/src"]
    given = [f"-DROWS={ROWS}", word, *include, main, coverage.path / "src/law.c"]
    run([*compiler.split(), *given, "-o", tmp_path / "driver"])
    done = subprocess.run([tmp_path / "driver"], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == expected_sum(coverage.path)


@pytest.mark.parametrize("which", ["coverage", "coverage16", pytest.param("one_format", marks=pytest.mark.long)])
def test_verifies(which: str, request: pytest.FixtureRequest) -> None:
    bundle: Bundle = request.getfixturevalue(which)
    report = verify(bundle.path, rows=500)
    assert report.ok, str(report)
    assert {"fixed point", "c: self-test", "c: value", "c: batch"} <= {check.name for check in report.checks}
    assert bundle.manifest.fixed
    for output in bundle.manifest.fixed.outputs:
        assert output.measured <= output.error


def test_one_format_of_16_bits(tmp_path: Path) -> None:
    bundle = build(tmp_path, ("y = 2.5*x0^2 - exp(-x0)/(x0 + 4)",), "-2:2", "q5.10")
    assert bundle.manifest.fixed and set(bundle.manifest.fixed.formats) == {10} and bundle.manifest.fixed.bits == 16
    assert verify(bundle.path, rows=500).ok
    assert "int16_t y[LAW_N_OUT]" in (bundle.path / "include/law.h").read_text()


def test_one_format_is_that_of_all_values(one_format: Bundle) -> None:
    assert one_format.manifest.fixed and set(one_format.manifest.fixed.formats) == {16}


@pytest.mark.parametrize(
    ("name", "which"),
    [
        *((name, "coverage") for name in ("cortex-m0", "cortex-m3", "rv32imac", "atmega2560")),
        ("atmega2560", "coverage16"),
    ],
)
def test_no_float_in_the_object_code(
    name: str, which: str, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    coverage: Bundle = request.getfixturevalue(which)
    board = require_board(name)
    include = [f"-I{coverage.path}/include", f"-I{coverage.path}/src"]
    for source in sorted((coverage.path / "src").glob("*.c")):
        run([board.compiler, *board.flags, "-Os", "-std=c99", *include, "-c", source, "-o", tmp_path / "code.o"])
        nm = re.sub(r"gcc$", "nm", board.compiler)
        symbols = subprocess.run([nm, tmp_path / "code.o"], capture_output=True, text=True, check=True).stdout
        assert "law_" in symbols and FLOATS.findall(symbols) == []


def test_the_symbols_of_floats_are_recognised(tmp_path: Path) -> None:
    board = require_board("cortex-m0")
    (tmp_path / "f.c").write_text("float f(float a, int b) { return a * (float)b + 0.5f; }\n")
    run([board.compiler, *board.flags, "-Os", "-c", tmp_path / "f.c", "-o", tmp_path / "f.o"])
    listed = subprocess.run(["arm-none-eabi-nm", tmp_path / "f.o"], capture_output=True, text=True, check=True).stdout
    assert FLOATS.findall(listed)


@pytest.mark.parametrize("which", ["coverage", "coverage16"])
def test_compiles_without_warnings(which: str, request: pytest.FixtureRequest, tmp_path: Path) -> None:
    coverage: Bundle = request.getfixturevalue(which)
    flags = [f"-W{name}" for name in ("all", "extra", "pedantic", "conversion", "sign-conversion", "shadow", "error")]
    include = [f"-I{coverage.path}/include", f"-I{coverage.path}/src"]
    for compiler in ("gcc", "clang"):
        for source in sorted((coverage.path / "src").glob("*.c")):
            run([require(compiler), "-std=c99", "-O2", *flags, *include, "-c", source, "-o", tmp_path / "code.o"])


def test_the_macro_converts_to_the_nearest(coverage: Bundle, tmp_path: Path) -> None:
    (tmp_path / "m.c").write_text(
        '#include "law.h"\n#include <stdio.h>\n'
        'int main(void) { printf("%ld %ld", (long)LAW_FIXED_X0(-1.9), (long)LAW_FIXED_X1(0.1)); return 0; }\n'
    )
    run([require("gcc"), f"-I{coverage.path}/include", tmp_path / "m.c", "-o", tmp_path / "m"])
    printed = subprocess.run([tmp_path / "m"], capture_output=True, text=True, check=True).stdout
    assert printed.split() == [str(round(-1.9 * 2**29)), str(round(0.1 * 2**29))]


def test_an_edited_constant_is_found(tmp_path: Path) -> None:
    bundle = build(tmp_path, ("y = 2.5*x0 + 1",), "-1:1")
    path = bundle.path / "src/law.c"
    path.write_text(path.read_text().replace("INT32_C(1342177280)", "INT32_C(1342177281)"))
    sources = [*sorted((bundle.path / "src").glob("*.c")), bundle.path / "test/main.c"]
    run([require("gcc"), f"-I{bundle.path}/include", f"-I{bundle.path}/src", *sources, "-o", tmp_path / "t"])
    done = subprocess.run([tmp_path / "t"], capture_output=True, text=True, check=False)
    assert done.returncode == 1 and "law_fixed_eval gives wrong bits" in done.stdout


def test_limits_are_held_against_the_fixed_point_code(tmp_path: Path) -> None:
    rows = np.linspace(-1, 1, 64)
    table = np.column_stack([rows, 1e-4 * rows])
    np.savetxt(tmp_path / "rows.csv", table, delimiter=",", header="a,b", comments="")
    given = {"out": tmp_path, "domain": "-1:1", "inputs": str(tmp_path / "rows.csv")}
    given |= {"equation": "b = 0.0001*a", "targets": "b", "name": "small"}
    built = symc.build(**given, numbers="fixed", require="rmse<=1e-8", replace=True)
    code = code_of(built.manifest)
    assert code is not None
    with pytest.raises(CheckFailed):
        symc.build(**given, numbers="q15.16", require="rmse<=1e-8", replace=True)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"target": ("c", "cuda")}, "there is no fixed-point code for cuda"),
        ({"target": "numba"}, "there is no fixed-point code for numba"),
        ({"numbers": "q3.4"}, "'q3.4' is no kind of numbers"),
        ({"numbers": "double"}, "'double' is no kind of numbers"),
        ({"numbers": 64}, "64 is no kind of numbers"),
        ({"derivatives": "jacobian"}, "there are no derivatives of fixed-point code"),
        ({"outside": "clamp"}, "--outside is of float32 code"),
        ({"selftest": "full"}, "--selftest is of float32 code"),
        ({"accurate": True}, "--accurate is of float32 code"),
        ({"require": "positive"}, '--require "positive" is of float32 code'),
        ({"domain": None}, "formats are chosen for a domain, and there is none"),
    ],
)
def test_what_does_not_go_with_it_is_refused(given: dict[str, object], said: str, tmp_path: Path) -> None:
    plain = {"equation": "y = x0^2 + 1", "domain": "-2:2", "numbers": "fixed", "out": tmp_path}
    with pytest.raises(SymcError) as caught:
        symc.build(**{**plain, **given})
    assert said in str(caught.value) and caught.value.hint
    assert not list(tmp_path.iterdir())


def test_float_is_what_is_built_without_it(tmp_path: Path) -> None:
    one, other = (
        symc.build(equation="y = x0^2", domain="-2:2", numbers=kind, name="law", out=tmp_path / str(kind))
        for kind in (None, "float")
    )
    assert one.manifest == other.manifest and not one.manifest.fixed


def test_what_reads_float_code_says_so(coverage: Bundle) -> None:
    with pytest.raises(SymcError, match="holds fixed-point code, of which there is no torch module"):
        native_function(read_package(coverage.path))


@pytest.mark.parametrize(
    "wrong", [{"formats": (9999, 0, 0)}, {"spare": (-1, 0, 0)}, {"bounds": ((5, 4),)}, {"formats": ()}]
)
def test_a_record_that_cannot_be_is_refused(wrong: dict[str, Any], tmp_path: Path) -> None:
    bundle = build(tmp_path, ("y = 3.5*x0",), "-1:1")
    assert bundle.manifest.fixed and fixed_of(bundle.manifest) is not None
    forged = msgspec.structs.replace(bundle.manifest, fixed=msgspec.structs.replace(bundle.manifest.fixed, **wrong))
    with pytest.raises(CheckFailed, match="the record of the fixed-point formats"):
        fixed_of(forged)


def test_formats_that_do_not_hold_the_values_are_found(tmp_path: Path) -> None:
    bundle = build(tmp_path, ("y = 3.5*x0",), "-1:1")
    recorded = bundle.manifest.fixed
    assert recorded
    finer = msgspec.structs.replace(recorded, formats=(*recorded.formats[:-1], recorded.formats[-1] + 3))
    forged = msgspec.structs.replace(bundle.manifest, fixed=finer).sealed()
    (bundle.path / "manifest.json").write_bytes(forged.to_bytes())
    failed = [check for check in verify(bundle.path, rows=200).checks if not check.ok]
    assert [check.name for check in failed] == ["fixed point"] and "does not hold" in failed[0].detail


def test_a_certificate_claims_what_fixed_point_code_keeps(tmp_path: Path) -> None:
    bundle = build(tmp_path, ("y = exp(x0)*sin(x0)",), "-1:1")
    report = verify(bundle.path, rows=200)
    claims = claims_of(bundle.manifest, report, bundle.path)
    what = {claim.what: claim.how for claim in claims}
    assert what["every value fits into its word, and results are within a bound of the text, everywhere"] == "proved"
    assert not any("correctly rounded" in text or "law_check" in text for text in what)
    assert "the code means what the text says, of the same program in float32" in what
    assert "Fixed point: every value is proved to fit" in str(bundle)


def test_cost_runs_the_fixed_point_function(tmp_path: Path) -> None:
    require_board("cortex-m0")
    bundle = build(tmp_path, ("y = 2.5*x0 + x0*x0*x0",), "-1:1")
    cost = measure(boards_of("cortex-m0")[0], bundle.path, bundle.manifest)
    assert cost.time is not None and 0 < cost.time.typical <= cost.time.worst < 200


def test_the_manifest_repeats_the_command(coverage: Bundle, one_format: Bundle) -> None:
    assert "--numbers fixed" in coverage.manifest.reproduce
    assert "--numbers q15.16" in one_format.manifest.reproduce
    assert json.loads(coverage.manifest.to_bytes())["options"]["numbers"] == "fixed"


@pytest.mark.parametrize("which", ["coverage", "coverage16"])
def test_loads_as_a_function_of_real_numbers_and_of_integers(which: str, request: pytest.FixtureRequest) -> None:
    bundle: Bundle = request.getfixturevalue(which)
    fixed, recorded = fixed_of(bundle.manifest), bundle.manifest.fixed
    assert fixed is not None and recorded
    f = pickle.loads(pickle.dumps(symc.load(bundle.path, torch=False)))
    assert isinstance(f, Integers) and (f.bits_in, f.bits_out) == (fixed.inputs, fixed.outputs)
    generator = np.random.Generator(np.random.PCG64(3))
    x = generator.uniform([-2.0, 0.0], [2.0, 3.0], (40, 5, 2))
    y = f(x)
    # What a user believes: the equations' real values, within the proved distance. Away from the steps of c, d and h.
    a, b = x[..., 0], x[..., 1]
    wanted = np.exp(a) + np.sqrt(b) - np.tanh(a) * np.exp2(b)
    assert y.shape == (40, 5, 8) and np.abs(y[..., 0] - wanted).max() <= recorded.outputs[0].error
    assert f(x.astype(np.float32)).dtype == np.float32
    # A tie goes up, and what is outside counts as the domain's end.
    unit = 2.0 ** -f.bits_in[0]
    assert (f(np.array([[0.5 * unit, 1.0]])) == f(np.array([[unit, 1.0]]))).all()
    assert (f(np.array([[np.inf, 1e30]])) == f(np.array([[2.0, 3.0]]))).all()
    assert f.check(np.array([[np.inf, 1.0], [0.0, -9.0], [2.0 + unit / 4, 3.0]])).tolist() == [1, 2, 0]
    m = generator.integers(-(2**15), 2**15, (300, 2)).astype(f"int{fixed.bits}")
    assert (f.raw(m) == evaluate(fixed, m)).all() and f.raw(m).dtype == m.dtype
    for call, bad, said in (
        (f, np.array([[np.nan, 1.0]]), "is NaN"), (f, m, "floating-point"), (f, x[..., :1], "takes 2 values"),
        (f.raw, x, "takes raw inputs of int"), (f.jacobian, x, "no derivatives"),
    ):  # fmt: skip
        with pytest.raises(SymcError, match=said):
            call(bad)
