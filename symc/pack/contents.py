"""What packers may use: the files of a bundle as its manifest records them, and what packages say about themselves."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from symc.backends.c import selftest_stack
from symc.backends.fixed import number
from symc.backends.fixedtest import ROWS
from symc.backends.guard import known
from symc.backends.layers import outline, span
from symc.backends.names import check_name, macro_names
from symc.backends.render import plain, render
from symc.backends.spelling import format_of, spelling_of
from symc.backends.view import version as version_of
from symc.bundle import Manifest, read_manifest
from symc.bundle.files import read_file, refuse_package
from symc.bundle.fixed import fixed_of
from symc.bundle.unit import OUTSIDE, unit_of
from symc.errors import SymcError
from symc.ir.directional import DIRECTIONAL
from symc.ir.layered import Layered
from symc.pack.about import About, read_about

# With more inputs than this an example starts them all at 0.
_MOST_VALUES = 32
# Of a sentence: CMSIS packs have room for 256 characters, of which a description adds some.
_LONGEST = 200
_CODE = re.compile(r"include/\w+\.h\Z|src/(\w+\.[ch]|symc/(\w+/)?\w+\.h)\Z")
_TEST = "test/main.c"


@dataclass(frozen=True)
class Contents:
    """A bundle with C, and what its package is to say of itself.

    header: the content of NAME.h; sources: file name -> content of every .c of the model; runtime: path as it is
    included ("symc/f32.h", or a header of the sources' own) -> content; test: the program that runs the self-test.
    """

    manifest: Manifest
    about: About
    header: bytes = field(repr=False)
    sources: Mapping[str, bytes] = field(repr=False)
    runtime: Mapping[str, bytes] = field(repr=False)
    test: bytes = field(repr=False)
    license: bytes = field(repr=False)

    @property
    def name(self) -> str:
        return self.manifest.name

    @property
    def sentence(self) -> str:
        """What the model is, on one line; without the names where those are too long for a description."""
        program = self.manifest.program
        told = f"{plain(span(program.outputs))} of {plain(span(program.inputs))}, in closed form."
        if len(told) <= _LONGEST:
            return told
        inputs, outputs = _several(program.n_in, "input"), _several(program.n_out, "output")
        return f"{outputs} of {inputs}, in closed form."

    @property
    def functions(self) -> tuple[str, ...]:
        """The functions that NAME.h declares."""
        return tuple(f"{self.name}_{part}" for part in self._functions())

    def below(self, headers: str, sources: str) -> dict[str, bytes]:
        """The bundle's code, the header in the folder `headers`, the rest in the folder `sources`."""
        made = {f"{headers}/{self.name}.h": self.header}
        made.update({f"{sources}/{file}": content for file, content in self.sources.items()})
        made.update({f"{sources}/{path}": content for path, content in self.runtime.items()})
        return made

    def render(self, template: str, **more: Any) -> bytes:
        """`template`, a path below templates/pack/, filled in; `more` is what it uses beside what all templates may."""
        return render(f"pack/{template}", **self._view, **more)

    def cmake(self, before: str = "") -> bytes:
        """CMakeLists.txt as the bundle has it, with the package's version and `before` before it."""
        return before.encode() + render("c/CMakeLists.txt.jinja", **self._view)

    def main(self, entry: str = "int main(void)", before: str = "") -> bytes:
        """A program that prints the results of one row and of the self-test; `before` stands before its #include."""
        return self.render("_main.c.jinja", entry=entry, before=before)

    @cached_property
    def _view(self) -> dict[str, Any]:
        manifest, program = self.manifest, self.manifest.program
        functions = self._functions()
        jacobian = "jacobian" in functions
        # Off the middle, where many equations are 0.
        spelling = spelling_of(program)
        inside = tuple(spelling.decimal(0.375 * low + 0.625 * high) for low, high in manifest.domain or ())
        return {
            "name": self.name,
            "prefix": self.name.upper(),
            "tool": str(manifest.tool),
            "version": self.about.version,
            "author": self.about.author,
            "email": self.about.email,
            "url": self.about.url,
            "equations": _equations(manifest),
            "sentence": self.sentence,
            "sources": tuple(self.sources),
            "functions": self.functions,
            "jacobian": jacobian,
            "further": tuple(kind for kind in DIRECTIONAL if kind in functions),
            "policy": manifest.options.get(OUTSIDE) if "guarded" in functions else None,
            **spelling.context,
            "format": format_of(program).name,
            "known": known(program),
            "inputs": program.inputs,
            "outputs": program.outputs,
            "domain": tuple((spelling.decimal(low), spelling.decimal(high)) for low, high in manifest.domain or ()),
            "n_in": program.n_in,
            "n_out": program.n_out,
            # Where the example evaluates; 0 where no domain tells.
            "point": inside if 0 < len(inside) <= _MOST_VALUES else ("0.0",),
            "selftest_bytes": selftest_stack(unit_of(manifest)),
            "fixed": None,
            **self._fixed_view(),
        }

    def _fixed_view(self) -> dict[str, Any]:
        """What replaces the others, and the formats, where the code is in fixed point."""
        fixed = fixed_of(self.manifest)
        if fixed is None:
            return {}
        program = self.manifest.program
        word = fixed.bits // 8
        return {
            "fixed": {
                "bits": fixed.bits,
                "number": number(fixed),
                "macros": macro_names(program.inputs),
                "inputs": fixed.inputs,
                "outputs": fixed.outputs,
                "bounds": fixed.bounds,
                "units": tuple(f"1.0 / {2**p}.0" if p >= 0 else f"{2**-p}.0" for p in fixed.outputs),
            },
            "selftest_bytes": word * ROWS * (program.n_in + program.n_out),
        }

    def _functions(self) -> tuple[str, ...]:
        """What the functions of NAME.h are called behind NAME_."""
        if self.manifest.fixed:
            return ("fixed_eval", "fixed_eval_batch", "selftest")
        derivatives = ("jacobian", "jacobian_batch") if f"{self.name}_jacobian.c" in self.sources else ()
        guard = ("guarded", "count", "report") if f"{self.name}_guard.c" in self.sources else ()
        kinds = (kind for kind in DIRECTIONAL if f"{self.name}_{kind}.c" in self.sources)
        further = (f"{kind}{end}" for kind in kinds for end in ("", "_batch"))
        return ("eval", "eval_batch", *derivatives, *further, "check", *guard, "selftest")


def _several(n: int, what: str) -> str:
    return f"{n} {what}" if n == 1 else f"{n} {what}s"


def _equations(manifest: Manifest) -> tuple[str, ...]:
    """One line per equation, with the matrices of a compressed block around them."""
    if isinstance(manifest.program, Layered):
        return outline(manifest.program, [equation.text for equation in manifest.equations])
    return tuple(f"{e.output} = {t}" for e, t in zip(manifest.equations, manifest.texts, strict=True))


def read_bundle(bundle: str | Path) -> tuple[Manifest, dict[str, bytes]]:
    """The manifest of the bundle in folder `bundle` and the files that packages are made of, each as it records them.

    Raises SymcError when it is no bundle, CheckFailed for files that are missing or were changed after the build.
    """
    root = Path(bundle)
    refuse_package(root)
    manifest = read_manifest(root)
    wanted = (path for path in sorted(manifest.files) if path in (_TEST, "LICENSE") or _CODE.match(path))
    return manifest, {path: read_file(root, path, manifest.files[path]) for path in wanted}


def contents_of(
    manifest: Manifest, files: Mapping[str, bytes], version: str | None, author: str | None, url: str | None
) -> Contents:
    """What packers may use of the bundle of `manifest` and `files` (path inside it -> content).

    `version` is that of symc by default, as in the bundle's CMake project. Raises SymcError when the bundle has no C,
    when it lacks a file, or when the version is not of the form 1.2.3.
    """
    name = check_name(manifest.name)
    if "c" not in manifest.targets:
        raise SymcError(
            f"the bundle {name} has no C, which packages are made of", hint="Build it with --target c as well."
        )
    needed = {f"include/{name}.h", f"src/{name}.c", f"src/{name}_selftest.c", "src/symc/config.h", _TEST, "LICENSE"}
    missing = needed - set(files)
    if missing:
        raise SymcError(f"the bundle {name} has no {min(missing)}", hint="Build it again.")
    below_src = {path.removeprefix("src/"): files[path] for path in sorted(files) if path.startswith("src/")}
    return Contents(
        manifest,
        read_about(_default_version(manifest) if version is None else version, author, url),
        files[f"include/{name}.h"],
        {path: content for path, content in below_src.items() if path.endswith(".c")},
        {path: content for path, content in below_src.items() if path.endswith(".h")},
        files[_TEST],
        files["LICENSE"],
    )


def _default_version(manifest: Manifest) -> str:
    """That of the symc that built the bundle, in three numbers."""
    return ".".join([*re.findall(r"\d+", version_of(str(manifest.tool))), "0", "0"][:3])
