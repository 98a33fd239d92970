"""The site: it builds strictly, asks nothing of other hosts, and its lists hold what the source says."""

from __future__ import annotations

import ast
import html
import re
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

import symc
from symc.cli.verbs import VERBS
from tests.docs.pages import DOCS, ROOT
from tests.tools import require


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The built pages; --strict makes every broken link, anchor and reference an error (but not with -q)."""
    require("mkdocs", module=True)
    place = tmp_path_factory.mktemp("site")
    build = [sys.executable, "-m", "mkdocs", "build", "--strict", "-f", "docs/site/mkdocs.yml", "-d", str(place)]
    done = subprocess.run(build, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return place


def test_every_page_is_in_the_site(site: Path) -> None:
    pages = {path.stem for path in site.glob("*.html")} - {"404"}
    assert pages == {path.stem for path in DOCS.glob("*.md")}


def test_pages_ask_nothing_of_other_hosts(site: Path) -> None:
    loaded = re.compile(r"<(?:script|link|img|iframe|source)[^>]*(?:src|href)=\"?(?:https?:)?//[^\s\">]+")
    sheets = re.compile(r"(?:@import|url\()\s*[\"']?(?:https?:)?//")
    for path in site.rglob("*.html"):
        assert not loaded.findall(path.read_text()), path.name
    assert not [path.name for path in site.rglob("*.css") if sheets.search(path.read_text())]


def test_the_references_hold_every_name_and_option(site: Path) -> None:
    api, cli = ((site / name).read_text() for name in ("api.html", "cli.html"))
    shown = {html.unescape(re.sub(r"<[^>]+>", "", text)).split()[0] for text in re.findall(r"(?s)<h3.*?</h3>", api)}
    assert shown == {f"symc.{name}" for name in set(symc.__all__) - {"__version__"}}
    for verb in VERBS:
        assert f"symc {verb}" in cli
        for parameter in VERBS[verb].params:
            assert all(option in cli for option in parameter.opts if option.startswith("-")), (verb, parameter.name)


@cache
def sources() -> list[ast.Module]:
    return [ast.parse(path.read_text(), str(path)) for path in sorted((ROOT / "symc").rglob("*.py"))]


def texts() -> Iterator[str]:
    """Every text of the source."""
    for tree in sources():
        for node in ast.walk(tree):
            if text := text_of(node):
                yield text


def text_of(node: ast.AST) -> str:
    """The text that a literal is, "..." for each value that is put into it; "" for all else."""
    if isinstance(node, ast.JoinedStr):
        return "".join(map(text_of, node.values))
    if isinstance(node, ast.FormattedValue):
        return "..."
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""


def test_every_error_that_is_explained_still_exists() -> None:
    quoted = re.findall(r"^### `(.+)`$", (DOCS / "troubleshooting.md").read_text(), re.MULTILINE)
    known = set(texts())
    assert len(quoted) >= 30
    assert not [text for text in quoted if not any(plain(text) in plain(one) for one in known)]


def plain(text: str) -> str:
    """Values that stand beside each other are one; lines are one."""
    return re.sub(r"(\.\.\.\s*)+", "...", " ".join(text.split()))


def columns() -> set[str]:
    """The heads of the tables that symc prints: the first argument of `table`, or of the name that it is."""
    found: set[str] = set()
    for tree in sources():
        for function in (n for n in ast.walk(tree) if isinstance(n, ast.FunctionDef)):
            named = {t.id: n.value for n in ast.walk(function) if isinstance(n, ast.Assign) for t in n.targets
                     if isinstance(t, ast.Name)}  # fmt: skip
            for call in (n for n in ast.walk(function) if isinstance(n, ast.Call)):
                if isinstance(call.func, ast.Name) and call.func.id == "table" and call.args:
                    head = call.args[0]
                    head = named.get(head.id, head) if isinstance(head, ast.Name) else head
                    found |= {cell for cell in map(text_of, getattr(head, "elts", [])) if cell}
    return found


def test_the_glossary_has_every_column() -> None:
    explained = set(re.findall(r"`([^`]+)`", (DOCS / "glossary.md").read_text()))
    found = columns()
    assert len(found) >= 30
    assert found <= explained, sorted(found - explained)


def test_docstrings_are_not_torn(site: Path) -> None:
    """A list of parameters stays one: no underline and no unescaped entry is left of it in the text."""
    text = html.unescape(re.sub(r"<[^>]+>", "", (site / "api.html").read_text()))
    assert "Parameters\n---" not in text and "----------" not in text
