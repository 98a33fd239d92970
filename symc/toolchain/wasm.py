"""C as WebAssembly, for hosts that give it nothing: no system, no imports."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from symc.toolchain import cache
from symc.toolchain.compilers import NUMERIC_FLAGS, find_zig, write_tree

_FLAGS = ("-target", "wasm32-freestanding", "-std=c99", "-O2", "-s", *NUMERIC_FLAGS, "-Wl,--no-entry")


def webassembly(files: Mapping[str, bytes], include_dirs: Sequence[str], exports: Sequence[str], name: str) -> bytes:
    """A module made of every .c among `files`, from the cache when it was made before; it exports its memory too.

    Parameters
    ----------
    files: relative POSIX path -> content, of every source and header.
    include_dirs: directories among the paths of `files`.
    exports: the functions to call from outside, and "__heap_base", behind which the memory is free.
    name: of the model, for messages.

    Raises MissingTool without the package ziglang, SymcError with the compiler's messages where it fails.
    """
    compiler = find_zig()
    sources = sorted(path for path in files if path.endswith(".c"))
    flags = [*_FLAGS, *(f"-Wl,--export={symbol}" for symbol in exports), *(f"-I{place}" for place in include_dirs)]

    def make(scratch: Path) -> Path:
        write_tree(scratch / "tree", files)
        compiler.run([*flags, *sources, "-o", "../module.wasm"], cwd=scratch / "tree", where=name)
        return scratch / "module.wasm"

    return cache.fetch(compiler.key(files, [*flags, *sources]), "module.wasm", make).read_bytes()
