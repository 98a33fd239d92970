"""One file, NAME.h: declarations wherever it is included, the code where NAME_IMPLEMENTATION is defined.

The code is not made `static inline`: it switches the contraction of a*b + c off for all that follows in a file, and has
the runtime's macros. That is meant for one file of a program, not for each that calls the model.
"""

from __future__ import annotations

from symc.pack.amalgamate import amalgamate
from symc.pack.contents import Contents
from symc.pack.registry import Packer


def files(contents: Contents) -> dict[str, bytes]:
    """NAME.h, README.md and example/main.c."""
    name = contents.name
    # The self-test last: it calls all the others.
    sources = sorted(contents.sources, key=lambda file: (file == f"{name}_selftest.c", file))
    code = amalgamate(
        (contents.sources[file].decode() for file in sources),
        {path: content.decode() for path, content in contents.runtime.items()},
        f"{name}.h",
    )
    # The header's comments speak of the folder it came from.
    header = contents.header.decode().replace(f"src/{name}_selftest.c", "the implementation")
    return {
        f"{name}.h": contents.render("single-header/NAME.h.jinja", header=header, code=code),
        "README.md": contents.render("single-header/README.md.jinja"),
        "example/main.c": contents.main(before=f"#define {name.upper()}_IMPLEMENTATION\n"),
    }


PACKER = Packer(
    files,
    use="Copy {name}.h into your sources; in one of them write #define {prefix}_IMPLEMENTATION before the #include.",
)
