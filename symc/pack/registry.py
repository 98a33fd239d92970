"""The formats. Adding one is one file beside this, one row here, and one folder of templates."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from symc.registry import Registry

if TYPE_CHECKING:
    from symc.pack.contents import Contents


@dataclass(frozen=True)
class Packer:
    """A format of packages.

    files: the package: path inside it -> content. The bundle's own files keep their bytes, so that the hashes in its
        manifest hold for them. Raises SymcError for a name that the ecosystem does not take.
    use: what to do with the package, one sentence; "{name}" is the model's name, "{prefix}" that in upper case,
        "{place}" the package's folder, from the root.
    """

    files: Callable[[Contents], dict[str, bytes]]
    use: str


PACKERS: Registry[Packer] = Registry(
    "format",
    [
        ("single-header", "symc.pack.single_header:PACKER"),
        ("arduino", "symc.pack.arduino:PACKER"),
        ("platformio", "symc.pack.platformio:PACKER"),
        ("esp-idf", "symc.pack.esp_idf:PACKER"),
        ("zephyr", "symc.pack.zephyr:PACKER"),
        ("cmake", "symc.pack.cmake:PACKER"),
        ("cmsis-pack", "symc.pack.cmsis_pack:PACKER"),
        ("micropython", "symc.pack.micropython:PACKER"),
        ("python", "symc.pack.python:PACKER"),
        ("rust", "symc.pack.rust:PACKER"),
        ("npm", "symc.pack.npm:PACKER"),
    ],
)
