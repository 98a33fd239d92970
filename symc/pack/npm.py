"""A package for npm: the C as WebAssembly inside an ES module, with types, without dependencies."""

from __future__ import annotations

import base64
from typing import Any

import msgspec

from symc.pack.contents import Contents
from symc.pack.names import refuse_kept, refuse_upper_case
from symc.pack.recorded import recorded_rows
from symc.pack.registry import Packer
from symc.toolchain.wasm import webassembly


def files(contents: Contents) -> dict[str, bytes]:
    """The package; SymcError for a name that is a module of Node.js, a word of JavaScript or has upper case.

    Raises MissingTool without a compiler for WebAssembly.
    """
    name = contents.name
    refuse_upper_case(name, "npm")
    refuse_kept(name, "npm")
    code = contents.below("c/include", "c/src")
    exports = [*contents.functions, "__heap_base"]
    wasm = webassembly(code, ("c/include", "c/src"), exports, name)
    # Integers come and go in other ways than floats.
    kind = "npm/fixed" if contents.manifest.fixed else "npm"
    return {
        "package.json": msgspec.json.format(msgspec.json.encode(_package(contents)), indent=2) + b"\n",
        "README.md": contents.render("npm/README.md.jinja"),
        "index.js": contents.render(f"{kind}/index.js.jinja"),
        "index.d.ts": contents.render(f"{kind}/index.d.ts.jinja"),
        # Inside a module, so that no host must find, read or fetch a file.
        "wasm.js": contents.render("npm/wasm.js.jinja", wasm=base64.b64encode(wasm).decode()),
        "example.js": contents.render("npm/example.js.jinja"),
        "test/bits.test.js": contents.render(f"{kind}/bits.test.js.jinja", rows=recorded_rows(contents.manifest)),
        **code,
    }


def _package(contents: Contents) -> dict[str, Any]:
    """The content of package.json; fields for the author and the page only where there are some."""
    about = contents.about
    package: dict[str, Any] = {
        "name": contents.name,
        "version": about.version,
        "description": f"{contents.sentence} The same bits on every target.",
        "keywords": ["equations", "math", "wasm"],
        "license": "Apache-2.0",
        "type": "module",
        "exports": {".": {"types": "./index.d.ts", "default": "./index.js"}},
        "types": "./index.d.ts",
        "engines": {"node": ">=18"},
        "scripts": {"test": "node --test"},
    }
    if about.author is not None:
        package["author"] = {"name": about.author, **({} if about.email is None else {"email": about.email})}
    if about.url is not None:
        package["homepage"] = about.url
    return package


PACKER = Packer(files, use='npm install {place}, or npm pack for others; then import {{ evaluate }} from "{name}".')
