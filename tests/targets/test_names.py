"""No name of a bundle clashes with the runtime that the bundle ships, with the system's headers or with another bundle.

What the runtime is called is read from its folder, so that a header or a function which is added to it is tried too.
"""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest

from symc import resources
from symc.backends import Unit, check_name, sources
from symc.errors import SymcError
from tests.targets import building
from tests.targets.programs import unit_from_text
from tests.tools import require

RUNTIME = resources.runtime() / "include" / "symc"
HEADERS = {path: path.read_text() for path in sorted(RUNTIME.rglob("*.h"))}
# "exp" and "f64_exp" for symc/f64/exp.h.
PARTS = [path.relative_to(RUNTIME).with_suffix("").parts for path in HEADERS]
# "float", of symc/int/float.h, is no name that a bundle can have.
STEMS = sorted(({parts[-1] for parts in PARTS} | {"_".join(parts) for parts in PARTS}) - {"float"})
SYMBOLS = sorted({name for text in HEADERS.values() for name in re.findall(r"\bsymc_\w+", text, re.IGNORECASE)})
DEFINED = re.compile(r"^[ \t]*#[ \t]*define (\w+)|^(?!typedef)[^\s#/*].*?\b(\w+)(?=\(.*\)\n\{)", re.M)


@pytest.fixture(scope="module")
def unit() -> Unit:
    """Inputs whose macros and variables could be the self-test's, the runtime's or the model's own; two exps, so that
    the model has a function of that name."""
    inputs = ["flash", "table", "config_eval", "CONFIG_N_IN"]
    equation = "exp(flash)*exp(table) + config_eval/CONFIG_N_IN"
    return unit_from_text([equation], inputs, ["core"], "config", [(0.5, 1.5)] * 4)


def _defined(text: str) -> set[str]:
    return {macro or function for macro, function in DEFINED.findall(text)}


def test_symbols_of_the_runtime_begin_as_no_bundle_may():
    assert len(SYMBOLS) > 500
    for name in SYMBOLS:
        with pytest.raises(SymcError, match="begins as the names of symc's own runtime do"):
            check_name(name)
    ours = {name for text in HEADERS.values() for name in _defined(text)}
    # NVRTC has no <stdint.h>.
    assert {name for name in ours if not re.match(r"symc_|U?INT(32|64)_(C|MAX)$", name, re.IGNORECASE)} == set()
    assert not [name for name in ours if name.startswith("SYMC_MODEL_")]


def test_symbols_of_a_bundle_begin_with_its_name(unit: Unit):
    made = sources(replace(unit, outside="hold"), ["c", "cuda"])
    for path, content in made.items():
        if path.endswith((".h", ".c", ".cuh", ".cu")) and "symc/" not in path and path != "test/main.c":
            text = content.decode()
            own = _defined(text)
            assert own, path
            others = {name for name in own if not re.match(r"config_|CONFIG_|SYMC_MODEL_config_(H|CUH)$", name)}
            assert others <= {"symc_rows_in", "symc_rows_out", "symc_load_run", "symc_store_run"}, path


def test_bundles_whose_names_continue_another_share_no_symbol_with_it(unit: Unit):
    """`a` has functions such as a_jacobian_batch; bundles `a_jacobian` and so on have none of these."""
    full = replace(unit, name="a", outside="hold", further=("vjp", "jvp", "hessian"))

    def own(name: str) -> set[str]:
        made = sources(replace(full, name=name), ["c", "cuda"])
        paths = [p for p in made if p.endswith((".h", ".c", ".cuh", ".cu")) and "symc/" not in p and p != "test/main.c"]
        # What is static in a source is no other's; what is so in a header is everybody's who includes it.
        hidden = re.compile(r"^(static|[A-Z]\w*_(FUNCTION|CLONES)|SYMC_FN|SYMC_SLOW_FN|SYMC_WEIGHTS) .*$", re.M)
        texts = [t if p.endswith("h") else hidden.sub("", t) for p in paths for t in [made[p].decode()]]
        # A kernel's name begins its line.
        kernels = {symbol for text in texts for symbol in re.findall(r"^(\w+)(?=\(.*\)\n\{)", text, re.M)}
        found = kernels.union(*map(_defined, texts))
        # Headers whose macros meet say so themselves.
        return {symbol for symbol in found if symbol.startswith(f"{name}_")}

    short = own("a")
    assert {"a_eval", "a_jacobian_batch", "a_kernel", "a_kernel_J", "a_launch_J", "a_vjp"} <= short
    names = {"_".join(words[:k]) for words in (s.split("_") for s in short) for k in range(2, len(words) + 1)}
    for name in sorted(names):
        assert not own(name) & short, name


def test_all_sources_compile_as_one_file(unit: Unit, tmp_path: Path):
    """As CMake's unity builds and single headers do it: what is private to a file meets no other file's."""
    root = building.write(tmp_path, replace(unit, selftest="full", outside="hold"), ["c"])
    paths = sorted((root / "src").glob("*.c"))
    assert len(paths) == 5
    (tmp_path / "all.c").write_text("".join(f'#include "{path}"\n' for path in (*paths, root / "test" / "main.c")))
    includes = [f"-I{root}/include", f"-I{root}/src"]
    building.run(["gcc", "-O1", *building.STRICT, *includes, tmp_path / "all.c", "-o", tmp_path / "all"])
    building.run([tmp_path / "all"])


@pytest.fixture(scope="module")
def tree(unit: Unit, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A bundle for each name of a header of the runtime, all in one folder, and a main that calls each of them."""
    root = tmp_path_factory.mktemp("tree")
    for name in STEMS:
        for path, content in sources(replace(unit, name=name, jacobian=None), ["c"]).items():
            (root / path).parent.mkdir(parents=True, exist_ok=True)
            (root / path).write_bytes(content)
    (root / "src" / "main.c").write_text(
        "".join(f'#include "{name}.h"\n' for name in STEMS)
        + "static int wrong(void (*eval)(const float *x, float *y))\n{\n"
        + "    const float x[4] = {1.0F, 1.0F, 1.0F, 1.0F};\n    float y[1];\n    eval(x, y);\n"
        + "    return y[0] < 8.389F || y[0] > 8.3891F;\n}\n"
        + "int main(void)\n{\n    return "
        + " ||\n        ".join(f"wrong({name}_eval)" for name in STEMS)
        + ";\n}\n"
    )
    return root


def test_bundles_named_as_the_headers_of_the_runtime_work_in_one_tree(tree: Path, tmp_path: Path):
    require("gcc")
    assert len(STEMS) > 60
    flags = ["-std=c99", "-O0", *building.STRICT, f"-I{tree}/include", f"-I{tree}/src"]
    files = [tree / "src" / f"{name}.c" for name in (*STEMS, "main")]
    building.run(["gcc", *flags, *files, "-o", tmp_path / "all"])
    building.run([tmp_path / "all"])


def test_these_bundles_are_cxx_too(tree: Path):
    """With their self-tests. What C++ may say of a name, it says before any code is made."""
    flags = ["-xc++", "-std=c++17", *building.STRICT, f"-I{tree}/include", f"-I{tree}/src"]
    building.run([require("g++"), *flags, "-fsyntax-only", *sorted((tree / "src").glob("*.c"))])


def test_headers_of_the_system_are_not_hidden(unit: Unit, tmp_path: Path):
    compiler = require("gcc")
    root = building.write(tmp_path, unit, ["c"])
    files = [*sorted((root / "src").glob("*.c")), root / "test" / "main.c"]
    rules = building.run([compiler, "-M", f"-I{root}/include", f"-I{root}/src", *files]).stdout
    paths = [Path(path) for path in re.findall(r"\S+/include/\w+\.h", rules)]
    names = {path.stem for path in paths if not path.is_relative_to(root)}
    assert {"stdint", "float"} <= names
    for name in names:
        with pytest.raises(SymcError, match="that of a C header" if name != "float" else "keyword"):
            sources(replace(unit, name=name), ["c"])


@pytest.mark.parametrize("headers", ["pump.h Pump.h", "pump.cuh Pump.cuh", "pump.h pump.cuh", "pump.cuh pump.h"])
def test_headers_that_define_the_same_macros_refuse_to_meet(unit: Unit, headers: str, tmp_path: Path):
    compiler = require("gcc")
    roots = [building.write(tmp_path, replace(unit, name=name), ["c", "cuda"]) for name in ("pump", "Pump")]
    main = tmp_path / "main.c"
    main.write_text("".join(f'#include "{header}"\n' for header in headers.split()))
    include = [f"-I{root}/{folder}" for root in roots for folder in ("include", "cuda")]
    with pytest.raises(AssertionError, match=rf"{headers.split()[1]}: PUMP_N_IN is taken"):
        building.run([compiler, *include, "-fsyntax-only", main])
