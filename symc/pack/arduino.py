"""A library for the Arduino IDE: library.properties, all code below src/, a sketch in examples/.

Arduino compiles every source below src/ and puts src/ on the include path; the library specification says what
library.properties holds.
"""

from __future__ import annotations

from symc.errors import SymcError
from symc.pack.contents import Contents
from symc.pack.registry import Packer

# In lower case: headers of Arduino's cores and of the libraries that come with them, which an #include finds first.
_TAKEN = """arduino binary cdc client eeprom ethernet hardwareserial hid hid_keyboard interrupt ipaddress keyboard mouse
new pgmspace pins_arduino pluggableusb print printable sd server servo softwareserial spi stream tone twi udp usbapi
usbcore usbdesc wcharacter wire wiring wiring_private wprogram wstring"""


def files(contents: Contents) -> dict[str, bytes]:
    """The library; SymcError for a name that Arduino keeps for itself."""
    name = contents.name
    lower = name.lower()
    if lower.startswith("arduino") or lower in _TAKEN.split():
        raise SymcError(
            f"the name {name!r} is one of those that Arduino keeps for its own headers and libraries",
            hint="Build the model under another --name.",
        )
    return {
        "library.properties": contents.render("arduino/library.properties.jinja"),
        "keywords.txt": contents.render("arduino/keywords.txt.jinja"),
        "README.md": contents.render("arduino/README.md.jinja"),
        f"examples/{name}/{name}.ino": contents.render("_sketch.ino.jinja", before=""),
        **contents.below("src", "src"),
    }


PACKER = Packer(
    files,
    use='Copy the folder {name} into the folder "libraries" of your sketchbook; the IDE then has its example {name}.',
)
