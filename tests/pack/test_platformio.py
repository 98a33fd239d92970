"""The PlatformIO library: PlatformIO's own packer takes it, and it compiles as PlatformIO compiles libraries."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tarfile
from pathlib import Path

import pytest

import symc
from tests.pack.conftest import compiled_together
from tests.targets import building
from tests.tools import require, require_file

ARDUINO = Path("/usr/share/arduino/hardware/arduino/avr")
# PlatformIO looks the licence up in the list of SPDX, on the net; the rest of `pio pkg pack` runs as it is.
PIO = """
import sys
from platformio.package.manifest.schema import ManifestSchema
ManifestSchema.load_spdx_licenses = staticmethod(lambda: {"licenses": [{"licenseId": "Apache-2.0"}]})
from platformio.__main__ import main
sys.exit(main(["pio", *sys.argv[1:]]))
"""


@pytest.fixture(scope="module")
def libraries(bundles: dict[str, Path], tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    out = tmp_path_factory.mktemp("platformio") / "lib"
    about = {"version": "1.2.0", "author": "Ann Example <ann@example.org>", "url": "https://example.org/pump"}
    return {name: symc.pack(path, format="platformio", out=out, **about).path for name, path in bundles.items()}


def test_library_json(libraries: dict[str, Path], bundles: dict[str, Path], tmp_path: Path) -> None:
    root = libraries["pump"]
    library = json.loads((root / "library.json").read_text())
    assert (library["name"], library["version"], library["license"]) == ("pump", "1.2.0", "Apache-2.0")
    assert library["authors"] == [{"name": "Ann Example", "email": "ann@example.org", "maintainer": True}]
    assert library["homepage"] == "https://example.org/pump" and library["frameworks"] == library["platforms"] == "*"
    assert (root / "include" / library["headers"]).is_file()
    for example in library["examples"]:
        assert all((root / example["base"] / file).is_file() for file in example["files"])
    plain = symc.pack(bundles["pump"], format="platformio", out=tmp_path).path
    assert not {"authors", "homepage"} & set(json.loads((plain / "library.json").read_text()))


@pytest.mark.parametrize("about", [{}, {"version": "1.2.0", "author": "Ann Example <ann@example.org>",
                                        "url": "https://example.org/pump"}])  # fmt: skip
def test_platformio_packs_and_installs_it(about: dict[str, str], bundles: dict[str, Path], tmp_path: Path) -> None:
    require("platformio", module=True)
    library = symc.pack(bundles["pump"], format="platformio", out=tmp_path / "lib", **about).path
    settings = {"PLATFORMIO_CORE_DIR": str(tmp_path / "core"), "PLATFORMIO_SETTING_ENABLE_TELEMETRY": "no"}

    def pio(*words: str) -> str:
        done = subprocess.run([sys.executable, "-c", PIO, *words], env={**os.environ, **settings}, capture_output=True,
                              text=True, timeout=120, check=False)  # fmt: skip
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    pio("pkg", "pack", "--output", str(tmp_path), str(library))
    (archive,) = tmp_path.glob("*.tar.gz")
    assert archive.name == f"pump-{about.get('version', '0.1.0')}.tar.gz"
    with tarfile.open(archive) as packed:
        names = {name.removeprefix("./") for name in packed.getnames()}
    assert {"library.json", "include/pump.h", "src/pump.c", "src/symc/f32.h", "examples/native/main.c"} <= names
    pio("pkg", "install", "--global", "--library", f"file://{library}")
    assert (tmp_path / "core" / "lib" / "pump" / "include" / "pump.h").is_file()


def test_two_libraries_in_one_project(libraries: dict[str, Path], tmp_path: Path) -> None:
    """Each library's include/ and src/ are on the path of all."""
    folders = [root / folder for root in libraries.values() for folder in ("include", "src")]
    compiled_together(libraries, folders, tmp_path)


def test_the_examples_compile(libraries: dict[str, Path], tmp_path: Path) -> None:
    require("gcc")
    root = libraries["pump"]
    includes = [f"-I{root}/include", f"-I{root}/src"]
    sources = [*(root / "src").glob("*.c"), root / "examples" / "native" / "main.c"]
    building.run(["gcc", *building.ONE_SET, *building.STRICT, *includes, *sources, "-o", tmp_path / "app"])
    assert building.run([tmp_path / "app"]).stdout.endswith("pump: self-test passed (0)\n")
    require("avr-g++")
    core = require_file(ARDUINO / "cores" / "arduino" / "Arduino.h", "arduino-core-avr").parent
    building.run([
        "avr-g++", "-c", "-Os", "-std=gnu++11", "-mmcu=atmega2560", "-DF_CPU=16000000L", "-DARDUINO=10819", "-Wall",
        "-Wextra", "-Werror", f"-I{core}", f"-I{ARDUINO}/variants/mega", *includes,
        root / "examples" / "arduino" / "main.cpp", "-o", tmp_path / "main.o",
    ])  # fmt: skip
