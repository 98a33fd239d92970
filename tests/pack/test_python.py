"""The Python project: pip makes a wheel of it, which runs without symc and gives the C's bits."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import venv
from pathlib import Path

import numpy as np
import pytest

import symc
from symc.errors import SymcError
from tests.pack.conftest import expected
from tests.targets import building
from tests.targets.building import NUMERIC, ONE_SET, Build
from tests.tools import require


@pytest.fixture(scope="module")
def site(bundles: dict[str, Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the module, from a wheel."""
    require("scikit_build_core", module=True)
    require("cmake")
    folder = tmp_path_factory.mktemp("python")
    about = {"version": "1.2.0", "author": "Ann Example <ann@example.org>", "url": "https://example.org/pump"}
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check"]
    project = symc.pack(bundles["pump"], format="python", out=folder, **about).path
    offline = ["--no-deps", "--no-index"]
    building.run([*pip, "wheel", "--no-build-isolation", *offline, "-w", folder / "wheels", project])
    (wheel,) = (folder / "wheels").glob("pump-1.2.0-py3-none-*.whl")
    building.run([*pip, "install", *offline, "--target", folder / "site", wheel])
    # Building left the package as it was.
    symc.pack(bundles["pump"], format="python", out=folder, **about)
    return folder / "site"


def _run(site: Path, code: str, *words: object) -> str:
    """What a Python prints that sees these modules and has imported neither symc nor what it is made of."""
    code += "\nimport sys\nassert not {'symc', 'torch', 'sympy', 'cffi'} & set(sys.modules)\n"
    env = {**os.environ, "PYTHONPATH": str(site)}
    done = subprocess.run([sys.executable, "-c", code, *map(str, words)], env=env, capture_output=True, text=True,
                          timeout=60, cwd=site, check=False)  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_bits_are_the_bundles_own(
    site: Path, bundles: dict[str, Path], inputs: np.ndarray, tmp_path: Path
) -> None:
    np.save(tmp_path / "x.npy", inputs)
    code = """
import sys, numpy as np, pump
x = np.load(sys.argv[1])
y, flags = pump.guarded(x)
np.savez(sys.argv[2], eval=pump.eval(x), jacobian=pump.jacobian(x), check=pump.check(x), guarded=y)
assert (flags & 1 != 0).tolist() == (pump.check(x) != 0).tolist()
assert pump.selftest() == 0
"""
    _run(site, code, tmp_path / "x.npy", tmp_path / "y.npz")
    made = np.load(tmp_path / "y.npz")
    library = building.c_library(bundles["pump"], Build("gcc", (*ONE_SET, *NUMERIC)), tmp_path / "pump.so")
    for function, width in (("eval", 2), ("jacobian", 4), ("guarded", 2)):
        bits = building.call_single(library, f"pump_{function}", inputs, width).view(np.uint32)
        np.testing.assert_array_equal(made[function].reshape(-1, width).view(np.uint32), bits)
    np.testing.assert_array_equal(made["check"][:1500], 0)
    inside = slice(0, 1500)
    np.testing.assert_allclose(made["eval"][inside], expected("pump", inputs[inside]), rtol=3e-6, atol=3e-5)


def test_the_wheel_installs_where_there_is_no_symc(site: Path, tmp_path: Path) -> None:
    """An environment of its own, with nothing but numpy. The wheel has no ABI of Python's: it serves every version."""
    (wheel,) = (site.parent / "wheels").glob("pump-*.whl")
    venv.create(tmp_path / "venv", with_pip=False, symlinks=os.name != "nt")
    python = tmp_path / "venv" / "bin" / "python"
    told = building.run([python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"]).stdout
    place = Path(told.strip())
    for package in Path(np.__file__).parents[1].glob("numpy*"):
        (place / package.name).symlink_to(package)
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "--python", python]
    building.run([*pip, "install", "--no-index", wheel])
    code = """
import importlib.util, numpy, pump
assert importlib.util.find_spec("symc") is None and pump.selftest() == 0
print(pump.eval(numpy.array([[0.5, 1.5]], numpy.float32)).tolist())
"""
    made = json.loads(building.run([python, "-I", "-c", code]).stdout)
    np.testing.assert_allclose(made, expected("pump", np.array([[0.5, 1.5]])), atol=1e-5)


def test_shapes_and_types(site: Path) -> None:
    code = """
import numpy as np, pump, json
x = np.zeros((3, 4, 2), np.float32)
print(json.dumps([pump.eval(x).shape, pump.jacobian(x).shape, pump.check(x).shape, pump.eval(x[0, 0]).shape,
                  pump.eval(x[:0]).shape, pump.eval(x[:, ::2]).shape]))
refused = []
for bad in (x.astype(np.float64), [0.0, 1.0], x[..., :1], np.float32(1)):
    try:
        pump.eval(bad)
    except (TypeError, ValueError) as error:
        refused.append(str(error))
print(json.dumps(refused))
print(json.dumps([pump.__version__, pump.INPUTS, pump.OUTPUTS, pump.DOMAIN]))
"""
    shapes, refused, facts = map(json.loads, _run(site, code).splitlines())
    assert shapes == [[3, 4, 2], [3, 4, 2, 2], [3, 4], [2], [0, 4, 2], [3, 2, 2]]
    assert len(refused) == 4 and "not float64" in refused[0] and "not list" in refused[1] and "(3, 4, 1)" in refused[2]
    assert facts == ["1.2.0", ["x0", "x1"], ["y0", "y1"], [[-2.0, 2.0], [-2.0, 2.0]]]


def test_the_example_and_the_wheel_hold_what_they_should(site: Path) -> None:
    example = (site.parent / "pump" / "example.py").read_text()
    assert _run(site, example).endswith("pump: self-test passed (0)\n")
    assert {p.name for p in (site / "pump").iterdir()} - {"__pycache__"} == {"__init__.py", "py.typed", "_native.so"}
    metadata = next(site.glob("pump-*.dist-info")).joinpath("METADATA").read_text()
    assert "Author-Email: Ann Example <ann@example.org>" in metadata and "Requires-Dist: numpy" in metadata
    assert not (site / "include").exists() and not (site / "lib").exists()


def test_a_row_outside_holds_the_row_before(tmp_path: Path) -> None:
    require("gcc")
    (tmp_path / "law.csv").write_text("Complexity,Loss,Equation\n3,0.5,x0*x0\n")
    domain = {"domain": "0:2", "outside": "hold", "features": ["x0"]}
    symc.build(tmp_path / "law.csv", out=tmp_path, pack="python", **domain)
    root = tmp_path / "python" / "law"
    sources = [*(root / "src").glob("*.c"), root / "python" / "native.c"]
    building.run(["gcc", "-shared", "-fPIC", *building.STRICT, f"-I{root}/include", f"-I{root}/src", *sources,
                  "-o", root / "python" / "law" / "_native.so"])  # fmt: skip
    code = "import numpy as np, law\nfor part in law.guarded(np.array([[9], [1.5], [3], [2]], np.float32)):\n"
    printed = _run(root / "python", code + "    print(part.ravel().tolist())")
    assert printed == "[nan, 2.25, 2.25, 4.0]\n[5, 0, 5, 0]\n"


def test_a_name_of_pythons_own_is_refused(tmp_path: Path) -> None:
    (tmp_path / "law.csv").write_text("Complexity,Loss,Equation\n3,0.5,x0*x0\n")
    with pytest.raises(SymcError, match="'random' is that of a Python module"):
        symc.build(tmp_path / "law.csv", out=tmp_path / "out", name="random", pack="python")
