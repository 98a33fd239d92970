"""A bundle's C as a library: compiled with host.c through the cache, opened with cffi."""

from __future__ import annotations

import importlib.util
import os
from functools import lru_cache
from pathlib import Path
from types import ModuleType
from typing import Any

from symc.errors import SymcError
from symc.ir.formats import FLOAT32
from symc.load.package import Package
from symc.load.paths import KINDS
from symc.toolchain import cache, compilers

_HOST = "symc_host.c"
_CDEF = """
int32_t symc_host_selftest(void);
void symc_host_eval_batch(uintptr_t x, uintptr_t y, size_t n);
void symc_host_jacobian_batch(uintptr_t x, uintptr_t y, size_t n);
void symc_host_eval_rows(uintptr_t x, uintptr_t y, size_t n, size_t n_in, size_t n_out);
void symc_host_jacobian_rows(uintptr_t x, uintptr_t y, size_t n, size_t n_in, size_t n_out);
void symc_host_check_rows(uintptr_t x, uintptr_t y, size_t n, size_t n_in);
void symc_host_guarded_rows(uintptr_t x, uintptr_t y, uintptr_t flags, size_t n, size_t n_in, size_t n_out);
void symc_host_vjp_rows(uintptr_t x, uintptr_t v, uintptr_t y, uintptr_t g, size_t n, size_t, size_t, size_t, size_t);
void symc_host_jvp_rows(uintptr_t x, uintptr_t v, uintptr_t y, uintptr_t g, size_t n, size_t, size_t, size_t, size_t);
void symc_host_hessian_rows(uintptr_t x, uintptr_t h, size_t n, size_t n_in, size_t n_h);
void symc_host_vjp_batch(uintptr_t x, uintptr_t v, uintptr_t y, uintptr_t g, size_t n);
void symc_host_jvp_batch(uintptr_t x, uintptr_t v, uintptr_t y, uintptr_t g, size_t n);
void symc_host_hessian_batch(uintptr_t x, uintptr_t h, size_t n);
"""


def compiled(package: Package, compiler: compilers.Compiler) -> Path:
    """The library of a bundle's C and host.c, through the cache; SymcError where it does not compile."""
    files = package.below("include", "src")
    files[_HOST] = Path(__file__).with_name("host.c").read_bytes()
    sources = sorted(path for path in files if path.endswith(".c"))
    flags = [*compilers.HOST_FLAGS, f"-DSYMC_MODEL={package.name}", f'-DSYMC_HEADER="{package.name}.h"']
    flags.append(f"-DSYMC_REAL={'float' if package.format == FLOAT32 else 'double'}")
    flags += [f"-DSYMC_WITH_{kind.upper()}" for kind in KINDS.values() if package.has_in_c(kind)]
    if f"src/{package.name}_guard.c" in package.files:
        flags.append("-DSYMC_WITH_GUARD")
    return compiler.shared_library(files, sources, ("include", "src"), flags, package.name)


@lru_cache(maxsize=1)
def _ffi() -> Any:
    """The functions of host.c as cffi keeps them, compiled once: reading their C takes longer than a cached library."""
    import _cffi_backend

    def make(scratch: Path) -> Path:
        import cffi
        from cffi.recompiler import make_py_source

        maker = cffi.FFI()
        maker.cdef(_CDEF)
        make_py_source(maker, "symc_host", str(scratch / "symc_host.py"))
        return scratch / "symc_host.py"

    key = cache.digest([b"cffi", _CDEF.encode(), _cffi_backend.__version__.encode()])
    return module_at("symc_host", cache.fetch(key, "symc_host.py", make)).ffi


def opened(path: Path, ffi: Any = None) -> Any:
    """The library's functions, as `ffi` declares them, else as host.c has them; SymcError where it does not open."""
    try:
        return (ffi or _ffi()).dlopen(str(path))
    except OSError as error:
        raise SymcError(
            f"the compiled library cannot be opened: {error}",
            hint=f"If its folder is mounted noexec, set {cache.ENVIRONMENT} to another.",
        ) from None
    except UnicodeEncodeError:
        # cffi takes no bytes, and knows the locale's characters alone.
        raise SymcError(
            f"the compiled library cannot be opened: this locale cannot write its path, {os.fsencode(path)!r}",
            hint=f"Set {cache.ENVIRONMENT} to a folder with an ASCII name, or use a UTF-8 locale.",
        ) from None


def module_at(name: str, path: Path) -> ModuleType:
    """A file of the cache as a module."""
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        raise SymcError("the module cannot be imported", where=str(path))
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
