"""Other ways to the same C function NAME_eval: sympy's printer, a network's matrices, emlearn; and what it answers."""

from __future__ import annotations

import importlib.util
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import sympy
from _examples import Layer, Network
from sympy.codegen.ast import float32, real

from symc.bundle import Manifest
from symc.evidence.probes import table_of
from symc.ir.parse import parse
from symc.meaning.points import F32

_ACTIVATION = {
    "tanh": "tanhf(sum)",
    "silu": "sum / (1.0f + expf(-sum))",
    "identity": "sum",
}
# The ATmega's compiler would copy constant arrays to RAM, of which it has 8 kB.
_START = """#include "{name}.h"
#include <math.h>
#if defined(__AVR__)
#define TABLE static const __flash
#else
#define TABLE static const
#endif
"""


def write(folder: Path, manifest: Manifest, n_in: int, n_out: int, source: str) -> Path:
    """A folder as a bundle's: include/NAME.h and src/NAME.c; returns the source."""
    name, macro = manifest.name, manifest.name.upper()
    (folder / "include").mkdir(parents=True)
    (folder / "src").mkdir()
    text = f"#pragma once\n#define {macro}_N_IN {n_in}\n#define {macro}_N_OUT {n_out}\n#include <stddef.h>\n"
    (folder / "include" / f"{name}.h").write_text(f"{text}void {name}_eval(const float *x, float *y);\n")
    (folder / "src" / f"{name}.c").write_text(source)
    return folder / "src" / f"{name}.c"


def by_sympy(manifest: Manifest) -> str:
    """The equations as sympy prints C99 for float, after sympy.cse over all outputs, for the C library's functions."""
    features = manifest.program.inputs
    shared, outputs = sympy.cse([parse(row.text, features) for row in manifest.equations])

    def printed(expression: sympy.Expr) -> str:
        return sympy.ccode(expression, standard="C99", type_aliases={real: float32})

    used = set().union(*(value.free_symbols for value in (*outputs, *(value for _, value in shared))))
    names = {str(symbol) for symbol in used}
    lines = [f"    const float {name} = in[{k}];" for k, name in enumerate(features) if name in names]
    lines += [f"    const float {name} = {printed(value)};" for name, value in shared]
    lines += [f"    out[{k}] = {printed(value)};" for k, value in enumerate(outputs)]
    body = "\n".join(lines)
    start = _START.format(name=manifest.name)
    return f"{start}\nvoid {manifest.name}_eval(const float *in, float *out)\n{{\n{body}\n}}\n"


def plain(manifest: Manifest, network: Network) -> str:
    """The network as constant arrays and loops over them, with the C library's functions."""
    tables, body, before = [], [], "x"
    last = len(network.layers) - 1
    for k, layer in enumerate(network.layers):
        n_out, n_in = layer.weights.shape
        after = "y" if k == last else f"h{k}"
        tables.append(f"TABLE float w{k}[{n_out}][{n_in}] = {{{_rows(layer)}}};")
        tables.append(f"TABLE float b{k}[] = {_row(layer.bias)};")
        if k != last:
            body.append(f"    float h{k}[{n_out}];")
        body += [
            f"    for (int i = 0; i < {n_out}; i++) {{",
            f"        float sum = b{k}[i];",
            f"        for (int j = 0; j < {n_in}; j++) sum += w{k}[i][j] * {before}[j];",
            f"        {after}[i] = {_ACTIVATION[layer.activation]};",
            "    }",
        ]
        before = after
    lines = [_START.format(name=manifest.name), *tables, f"void {manifest.name}_eval(const float *x, float *y)"]
    return "\n".join([*lines, "{", *body, "}", ""])


def printed(manifest: Manifest, rows: F32) -> str:
    """Print the bits of what NAME_eval gives for each row (m, n_in), one number a line."""
    name, macro = manifest.name, manifest.name.upper()
    return f"""#include "board.h"
#include "{name}.h"
{table_of(manifest, rows)}
int main(void)
{{
    union {{ float value; uint32_t bits; }} cast;
    size_t row;
    int k;
    for (row = 0; row < sizeof rows / sizeof rows[0]; row++) {{
        for (k = 0; k < {macro}_N_IN; k++) x[k] = ELEMENT(&rows[row][k]);
        {name}_eval(x, y);
        for (k = 0; k < {macro}_N_OUT; k++) {{
            cast.value = y[k];
            board_put_hex(cast.bits);
            board_put("\\n");
        }}
    }}
    return 0;
}}
"""


def emlearn_headers() -> Path | None:
    """The folder of emlearn's headers, None where it is not installed."""
    found = importlib.util.find_spec("emlearn")
    return None if found is None or found.origin is None else Path(found.origin).parent


def by_emlearn(manifest: Manifest, network: Network) -> str | None:
    """The network as emlearn writes it for regression; None for an activation that it does not have."""
    # emlearn has numpy raise on underflow from then on, for all that the process does.
    with np.errstate():
        from emlearn.net import ACTIVATION_FUNCTIONS, c_generate_net_loadable

    names = [layer.activation for layer in network.layers]
    if not set(names) <= set(ACTIVATION_FUNCTIONS):
        return None
    weights, biases = ([getattr(layer, part) for layer in network.layers] for part in ("weights", "bias"))
    code = c_generate_net_loadable(names, [w.T for w in weights], biases, "net")
    call = f"net_regress(x, {weights[0].shape[1]}, y, {len(biases[-1])})"
    start = _START.format(name=manifest.name)
    return f"{start}{code}\nvoid {manifest.name}_eval(const float *x, float *y)\n{{\n    {call};\n}}\n"


def _rows(layer: Layer) -> str:
    return ",\n".join(_row(row) for row in layer.weights)


def _row(values: Sequence[float]) -> str:
    return "{" + ", ".join(f"{float(value).hex()}f" for value in values) + "}"
