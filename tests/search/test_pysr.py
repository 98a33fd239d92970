"""The PySR engine: found only where Julia is, and its tables translated. Without Julia, the error says what to do."""

from __future__ import annotations

import csv
import inspect
import json
import os
import re
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest

from symc.capture.dataset import Dataset
from symc.errors import MissingTool, SymcError
from symc.ir.ops import OPERATORS, SPELLINGS
from symc.ir.parse import parse
from symc.search.engines.protocol import Budget
from symc.search.engines.pysr import BINARY, TERNARY, UNARY, PySR, candidates, julia_is_ready, settings
from symc.search.engines.registry import choose
from symc.search.operators import DEFAULT_OPERATORS
from symc.search.run import search

RUNS = Path(__file__).parents[1] / "data" / "pysr_runs"
needs_pysr = pytest.mark.skipif(find_spec("pysr") is None, reason="pysr is not installed")


def without_julia(code: str) -> subprocess.CompletedProcess[str]:
    """Run code in a process that can neither find nor download a Julia."""
    env = {k: v for k, v in os.environ.items() if not k.startswith(("PYTHON_JULIA", "JULIA"))}
    env |= {"PATH": "/nonexistent", "PYTHON_JULIAPKG_OFFLINE": "yes", "PYTHON_JULIAPKG_PROJECT": "/nonexistent/julia"}
    root = Path(__file__).parents[2]
    return subprocess.run([sys.executable, "-c", code], env=env, cwd=root, capture_output=True, text=True)


@needs_pysr
def test_without_julia_the_error_says_what_to_install() -> None:
    done = without_julia(
        "from symc.search.engines.registry import choose\n"
        "try: choose('pysr').check(['add'])\n"
        "except Exception as error: print(type(error).__name__, error.exit_code, error)"
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("MissingTool 3 the engine pysr needs Julia")
    assert "Install Julia 1.10.3" in done.stdout and "--engine operon" in done.stdout


@needs_pysr
def test_an_import_that_cannot_start_julia_is_the_same_error() -> None:
    done = without_julia(
        "from symc.search.engines import pysr\n"
        "try: pysr._import_pysr()\n"
        "except Exception as error: print(type(error).__name__, error.exit_code, error)"
    )
    assert done.returncode == 0, done.stderr
    assert re.match(r"MissingTool 3 PySR could not start Julia: .*Install Julia", done.stdout.strip(), re.DOTALL)


@needs_pysr
def test_auto_is_operon_without_julia_and_starts_nothing() -> None:
    done = without_julia(
        "import sys; from symc.search.engines.registry import choose; print(choose('auto').name);"
        "print([m for m in ('pysr', 'juliacall', 'torch') if m in sys.modules])"
    )
    assert done.stdout.split("\n")[:2] == ["operon", "[]"], done.stderr


def test_a_package_that_is_not_installed_is_a_missing_tool(monkeypatch: pytest.MonkeyPatch) -> None:
    from importlib.metadata import PackageNotFoundError

    def absent(name: str) -> str:
        raise PackageNotFoundError(name)

    monkeypatch.setattr("symc.search.engines.pysr.version", absent)
    with pytest.raises(MissingTool, match="pip install pysr"):
        PySR().check(["add"])
    assert not julia_is_ready()


def test_the_readiness_of_julia_follows_juliapkgs_record(tmp_path: Path) -> None:
    pytest.importorskip("juliapkg")
    # A record that names a Julia which is not there is not trusted.
    meta = tmp_path / "pyjuliapkg" / "meta.json"
    meta.parent.mkdir()
    meta.write_text(json.dumps({"meta_version": 8, "executable": "/nonexistent/julia", "version": "1.10.3"}))
    code = "from symc.search.engines.pysr import julia_is_ready; print(julia_is_ready())"
    env = {**os.environ, "PYTHON_JULIAPKG_PROJECT": str(tmp_path)}
    root = Path(__file__).parents[2]
    done = subprocess.run([sys.executable, "-c", code], env=env, cwd=root, capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"


def test_every_operator_has_the_arity_that_pysr_gives_it() -> None:
    assert all(OPERATORS[name].arity == n for n, table in ((1, UNARY), (2, BINARY), (3, TERNARY)) for name in table)
    # What PySR prints reads back as what was asked for.
    assert all(SPELLINGS[text] == name for table in (UNARY, TERNARY) for name, text in table.items())
    assert set(DEFAULT_OPERATORS) <= BINARY.keys() | UNARY.keys()
    with pytest.raises(SymcError, match=r"pysr cannot search with operator 'eq'"):
        PySR().check(["eq"])


def test_settings_make_a_search_repeatable_and_leave_no_files() -> None:
    made = settings(Budget(1234, 5.0), 7, ("add", "pow", "sin", "inverse"))
    assert made["binary_operators"] == ["+", "^"] and made["unary_operators"] == ["sin", "inv"]
    assert (made["max_evals"], made["timeout_in_seconds"], made["random_state"]) == (1234, 5.0, 7)
    assert settings(Budget(), 0, ("add",), 12)["maxsize"] == 12
    # PySR takes no less than 7; what is more complex than asked for is sorted out afterwards.
    assert settings(Budget(), 0, ("add",), 3)["maxsize"] == 7
    wide = settings(Budget(), 0, ("add", "sin", "clamp", "fma"))
    assert wide["operators"] == {1: ["sin"], 2: ["+"], 3: ["clamp", "muladd"]} and "unary_operators" not in wide
    assert made["deterministic"] is True and made["parallelism"] == "serial" and made["temp_equation_file"] is True


@needs_pysr
def test_settings_are_arguments_that_pysr_has() -> None:
    spec = find_spec("pysr")
    assert spec is not None and spec.origin is not None
    text = (Path(spec.origin).parent / "sr.py").read_text()
    start = text.index("def __init__(", text.index("class PySRRegressor("))
    signature = text[start : text.index("):\n", start)]
    for name in {**settings(Budget(), 0, DEFAULT_OPERATORS), **settings(Budget(), 0, ["clamp"])}:
        assert re.search(rf"^\s+{name}:", signature, re.MULTILINE), name


@pytest.mark.parametrize("name", ["cosine", "mlp", "inv_multithread"])
def test_recorded_tables_become_proposals_over_the_named_features(name: str) -> None:
    table = list(csv.DictReader((RUNS / name / "equations.csv").read_text().splitlines()))
    rows = [(int(r["complexity"]), float(r["loss"]), r["equation"]) for r in table]
    named = {"inv_multithread": ("a", "b", "c")}
    features = named.get(name, ("alpha", "x2", "x0", "exp_rate", "delta"))
    found = candidates(rows, features)
    for candidate, (complexity, loss, equation) in zip(found, rows, strict=True):
        assert (candidate.complexity, candidate.loss) == (complexity, loss)
        renamed = parse(candidate.equation, features)
        if name != "inv_multithread":
            plain = parse(equation, [f"x{k}" for k in range(5)])
            assert {s.name for s in renamed.free_symbols} == {features[int(s.name[1:])] for s in plain.free_symbols}


def test_names_are_replaced_whole() -> None:
    (found,) = candidates([(1, 0.5, "x1 + x10*1e-5 + max1(x1) + x0")], [f"f{k}" for k in range(11)])
    assert found.equation == "f1 + f10*1e-5 + max1(f1) + f0"


def test_a_real_search_where_julia_is_ready() -> None:
    if not julia_is_ready():
        if "julia" in os.environ.get("SYMC_REQUIRE", ""):
            pytest.fail("julia is demanded by SYMC_REQUIRE but PySR's Julia is not set up")
        pytest.skip("PySR's Julia is not set up")
    x = np.random.default_rng(0).normal(size=(100, 2)).astype(np.float32)
    found = search(Dataset.from_samples(x, x[:, :1] * x[:, 1:]), "pysr", evaluations=20_000)
    assert found.engine == "pysr" and found.fronts[0].pick("best").equation == "x0*x1"


def test_the_protocol_has_the_signature_that_engines_share() -> None:
    signatures = {tuple(inspect.signature(type(choose(n)).fit).parameters) for n in ("operon", "pysr")}
    shared = ("self", "x", "y", "features", "budget", "seed", "operators", "weights", "max_complexity", "watch")
    assert signatures == {shared}
