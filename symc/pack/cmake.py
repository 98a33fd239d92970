"""A CMake project: the bundle's own, with a version of its own and an application that takes it in."""

from __future__ import annotations

from symc.pack.contents import Contents
from symc.pack.registry import Packer


def files(contents: Contents) -> dict[str, bytes]:
    """The project."""
    return {
        "CMakeLists.txt": contents.cmake(),
        "README.md": contents.render("cmake/README.md.jinja"),
        "example/CMakeLists.txt": contents.render("cmake/example.cmake.jinja"),
        "example/main.c": contents.main(),
        "test/main.c": contents.test,
        **contents.below("include", "src"),
    }


PACKER = Packer(
    files, use="add_subdirectory, FetchContent, or install it and find_package(symc_{name}); link symc::{name}."
)
