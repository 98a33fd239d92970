"""A Python project that pip makes a wheel of: the C compiled by the installing machine, called through numpy arrays.

scikit-build-core builds it, outside the folder, so that the package stays as symc wrote it. At run time it needs numpy
alone.
"""

from __future__ import annotations

import sys

from symc.errors import SymcError
from symc.pack.contents import Contents
from symc.pack.registry import Packer

# `import NAME` would find one of these instead, or hide it.
_TAKEN = sys.stdlib_module_names | {"numpy", "symc"}


def files(contents: Contents) -> dict[str, bytes]:
    """The project; SymcError for a name that is one of Python's own modules."""
    name = contents.name
    if name.lower() in {module.lower() for module in _TAKEN}:
        raise SymcError(f"the name {name!r} is that of a Python module", hint="Build the model under another --name.")
    # Integers come and go in other ways than floats.
    kind = "python/fixed" if contents.manifest.fixed else "python"
    return {
        "pyproject.toml": contents.render("python/pyproject.toml.jinja"),
        "README.md": contents.render("python/README.md.jinja"),
        f"python/{name}/__init__.py": contents.render(f"{kind}/__init__.py.jinja"),
        f"python/{name}/py.typed": b"",
        "python/CMakeLists.txt": contents.render("python/native.cmake.jinja"),
        "python/native.c": contents.render(f"{kind}/native.c.jinja"),
        "example.py": contents.render("python/example.py.jinja"),
        "CMakeLists.txt": contents.cmake(),
        "test/main.c": contents.test,
        **contents.below("include", "src"),
    }


PACKER = Packer(files, use="pip install {place}, or pip wheel for others; then import {name}.")
