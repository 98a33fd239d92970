"""A component for ESP-IDF: a CMakeLists.txt that registers it there, and is the bundle's elsewhere; idf_component.yml.

ESP-IDF runs the CMakeLists.txt of each component twice. The first time is a script, in which nothing can be configured,
so the registration stands before all else and ends the file there.
"""

from __future__ import annotations

from symc.pack.contents import Contents
from symc.pack.names import refuse_kept
from symc.pack.registry import Packer


def files(contents: Contents) -> dict[str, bytes]:
    """The component; SymcError for a name that ESP-IDF keeps for itself."""
    refuse_kept(contents.name, "ESP-IDF")
    name = contents.name
    example = f"examples/{name}"
    return {
        "CMakeLists.txt": contents.cmake(before=contents.render("esp-idf/register.cmake.jinja").decode()),
        "idf_component.yml": contents.render("esp-idf/idf_component.yml.jinja"),
        "README.md": contents.render("esp-idf/README.md.jinja"),
        f"{example}/CMakeLists.txt": contents.render("esp-idf/example.cmake.jinja"),
        f"{example}/sdkconfig.defaults": contents.render("esp-idf/sdkconfig.jinja"),
        f"{example}/main/CMakeLists.txt": contents.render("esp-idf/main.cmake.jinja"),
        f"{example}/main/main.c": contents.main(entry="void app_main(void)"),
        "test/main.c": contents.test,
        **contents.below("include", "src"),
    }


PACKER = Packer(
    files, use='Copy the folder {name} into the folder components of your project; there #include "{name}.h" works.'
)
