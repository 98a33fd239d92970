"""Compilers of this machine: finding them, asking their version, and building shared libraries through the cache."""

from __future__ import annotations

import hashlib
import importlib.util
import os
import platform
import re
import shlex
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import takewhile
from pathlib import Path, PurePosixPath

from symc.errors import MissingTool, SymcError
from symc.toolchain import cache

# Contraction, reassociation and flushing would change bits; errno and trap handling would only stop vectorisation.
NUMERIC_FLAGS = ("-ffp-contract=off", "-fno-math-errno", "-fno-trapping-math")
HOST_FLAGS = ("-O3", "-march=native", "-std=c99", *NUMERIC_FLAGS, "-fPIC", "-shared")
# gcc leaves scheduling before register allocation out on x86; the long polynomials gain up to 10 % from it. Of its two
# algorithms that heed the registers the default one takes the square of a function's calls in time: 10 s for 1,600.
TUNING = {"gcc": ("-fschedule-insns", "-fsched-pressure", "--param=sched-pressure-algorithm=2")}

# Programs that are the compiler itself, by the names of their files and by what only drivers hold, as they start the
# compiler proper: the version of one is in it. What a script, ccache or xcrun starts may be another from day to day,
# while the program that was asked stays the same; a copy of ccache may be called gcc.
_COMPILERS = re.compile(r"([\w.-]+-)?(gcc|g\+\+|clang|clang\+\+)(-[\d.]+)?")
_IN_DRIVERS = (b"COLLECT_GCC_OPTIONS", b"-cc1")
# A path may hold bytes that are no text.
_ANY_PATH = ("utf-8", "surrogateescape")
_TIMEOUT_S = 300
_SHOWN_LINES = 20
_INSTALL_C = {
    "darwin": "Install one with: xcode-select --install",
    "win32": "Install one with: winget install LLVM.LLVM",
}


@dataclass(frozen=True)
class Compiler:
    """A compiler driver: `command` is the program with any fixed arguments, `kind` is gcc, clang, nvcc or other."""

    command: tuple[str, ...]
    kind: str
    version: str

    def run(self, arguments: Sequence[str], cwd: Path, where: str | None = None) -> str:
        """Run with `arguments` in `cwd` and return its stderr; SymcError with its messages when it fails."""
        # Imported where a compiler is run: code that is in the cache needs none.
        import subprocess

        command = [*self.command, *arguments]
        try:
            done = subprocess.run(
                command, cwd=cwd, capture_output=True, text=True, errors="replace", timeout=_TIMEOUT_S, check=False
            )
        except FileNotFoundError:
            raise MissingTool(f"{self.command[0]} is no longer there", hint=_hint()) from None
        except subprocess.TimeoutExpired:
            raise SymcError(f"{self.command[0]} did not finish within {_TIMEOUT_S} s", where=where) from None
        if done.returncode != 0:
            raise SymcError(
                f"{shlex.join(command)} failed with status {done.returncode}:\n{_trim(done.stderr or done.stdout)}",
                where=where,
            )
        return done.stderr

    def shared_library(
        self,
        files: Mapping[str, bytes],
        sources: Sequence[str],
        include_dirs: Sequence[str] = (),
        flags: Sequence[str] = HOST_FLAGS,
        name: str = "library",
    ) -> Path:
        """The shared library built from `sources`, taken from the cache when it was built before.

        Parameters
        ----------
        files: relative POSIX path -> content, of every source and header; nothing else of the user's is read.
        sources: the paths among `files` to compile.
        include_dirs: directories among the paths of `files`, as "include".
        name: stem of the library's file name.

        Raises SymcError with the compiler's messages when it fails.
        """
        flags = [*flags, *TUNING.get(self.kind, ())]
        key = self.key(files, [*sources, "-I", *include_dirs, "--", *flags])
        file_name = f"{name}{library_suffix()}"

        def make(scratch: Path) -> Path:
            write_tree(scratch / "tree", files)
            includes = [f"-I{d}" for d in include_dirs]
            self.run([*flags, *includes, *sources, "-o", f"../{file_name}"], cwd=scratch / "tree", where=name)
            return scratch / file_name

        return cache.fetch(key, file_name, make)

    def key(self, files: Mapping[str, bytes], arguments: Sequence[str]) -> str:
        """Hash of all that decides the compiler's output: sources, arguments, compiler and, when targeted, the CPU."""
        native = any(argument in ("-march=native", "-mcpu=native", "-arch=native") for argument in arguments)
        parts = [shlex.join(self.command), self.version, platform.machine(), processor() if native else ""]
        tree = [part for path in sorted(files) for part in (path.encode(), files[path])]
        return cache.digest([*(p.encode(*_ANY_PATH) for p in (*parts, *arguments)), *tree])


def find_c() -> Compiler:
    """The C compiler: $CC, else the first of cc, gcc and clang on the path. Raises MissingTool."""
    return _find("C compiler", "CC", ("cc", "gcc", "clang"))


def find_cxx() -> Compiler:
    """The C++ compiler: $CXX, else the first of c++, g++ and clang++ on the path. Raises MissingTool."""
    return _find("C++ compiler", "CXX", ("c++", "g++", "clang++"))


def find_clang() -> Compiler:
    """clang, on the path. Raises MissingTool."""
    return _find("clang", None, ("clang",))


def find_nvcc() -> Compiler:
    """nvcc: $CUDACXX, else on the path, else below $CUDA_HOME, $CUDA_PATH or /usr/local/cuda. Raises MissingTool."""
    roots = [os.environ.get("CUDA_HOME"), os.environ.get("CUDA_PATH"), "/usr/local/cuda"]
    return _find("CUDA compiler", "CUDACXX", ("nvcc", *(str(Path(root, "bin", "nvcc")) for root in roots if root)))


def find_zig() -> Compiler:
    """clang with what it needs for WebAssembly and other systems, from the package ziglang. Raises MissingTool."""
    found = importlib.util.find_spec("ziglang")
    if found is None or found.origin is None:
        raise MissingTool("no compiler for WebAssembly is installed", hint="pip install 'symc[wasm]'")
    return _identify((sys.executable, "-m", "ziglang", "cc"), os.stat(found.origin).st_mtime_ns)


def library_suffix() -> str:
    """Suffix of a shared library on this system."""
    return {"darwin": ".dylib", "win32": ".dll"}.get(sys.platform, ".so")


def write_tree(root: Path, files: Mapping[str, bytes]) -> None:
    """Write `files` (relative POSIX path -> content) below `root`; SymcError for a path that would leave it."""
    for path, content in files.items():
        pure = PurePosixPath(path)
        if pure.is_absolute() or ".." in pure.parts or not pure.parts:
            raise SymcError("a bundle's file must lie inside the bundle", where=path)
        target = root / pure
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)


@lru_cache(maxsize=1)
def processor() -> str:
    """Identity of this CPU (model and instruction set), as precise as -march=native is."""
    try:
        with open("/proc/cpuinfo", errors="replace") as file:
            # The first processor's: the kernel makes the text as it is read, of hundreds that takes a while.
            lines = list(takewhile(str.strip, file))
    except OSError:
        return f"{platform.machine()} {platform.processor()} {_sysctl('machdep.cpu.brand_string')}"
    # Frequencies and ids change from boot to boot; what is left names the model and its features.
    kept = ("vendor", "cpu family", "model", "stepping", "flags", "features", "cpu implementer", "cpu part", "isa")
    text = "".join(line for line in lines if line.lower().startswith(kept))
    return f"{platform.machine()} {hashlib.sha256(text.encode()).hexdigest()}"


def _find(what: str, variable: str | None, candidates: Sequence[str]) -> Compiler:
    chosen = os.environ.get(variable, "").strip() if variable else ""
    if chosen:
        command = tuple(shlex.split(chosen))
        path = _on_path(command[0])
        if path is None:
            raise MissingTool(
                f"{variable}={chosen} names a program that is not installed", hint=f"Correct or unset {variable}."
            )
        return _identify((path, *command[1:]), os.stat(path).st_mtime_ns)
    for candidate in candidates:
        path = _on_path(candidate)
        if path is not None:
            return _identify((path,), os.stat(path).st_mtime_ns)
    tried = ", ".join(candidates)
    raise MissingTool(f"no {what} was found (tried {tried})", hint=_hint(what, variable))


def _on_path(program: str) -> str | None:
    """Where a program is, as shutil.which finds it, whose module takes as long to import as a bundle to read."""
    if sys.platform == "win32" or os.path.dirname(program):
        import shutil

        return shutil.which(program)
    places = (os.path.join(folder, program) for folder in os.get_exec_path() if folder)
    return next((path for path in places if os.access(path, os.X_OK) and not os.path.isdir(path)), None)


@lru_cache(maxsize=32)
def _identify(command: tuple[str, ...], modified_ns: int) -> Compiler:
    """Ask for the version once per process and compiler; `modified_ns` makes an upgrade a new one."""
    told = _kept_version(command) if _is_compiler(Path(command[0])) else ask(command)
    lines = [line.strip() for line in told.splitlines() if line.strip()]
    text = told.lower()
    if "cuda compiler" in text:
        # nvcc puts its copyright first and its release in the last lines.
        return Compiler(command, "nvcc", " ".join(lines[-2:]))
    if "clang" in text:
        # The target line tells two clangs of one version apart.
        return Compiler(command, "clang", " ".join(lines[:2]))
    return Compiler(command, "gcc" if "free software foundation" in text else "other", lines[0])


def ask(command: tuple[str, ...]) -> str:
    """What the compiler `command` says of its version now; MissingTool where it says nothing."""
    import subprocess

    try:
        done = subprocess.run(
            [*command, "--version"], capture_output=True, text=True, errors="replace", timeout=30, check=False
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise MissingTool(f"{command[0]} cannot be run: {error}", hint=_hint()) from None
    if done.returncode != 0 or not done.stdout.strip():
        raise MissingTool(
            f"{shlex.join([*command, '--version'])} failed with status {done.returncode}: {_trim(done.stderr)}",
            hint=_hint(),
        )
    return done.stdout


def _is_compiler(program: Path) -> bool:
    """Whether the file, behind all links, is a program called as compilers are."""
    real = program.resolve()
    if not _COMPILERS.fullmatch(real.name):
        return False
    with real.open("rb") as file:
        return file.read(4) == b"\x7fELF"


def _is_driver(program: Path) -> bool:
    """Whether the program is the driver of a compiler, by its content, which takes as long to read as asking does."""
    import mmap

    with program.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
        return any(content.find(text) >= 0 for text in _IN_DRIVERS)


def _kept_version(command: tuple[str, ...]) -> str:
    """As ask, kept in the cache for as long as the file stays untouched: asking takes as long as a cached load."""
    status = os.stat(command[0])
    same = (os.path.realpath(command[0]), *command, status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns)
    key = cache.digest(str(part).encode(*_ANY_PATH) for part in ("driver", *same, status.st_ctime_ns))

    def make(scratch: Path) -> Path:
        path = scratch / "version.txt"
        # Of what only starts a compiler nothing is kept, once for all: it is asked each time.
        path.write_text(ask(command) if _is_driver(Path(command[0])) else "", encoding="utf-8")
        return path

    try:
        kept = cache.fetch(key, "version.txt", make).read_text(encoding="utf-8", errors="replace")
    except MissingTool:
        raise
    except (SymcError, OSError):
        # A full disk keeps no version, but hides no library that was compiled before.
        kept = ""
    return kept if kept.strip() else ask(command)


def _hint(what: str = "C compiler", variable: str | None = "CC") -> str:
    if what == "CUDA compiler":
        return "Install the CUDA toolkit, or NVRTC with: pip install 'symc[cuda]'"
    if sys.platform in _INSTALL_C:
        return _INSTALL_C[sys.platform]
    package = {"C++ compiler": "g++", "clang": "clang"}.get(what, "gcc")
    for manager, line in (
        ("apt-get", f"apt install {package} libc6-dev"),
        ("dnf", f"dnf install {'gcc-c++' if package == 'g++' else package}"),
        ("pacman", "pacman -S base-devel"),
        ("apk", "apk add build-base"),
        ("brew", f"brew install {'llvm' if package == 'clang' else 'gcc'}"),
    ):
        if _on_path(manager):
            return f"Install one with: {line}" + (f"; or set {variable} to yours." if variable else "")
    return "Install gcc or clang with your system's package manager" + (f", or set {variable}." if variable else ".")


def _trim(text: str) -> str:
    lines = text.strip().splitlines()
    if len(lines) <= _SHOWN_LINES:
        return "\n".join(lines)
    return "\n".join([*lines[:_SHOWN_LINES], f"... {len(lines) - _SHOWN_LINES} more lines"])


def _sysctl(name: str) -> str:
    import subprocess

    program = _on_path("sysctl")
    if program is None:
        return ""
    done = subprocess.run([program, "-n", name], capture_output=True, text=True, timeout=10, check=False)
    return done.stdout.strip()
