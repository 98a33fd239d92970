"""A library for the Arduino IDE: library.properties, all code below src/, a sketch in examples/.

Arduino compiles every source below src/ and puts src/ on the include path; the library specification says what
library.properties holds.
"""

from __future__ import annotations

from symc.bundle.numbers import is_double
from symc.pack.contents import Contents
from symc.pack.names import refuse_kept
from symc.pack.registry import Packer

# The architectures of Arduino's own cores and of those that most boards have, without AVR.
_OF_32_BITS = (
    *("esp32", "esp8266", "mbed", "mbed_edge", "mbed_giga", "mbed_nano", "mbed_nicla", "mbed_opta", "mbed_portenta"),
    *("mbed_rp2040", "nrf52", "renesas_portenta", "renesas_uno", "rp2040", "sam", "samd", "stm32", "teensy", "zephyr"),
)


def files(contents: Contents) -> dict[str, bytes]:
    """The library; SymcError for a name that Arduino keeps for itself."""
    name = contents.name
    refuse_kept(name, "Arduino")
    architectures = _architectures(contents)
    return {
        "library.properties": contents.render("arduino/library.properties.jinja", architectures=architectures),
        "keywords.txt": contents.render("arduino/keywords.txt.jinja"),
        "README.md": contents.render("arduino/README.md.jinja"),
        f"examples/{name}/{name}.ino": contents.render("_sketch.ino.jinja", before=""),
        **contents.below("src", "src"),
    }


def _architectures(contents: Contents) -> str:
    """Those that the library is for: all, but in double precision the ones whose double has 64 bits."""
    return ",".join(_OF_32_BITS) if is_double(contents.manifest.options) else "*"


PACKER = Packer(
    files,
    use='Copy the folder {name} into the folder "libraries" of your sketchbook; the IDE then has its example {name}.',
)
