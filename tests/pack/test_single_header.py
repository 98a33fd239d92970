"""One file: what compiles of it, in which languages, how often, and that its bits are the bundle's own."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

import symc
from symc.pack.amalgamate import amalgamate
from symc.toolchain.emulators import run
from tests.distilled import compressed
from tests.pack.conftest import expected
from tests.targets import building
from tests.targets.building import NUMERIC, ONE_SET, STRICT, Build
from tests.tools import require, require_board

CXX = ("-x", "c++", "-Wall", "-Wextra", "-Wpedantic", "-Wdouble-promotion", "-Wshadow", "-Werror")
LANGUAGES = {
    "C99": Build("gcc", ("-std=c99", "-O2", *STRICT)),
    "C99, integers": Build("gcc", ("-std=c99", *ONE_SET, "-DSYMC_PROFILE_INT", *STRICT)),
    "C17, vectors": Build("gcc", ("-std=gnu17", "-O3", "-march=native")),
    "C++11": Build("g++", ("-std=c++11", *ONE_SET, *CXX)),
    "C++11, integers": Build("g++", ("-std=c++11", *ONE_SET, "-DSYMC_PROFILE_INT", *CXX)),
    "C++20": Build("g++", ("-std=c++20", *ONE_SET, *CXX)),
    "clang": Build("clang", ("-std=c99", "-O1", *STRICT)),
}


@pytest.fixture(scope="module")
def packages(bundles: dict[str, Path], tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    out = tmp_path_factory.mktemp("single")
    return {name: symc.pack(path, format="single-header", out=out).path for name, path in bundles.items()}


@pytest.fixture(scope="module")
def own_bits(bundles: dict[str, Path], inputs: np.ndarray, tmp_path_factory: pytest.TempPathFactory) -> np.ndarray:
    return _bits(building.c_library(bundles["pump"], Build("gcc", (*ONE_SET, *NUMERIC)),
                                    tmp_path_factory.mktemp("own") / "pump.so"), inputs)  # fmt: skip


def _bits(library: object, inputs: np.ndarray) -> np.ndarray:
    """Results of every function of the pump, side by side."""
    calls: list[tuple[Callable[..., np.ndarray], str, int]] = [
        (building.call_single, "pump_eval", 2),
        (building.call_batch, "pump_eval_batch", 2),
        (building.call_single, "pump_jacobian", 4),
        (building.call_batch, "pump_jacobian_batch", 4),
        (building.call_single, "pump_guarded", 2),
    ]
    results = [call(library, function, inputs, width) for call, function, width in calls]
    return np.concatenate(results, axis=1).view(np.uint32)


def _compile(folder: Path, build: Build, files: dict[str, str], includes: list[Path], *link: object) -> None:
    for name, text in files.items():
        (folder / name).write_text(text)
    flags = [f"-I{place}" for place in includes]
    building.run([build.command, *build.flags, *flags, *(folder / name for name in files), *link])


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_bits_are_the_bundles_own(
    language: str, packages: dict[str, Path], inputs: np.ndarray, own_bits: np.ndarray, tmp_path: Path
) -> None:
    build = LANGUAGES[language]
    require(build.command)
    code = '#define PUMP_IMPLEMENTATION\n#include "pump.h"\n'
    library = tmp_path / "pump.so"
    _compile(tmp_path, build, {"pump.c": code}, [packages["pump"]], "-shared", "-fPIC", "-o", library)
    loaded = building.ctypes.CDLL(str(library))
    assert loaded.pump_selftest() == 0
    np.testing.assert_array_equal(_bits(loaded, inputs), own_bits)


def test_the_values_are_the_equations(own_bits: np.ndarray, inputs: np.ndarray) -> None:
    inside = slice(0, 1500)
    values = own_bits.view(np.float32)[inside, :2]
    np.testing.assert_allclose(values, expected("pump", inputs[inside]), rtol=3e-6, atol=3e-5)


MAIN = """
#include "pump.h"
#include "fan.h"
#include "pump.h"
float other(const float *x);
int main(void)
{
    const float x[PUMP_N_IN] = {0.5F, 1.5F};
    float y[PUMP_N_OUT];
    float z[FAN_N_OUT];
    pump_eval(x, y);
    fan_eval(x, z);
    const float sum = y[0] + z[0];
    return pump_selftest() != 0 || fan_selftest() != 0 || !(other(x) >= sum && other(x) <= sum);
}
"""
OTHER = """
#include "fan.h"
#include "pump.h"
#ifdef __cplusplus
extern "C" float other(const float *x);
#endif
float other(const float *x);
float other(const float *x)
{
    float y[PUMP_N_OUT];
    float z[FAN_N_OUT];
    pump_eval(x, y);
    fan_eval(x, z);
    return y[0] + z[0];
}
"""
BOTH = "#define PUMP_IMPLEMENTATION\n#define FAN_IMPLEMENTATION\n"


@pytest.mark.parametrize(("compiler", "standard"), [("gcc", "c99"), ("g++", "c++11")])
def test_two_models_in_several_files_and_implemented_in_one(
    compiler: str, standard: str, packages: dict[str, Path], tmp_path: Path
) -> None:
    require(compiler)
    flags = (f"-std={standard}", "-O1", *(STRICT if compiler == "gcc" else CXX))
    # The second include of each is without effect, whatever is defined.
    code = f'{BOTH}#include "pump.h"\n#include "fan.h"\n#include "pump.h"\n#include "fan.h"\n'
    files = {"main.c": MAIN.replace("float other", 'extern "C" float other' if compiler == "g++" else "float other"),
             "other.c": OTHER, "models.c": code}  # fmt: skip
    _compile(tmp_path, Build(compiler, flags), files, list(packages.values()), "-o", tmp_path / "app")
    building.run([tmp_path / "app"])


def test_it_runs_on_a_microcontroller(packages: dict[str, Path], inputs: np.ndarray, own_bits: np.ndarray,
                                      tmp_path: Path) -> None:  # fmt: skip
    board = require_board("cortex-m3")
    rows = ", ".join(f"{{0x{a:08x}u, 0x{b:08x}u}}" for a, b in inputs.view(np.uint32)[::30])
    (tmp_path / "main.c").write_text(
        f"""
        #include "board.h"
        #define PUMP_IMPLEMENTATION
        #include "pump.h"
        static const uint32_t rows[100][2] = {{{rows}}};
        int main(void)
        {{
            for (int k = 0; k < 100; k++) {{
                const float x[2] = {{symc_from_bits(rows[k][0]), symc_from_bits(rows[k][1])}};
                float y[2];
                pump_eval(x, y);
                board_put_hex(symc_bits(y[0]));
                board_put("\\n");
                board_put_hex(symc_bits(y[1]));
                board_put("\\n");
            }}
            return pump_selftest() != 0;
        }}
        """
    )
    printed = run(board, [tmp_path / "main.c"], [packages["pump"]], ["-Os"])
    bits = np.array([int(line, 16) for line in printed.split()], np.uint32).reshape(100, 2)
    np.testing.assert_array_equal(bits, own_bits[::30, :2])


def test_one_is_declared_first_and_implemented_in_the_same_file(packages: dict[str, Path], tmp_path: Path) -> None:
    require("gcc")
    include = '#include "pump.h"\n'
    code = f"{include}#define PUMP_IMPLEMENTATION\n{include}int main(void) {{ return pump_selftest(); }}\n"
    _compile(tmp_path, Build("gcc", ("-O1", *STRICT)), {"a.c": code}, [packages["pump"]], "-o", tmp_path / "a")
    building.run([tmp_path / "a"])


def test_runtimes_of_two_versions_do_not_meet_in_one_file(packages: dict[str, Path], tmp_path: Path) -> None:
    require("gcc")
    text = (packages["fan"] / "fan.h").read_text()
    (identity,) = set(re.findall(r"SYMC_RUNTIME (?:!= )?(0x[0-9a-f]{8}u)", text))
    (tmp_path / "fan.h").write_text(text.replace(identity, "0x12345678u"))
    code = f'{BOTH}#include "pump.h"\n#include "fan.h"\n'
    with pytest.raises(AssertionError, match="mixed with the runtime of another symc"):
        _compile(tmp_path, Build("gcc", ()), {"a.c": code}, [tmp_path, packages["pump"]], "-c", "-o", tmp_path / "a.o")


def test_it_includes_no_file_but_the_systems_and_holds_no_header_twice(packages: dict[str, Path]) -> None:
    text = (packages["pump"] / "pump.h").read_text()
    assert set(re.findall(r"#[ \t]*include (.*)", text)) == {"<float.h>", "<stdint.h>", "<stddef.h>"}
    guards = re.findall(r"^#define (SYMC_\w+_H)$", text, re.M)
    assert len(guards) > 10 and len(guards) == len(set(guards))
    # C++ has hexadecimal floats since 2017.
    assert not re.search(r"\b0x[0-9a-f.]*p", re.sub(r"/\*.*?\*/", "", text, flags=re.S))


def test_a_header_is_repeated_where_the_compiler_may_not_have_seen_it() -> None:
    headers = {
        "a.h": '#ifndef SYMC_A_H\n#define SYMC_A_H\n#include "base.h"\n#endif\n',
        "base.h": "#ifndef SYMC_BASE_H\n#define SYMC_BASE_H\nint base;\n#endif\n",
    }
    source = '#if X\n#include "base.h"\n#else\n#include "a.h"\n#endif\n#include "a.h"\n#include "base.h"\n'
    made = amalgamate([source], headers, "none.h")
    # Once where X holds, once where it does not, once after both.
    assert made.count("int base;") == 3 and "#include" not in made
    assert amalgamate(['#include "a.h"\n#include "base.h"\n'], headers, "none.h").count("int base;") == 1
    with pytest.raises(symc.SymcError, match="#else without an #if"):
        amalgamate(["int a;\n#else\n"], headers, "none.h")


def test_a_compressed_block_and_the_example(tmp_path: Path) -> None:
    require("gcc")
    bundle = symc.build(compressed(), out=tmp_path, name="block", derivatives="vjp,jvp")
    package = symc.pack(bundle.path, format="single-header", out=tmp_path / "packed").path
    build = Build("gcc", ("-std=c99", "-O1", *STRICT))
    building.run([build.command, *build.flags, f"-I{package}", package / "example" / "main.c", "-o", tmp_path / "app"])
    printed = building.run([tmp_path / "app"]).stdout
    assert printed.endswith("block: self-test passed (0)\n") and printed.count("y[") == 12
