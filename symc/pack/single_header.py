"""One file, NAME.h: declarations wherever it is included, the code where NAME_IMPLEMENTATION is defined.

The code is not made `static inline`: it switches the contraction of a*b + c off for all that follows in a file, and has
the runtime's macros. That is meant for one file of a program, not for each that calls the model.
"""

from __future__ import annotations

from symc.errors import SymcError
from symc.pack.amalgamate import amalgamate
from symc.pack.contents import Contents
from symc.pack.registry import Packer


def files(contents: Contents) -> dict[str, bytes]:
    """NAME.h, README.md and example/main.c; SymcError for sources that are no C."""
    name = contents.name
    # The self-test last: it calls all the others.
    sources = sorted(contents.sources, key=lambda file: (file == f"{name}_selftest.c", file))
    try:
        texts = [contents.sources[file].decode() for file in sources]
        headers = {path: content.decode() for path, content in contents.runtime.items()}
        header = contents.header.decode()
    except UnicodeDecodeError as error:
        raise SymcError(f"a source of the bundle is no text: {error}", hint="Build the bundle again.") from None
    code = amalgamate(texts, headers, f"{name}.h")
    # The header's comments speak of the folder it came from.
    header = header.replace(f"src/{name}_selftest.c", "the implementation")
    return {
        f"{name}.h": contents.render("single-header/NAME.h.jinja", header=header, code=code),
        "README.md": contents.render("single-header/README.md.jinja"),
        "example/main.c": contents.main(before=f"#define {name.upper()}_IMPLEMENTATION\n"),
    }


PACKER = Packer(
    files,
    use="Copy {name}.h into your sources; in one of them write #define {prefix}_IMPLEMENTATION before the #include.",
)
