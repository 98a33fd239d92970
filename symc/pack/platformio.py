"""A library for PlatformIO: library.json, include/ and src/, an example for frameworks and one for a computer."""

from __future__ import annotations

from typing import Any

import msgspec

from symc.pack.contents import Contents
from symc.pack.names import refuse_kept
from symc.pack.registry import Packer


def files(contents: Contents) -> dict[str, bytes]:
    """The library; SymcError for a name that Arduino keeps for itself, one of the frameworks."""
    refuse_kept(contents.name, "Arduino")
    return {
        "library.json": msgspec.json.format(msgspec.json.encode(_library(contents)), indent=2) + b"\n",
        "README.md": contents.render("platformio/README.md.jinja"),
        "examples/native/main.c": contents.main(),
        "examples/arduino/main.cpp": contents.render("_sketch.ino.jinja", before="#include <Arduino.h>\n"),
        **contents.below("include", "src"),
    }


def _library(contents: Contents) -> dict[str, Any]:
    """The content of library.json; fields for the author and the page only where there are some."""
    name, about = contents.name, contents.about
    library: dict[str, Any] = {
        "$schema": "https://raw.githubusercontent.com/platformio/platformio-core/develop/platformio/assets/schema/library.json",
        "name": name,
        "version": about.version,
        "description": f"{contents.sentence} The same bits on every target.",
        "keywords": ["equations", "math"],
        "license": "Apache-2.0",
        "frameworks": "*",
        "platforms": "*",
        "headers": f"{name}.h",
        "examples": [
            {"name": "native", "base": "examples/native", "files": ["main.c"]},
            {"name": "arduino", "base": "examples/arduino", "files": ["main.cpp"]},
        ],
    }
    if about.author is not None:
        email = {} if about.email is None else {"email": about.email}
        library["authors"] = [{"name": about.author, **email, "maintainer": True}]
    if about.url is not None:
        library["homepage"] = about.url
    return library


PACKER = Packer(
    files,
    use="Copy the folder {name} into the folder lib of your project, or run: pio pkg install --library file://{place}",
)
