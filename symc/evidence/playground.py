"""The bundle's own C as WebAssembly, for a page on which people move the inputs."""

from __future__ import annotations

from pathlib import Path

from symc.bundle import Manifest
from symc.bundle.numbers import is_double
from symc.errors import MissingTool, SymcError
from symc.toolchain.wasm import webassembly

_EXPORTS = ("symc_inputs", "symc_outputs", "symc_run")
_SHIM = """#include "{name}.h"
static float inputs[{macro}_N_IN], outputs[{macro}_N_OUT];
float *symc_inputs(void) {{ return inputs; }}
float *symc_outputs(void) {{ return outputs; }}
void symc_run(void) {{ {name}_eval(inputs, outputs); }}
"""


def wasm_of(bundle: Path, manifest: Manifest) -> bytes:
    """A module that exports memory, symc_inputs(), symc_outputs() and symc_run(), made of the bundle's sources.

    Raises MissingTool without a compiler for WebAssembly (the package ziglang), SymcError where it fails,
    for fixed point and for double precision.
    """
    if "c" not in manifest.targets:
        raise MissingTool("the bundle holds no C", hint="Build it with --target c.")
    if manifest.fixed:
        raise SymcError("fixed-point code has integers of its own formats")
    if is_double(manifest.options):
        raise SymcError("the page's inputs and outputs are float32, and this code is in double precision")
    headers = [path for path in manifest.files if path.startswith(("include/", "src/")) and path.endswith(".h")]
    files = {path: (bundle / path).read_bytes() for path in [*headers, f"src/{manifest.name}.c"]}
    files["shim.c"] = _SHIM.format(name=manifest.name, macro=manifest.name.upper()).encode()
    return webassembly(files, ("include", "src"), _EXPORTS, manifest.name)
