"""The package for npm: npm packs and installs it offline; in Node.js and in a browser it gives the C's bits."""

from __future__ import annotations

import json
import subprocess
import threading
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import numpy as np
import pytest

import symc
from symc.bundle import read_manifest
from symc.compression.saved import save_compressed
from symc.errors import MissingTool
from symc.ir.evaluate import evaluate
from tests.distilled import compressed
from tests.pack.conftest import expected
from tests.targets import building
from tests.targets.building import NUMERIC, ONE_SET, Build
from tests.tools import require

ABOUT = {"version": "1.2.0", "author": "Ann Example <ann@example.org>", "url": "https://example.org/pump"}
# Writes the bits of what each function gives for the rows in a file.
MAIN = """
import * as pump from "pump";
import * as fan from "fan";
import { readFileSync, writeFileSync } from "node:fs";
const x = new Float32Array(new Uint8Array(readFileSync("x")).buffer);
for (const [name, model] of Object.entries({ pump, fan })) {
  const { y, flags } = model.guarded(x), seen = model.check(x);
  if (flags.some((flag, row) => (flag & 1) !== Number(seen[row] !== 0))) throw new Error("check and guarded differ");
  writeFileSync(`${name}.eval`, model.evaluate(x));
  writeFileSync(`${name}.jacobian`, model.jacobian(x));
  writeFileSync(`${name}.guarded`, y);
  console.log(model.selftest());
}
const refused = [[0, 1], new Float64Array(2), new Float32Array(3)].map((bad) => {
  try { return pump.evaluate(bad); } catch (error) { return `${error.name}: ${error.message}`; }
});
const { version, inputs, outputs, domain } = pump;
const sizes = [pump.evaluate(new Float32Array(0)).length, pump.jacobian(new Float32Array(2)).length];
console.log(JSON.stringify([refused, version, inputs, outputs, domain, sizes]));
"""
PAGE = """<!doctype html><p id=told>nothing</p><script type=module>
import { evaluate, selftest } from "./index.js";
const y = evaluate(Float32Array.of(0.5, 1.5));
document.getElementById("told").textContent = `told ${selftest()} ${[...new Uint32Array(y.buffer)]} told`;
</script>"""


@pytest.fixture(scope="module")
def app(bundles: dict[str, Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder in which npm installed both packages, from the archives that it packed."""
    require("ziglang", module=True)
    require("node")
    npm = require("npm")
    out = tmp_path_factory.mktemp("npm")
    folder = out / "app"
    folder.mkdir()
    (folder / "package.json").write_text('{"name": "app", "type": "module", "private": true}')
    roots = [symc.pack(path, format="npm", out=out, **ABOUT).path for path in bundles.values()]
    packed = building.run([npm, "pack", "--json", "--offline", "--pack-destination", out, *roots], cwd=out)
    names = [entry["filename"] for entry in _entries(json.loads(packed.stdout))]
    assert names == ["pump-1.2.0.tgz", "fan-1.2.0.tgz"]
    quiet = ["--offline", "--no-audit", "--no-fund"]
    building.run([npm, "install", *quiet, *(out / name for name in names)], cwd=folder)
    # Packing left the package as it was.
    symc.pack(bundles["pump"], format="npm", out=out, **ABOUT)
    return folder


def _entries(told: object) -> list[dict[str, str]]:
    """What npm pack --json tells of each archive: a list, or since npm 11 by the package's name."""
    return list(told.values()) if isinstance(told, dict) else told  # type: ignore[return-value]


def test_the_bits_are_the_oracles_and_the_cs(
    app: Path, bundles: dict[str, Path], inputs: np.ndarray, tmp_path: Path
) -> None:
    inputs.tofile(app / "x")
    (app / "main.js").write_text(MAIN)
    *selftests, told = building.run(["node", "main.js"], cwd=app).stdout.splitlines()
    assert selftests == ["0", "0"]
    refused, version, names, outputs, domain, sizes = json.loads(told)
    assert refused[:2] == ["TypeError: inputs are a Float32Array"] * 2 and refused[2].startswith("RangeError: rows of")
    assert (version, names, outputs, domain) == ("1.2.0", ["x0", "x1"], ["y0", "y1"], [[-2, 2], [-2, 2]])
    assert sizes == [0, 4]
    for name, bundle in bundles.items():
        library = building.c_library(bundle, Build("gcc", (*ONE_SET, *NUMERIC)), tmp_path / f"{name}.so")
        for part, width in (("eval", 2), ("jacobian", 4), ("guarded", 2)):
            bits = building.call_single(library, f"{name}_{part}", inputs, width).view(np.uint32)
            np.testing.assert_array_equal(np.fromfile(app / f"{name}.{part}", np.uint32).reshape(-1, width), bits)
        made = np.fromfile(app / f"{name}.eval", np.float32).reshape(-1, 2)
        oracle = evaluate(read_manifest(bundle).program, inputs)
        np.testing.assert_array_equal(made.view(np.uint32), oracle.view(np.uint32))
        np.testing.assert_allclose(made[:1500], expected(name, inputs[:1500]), rtol=3e-6, atol=3e-5)


def test_its_own_tests_and_example_run(app: Path) -> None:
    root = app.parent / "pump"
    done = building.run(["npm", "test", "--offline"], cwd=root)
    assert "pass 2" in done.stdout and "fail 0" in done.stdout
    printed = building.run(["node", "example.js"], cwd=root).stdout.splitlines()
    values = [float(line.split(" = ")[1]) for line in printed[:2]]
    np.testing.assert_allclose(values, expected("pump", np.array([[0.5, 0.5]]))[0], atol=2e-6)
    assert printed[2] == "pump: self-test passed (0)"


def test_a_wrong_bit_fails_its_own_tests(app: Path, bundles: dict[str, Path], tmp_path: Path) -> None:
    root = symc.pack(bundles["fan"], format="npm", out=tmp_path).path
    test = root / "test" / "bits.test.js"
    before, _, word = test.read_text().partition("y: [0x")
    test.write_text(f"{before}y: [0x{(int(word[:8], 16) ^ 1):08x}{word[8:]}")
    done = subprocess.run(["npm", "test", "--offline"], cwd=root, capture_output=True, text=True, timeout=60)
    assert done.returncode != 0 and "fail 1" in done.stdout


def test_package_json(app: Path) -> None:
    package = json.loads((app / "node_modules" / "pump" / "package.json").read_text())
    assert package["author"] == {"name": "Ann Example", "email": "ann@example.org"}
    assert package["homepage"] == "https://example.org/pump" and "dependencies" not in package
    assert (app / "node_modules" / "pump" / package["types"]).is_file()


def test_it_runs_in_a_browser(app: Path, tmp_path: Path) -> None:
    chromium = require("chromium")
    root = app / "node_modules" / "pump"
    (root / "page.html").write_text(PAGE)
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(_Quiet, directory=str(root))) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        flags = ["--headless", "--no-sandbox", "--disable-gpu", "--virtual-time-budget=5000"]
        url = f"http://127.0.0.1:{server.server_address[1]}/page.html"
        page = building.run([chromium, *flags, f"--user-data-dir={tmp_path}", "--dump-dom", url]).stdout
        server.shutdown()
    told = page.split("told ")[1].split()
    values = np.array(told[1].split(","), np.uint32).view(np.float32)
    assert told[0] == "0"
    np.testing.assert_allclose(values, expected("pump", np.array([[0.5, 1.5]]))[0], atol=1e-5)


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *words: object) -> None:
        """Say nothing."""


def test_a_row_outside_holds_the_row_before(tmp_path: Path) -> None:
    require("ziglang", module=True)
    (tmp_path / "law.csv").write_text("Complexity,Loss,Equation\n3,0.5,x0*x0\n")
    domain = {"domain": "0:2", "outside": "hold", "features": ["x0"]}
    symc.build(tmp_path / "law.csv", out=tmp_path, pack="npm", **domain)
    code = 'import("./index.js").then((m) => { const { y, flags } = m.guarded(Float32Array.of(9, 1.5, 3, 2));'
    code += " console.log([...y].join(), [...flags].join()); })"
    done = building.run([require("node"), "-e", code], cwd=tmp_path / "npm" / "law")
    assert done.stdout == "NaN,2.25,2.25,4 5,0,5,0\n"


def test_a_compressed_block_has_no_derivatives(tmp_path: Path) -> None:
    require("ziglang", module=True)
    save_compressed(compressed(), tmp_path / "block.pt")
    symc.build(tmp_path / "block.pt", out=tmp_path, name="block", pack="npm")
    root = tmp_path / "npm" / "block"
    assert "jacobian" not in (root / "index.js").read_text() + (root / "index.d.ts").read_text()
    assert "pass 2" in building.run([require("node"), "--test", "--test-reporter=tap"], cwd=root).stdout


def test_without_a_compiler_for_webassembly(
    bundles: dict[str, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(MissingTool, match=r"pip install 'symc\[wasm\]'"):
        symc.pack(bundles["pump"], format="npm", out=tmp_path)
    assert list(tmp_path.iterdir()) == []
