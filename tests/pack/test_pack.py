"""What holds for packages of every format: what they carry, what they replace, what is refused."""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest
from click.testing import CliRunner, Result

import symc
from symc.bundle import Manifest, read_manifest
from symc.cli import main
from symc.errors import SymcError
from symc.pack.registry import PACKERS
from tests.pack.conftest import make_bundle
from tests.tools import require


def run(*words: object) -> Result:
    return CliRunner().invoke(main, [str(w) for w in words])


def refused(*words: object, code: int = 2) -> str:
    """Run a command that must fail with `code`, saying why in one paragraph on stderr alone."""
    result = run(*words)
    assert result.exit_code == code, result.output
    assert result.stdout == "" and "Traceback" not in result.stderr
    return result.stderr


def snapshot(folder: Path) -> dict[str, bytes]:
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}


def _needs(format: str) -> None:
    """Skip where the package cannot be made here."""
    if format == "npm":
        require("ziglang", module=True)


@pytest.mark.parametrize("format", PACKERS)
def test_every_package_carries_what_tells_of_it(format: str, bundles: dict[str, Path], tmp_path: Path) -> None:
    _needs(format)
    package = symc.pack(bundles["pump"], format=format, out=tmp_path / "a", version="1.2.3", author="Ann Example")
    files = snapshot(package.path)
    assert package.path == tmp_path / "a" / "pump"
    assert files["LICENSE"] == (bundles["pump"] / "LICENSE").read_bytes()
    assert read_manifest(package.path) == read_manifest(bundles["pump"])
    readme = files["README.md"].decode()
    assert readme.startswith("# pump\n") and "exp(-1.98*x1)" in readme and "pump_selftest" in readme
    record = json.loads(files["pack.json"])
    assert (record["format"], record["name"], record["version"]) == (format, "pump", "1.2.3")
    assert record["files"] == {n: hashlib.sha256(c).hexdigest() for n, c in files.items() if n != "pack.json"}
    # An example that calls the model and runs the self-test.
    examples = [text for name, text in files.items() if name.startswith(("example", "samples"))]
    assert any(b"pump_eval(" in text and b"pump_selftest(" in text for text in examples)
    # Nothing of this machine or of this moment.
    assert snapshot(symc.pack(bundles["pump"], format=format, out=tmp_path / "b", version="1.2.3",
                              author="Ann Example").path) == files  # fmt: skip
    for name, text in files.items():
        assert str(tmp_path).encode() not in text and b"{{" not in text, name


@pytest.mark.parametrize("format", [format for format in PACKERS if format != "single-header"])
def test_the_code_is_the_bundles_to_the_byte(format: str, bundles: dict[str, Path], tmp_path: Path) -> None:
    _needs(format)
    package = snapshot(symc.pack(bundles["pump"], format=format, out=tmp_path).path)
    hashes = {hashlib.sha256(content).hexdigest() for content in package.values()}
    recorded = read_manifest(bundles["pump"]).files
    code = {name: digest for name, digest in recorded.items() if name.startswith(("src/", "include/"))}
    assert len(code) > 10 and set(code.values()) <= hashes


def test_its_own_are_replaced_and_all_else_is_refused_and_kept(bundles: dict[str, Path], tmp_path: Path) -> None:
    bundle = bundles["pump"]
    place = symc.pack(bundle, format="single-header", out=tmp_path, version="1.0.0").path
    symc.pack(bundle, format="single-header", out=tmp_path, version="1.0.1")
    assert json.loads((place / "pack.json").read_text())["version"] == "1.0.1"
    assert os.listdir(tmp_path) == ["pump"]

    def is_refused(match: str, name: str, text: str | None) -> None:
        before = snapshot(tmp_path)
        kept = before.get(f"pump/{name}")
        (place / name).write_text(text) if text is not None else (place / name).unlink()
        changed = snapshot(tmp_path)
        with pytest.raises(SymcError, match=match):
            symc.pack(bundle, format="single-header", out=tmp_path)
        assert snapshot(tmp_path) == changed
        (place / name).unlink(missing_ok=True)
        if kept is not None:
            (place / name).write_bytes(kept)

    is_refused(r"notes\.txt.*did not write", "notes.txt", "mine")
    is_refused(r"pump\.h was edited", "pump.h", "/* by hand */")
    is_refused(r"pack\.json is damaged", "pack.json", "{}")
    is_refused("there is a bundle, not a package", "pack.json", None)
    other = json.loads((place / "pack.json").read_text()) | {"format": "another"}
    is_refused("a package of the format another", "pack.json", json.dumps(other))
    symc.pack(bundle, format="single-header", out=tmp_path)


def test_a_package_is_never_written_over_a_bundle_or_into_one(tmp_path: Path) -> None:
    bundle = make_bundle(tmp_path, "fan")
    before = snapshot(tmp_path)
    with pytest.raises(SymcError, match="there is a bundle, not a package"):
        symc.pack(bundle, format="single-header", out=tmp_path)
    with pytest.raises(SymcError, match="in which no package can be written"):
        symc.pack(bundle, format="single-header", out=bundle)
    assert snapshot(tmp_path) == before


def test_the_command(bundles: dict[str, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    make_bundle(tmp_path, "fan")
    monkeypatch.chdir(tmp_path)
    done = run("pack", "fan", "--format", "single-header")
    assert done.exit_code == 0 and done.stdout.startswith("fan: single-header in single-header/fan\nCopy fan.h")
    monkeypatch.chdir(tmp_path / "fan")
    assert json.loads(run("pack", ".", "--format", "single-header", "--json").stdout)["package"] == str(
        tmp_path / "single-header" / "fan"
    )
    assert run("pack", bundles["pump"], "--format", "single-header", "-o", tmp_path / "a", "-q").output == ""
    assert "single-header" in run("pack", "--help").stdout


def test_bad_usage(bundles: dict[str, Path], tmp_path: Path) -> None:
    pump = bundles["pump"]
    message = refused("pack", pump, "--format", "single-heder", "-o", tmp_path)
    assert "unknown format 'single-heder'. Did you mean single-header? The formats are: single-header" in message
    command = ("pack", pump, "--format", "arduino", "-o", tmp_path)
    for version in ("v1", "", "1.2", "1.02.3", "1.2.3\n"):
        assert "Give three numbers" in refused(*command, "--version", version)
    for url in ("example.org", "javascript:alert(1)", "https://a b", "https://a\nname=evil", "https://"):
        assert "--url" in refused(*command, "--url", url)
    for author in ("", " ", "Ann\nname=evil", "x" * 81, "<a@b.org>", "Ann <a@b>", "Ann <a b@c.org>", "A <b> c"):
        assert "--author" in refused(*command, "--author", author)
    assert "no such folder" in refused("pack", tmp_path / "absent", "--format", "single-header")
    assert "not a bundle" in refused("pack", tmp_path, "--format", "single-header")
    assert "Missing option" in refused("pack", pump)
    assert os.listdir(tmp_path) == []
    (tmp_path / "law.csv").write_text("Complexity,Loss,Equation\n3,0.5,x0*x0\n")
    law = ("build", tmp_path / "law.csv", "-o", tmp_path / "out")
    assert "Did you mean single-header" in refused(*law, "--pack", "singleheader")
    without_c = refused(*law, "--target", "numba", "--pack", "single-header")
    assert "--pack: packages are made of C. Add --target c" in without_c
    assert not (tmp_path / "out").exists()
    assert run(*law, "--target", "numba").exit_code == 0
    assert "has no C" in refused("pack", tmp_path / "out" / "law", "--format", "single-header")
    assert os.listdir(tmp_path / "out") == ["law"]


def test_a_changed_or_forged_bundle_is_refused(bundles: dict[str, Path], tmp_path: Path) -> None:
    bundle = Path(shutil.copytree(bundles["pump"], tmp_path / "pump"))

    def failure() -> str:
        with pytest.raises(SymcError) as caught:
            symc.pack(bundle, format="single-header", out=tmp_path / "out")
        return str(caught.value)

    source = bundle / "src" / "pump.c"
    text = source.read_bytes()
    source.write_bytes(text + b"/* tuned */")
    assert "src/pump.c" in failure() and "sha256 differs" in failure()
    source.unlink()
    assert "cannot be read" in failure()
    source.write_bytes(text)
    source.write_bytes(b"\xff\xfe")
    recorded = read_manifest(bundle).files
    reseal(bundle, files=recorded | {"src/pump.c": hashlib.sha256(b"\xff\xfe").hexdigest()})
    assert "no text" in failure()
    source.write_bytes(text)
    reseal(bundle, files=recorded)
    reseal(bundle, name="../pump")
    assert "is not a C identifier" in failure()
    reseal(bundle, name="fan")
    assert "the bundle fan has no include/fan.h" in failure()
    assert not (tmp_path / "out").exists() and not (tmp_path.parent / "pump").exists()


def test_a_package_is_not_a_bundle(bundles: dict[str, Path], tmp_path: Path) -> None:
    """It has the bundle's manifest, so that it can be shown, but is not verified, loaded or packed."""
    package = symc.pack(bundles["pump"], format="arduino", out=tmp_path).path
    for verb in (("verify", package), ("pack", package, "--format", "cmake")):
        assert "is a package, not a bundle. Give the folder of the bundle" in refused(*verb)
    with pytest.raises(SymcError, match="is a package, not a bundle"):
        symc.load(package)
    assert "exp(-1.98*x1)" in run("inspect", package).stdout


def reseal(bundle: Path, **changes: object) -> None:
    """Edit the manifest as a forger would: its digest made to fit again."""
    manifest = msgspec.json.decode((bundle / "manifest.json").read_bytes(), type=Manifest)
    (bundle / "manifest.json").write_bytes(msgspec.structs.replace(manifest, **changes).sealed().to_bytes())


def test_the_room_for_the_self_test_is_what_the_header_tells(tmp_path: Path) -> None:
    """Also where derivatives and a guard keep arrays of their own."""
    derivatives = ("jacobian", "vjp", "hessian")
    symc.build("exp(x0)*x1*x2", out=tmp_path, name="law", domain="0:1", outside="hold", derivatives=derivatives,
               pack=["arduino", "esp-idf", "zephyr", "cmsis-pack"])  # fmt: skip
    header = (tmp_path / "law" / "include" / "law.h").read_text()
    told = re.search(r"arrays of (\d+) bytes, and what the functions take. Compile", header)
    assert told and int(told[1]) == 4 * (33 * (3 + 3 + 1 + 9) + 1)
    for format, file in (("esp-idf", "examples/law/sdkconfig.defaults"), ("zephyr", "samples/law/prj.conf")):
        assert f"STACK_SIZE={4096 + int(told[1])}\n" in (tmp_path / format / "law" / file).read_text()
    for format in ("arduino", "esp-idf", "zephyr", "cmsis-pack"):
        readme = (tmp_path / format / "law" / "README.md").read_text()
        assert f"keeps {told[1]} bytes on the stack" in " ".join(readme.split())
        assert "The C also has `law_vjp` and `law_hessian`." in readme


def test_build_packs(tmp_path: Path) -> None:
    (tmp_path / "law.csv").write_text("Complexity,Loss,Equation\n3,0.5,x0*x0\n")
    law = ("build", tmp_path / "law.csv", "-o", tmp_path / "out", "--pack", "single-header")
    made = json.loads(run(*law, "--json").stdout)
    assert made["packages"] == {"single-header": str(tmp_path / "out/single-header/law")}
    assert (tmp_path / "out/single-header/law/law.h").is_file()
    bundle = symc.build(tmp_path / "law.csv", out=tmp_path / "out", pack=["single-header"])
    assert str(bundle.packages[0]) in str(bundle)
    # A package that cannot be written leaves the bundle as it was, too.
    (tmp_path / "out/single-header/law/notes.txt").write_text("mine")
    (tmp_path / "law.csv").write_text("Complexity,Loss,Equation\n3,0.5,x0+x0\n")
    before = snapshot(tmp_path / "out")
    assert "notes.txt, which symc did not write" in refused(*law, "--replace")
    assert snapshot(tmp_path / "out") == before


KEPT = [
    *[(format, name) for format in ("arduino", "platformio") for name in ("arduino_law", "Wire")],
    *[("esp-idf", name) for name in ("log", "esp_law", "main")],
    *[("micropython", name) for name in ("json", "main")],
    *[("rust", name) for name in ("gen", "core")],
    *[("npm", name) for name in ("http", "node_modules", "eval")],
]


@pytest.mark.parametrize(("format", "name"), KEPT)
def test_a_name_that_the_ecosystem_keeps_is_refused_before_anything_is_written(
    format: str, name: str, tmp_path: Path
) -> None:
    (tmp_path / "law.csv").write_text("Complexity,Loss,Equation\n3,0.5,x0*x0\n")
    message = refused("build", tmp_path / "law.csv", "-o", tmp_path / "out", "--name", name, "--pack", format)
    assert f"the name {name!r} is one of those that" in message and "under another --name" in message
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("format", ["rust", "npm"])
def test_upper_case_is_refused_where_packages_have_none(format: str, tmp_path: Path) -> None:
    (tmp_path / "law.csv").write_text("Complexity,Loss,Equation\n3,0.5,x0*x0\n")
    message = refused("build", tmp_path / "law.csv", "-o", tmp_path / "out", "--name", "Law", "--pack", format)
    assert "the name 'Law' has upper case" in message and "--name law" in message
    assert not (tmp_path / "out").exists()


def test_packing_imports_nothing_heavy(bundles: dict[str, Path], tmp_path: Path) -> None:
    _needs("npm")
    code = (
        "import sys, symc\n"
        "for name in ('single-header', 'rust', 'npm'):\n"
        f"    symc.pack({str(bundles['pump'])!r}, format=name, out={str(tmp_path)!r} + '/' + name)\n"
        "print([m for m in ('torch', 'sympy', 'numba', 'scipy') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout == "[]\n"
