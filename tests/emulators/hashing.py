"""A program for a device that evaluates units on many inputs and prints one hash per output, and the same on the host.

Nothing is sent to the device: it makes its inputs itself, by the generator that `inputs` repeats here.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numba
import numpy as np

from symc.backends import Unit
from symc.ir.layered import Layered
from symc.ir.program import Builder, Program
from symc.toolchain.emulators import Board, run
from tests.targets import building
from tests.targets.programs import SPECIAL_BITS, unit_of

# One block of eval_batch and one row that is left over.
CHUNK = 33

_FNV_START = 0x811C9DC5
_FNV_PRIME = 0x01000193

_PROGRAM = """\
#include <stddef.h>

#include "board.h"

{includes}

static uint32_t mixed(uint32_t v)
{{
    v ^= v >> 16;
    v *= UINT32_C(0x7feb352d);
    v ^= v >> 15;
    v *= UINT32_C(0x846ca68b);
    return v ^ (v >> 16);
}}

/* Column k of row i: all pairs of special values, then mixtures of any bits, moderate numbers and small quarters. */
static uint32_t input(uint32_t i, uint32_t k)
{{
    static const uint32_t special[{n_special}] = {{{special}}};
    const uint32_t v = mixed(i * UINT32_C({n_in}) + k);
    if (i < UINT32_C({n_special}) * UINT32_C({n_special})) {{
        return special[k % 2u == 0u ? i % UINT32_C({n_special}) : i / UINT32_C({n_special})];
    }}
    switch ((i + (k & i >> 2)) & 3u) {{
    case 0:
        return v;
    case 1:
        return (v & UINT32_C(0x807fffff)) | ((UINT32_C(121) + (v >> 23 & 255u) % 13u) << 23);
    case 2:
        return (v & UINT32_C(0x807fffff)) | UINT32_C(0x3f000000) | (v >> 7 & UINT32_C(0x00800000));
    default: {{
        union {{ float value; uint32_t bits; }} cast;
        cast.value = (float)(int32_t)(v & 127u) * 0.25f - 16.0f;
        return cast.bits;
    }}
    }}
}}

static uint32_t hashed(uint32_t hash, uint32_t bits)
{{
    uint8_t byte;
    for (byte = 0; byte < 4; ++byte) {{
        hash = (hash ^ (bits & 255u)) * UINT32_C({prime});
        bits >>= 8;
    }}
    return hash;
}}

typedef union {{ float value; uint32_t bits; }} number;

static number x[{chunk} * {n_in}];
static number y[{chunk} * {most}];
static number single[{most}];
static uint32_t hash[{most}];

typedef void evaluation(const float *x, float *y);
typedef void batch_evaluation(const float *x, float *y, size_t n);

/* Returns how often the evaluation of single rows and of batches disagree. */
static uint32_t test(evaluation *eval, batch_evaluation *eval_batch, uint8_t n_out)
{{
    uint32_t differences = 0;
    uint32_t row = 0;
    uint8_t o;
    for (o = 0; o < n_out; ++o) {{
        hash[o] = UINT32_C({start});
    }}
    while (row < UINT32_C({rows})) {{
        const uint32_t first = row;
        size_t n = 0;
        size_t i;
        for (; n < {chunk}u && row < UINT32_C({rows}); ++n) {{
            uint8_t k;
            for (k = 0; k < {n_in}; ++k) {{
                x[n * {n_in} + k].bits = input(row, k);
            }}
            row += UINT32_C({stride});
        }}
        eval_batch(&x[0].value, &y[0].value, n);
        for (i = 0; i < n; ++i) {{
            const int is_compared = first + (uint32_t)i * UINT32_C({stride}) < UINT32_C({single_rows}) || i % 16u == 0u;
            if (is_compared) {{
                eval(&x[i * {n_in}].value, &single[0].value);
            }}
            for (o = 0; o < n_out; ++o) {{
                const uint32_t bits = y[i * n_out + o].bits;
                hash[o] = hashed(hash[o], bits);
                differences += (uint32_t)(is_compared && single[o].bits != bits);
            }}
        }}
    }}
    for (o = 0; o < n_out; ++o) {{
        board_put_hex(hash[o]);
        board_put("\\n");
    }}
    return differences;
}}

int main(void)
{{
    uint32_t differences = 0;
{tests}
    return differences == 0 ? 0 : 1;
}}
"""


def inputs(n_in: int, rows: int) -> np.ndarray:
    """The inputs (rows, n_in) that the device makes."""
    i = np.arange(rows, dtype=np.uint32)[:, None]
    k = np.arange(n_in, dtype=np.uint32)[None, :]
    v = _mixed(i * np.uint32(n_in) + k)
    special = np.array(SPECIAL_BITS, np.uint32)
    n = len(special)
    moderate = (v & 0x807FFFFF) | ((121 + (v >> 23 & 255) % 13) << 23)
    near_one = (v & 0x807FFFFF) | 0x3F000000 | (v >> 7 & 0x00800000)
    quarters = ((v & 127).astype(np.float32) * np.float32(0.25) - np.float32(16)).view(np.uint32)
    bits = np.choose((i + (k & i >> 2)) & 3, [v, moderate, near_one, quarters])
    pairs = special[np.where(k % 2 == 0, i % n, np.minimum(i // n, n - 1))]
    return np.where(i < n * n, pairs, bits).astype(np.uint32).view(np.float32)


def _mixed(v: np.ndarray) -> np.ndarray:
    v = v ^ v >> np.uint32(16)
    v = v * np.uint32(0x7FEB352D)
    v = v ^ v >> np.uint32(15)
    v = v * np.uint32(0x846CA68B)
    return v ^ v >> np.uint32(16)


@numba.njit
def _fnv(bits: np.ndarray) -> np.ndarray:
    hashes = np.full(bits.shape[1], _FNV_START, np.uint32)
    for row in range(bits.shape[0]):
        for column in range(bits.shape[1]):
            value = bits[row, column]
            for _ in range(4):
                hashes[column] = (hashes[column] ^ (value & np.uint32(255))) * np.uint32(_FNV_PRIME)
                value = value >> np.uint32(8)
    return hashes


def hashes(outputs: np.ndarray) -> list[str]:
    """FNV-1a, 32 bits, over the bytes of each column of the float32 array `outputs` (rows, n_out), least byte first."""
    return [f"{h:08x}" for h in _fnv(np.ascontiguousarray(outputs, np.float32).view(np.uint32)).tolist()]


def parts(program: Program, most_outputs: int) -> list[Program]:
    """The program cut into programs of at most `most_outputs` outputs, in their order; for boards with little RAM."""
    cut = []
    for start in range(0, program.n_out, most_outputs):
        results = program.results[start : start + most_outputs]
        needed = set(results)
        for position in range(len(program.instructions) - 1, -1, -1):
            if position in needed:
                needed.update(program.instructions[position].args)
        b = Builder(program.inputs)
        place: dict[int, int] = {}
        for position in sorted(needed):
            step = program.instructions[position]
            if step.op == "input":
                place[position] = b.input(step.index)
            elif step.op == "const":
                place[position] = b.const(step.value)
            else:
                place[position] = b.op(step.op, *(place[a] for a in step.args))
        outputs = program.outputs[start : start + most_outputs]
        cut.append(b.finish(outputs, [place[r] for r in results]))
    return cut


def run_on(
    board: Board,
    program: Program | Layered,
    rows: range,
    *,
    single_rows: int,
    most_outputs: int = 255,
    most_units: int = 255,
    flags: Sequence[str] = ("-O2",),
    timeout_s: float = 300,
) -> list[str]:
    """Evaluate `program` on the inputs numbered `rows` (from 0 on) on a board and return the hash of each output.

    eval_batch evaluates every row; eval those below `single_rows` and a part of the others, which must agree. A unit
    takes at most `most_outputs` outputs (a layered program stays whole), what runs at once at most `most_units` units.
    Raises what `symc.toolchain.emulators.run` does, CheckFailed among them when the two evaluations disagree.
    """
    whole_or_parts = [program] if isinstance(program, Layered) else parts(program, most_outputs)
    units = [unit_of(part, f"part{k}", derivatives=False) for k, part in enumerate(whole_or_parts)]
    images = [units[k : k + most_units] for k in range(0, len(units), most_units)]

    def printed(image: Sequence[Unit]) -> list[str]:
        with tempfile.TemporaryDirectory() as scratch:
            roots = [building.write(Path(scratch), unit, ["c"]) for unit in image]
            main = Path(scratch, "main.c")
            main.write_text(_text(image, rows, single_rows))
            sources = [main, *(root / "src" / f"{root.name}.c" for root in roots)]
            _keep_all_headers(roots)
            folders = [*(root / "include" for root in roots), roots[0] / "src"]
            return run(board, sources, folders, flags, timeout_s).split()

    with ThreadPoolExecutor(os.cpu_count()) as pool:
        return [line for lines in pool.map(printed, images) for line in lines]


def _keep_all_headers(roots: Sequence[Path]) -> None:
    """Each bundle holds the headers it uses; give the first one all of them."""
    for root in roots[1:]:
        for header in (root / "src" / "symc").rglob("*.h"):
            target = roots[0] / "src" / header.relative_to(root / "src")
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(header.read_bytes())


def _text(units: Sequence[Unit], rows: range, single_rows: int) -> str:
    names = [unit.name for unit in units]
    return _PROGRAM.format(
        includes="\n".join(f'#include "{name}.h"' for name in names),
        tests="\n".join(
            f"    differences += test({u.name}_eval, {u.name}_eval_batch, {u.program.n_out});" for u in units
        ),
        n_in=units[0].program.n_in,
        most=max(unit.program.n_out for unit in units),
        n_special=len(SPECIAL_BITS),
        special=", ".join(f"UINT32_C(0x{bits:08x})" for bits in SPECIAL_BITS),
        start=hex(_FNV_START),
        prime=hex(_FNV_PRIME),
        rows=rows.stop,
        stride=rows.step,
        single_rows=single_rows,
        chunk=CHUNK,
    )
