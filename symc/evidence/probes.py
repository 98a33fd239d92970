"""The C programs that find out what NAME_eval, or NAME_fixed_eval, costs on a board."""

from __future__ import annotations

from dataclasses import dataclass

from symc.backends.spelling import spelling_of
from symc.bundle import Manifest
from symc.bundle.fixed import fixed_of
from symc.fixed.evaluate import quantized
from symc.meaning.points import F32
from symc.toolchain.emulators import Board

_ROWS = """#if defined(__AVR__)
#include <avr/pgmspace.h>
#define TABLE PROGMEM
#define ELEMENT(at) {read}(at)
#else
#define TABLE
#define ELEMENT(at) (*(at))
#endif
static const {number} rows[][{macro}_N_IN] TABLE = {{
{rows}
}};
static {number} x[{macro}_N_IN];
static {number} y[{macro}_N_OUT];
static volatile {number} sink;
"""


@dataclass(frozen=True)
class _Words:
    """What inputs and results are in C, how AVR reads one from its flash, and what begins the functions' names."""

    number: str
    read: str
    function: str
    result: str


def _words(manifest: Manifest) -> _Words:
    if manifest.fixed:
        bits, read = (manifest.fixed.bits, {16: "word", 32: "dword"}[manifest.fixed.bits])
        return _Words(f"int{bits}_t", f"(int{bits}_t)pgm_read_{read}", f"{manifest.name}_fixed_eval", "uint32_t")
    # No AVR takes doubles, so that nothing reads one from flash.
    real = spelling_of(manifest.program).real
    return _Words(real, "pgm_read_float", f"{manifest.name}_eval", "void")


def most_rows(manifest: Manifest, board: Board) -> int:
    """How many rows of inputs one program can hold."""
    return max(board.table // (spelling_of(manifest.program).size * manifest.program.n_in), 1)


def sized(manifest: Manifest, calls: bool) -> str:
    """A program of the same form with and without the call, whose difference is what the call adds."""
    name, macro, words = manifest.name, manifest.name.upper(), _words(manifest)
    call = f"    {words.function}(x, y);\n" if calls else ""
    return f"""#include "{name}.h"
static volatile {words.number} in[{macro}_N_IN], out[{macro}_N_OUT];
int main(void)
{{
    {words.number} x[{macro}_N_IN], y[{macro}_N_OUT] = {{0}};
    int k;
    for (k = 0; k < {macro}_N_IN; k++) x[k] = in[k];
{call}    for (k = 0; k < {macro}_N_OUT; k++) out[k] = y[k];
    return 0;
}}
"""


def stacked(manifest: Manifest, rows: F32, board: Board) -> str:
    """Paint the stack below a function, call it with each row (m, n_in), and look how far down the paint is gone."""
    name, macro = manifest.name, manifest.name.upper()
    return f"""#include "board.h"
#include "{name}.h"
enum {{ DEEP = {board.stack}, OWN = 32, PAINT = 0xA5 }};
{table_of(manifest, rows)}
static __attribute__((noinline)) unsigned depth(void)
{{
    volatile unsigned char mark = 0;
    volatile unsigned char *top = &mark;
    volatile unsigned char *p;
    for (p = top - DEEP; p < top - OWN; p++) *p = PAINT;
    {_words(manifest).function}(x, y);
    for (p = top - DEEP; p < top - OWN && *p == PAINT; p++) {{ }}
    return (unsigned)(top - p);
}}
int main(void)
{{
    unsigned most = 0, used;
    size_t row;
    int k;
    char text[8];
    for (row = 0; row < sizeof rows / sizeof rows[0]; row++) {{
        for (k = 0; k < {macro}_N_IN; k++) x[k] = ELEMENT(&rows[row][k]);
        used = depth();
        if (used > most) most = used;
        sink = y[0];
    }}
    for (k = 6, text[7] = 0; k >= 0; k--, most /= 10U) text[k] = (char)('0' + most % 10U);
    board_put(text);
    board_put("\\n");
    return 0;
}}
"""


def timed(manifest: Manifest, rows: F32) -> str:
    """Count the call of an empty function, and then that of the bundle's with each row (m, n_in)."""
    name, macro, words = manifest.name, manifest.name.upper(), _words(manifest)
    back = "" if words.result == "void" else "\n    return 0;"
    return f"""#include "counting.h"
#include "{name}.h"
{table_of(manifest, rows)}
/* Volatile, so that the compiler makes one call of both and suits it to neither. */
static {words.result} (*volatile function)(const {words.number} *in, {words.number} *out);
static {words.result} empty(const {words.number} *in, {words.number} *out)
{{
    (void)in;
    (void)out;{back}
}}
static __attribute__((noinline)) void piece(void)
{{
    board_begin();
    function(x, y);
    board_end();
}}
int main(void)
{{
    size_t row;
    int k;
    function = empty;
    piece();
    function = {words.function};
    for (row = 0; row < sizeof rows / sizeof rows[0]; row++) {{
        for (k = 0; k < {macro}_N_IN; k++) x[k] = ELEMENT(&rows[row][k]);
        piece();
        sink = y[0];
    }}
    return 0;
}}
"""


def table_of(manifest: Manifest, rows: F32) -> str:
    """C for `rows` (m, n_in) as a table, read by ELEMENT(&rows[row][k]), and for x, y and a sink."""
    words, fixed = _words(manifest), fixed_of(manifest)
    suffix = spelling_of(manifest.program).suffix
    texts = [[f"{float(value).hex()}{suffix}" for value in row] for row in rows]
    if fixed is not None:
        texts = [[f"INT{fixed.bits}_C({value})" for value in row] for row in quantized(fixed, rows).tolist()]
    text = ",\n".join("{" + ", ".join(row) + "}" for row in texts)
    return _ROWS.format(macro=manifest.name.upper(), rows=text, number=words.number, read=words.read)
