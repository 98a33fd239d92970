"""The bundle as a whole: what it holds, the same bytes every time, and errors that name what is wrong."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from symc import resources
from symc.backends import BACKENDS, sources
from symc.backends.headers import closure, direct
from symc.backends.render import render
from symc.errors import SymcError
from tests.targets.programs import unit_from_text

ALL = ("c", "cuda", "numba")


def _unit(name: str = "pump", equation: str = "sin(3.14*x0)*exp(-1.98*x1)"):
    return unit_from_text([equation], ["x0", "x1"], ["y"], name, [(-1.0, 1.0), (0.0, 2.0)])


# What arithmetic alone needs.
F32 = ("bits.h", "config.h", "f32.h", "int/float.h", "int/rounding.h")
HEADERS = (
    *(*F32, "exp.h", "trig.h"),
    *(f"{profile}/{name}.h" for profile in ("f64", "int") for name in ("core", "exp", "trig")),
    *("int/expseries.h", "int/shared.h"),
)
NUMBA = ("__init__", "exp", "f32", "f64", "jit", "loops", "memory", "trig")
C = ("CMakeLists.txt", "MISRA.md", "include/pump.h", "src/pump.c", "src/pump_selftest.c", "test/main.c")
COMMON = ("LICENSE", "LICENSES/Apache-2.0.txt", "README.md", "REUSE.toml")


def _modules(names: tuple[str, ...]) -> list[str]:
    return [f"numba/symc_runtime/{name}.py" for name in names]


def test_layout_of_a_bundle():
    runtime = [f"{folder}/symc/{header}" for folder in ("src", "cuda") for header in HEADERS]
    runtime += ["src/symc/nan.h", *_modules(NUMBA)]
    others = ["src/pump_jacobian.c", "cuda/pump.cuh", "cuda/pump.cu", "numba/pump.py"]
    assert list(sources(_unit(), ALL)) == sorted([*COMMON, *C, *runtime, *others])


def test_a_bundle_holds_only_what_its_targets_need():
    unit = replace(_unit(equation="x0*x1 + 1"), jacobian=None)
    assert list(sources(unit, ["c"])) == sorted([*COMMON, *C, *(f"src/symc/{header}" for header in (*F32, "nan.h"))])
    assert list(sources(unit, ["numba"])) == [*COMMON, "numba/pump.py", *_modules(("__init__", "f32", "jit", "memory"))]


def test_headers_are_closed_under_include():
    found = closure(direct(_unit(equation="x0^x1 + tanh(x0)").program))
    assert {"symc/pow.h", "symc/tanh.h", "symc/f32.h", "symc/config.h"} <= set(found)
    for content in found.values():
        for line in content.decode().splitlines():
            if line.startswith('#include "'):
                assert line.split('"')[1] in found


@pytest.mark.parametrize("targets", [["fortran"], ["c", "fortran"], []])
def test_unknown_target_lists_the_known_ones(targets: list[str]):
    with pytest.raises(SymcError, match="c, cuda, numba") as caught:
        sources(_unit(), targets)
    assert caught.value.exit_code == 2


def test_name_that_is_a_keyword_is_refused():
    with pytest.raises(SymcError, match="'double' is a keyword"):
        sources(replace(_unit(), name="double"), ["c"])


def test_name_of_a_python_module_is_refused_for_numba_alone():
    unit = _unit("random")
    with pytest.raises(SymcError, match=r"'random' is that of a Python module, which numba/random.py would hide"):
        sources(unit, ["c", "numba"])
    assert "src/random.c" in sources(unit, ["c", "cuda"])


@pytest.mark.parametrize("name", ["math", "Time"])
def test_name_of_a_header_of_c_is_refused_for_c_alone(name: str):
    with pytest.raises(SymcError, match=rf"'{name}' is that of a C header, which include/{name}.h would hide"):
        sources(_unit(name), ["c", "cuda"])
    assert f"cuda/{name}.cu" in sources(_unit(name), ["cuda"])


def test_same_bytes_under_another_hash_seed():
    program = (
        "import hashlib; from tests.backends.test_sources import _unit, sources, ALL;"
        "made = sources(_unit(equation='tanh(x0)*sin(x1) + cos(x0)^x1 + tanh(x0)'), ALL);"
        "print(hashlib.sha256(repr(list(made.items())).encode()).hexdigest())"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=Path(__file__).parents[2], env={**os.environ, "PYTHONHASHSEED": "1"},
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    # This process has any other seed.
    made = sources(_unit(equation="tanh(x0)*sin(x1) + cos(x0)^x1 + tanh(x0)"), ALL)
    assert done.stdout.strip() == hashlib.sha256(repr(list(made.items())).encode()).hexdigest()


def test_order_of_the_targets_does_not_matter():
    assert list(sources(_unit(), ALL).items()) == list(sources(_unit(), ALL[::-1]).items())


def test_text_that_would_end_a_comment_is_defused():
    unit = replace(
        _unit(),
        errors=("RMSE */ int main; /* ??/ 1", 'said "so" \\ \n twice'),
        options=(("out", '"""; import os  # */'),),
    )
    made = sources(unit, ALL)
    header = made["include/pump.h"].decode()
    assert header.count("*/") == header.count("/*")
    assert '"RMSE */ int main; /* \\?\\?/ 1; said \\"so\\" \\\\ twice"' in header
    compile(made["numba/pump.py"], "pump.py", "exec")


def test_failing_template_names_itself_the_line_and_the_variable(tmp_path: Path):
    (tmp_path / "c").mkdir()
    (tmp_path / "c" / "NAME.h.jinja").write_text("#define {{ prefix }}_N\n\n{{ bananas }}\n")
    with pytest.raises(SymcError, match=r"template c/NAME.h.jinja, line 3: 'bananas' is undefined"):
        render("c/NAME.h.jinja", tmp_path, prefix="PUMP")
    (tmp_path / "c" / "NAME.h.jinja").write_text("{{ macro.missing }}")
    with pytest.raises(SymcError, match=r"template c/NAME.h.jinja, line 1: .*no attribute 'missing'"):
        render("c/NAME.h.jinja", tmp_path, macro="PUMP")
    (tmp_path / "c" / "NAME.h.jinja").write_text("{% if %}")
    with pytest.raises(SymcError, match=r"template c/NAME.h.jinja, line 1"):
        render("c/NAME.h.jinja", tmp_path)
    with pytest.raises(SymcError, match=r"template c/none.jinja: the template is missing"):
        render("c/none.jinja", tmp_path)


def test_resources_of_a_checkout_are_at_its_top_level():
    top = Path(__file__).parents[2]
    assert resources.templates() == top / "templates"
    assert resources.runtime() == top / "runtime"


def test_resources_of_a_wheel_are_in_the_package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(resources, "_PACKAGE", tmp_path / "symc")
    (tmp_path / "symc" / "_templates").mkdir(parents=True)
    assert resources.templates() == tmp_path / "symc" / "_templates"
    with pytest.raises(SymcError, match="the folder runtime/ is missing"):
        resources.runtime()


def test_every_backend_has_its_templates():
    for name in BACKENDS:
        assert list((resources.templates() / name).glob("*.jinja"))
