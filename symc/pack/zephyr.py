"""A module for Zephyr: zephyr/module.yml, its CMakeLists.txt and Kconfig, and a sample."""

from __future__ import annotations

from symc.pack.contents import Contents
from symc.pack.registry import Packer


def files(contents: Contents) -> dict[str, bytes]:
    """The module."""
    sample = f"samples/{contents.name}"
    return {
        "zephyr/module.yml": contents.render("zephyr/module.yml.jinja"),
        "zephyr/CMakeLists.txt": contents.render("zephyr/module.cmake.jinja"),
        "zephyr/Kconfig": contents.render("zephyr/Kconfig.jinja"),
        "README.md": contents.render("zephyr/README.md.jinja"),
        f"{sample}/CMakeLists.txt": contents.render("zephyr/sample.cmake.jinja"),
        f"{sample}/prj.conf": contents.render("zephyr/prj.conf.jinja"),
        f"{sample}/sample.yaml": contents.render("zephyr/sample.yaml.jinja"),
        f"{sample}/src/main.c": contents.render("zephyr/main.c.jinja"),
        **contents.below("include", "src"),
    }


PACKER = Packer(
    files,
    use="west build -b BOARD YOUR_APP -- -DEXTRA_ZEPHYR_MODULES={place}, with CONFIG_SYMC_{prefix}=y in prj.conf.",
)
