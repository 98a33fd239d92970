"""The CMSIS pack: its description keeps the rules of the schema, and what a build system makes of it runs on boards."""

from __future__ import annotations

import json
import re
import sys
import zipfile
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree

import pytest

import symc
from symc.errors import SymcError
from symc.toolchain.emulators import Board, build, execute
from tests.pack.conftest import both
from tests.targets import building
from tests.tools import require, require_board

ABOUT = {"version": "1.2.0", "author": "Ann Example <ann@example.org>", "url": "https://example.org/pump?a&b"}
# Of the published schema, PACK.xsd 1.7.32: the elements that a package has, and those it must have.
ELEMENTS = {"vendor", "name", "description", "url", "supportContact", "license", "licenseSets", "requirements",
            "releases", "keywords", "taxonomy", "components"}  # fmt: skip
NEEDED = {"vendor", "name", "description", "url", "releases"}
# Attributes: required ones, optional ones, and what their values are made of.
ATTRIBUTES: dict[str, tuple[set[str], set[str]]] = {
    "licenseSet": ({"id"}, {"default", "gating"}),
    "license": ({"name", "title"}, {"spdx", "url"}),
    "language": ({"name", "version"}, set()),
    "release": ({"version"}, {"date", "tag", "deprecated", "replacement", "url"}),
    "component": ({"Cclass", "Cgroup", "Cversion"}, {"Cvendor", "Csub", "Cvariant", "condition", "maxInstances"}),
    "file": ({"category", "name"}, {"language", "scope", "attr", "select", "condition", "version", "path"}),
}
VALUES = {
    "Cclass": r"[A-Za-z0-9][A-Za-z0-9_+()'/\-\s.]{1,31}",
    "Cgroup": r"[A-Za-z0-9][A-Za-z0-9_+()'/\-\s.]{1,31}",
    "Csub": r"[A-Za-z0-9][A-Za-z0-9_+():/\- .]{0,31}",
    "Cversion": r"(0|[1-9]\d*)\.\d+(\.\d+)?",
    "category": "doc|header|include|source",
    "language": "c",
    "scope": "private|public",
    "attr": "config|template",
}


@dataclass
class Pack:
    """An unpacked archive, and what its description says of its component."""

    root: Path
    tree: ElementTree.Element
    sources: list[Path]
    public: list[Path]
    private: list[Path]


def unpacked(package: Path, folder: Path) -> Pack:
    """The archive of a package as an installer lays it down: below vendor, name and version."""
    (archive,) = package.glob("*.pack")
    vendor, name, version = re.fullmatch(r"([\w-]+)\.([\w-]+)\.(\d+\.\d+\.\d+)\.pack", archive.name).groups()  # type: ignore[union-attr]
    root = folder / vendor / name / version
    with zipfile.ZipFile(archive) as inside:
        inside.extractall(root)
    tree = ElementTree.parse(root / f"{vendor}.{name}.pdsc").getroot()
    assert (tree.findtext("vendor"), tree.findtext("name")) == (vendor, name)
    assert tree.find("releases/release").get("version") == version  # type: ignore[union-attr]
    files = tree.findall("components/component/files/file")
    assert all((root / file.attrib["name"]).exists() for file in files)
    listed = {place: [root / f.attrib["name"] for f in files if f.get("category") == place and f.get("attr") is None]
              for place in ("source", "header", "include")}  # fmt: skip
    headers = sorted({path.parent for path in listed["header"]})
    return Pack(root, tree, listed["source"], headers, listed["include"])


@pytest.fixture(scope="module")
def packages(bundles: dict[str, Path], tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    out = tmp_path_factory.mktemp("cmsis")
    return {name: symc.pack(path, format="cmsis-pack", out=out, **ABOUT).path for name, path in bundles.items()}


def test_the_description_keeps_the_rules_of_the_schema(
    packages: dict[str, Path], bundles: dict[str, Path], tmp_path: Path
) -> None:
    pack = unpacked(packages["pump"], tmp_path)
    assert pack.tree.tag == "package" and pack.tree.get("schemaVersion") == "1.7.32"
    tags = [child.tag for child in pack.tree]
    assert set(tags) <= ELEMENTS and set(tags) >= NEEDED and len(tags) == len(set(tags))
    for element in pack.tree.iter():
        if element.attrib and element.tag in ATTRIBUTES:
            required, optional = ATTRIBUTES[element.tag]
            assert required <= set(element.attrib) <= required | optional, element.attrib
        for attribute, pattern in VALUES.items():
            if element.tag in ("component", "file") and attribute in element.attrib:
                assert re.fullmatch(pattern, element.attrib[attribute]), element.attrib
    assert pack.tree.findtext("url") == "https://example.org/pump?a&b"
    assert pack.tree.findtext("supportContact") == "mailto:ann@example.org"
    assert (pack.root / str(pack.tree.findtext("license"))).read_bytes() == (bundles["pump"] / "LICENSE").read_bytes()
    # Nothing of the model's is missing, and the archive has all that the folder has.
    assert {path.name for path in pack.sources} == {path.name for path in (bundles["pump"] / "src").glob("*.c")}
    beside = {p.relative_to(packages["pump"]) for p in packages["pump"].rglob("*") if p.is_file()}
    inside = {p.relative_to(pack.root) for p in pack.root.rglob("*") if p.is_file()}
    assert {str(path) for path in beside - inside} == {"pack.json", "AnnExample.pump.1.2.0.pack"}
    assert inside < beside


def test_a_manager_of_packs_reads_its_component(packages: dict[str, Path], tmp_path: Path) -> None:
    require("cmsis_pack_manager", module=True)
    pack = unpacked(packages["pump"], tmp_path)
    code = """
import sys
from cmsis_pack_manager import ffi, lib
index, path = lib.update_pdsc_index_new(), ffi.new("char[]", sys.argv[1].encode())
lib.update_pdsc_index_push(index, path)
print(ffi.string(lib.dumps_components(lib.parse_packs(index))).decode())
"""
    description = pack.root / "AnnExample.pump.pdsc"
    (component,) = json.loads(building.run([sys.executable, "-c", code, description]).stdout)
    names = {key: component[key] for key in ("vendor", "class", "group", "sub_group", "version")}
    assert list(names.values()) == ["AnnExample", "Data Processing", "Math", "pump", "1.2.0"]
    files = [(file["path"], file["category"], file["attr"]) for file in component["files"]]
    sources = [(path.relative_to(pack.root).as_posix(), "Source", None) for path in pack.sources]
    before = [("README.md", "Doc", None), ("include/pump.h", "Header", None), ("src/", "Include", None)]
    assert files == [*before, *sources, ("example/main.c", "Source", "Template")]


def test_without_an_author_and_a_page(bundles: dict[str, Path], tmp_path: Path) -> None:
    package = symc.pack(bundles["pump"], format="cmsis-pack", out=tmp_path / "a").path
    tree = unpacked(package, tmp_path / "b").tree
    assert tree.findtext("vendor") == "symc" and tree.findtext("url") == "" and tree.find("supportContact") is None


def _run(packs: list[Pack], board: Board, folder: Path) -> None:
    """Compile each component with its own include folders, as build systems do, and run a program of all of them."""
    flags = [*board.flags, "-Os", "-Wall", "-Wextra", "-Werror", "-ffunction-sections", "-fdata-sections"]
    public = [place for pack in packs for place in pack.public]
    objects = []
    for pack in packs:
        for source in pack.sources:
            objects.append(folder / f"{source.stem}.o")
            places = [f"-I{place}" for place in (*public, *pack.private)]
            building.run([board.compiler, *flags, *places, "-c", source, "-o", objects[-1]])
    (folder / "main.c").write_text(both())
    program = build(board, [folder / "main.c", *objects], public, ("-Os",), folder / "program.elf")
    assert execute(board, program, timeout_s=60).status == 0


@pytest.mark.parametrize("name", ["cortex-m0", "cortex-m4f"])
def test_two_packs_run_on_boards(name: str, packages: dict[str, Path], tmp_path: Path) -> None:
    board = require_board(name)
    _run([unpacked(package, tmp_path / "packs") for package in packages.values()], board, tmp_path)


def test_packs_of_two_versions_of_symc_run_or_are_refused(packages: dict[str, Path], tmp_path: Path) -> None:
    """Each has its own runtime where the build system knows private folders; where it does not the compiler stops."""
    board = require_board("cortex-m4f")
    pump, fan = (unpacked(packages[name], tmp_path / "packs") for name in ("pump", "fan"))
    for file in fan.root.rglob("src/**/*.[ch]"):
        file.write_text(re.sub(r"(SYMC_RUNTIME (?:!= )?)0x\w+", r"\g<1>0x12345678u", file.read_text()))
    _run([pump, fan], board, tmp_path)
    pump.private, fan.private = [*fan.private, *pump.private], [*fan.private, *pump.private]
    with pytest.raises(AssertionError, match="mixed with the runtime of another symc"):
        _run([pump, fan], board, tmp_path)


def test_the_folders_of_stm32cubeide(packages: dict[str, Path], tmp_path: Path) -> None:
    """As the README says: every source below Middlewares is compiled, with both folders of each on the include path."""
    board = require_board("cortex-m4f")
    places, sources = [], []
    for name, package in packages.items():
        root = tmp_path / "Middlewares" / "Third_Party" / name
        for folder in ("include", "src"):
            (root / folder).parent.mkdir(parents=True, exist_ok=True)
            building.run(["cp", "-r", package / folder, root / folder])
            places.append(root / folder)
        sources += sorted(root.rglob("*.c"))
    (tmp_path / "main.c").write_text(both())
    flags = ("-std=gnu11", "-g3", "-O0", "-ffunction-sections", "-fdata-sections", "-Wall", "-Werror")
    program = build(board, [tmp_path / "main.c", *sources], places, flags, tmp_path / "program.elf")
    assert execute(board, program, timeout_s=60).status == 0
    readme = (packages["pump"] / "README.md").read_text()
    assert "copy `include` and `src` to `Middlewares/Third_Party/pump`" in readme


def test_a_description_has_at_most_256_characters(tmp_path: Path) -> None:
    equation = f"{'o' * 120} = {'a' * 120}*{'b' * 120}"
    symc.build(equation, out=tmp_path, name="law", domain="0:1", pack="cmsis-pack")
    tree = unpacked(tmp_path / "cmsis-pack" / "law", tmp_path / "installed").tree
    assert tree.findtext("description") == "1 output of 2 inputs, in closed form. The same bits on every target."


def test_what_the_schema_has_no_place_for_is_refused(bundles: dict[str, Path], tmp_path: Path) -> None:
    with pytest.raises(SymcError, match=r"--author: '李' has not two letters.*Write the name in them"):
        symc.pack(bundles["pump"], format="cmsis-pack", out=tmp_path / "a", author="李")
    long = "a" * 33
    with pytest.raises(SymcError, match=r"has 33 characters, a component of a CMSIS pack 32 at most"):
        symc.build("y = x0*x0", out=tmp_path / "b", name=long, pack="cmsis-pack")
    assert list(tmp_path.iterdir()) == []
