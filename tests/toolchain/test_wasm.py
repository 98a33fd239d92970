"""C as WebAssembly: a module that imports nothing, made once, and errors that name what the compiler said."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from symc.errors import MissingTool, SymcError
from symc.toolchain import cache, compilers
from symc.toolchain.wasm import webassembly
from tests.tools import require

HEADER = b"int thrice(int x);\n"
SOURCE = b'#include "thrice.h"\nint thrice(int x) { return 3 * x; }\n'
RUN = """
WebAssembly.instantiate(require("fs").readFileSync(0)).then(({ module, instance }) => {
  const { exports } = instance;
  console.log(WebAssembly.Module.imports(module).length, Object.keys(exports).join(), exports.thrice(5));
});
"""


@pytest.fixture(autouse=True)
def _own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(cache.ENVIRONMENT, str(tmp_path / "cache"))


def make(source: bytes = SOURCE) -> bytes:
    return webassembly({"include/thrice.h": HEADER, "src/a.c": source}, ("include",), ("thrice",), "thrice")


def test_a_module_needs_nothing_and_is_made_once(monkeypatch: pytest.MonkeyPatch) -> None:
    require("ziglang", module=True)
    made = make()
    done = subprocess.run([require("node"), "-e", RUN], input=made, capture_output=True, timeout=60, check=True)
    assert done.stdout.decode() == "0 memory,thrice 15\n"
    monkeypatch.setattr(compilers.Compiler, "run", lambda *_, **__: pytest.fail("compiled again"))
    assert make() == made


def test_errors_say_what_is_wrong(monkeypatch: pytest.MonkeyPatch) -> None:
    require("ziglang", module=True)
    with pytest.raises(SymcError, match=r"thrice: (.|\n)*failed with status(.|\n)*a\.c:1:\d+: error"):
        make(b"int thrice(int x) { return nothing; }\n")
    with pytest.raises(SymcError, match="a bundle's file must lie inside the bundle"):
        webassembly({"../a.c": SOURCE}, (), ("thrice",), "thrice")
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(MissingTool, match=r"pip install 'symc\[wasm\]'"):
        make()
