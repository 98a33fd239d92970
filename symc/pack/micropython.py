"""A module for MicroPython: C that a firmware takes in, or that becomes a native .mpy for a firmware as it is.

Both are made of one source, NAME_module.c, by MicroPython's own build system: USER_C_MODULES takes in what
micropython.mk and micropython.cmake list, and py/dynruntime.mk links what natmod/Makefile lists to NAME.mpy. That needs
MicroPython's source and a compiler for the board's processor, so symc leaves it to make.
"""

from __future__ import annotations

from symc.bundle.numbers import is_double
from symc.errors import SymcError
from symc.pack.contents import Contents
from symc.pack.names import refuse_kept
from symc.pack.registry import Packer


def files(contents: Contents) -> dict[str, bytes]:
    """The module; SymcError for a name that is a module of MicroPython, and for another bundle than one in float32."""
    name = contents.name
    if contents.manifest.fixed or is_double(contents.manifest.options):
        kind = "fixed point" if contents.manifest.fixed else "double precision"
        raise SymcError(
            f"the bundle {name} is in {kind}, of which there is no module for MicroPython",
            hint="Build it with --numbers float, or take another format into a C module of your own.",
        )
    refuse_kept(name, "MicroPython")
    return {
        "micropython.mk": contents.render("micropython/usermod.mk.jinja"),
        "micropython.cmake": contents.render("micropython/usermod.cmake.jinja"),
        "natmod/Makefile": contents.render("micropython/natmod.mk.jinja"),
        f"{name}_module.c": contents.render("micropython/module.c.jinja"),
        "README.md": contents.render("micropython/README.md.jinja"),
        "example.py": contents.render("micropython/example.py.jinja"),
        **contents.below("include", "src"),
    }


PACKER = Packer(
    files,
    use="make -f {place}/natmod/Makefile MPY_DIR=MICROPYTHON ARCH=PROCESSOR, and copy {name}.mpy to the board; "
    "or name the folder above {place} to the build of a firmware as USER_C_MODULES.",
)
