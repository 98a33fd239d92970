"""Package: what a bundle needs in order to run, read from its folder after every file's hash was checked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from symc.ir.formats import FLOAT32, Format
from symc.ir.layered import Layered
from symc.ir.program import Program
from symc.toolchain import cache

if TYPE_CHECKING:
    from symc.fixed.program import FixedProgram

_CODE = ("include", "src", "cuda", "numba")


@dataclass(frozen=True)
class Package:
    """The code of a bundle in memory; plain data, so it travels inside a pickle.

    `equations` are texts such as "y = sin(x0)", for a layered program with its matrices around them; `files` maps paths
    inside the bundle to contents, for the folders that hold code. `fixed`: what its C computes in fixed point, None
    where it is in floats.
    """

    name: str
    program: Program | Layered
    equations: tuple[str, ...]
    domain: tuple[tuple[float, float], ...] | None
    files: Mapping[str, bytes] = field(repr=False)
    fixed: FixedProgram | None = None

    @cached_property
    def digest(self) -> str:
        """sha256 of name, program and code: the identity under which the code is registered and cached."""
        tree = [part for path in sorted(self.files) for part in (path.encode(), self.files[path])]
        return cache.digest([self.name.encode(), repr(self.program.to_json()).encode(), *tree])

    @property
    def format(self) -> Format:
        """The format of the code's numbers."""
        return FLOAT32 if isinstance(self.program, Layered) else self.program.format

    @property
    def is_layered(self) -> bool:
        """Whether the equations stand between matrices."""
        return isinstance(self.program, Layered)

    @property
    def has_c(self) -> bool:
        return f"src/{self.name}.c" in self.files

    @property
    def has_numba(self) -> bool:
        return f"numba/{self.name}.py" in self.files

    @property
    def has_cuda(self) -> bool:
        return f"cuda/{self.name}.cu" in self.files

    @cached_property
    def takes_bfloat16(self) -> bool:
        """Whether the bundle's CUDA kernel can be compiled for rows of bfloat16."""
        return b"SYMC_BFLOAT16" in self.files.get(f"cuda/{self.name}.cu", b"")

    def has_in_c(self, kind: str) -> bool:
        """Whether the bundle's C holds the derivatives of `kind`, as "jacobian"."""
        return f"src/{self.name}_{kind}.c" in self.files

    def has_kernel(self, kernel: str) -> bool:
        """Whether the bundle's CUDA holds a kernel NAME_<kernel>, as "kernel_J"."""
        return f"{self.name}_{kernel}(".encode() in self.files.get(f"cuda/{self.name}.cu", b"")

    def below(self, *folders: str) -> dict[str, bytes]:
        """The files that lie in `folders`."""
        return {path: content for path, content in self.files.items() if path.split("/", 1)[0] in folders}


def read_package(path: str | Path) -> Package:
    """Read the code of the bundle at `path` (the folder that holds manifest.json).

    Raises SymcError when it is no bundle, CheckFailed naming the file that is missing or whose content is not the one
    that the manifest records.
    """
    from symc.bundle import read_manifest
    from symc.bundle.files import read_file, refuse_package

    root = Path(path)
    refuse_package(root)
    manifest = read_manifest(root)
    code = {name: digest for name, digest in manifest.files.items() if name.split("/", 1)[0] in _CODE}
    files = {name: read_file(root, name, digest) for name, digest in sorted(code.items())}
    program = manifest.program
    equations = tuple(f"{e.output} = {t}" for e, t in zip(manifest.equations, manifest.texts, strict=True))
    if isinstance(program, Layered):
        # The backends take a moment to import, which other bundles need not pay.
        from symc.backends.layers import outline

        equations = outline(program, [e.text for e in manifest.equations])
    fixed = None
    if manifest.fixed:
        # Nor what fixed point needs.
        from symc.bundle.fixed import fixed_of

        fixed = fixed_of(manifest)
    return Package(manifest.name, program, equations, manifest.domain, files, fixed)

