"""CUDA device code without a GPU: CUDA C++ to PTX or cubin by nvcc, else by NVRTC (the extra symc[cuda])."""

from __future__ import annotations

import ctypes
import importlib.util
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Literal

from symc.errors import MissingTool, SymcError
from symc.toolchain import cache
from symc.toolchain.compilers import find_nvcc, write_tree

# No contraction, no flushing of subnormals, IEEE division and square root: the meaning that every target shares.
DEVICE_FLAGS = ("--fmad=false", "--ftz=false", "--prec-div=true", "--prec-sqrt=true", "--std=c++17")

Form = Literal["ptx", "cubin"]


def device_code(
    files: Mapping[str, bytes],
    source: str,
    include_dirs: Sequence[str] = (),
    *,
    arch: str = "sm_75",
    form: Form = "cubin",
    compiler: Literal["auto", "nvcc", "nvrtc"] = "auto",
    flags: Sequence[str] = DEVICE_FLAGS,
) -> bytes:
    """PTX (text) or cubin of the CUDA source `source` among `files`, built for `arch` such as "sm_90".

    `files` maps relative POSIX paths to contents and holds every header that the source includes; `include_dirs` are
    directories among those paths. The result is cached by content. Raises MissingTool when neither nvcc nor NVRTC is
    installed, SymcError with the compiler's messages when it fails.
    """
    if compiler == "auto":
        compiler = "nvcc" if has_nvcc() else "nvrtc"
    if compiler == "nvcc":
        return _by_nvcc(files, source, include_dirs, arch, form, flags)
    return _by_nvrtc(files, source, include_dirs, arch, form, flags)


def has_nvcc() -> bool:
    """Whether nvcc is found."""
    try:
        find_nvcc()
    except MissingTool:
        return False
    return True


def has_driver() -> bool:
    """Whether the library of the NVIDIA driver can be opened: without it there is no GPU to ask for."""
    try:
        ctypes.CDLL("nvcuda.dll" if sys.platform == "win32" else "libcuda.so.1")
    except OSError:
        return False
    return True


def has_nvrtc() -> bool:
    """Whether the bindings of NVRTC (the extra symc[cuda]) are installed."""
    return importlib.util.find_spec("cuda") is not None and importlib.util.find_spec("cuda.bindings") is not None


def _by_nvcc(
    files: Mapping[str, bytes], source: str, include_dirs: Sequence[str], arch: str, form: Form, flags: Sequence[str]
) -> bytes:
    nvcc = find_nvcc()
    arguments = [f"--{form}", f"-arch={arch}", *flags, *(f"-I{d}" for d in include_dirs), source]

    def make(scratch: Path) -> Path:
        write_tree(scratch / "tree", files)
        nvcc.run([*arguments, "-o", f"../device.{form}"], cwd=scratch / "tree", where=source)
        return scratch / f"device.{form}"

    return cache.fetch(nvcc.key(files, arguments), f"device.{form}", make).read_bytes()


def _by_nvrtc(
    files: Mapping[str, bytes], source: str, include_dirs: Sequence[str], arch: str, form: Form, flags: Sequence[str]
) -> bytes:
    nvrtc = _nvrtc()
    major, minor = _call(nvrtc, nvrtc.nvrtcVersion())
    options = [f"--gpu-architecture={arch}", *flags]
    headers = _headers(files, source, include_dirs)
    parts = [f"nvrtc {major}.{minor}", form, source, *options]
    tree = [part for name in sorted(headers) for part in (name.encode(), headers[name])]
    key = cache.digest([*(p.encode() for p in parts), files[source], *tree])

    def make(scratch: Path) -> Path:
        built = scratch / f"device.{form}"
        built.write_bytes(_compile(nvrtc, files[source], source, headers, options, form))
        return built

    return cache.fetch(key, f"device.{form}", make).read_bytes()


def _headers(files: Mapping[str, bytes], source: str, include_dirs: Sequence[str]) -> dict[str, bytes]:
    """Include name -> content: NVRTC is given its headers in memory, under the names that the sources use."""
    headers: dict[str, bytes] = {}
    for directory in dict.fromkeys([str(Path(source).parent), *include_dirs]):
        prefix = "" if directory in ("", ".") else f"{directory.rstrip('/')}/"
        for path, content in files.items():
            if path.startswith(prefix) and path != source:
                headers.setdefault(path.removeprefix(prefix), content)
    return headers


def _compile(
    nvrtc: Any, code: bytes, name: str, headers: Mapping[str, bytes], options: Sequence[str], form: Form
) -> bytes:
    program = _call(
        nvrtc,
        nvrtc.nvrtcCreateProgram(
            code, name.encode(), len(headers), list(headers.values()), [n.encode() for n in headers]
        ),
    )
    try:
        (status,) = nvrtc.nvrtcCompileProgram(program, len(options), [o.encode() for o in options])
        if status != nvrtc.nvrtcResult.NVRTC_SUCCESS:
            log = _read(nvrtc, nvrtc.nvrtcGetProgramLogSize, nvrtc.nvrtcGetProgramLog, program)
            raise SymcError(f"NVRTC failed:\n{log.decode(errors='replace').strip()}", where=name)
        if form == "ptx":
            return _read(nvrtc, nvrtc.nvrtcGetPTXSize, nvrtc.nvrtcGetPTX, program)
        return _read(nvrtc, nvrtc.nvrtcGetCUBINSize, nvrtc.nvrtcGetCUBIN, program, text=False)
    finally:
        nvrtc.nvrtcDestroyProgram(program)


def _read(nvrtc: Any, size: Any, get: Any, program: Any, text: bool = True) -> bytes:
    # The bindings write into the bytes object they are given, so it must be one of its own: those of no byte and of one
    # are shared by all of Python, and b" " would be a NUL from then on.
    length = _call(nvrtc, size(program))
    target = b" " * (length + 2)
    _call(nvrtc, get(program, target))
    return target[:length].rstrip(b"\0") if text else target[:length]


def _call(nvrtc: Any, result: tuple[Any, ...]) -> Any:
    status, *values = result
    if status != nvrtc.nvrtcResult.NVRTC_SUCCESS:
        raise SymcError(f"NVRTC reported {status.name}")
    return values[0] if len(values) == 1 else tuple(values)


def _nvrtc() -> Any:
    try:
        from cuda.bindings import nvrtc
    except ImportError:
        raise MissingTool(
            "no CUDA compiler was found (tried nvcc and NVRTC)",
            hint="Install the CUDA toolkit, or NVRTC with: pip install 'symc[cuda]'",
        ) from None
    try:
        nvrtc.nvrtcVersion()
    except Exception as error:
        # The bindings raise an error of their own kind when the library itself is absent.
        raise MissingTool(
            f"the NVRTC library cannot be loaded: {error}", hint="Install it with: pip install 'symc[cuda]'"
        ) from None
    return nvrtc
