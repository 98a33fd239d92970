"""symc report: a page that a person can read and sign, and the same facts for machines."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from html.parser import HTMLParser
from pathlib import Path
from xml.etree import ElementTree

import msgspec
import numpy as np
import pytest
from click.testing import CliRunner

import symc
from symc.cli.main import main
from symc.compression.saved import save_compressed
from symc.evidence.certificate import Certificate, schema
from symc.evidence.claims import Claim
from symc.evidence.formulas import typeset
from symc.evidence.playground import wasm_of
from symc.evidence.proofs import proofs_of
from symc.ir.evaluate import evaluate
from tests.distilled import compressed
from tests.tools import require

LAW = "2.5*cos(x1)*exp(-x0) + sqrt(x0 + 0.1)"


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> symc.Bundle:
    require("gcc")
    folder = tmp_path_factory.mktemp("law")
    x = np.random.Generator(np.random.PCG64(0)).random((200, 2)).astype(np.float32)
    y = 2.5 * np.cos(x[:, 1]) * np.exp(-x[:, 0]) + np.sqrt(x[:, 0] + 0.1)
    model = symc.SymbolicRegressor(evaluations=2000, operators=["add", "mul", "exp", "cos"], workers=1).fit(x, y)
    return symc.build(model, out=folder, name="law", target=["c", "numba"], units="s, rad -> m")


@pytest.fixture(scope="module")
def evidence(bundle: symc.Bundle, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("evidence") / "law"
    found = CliRunner().invoke(main, ["report", str(bundle.path), "-o", str(out), "--rows", "1000"])
    assert found.exit_code == 0, found.output
    assert "every claim that was checked holds" in found.output
    return out


def test_the_certificate_says_how_each_claim_was_established(evidence: Path, bundle: symc.Bundle) -> None:
    certificate = msgspec.json.decode((evidence / "certificate.json").read_bytes(), type=Certificate)
    assert certificate.holds and certificate.bundle.manifest_digest == bundle.manifest.digest
    claims = {(c.subject, c.what): c for c in certificate.claims}
    ranges = claims["bundle", "the code is finite in the domain, and within a bound of the text"]
    assert (ranges.how, ranges.holds) == ("proved", True)
    value = claims["c", "value computes the oracle's bits here"]
    assert value.how == "measured" and value.detail.startswith("1000 inputs")
    for name in bundle.manifest.program.operators & {"exp", "cos", "sqrt"}:
        function = claims[f"function {name}", "is correctly rounded"]
        assert function.how == "exhaustive" and function.detail.startswith("all 4,294,967,296 inputs")
    open_ = [c for c in certificate.claims if c.how == "not checked"]
    assert all(c.holds is None for c in open_) and "cuda" in {c.subject for c in open_}


def test_the_published_schema_is_that_of_the_code() -> None:
    published = Path(__file__).parents[2] / "docs" / "certificate.schema.json"
    assert json.loads(published.read_text()) == schema()


def test_a_function_that_is_not_the_proved_one_is_not_called_proved(bundle: symc.Bundle) -> None:
    folder = bundle.path.parent / "changed"
    shutil.copytree(bundle.path / "src", folder)
    header = folder / "symc" / "exp.h"
    header.write_text(header.read_text().replace("#include", "extern const int symc_extra;\n#include", 1))
    found = {proof.function: proof for proof in proofs_of(bundle.manifest.program, folder)}
    assert found["exp"].holds is None and "not the code that was proved" in found["exp"].detail


def test_what_does_not_hold_is_written_down_and_is_exit_1(bundle: symc.Bundle, tmp_path: Path) -> None:
    broken = tmp_path / "law"
    shutil.copytree(bundle.path, broken)
    manifest = symc.bundle.read_manifest(broken)
    worse = tuple(msgspec.structs.replace(p, rmse=p.rmse / 2.0) for p in manifest.parity)
    forged = msgspec.structs.replace(manifest, parity=worse).sealed()
    (broken / "manifest.json").write_bytes(forged.to_bytes())
    found = CliRunner().invoke(main, ["report", str(broken), "-o", str(tmp_path / "out"), "--rows", "200"])
    assert found.exit_code == 1
    assert json.loads((tmp_path / "out" / "certificate.json").read_bytes())["holds"] is False
    text = (tmp_path / "out" / "report.html").read_text()
    first = text[text.index("Not every claim holds") : text.index("What it computes")]
    # The README tells the errors too, and is generated again before they are measured.
    assert "every source is what the program generates" in first and "README.md" in first and "code means" not in first


def test_of_a_damaged_bundle_nothing_is_told(bundle: symc.Bundle, tmp_path: Path) -> None:
    broken = tmp_path / "law"
    shutil.copytree(bundle.path, broken)
    (broken / "include" / "law.h").write_text("int x;")
    found = CliRunner().invoke(main, ["report", str(broken), "-o", str(tmp_path / "out")])
    assert found.exit_code == 1 and "damaged bundle" in found.output and not (tmp_path / "out").exists()
    found = CliRunner().invoke(main, ["report", str(bundle.path), "-o", str(bundle.path / "evidence")])
    assert found.exit_code == 2 and "lies inside the bundle" in found.output
    (tmp_path / "loop").symlink_to("loop")
    found = CliRunner().invoke(main, ["report", str(tmp_path / "loop"), "-o", str(tmp_path / "out")])
    assert found.exit_code == 2 and "loop: no such folder" in found.output


def test_the_bill_of_materials_is_cyclonedx(bundle: symc.Bundle, tmp_path: Path) -> None:
    require("cyclonedx", module=True)
    from cyclonedx.schema import SchemaVersion
    from cyclonedx.validation.json import JsonStrictValidator

    found = symc.report(bundle.path, out=tmp_path, rows=200, sbom=True)
    text = (tmp_path / "sbom.cdx.json").read_text()
    assert "sbom.cdx.json" in found.files
    assert JsonStrictValidator(SchemaVersion.V1_6).validate_str(text) is None
    bill = json.loads(text)["metadata"]["component"]
    files = {part["name"]: part["hashes"][0]["content"] for part in bill["components"]}
    assert files == bundle.manifest.files and bill["licenses"] == [{"expression": "Apache-2.0"}]


def claims_in(out: Path) -> dict[tuple[str, str], Claim]:
    certificate = msgspec.json.decode((out / "certificate.json").read_bytes(), type=Certificate)
    return {(c.subject, c.what): c for c in certificate.claims}


def test_a_compressed_block_has_a_report(tmp_path: Path) -> None:
    require("gcc")
    save_compressed(compressed(), tmp_path / "block.pt")
    bundle = symc.build(tmp_path / "block.pt", out=tmp_path, name="block")
    found = symc.report(bundle.path, out=tmp_path / "out", rows=200)
    assert found.certificate.holds
    finite = "the code is finite in the domain, and within a bound of the text"
    assert claims_in(tmp_path / "out")["bundle", finite].how == "proved"
    assert (tmp_path / "out" / "report.html").read_text().count("<math") == len(bundle.manifest.equations)


def test_poles_that_the_build_allowed_are_not_called_finite(tmp_path: Path) -> None:
    require("gcc")
    law = symc.build("y = 1/x0", domain="-1:1", out=tmp_path, name="law", allow_poles=True)
    symc.report(law.path, out=tmp_path / "out", rows=200)
    said = [what for _, what in claims_in(tmp_path / "out") if what.startswith("the code is finite")]
    assert len(said) == 1 and said[0].endswith("but at the poles that the build allowed")


class _Links(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.links: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.links += [v or "" for k, v in attrs if k in ("src", "href", "xlink:href", "action", "data")]


def test_what_contradicts_the_units_is_said_first(tmp_path: Path) -> None:
    """A claim that the equations are consistent must not hold without saying which are not."""
    require("gcc")
    made = symc.build(equation="y = x0 + x1", domain="0:1", units="s, m -> s", name="mixed", out=tmp_path / "out")
    found = symc.report(made.path, out=tmp_path / "evidence", rows=200)
    (units,) = (c for c in found.certificate.claims if "units" in c.what)
    assert units.what == "the equations are consistent in their units, but for y"
    # Equations that were typed came from no network.
    assert not [claim for claim in found.certificate.claims if "network" in claim.what]
    text = (tmp_path / "evidence" / "report.html").read_text()
    assert text.index("Not to be overlooked") < text.index("units inconsistent: y") < text.index("What it computes")


def test_the_page_asks_nothing_of_any_server(evidence: Path) -> None:
    text = (evidence / "report.html").read_text()
    parser = _Links()
    parser.feed(text)
    assert all(link.startswith("#") for link in parser.links)
    assert not re.search(r"url\((?!#)|@import|fetch\(|XMLHttpRequest", text)


@pytest.mark.parametrize(
    "text", ["2.5*cos(x1)^2 + max(x0, 1)", "ifelse(x0 > 1, atanh(x0), mod(x1, 2))", "1/(1 + exp(-x0))", "x0^2.5 < 3"]
)
def test_equations_are_typeset_as_wellformed_mathml(text: str) -> None:
    tree = ElementTree.fromstring(typeset("y", text, ["x0", "x1"]))
    assert tree.tag.endswith("math")


_NODE = """
const fs = require("fs"), [wasm, rows, width, wide] = process.argv.slice(2);
const x = new Float32Array(new Uint8Array(fs.readFileSync(rows)).buffer), n = Number(width), m = Number(wide);
WebAssembly.instantiate(fs.readFileSync(wasm)).then(({ instance }) => {
  const { memory, symc_inputs, symc_outputs, symc_run } = instance.exports, all = [];
  for (let row = 0; row < x.length / n; row++) {
    new Float32Array(memory.buffer, symc_inputs(), n).set(x.subarray(row * n, (row + 1) * n));
    symc_run();
    all.push(...new Uint32Array(memory.buffer, symc_outputs(), m));
  }
  process.stdout.write(all.join(" "));
});
"""


def test_what_the_sliders_run_has_the_oracles_bits(bundle: symc.Bundle, tmp_path: Path) -> None:
    require("ziglang", module=True)
    require("node")
    program = bundle.manifest.program
    x = np.random.Generator(np.random.PCG64(1)).uniform(-1.0, 2.0, (500, program.n_in)).astype(np.float32)
    (tmp_path / "law.wasm").write_bytes(wasm_of(bundle.path, bundle.manifest))
    (tmp_path / "x").write_bytes(x.tobytes())
    (tmp_path / "run.js").write_text(_NODE)
    command = ["node", "run.js", "law.wasm", "x", str(program.n_in), str(program.n_out)]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True)
    bits = np.array(done.stdout.split(), dtype=np.uint32)
    assert (bits == evaluate(program, x).view(np.uint32).ravel()).all()


def _browse(page: Path, width: int, folder: Path, *, dark: bool = False) -> str:
    """The page's document after its scripts ran, with what the console and the network said."""
    command = ["chromium", "--headless", "--no-sandbox", "--disable-gpu", "--virtual-time-budget=5000"]
    command += [f"--window-size={width},900", f"--user-data-dir={folder}", "--enable-logging=stderr", "--v=0"]
    command += ["--blink-settings=preferredColorScheme=0"] if dark else []
    done = subprocess.run([*command, "--dump-dom", page.as_uri()], capture_output=True, text=True, timeout=120)
    assert "CONSOLE" not in done.stderr, done.stderr
    return done.stdout


_MEASURE = """
<script>
setTimeout(() => {
  const seen = document.createElement("pre"), root = document.documentElement;
  const parse = (text) => text.match(/[\\d.]+/g).map(Number);
  const linear = (v) => (v /= 255) <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4;
  const light = ([r, g, b]) => 0.2126 * linear(r) + 0.7152 * linear(g) + 0.0722 * linear(b);
  const behind = (e) => { for (; e; e = e.parentElement) { const c = parse(getComputedStyle(e).backgroundColor);
    if (c.length < 4 || c[3]) return c; } return [255, 255, 255]; };
  let least = 21;
  for (const e of document.querySelectorAll("main *")) {
    if (![...e.childNodes].some((n) => n.nodeType === 3 && n.data.trim())) continue;
    const [a, b] = [light(parse(getComputedStyle(e).color)), light(behind(e))].sort((p, q) => q - p);
    least = Math.min(least, (a + 0.05) / (b + 0.05));
  }
  seen.id = "seen";
  const count = (what) => document.querySelectorAll(what).length;
  const body = document.body, paper = getComputedStyle(body).backgroundColor;
  seen.textContent = JSON.stringify({ scroll: root.scrollWidth, width: root.clientWidth, body: body.scrollWidth,
    contrast: least, paper, rows: count("#results tr"), sliders: count("#sliders input") });
  document.body.appendChild(seen);
}, 1000);
</script>
"""


# No window is narrower than 500 pixels; a page held to 400 must not be wider either.
@pytest.mark.parametrize(("width", "dark"), [(400, False), (1400, False), (1400, True)])
def test_it_is_readable_in_a_browser(evidence: Path, tmp_path: Path, width: int, dark: bool) -> None:
    require("chromium")
    page = tmp_path / "page.html"
    held = "<style>html { width: 400px }</style>" if width == 400 else ""
    page.write_text((evidence / "report.html").read_text().replace("</body>", f"{held}{_MEASURE}</body>"))
    document = _browse(page, max(width, 500), tmp_path / "profile", dark=dark)
    match = re.search(r'<pre id="seen">(.*?)</pre>', document)
    assert match, document[-500:]
    seen = json.loads(match[1])
    assert seen["scroll"] <= seen["width"] and seen["body"] <= width, "the page scrolls sideways"
    assert (seen["paper"] == "rgb(255, 255, 255)") != dark
    assert seen["contrast"] >= 4.5
    # Sliders are there where a compiler for WebAssembly is.
    if "No compiler for WebAssembly" not in document:
        assert (seen["rows"], seen["sliders"]) == (1, 2)
