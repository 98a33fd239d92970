"""The C programs that find out what NAME_eval costs on a board."""

from __future__ import annotations

import numpy as np

from symc.bundle import Manifest
from symc.meaning.points import F32

# An ATmega reads tables in the first 64 kB of its flash alone.
_TABLE_BYTES = 24_000

_ROWS = """#if defined(__AVR__)
#include <avr/pgmspace.h>
#define TABLE PROGMEM
#define ELEMENT(at) pgm_read_float(at)
#else
#define TABLE
#define ELEMENT(at) (*(at))
#endif
static const float rows[][{macro}_N_IN] TABLE = {{
{rows}
}};
static float x[{macro}_N_IN];
static float y[{macro}_N_OUT];
static volatile float sink;
"""


def most_rows(manifest: Manifest) -> int:
    """How many rows of inputs one program can hold."""
    return max(_TABLE_BYTES // (4 * manifest.program.n_in), 1)


def sized(manifest: Manifest, calls: bool) -> str:
    """A program of the same form with and without the call, whose difference is what the call adds."""
    name, macro = manifest.name, manifest.name.upper()
    call = f"    {name}_eval(x, y);\n" if calls else ""
    return f"""#include "{name}.h"
static volatile float in[{macro}_N_IN], out[{macro}_N_OUT];
int main(void)
{{
    float x[{macro}_N_IN], y[{macro}_N_OUT] = {{0}};
    int k;
    for (k = 0; k < {macro}_N_IN; k++) x[k] = in[k];
{call}    for (k = 0; k < {macro}_N_OUT; k++) out[k] = y[k];
    return 0;
}}
"""


def stacked(manifest: Manifest, rows: F32) -> str:
    """Paint the stack below a function, call it with each row (m, n_in), and look how far down the paint is gone."""
    name, macro = manifest.name, manifest.name.upper()
    return f"""#include "board.h"
#include "{name}.h"
enum {{ DEEP = 2048, OWN = 32, PAINT = 0xA5 }};
{table_of(manifest, rows)}
static __attribute__((noinline)) unsigned depth(void)
{{
    volatile unsigned char mark = 0;
    volatile unsigned char *top = &mark;
    volatile unsigned char *p;
    for (p = top - DEEP; p < top - OWN; p++) *p = PAINT;
    {name}_eval(x, y);
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
    """Count the call of an empty function, and then that of NAME_eval with each row (m, n_in)."""
    name, macro = manifest.name, manifest.name.upper()
    return f"""#include "counting.h"
#include "{name}.h"
{table_of(manifest, rows)}
/* Volatile, so that the compiler makes one call of both and suits it to neither. */
static void (*volatile function)(const float *in, float *out);
static void empty(const float *in, float *out)
{{
    (void)in;
    (void)out;
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
    function = {name}_eval;
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
    text = ",\n".join("{" + ", ".join(_literal(value) for value in row) + "}" for row in rows)
    return _ROWS.format(macro=manifest.name.upper(), rows=text)


def _literal(value: np.float32) -> str:
    return f"{float(value).hex()}F"
