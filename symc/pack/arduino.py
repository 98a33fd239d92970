"""A library for the Arduino IDE: library.properties, all code below src/, a sketch in examples/.

Arduino compiles every source below src/ and puts src/ on the include path; the library specification says what
library.properties holds.
"""

from __future__ import annotations

from symc.pack.contents import Contents
from symc.pack.names import refuse_kept
from symc.pack.registry import Packer


def files(contents: Contents) -> dict[str, bytes]:
    """The library; SymcError for a name that Arduino keeps for itself."""
    name = contents.name
    refuse_kept(name, "Arduino")
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
