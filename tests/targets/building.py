"""Writing bundles to disk, compiling them in many ways, and calling what comes out."""

from __future__ import annotations

import ctypes
import dataclasses
import importlib.util
import platform
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

import numpy as np

from symc.backends import Unit, sources
from symc.backends.cuda import host_shim_source
from tests.targets.programs import coverage_program, layered_program, unit_from_text, unit_of

MACHINE = platform.machine()
STRICT = (
    *("-Wall", "-Wextra", "-Wpedantic", "-Wconversion", "-Wdouble-promotion", "-Wshadow", "-Wfloat-equal", "-Wundef"),
    "-Werror",
)
# For one set of instructions: without -march gcc compiles what SIMD makes fast for three, in three times the time.
ONE_SET = ("-O1", "-march=native")
NUMERIC = ("-ffp-contract=off", "-fno-math-errno", "-fno-trapping-math")
# Compilers that must have nothing to say: gcc for all sets of instructions and for this machine's.
WARNING = (
    "gcc -std=c99",
    "gcc -std=c11 -march=native",
    "g++ -x c++ -std=c++17 -march=native",
    "clang -std=c99",
    "clang++ -x c++ -std=c++17",
)


@dataclass(frozen=True)
class Build:
    """One way to compile."""

    command: str
    flags: tuple[str, ...]

    def __str__(self) -> str:
        return " ".join([self.command, *self.flags])


def write(folder: Path, unit: Unit, targets: Sequence[str]) -> Path:
    """Write the bundle of `unit` below `folder` and return its root."""
    root = folder / unit.name
    for path, content in sources(unit, targets).items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_bytes(content)
    return root


def every_kind_of_source(folder: Path) -> dict[str, Path]:
    """Bundles below `folder`, by name: the C of `every` calls every function of the runtime, `few` of them have
    derivatives, self-test and guard too, and `layers` is between matrices and back through them."""
    box = [(-2.0, 2.0), (0.5, 2.0)]
    every = unit_of(coverage_program(), "every", domain=box, derivatives=False)
    texts = ["sin(a)*exp(-b) + max(a, 0.5)/b", "tanh(a)*log(b) + cos(a)*sqrt(b) + atan(a) + exp(a)*sin(b)*cos(b)"]
    few = dataclasses.replace(unit_from_text(texts, ["a", "b"], ["y", "z"], "few", box), further=("vjp",))
    layers = unit_of(layered_program(), "layers", further=("vjp", "jvp"))
    units = (*(dataclasses.replace(unit, outside="clamp") for unit in (every, few)), layers)
    return {unit.name: write(folder, unit, ["c"]) for unit in units}


def run(command: Sequence[object], cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    """Run and return; a failure shows the command and what it printed."""
    done = subprocess.run([str(c) for c in command], cwd=cwd, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, f"{' '.join(map(str, command))}\n{done.stdout}\n{done.stderr}"
    return done


def undefined_symbols(built: Path) -> list[str]:
    """What an object file leaves to the linker, but for what it asks libgcc about the CPU where that chooses code."""
    of_linking = ("U", "_GLOBAL_OFFSET_TABLE_", "__cpu_model", "__cpu_indicator_init")
    return [symbol for symbol in run(["nm", "-u", built]).stdout.split() if symbol not in of_linking]


def c_library(root: Path, build: Build, output: Path) -> ctypes.CDLL:
    """Compile the C sources of a bundle to a shared library and load it."""
    run([build.command, *build.flags, "-shared", "-fPIC", f"-I{root}/include", f"-I{root}/src",
         *sorted((root / "src").glob("*.c")), "-o", output])  # fmt: skip
    return ctypes.CDLL(str(output))


def shim_library(root: Path, build: Build, output: Path) -> ctypes.CDLL:
    """Compile the device functions of a bundle for the host and load them."""
    source = output.with_suffix(".cpp")
    has_jacobian = f"{root.name}_jacobian(" in (root / "cuda" / f"{root.name}.cuh").read_text()
    source.write_text(host_shim_source(root.name, jacobian=has_jacobian))
    run([build.command, *build.flags, "-shared", "-fPIC", f"-I{root}/cuda", source, "-o", output])
    return ctypes.CDLL(str(output))


def call_batch(library: ctypes.CDLL, function: str, x: np.ndarray, width: int) -> np.ndarray:
    """Call function(x, y, n) and return y (n, width); the last bytes are checked for writes beyond the end."""
    x = np.ascontiguousarray(x, np.float32)
    y = np.full(len(x) * width + 8, 12345.0, np.float32)
    call = getattr(library, function)
    call.argtypes = (ctypes.c_void_p, ctypes.c_void_p, ctypes.c_size_t)
    call.restype = None
    call(x.ctypes.data, y.ctypes.data, len(x))
    assert (y[len(x) * width :] == 12345.0).all(), f"{function} wrote beyond its results"
    return y[: len(x) * width].reshape(len(x), width)


def call_single(library: ctypes.CDLL, function: str, x: np.ndarray, width: int) -> np.ndarray:
    """Call function(x, y) row by row and return y (n, width)."""
    call = getattr(library, function)
    call.argtypes = (ctypes.c_void_p, ctypes.c_void_p)
    call.restype = None
    y = np.empty((len(x), width), np.float32)
    for row in range(len(x)):
        call(x.ctypes.data + row * x.strides[0], y.ctypes.data + row * y.strides[0])
    return y


def python_module(path: Path) -> ModuleType:
    """Load a module from a file, as a user without sys.path changes would."""
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
