"""The bundle's own C as WebAssembly, for a page on which people move the inputs."""

from __future__ import annotations

import importlib.util
import subprocess
import sys
import tempfile
from pathlib import Path

from symc.bundle import Manifest
from symc.errors import MissingTool, SymcError

_TIMEOUT_S = 300
_EXPORTS = ("symc_inputs", "symc_outputs", "symc_run")
_SHIM = """#include "{name}.h"
static float inputs[{macro}_N_IN], outputs[{macro}_N_OUT];
float *symc_inputs(void) {{ return inputs; }}
float *symc_outputs(void) {{ return outputs; }}
void symc_run(void) {{ {name}_eval(inputs, outputs); }}
"""


def wasm_of(bundle: Path, manifest: Manifest) -> bytes:
    """A module that exports memory, symc_inputs(), symc_outputs() and symc_run(), made of the bundle's sources.

    Raises MissingTool without a compiler for WebAssembly (the package ziglang), SymcError where it fails.
    """
    if "c" not in manifest.targets:
        raise MissingTool("the bundle holds no C", hint="Build it with --target c.")
    if importlib.util.find_spec("ziglang") is None:
        raise MissingTool("no compiler for WebAssembly is installed", hint="pip install ziglang")
    source = bundle / "src" / f"{manifest.name}.c"
    with tempfile.TemporaryDirectory() as folder:
        shim, made = Path(folder) / "shim.c", Path(folder) / "made.wasm"
        shim.write_text(_SHIM.format(name=manifest.name, macro=manifest.name.upper()))
        command = [sys.executable, "-m", "ziglang", "cc", "-target", "wasm32-freestanding", "-O2", "-s", "-nostdlib"]
        command += ["-ffp-contract=off", "-Wl,--no-entry", *(f"-Wl,--export={name}" for name in _EXPORTS)]
        command += [f"-I{bundle / 'include'}", f"-I{bundle / 'src'}", str(source), str(shim), "-o", str(made)]
        done = subprocess.run(command, capture_output=True, text=True, timeout=_TIMEOUT_S, check=False)
        if done.returncode:
            raise SymcError(f"the C does not compile to WebAssembly:\n{done.stderr[-2000:]}", where=str(source))
        return made.read_bytes()
