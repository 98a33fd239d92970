"""Bounds of a program by Gappa, an independent prover (Daumas and Melquiond, 2010); it knows +, -, *, / and sqrt."""

from __future__ import annotations

import re
import subprocess

from symc.ir.program import Program

OPERATORS = frozenset({"add", "sub", "mul", "div", "sqrt", "neg"})
Box = list[tuple[float, float]]
_SYMBOL = {"add": "+", "sub": "-", "mul": "*", "div": "/"}


def gappa_range(program: Program, box: Box) -> tuple[float, float] | None:
    """The range of the program's float32 value over the box, or None where Gappa finds none."""
    return _asked(program, box, f"v{program.results[0]}")


def gappa_error(program: Program, box: Box) -> float | None:
    """A bound of |float32 value - real value| over the box, the constants being exact; None where Gappa finds none."""
    result = program.results[0]
    found = _asked(program, box, f"v{result} - r{result}")
    return None if found is None else max(map(abs, found))


def _asked(program: Program, box: Box, what: str) -> tuple[float, float] | None:
    code, real = ["@rnd = float<ieee_32,ne>;"], []
    for k, step in enumerate(program.instructions):
        if step.op in ("input", "const"):
            code.append(f"v{k} = rnd(a{step.index});" if step.op == "input" else f"v{k} = {step.value!r};")
            real.append(f"r{k} = v{k};")
        elif step.op in ("sqrt", "neg"):
            name, rounded = ("sqrt", "rnd=") if step.op == "sqrt" else ("-", "=")
            code.append(f"v{k} {rounded} {name}(v{step.args[0]});")
            real.append(f"r{k} = {name}(r{step.args[0]});")
        else:
            (a, b), symbol = step.args, _SYMBOL[step.op]
            code.append(f"v{k} rnd= v{a} {symbol} v{b};")
            real.append(f"r{k} = r{a} {symbol} r{b};")
    used = sorted({s.index for s in program.instructions if s.op == "input"})
    given = " /\\ ".join(f"a{k} in [{box[k][0]!r},{box[k][1]!r}]" for k in used)
    script = "\n".join([*code, *real, f"{{ {given} -> {what} in ? }}"])
    done = subprocess.run(["gappa"], input=script, capture_output=True, text=True, timeout=120)
    match = re.search(r" in \[(.*)\]", done.stdout + done.stderr)
    if match is None:
        return None
    # Gappa writes 11184811b-25 {0.333333, 2^(-1.58496)}: an integer times a power of two.
    numbers = re.findall(r"(-?\d+)(?:b(-?\d+))?(?: \{[^}]*\})?", match.group(1))
    low, high = (float(int(mantissa)) * 2.0 ** int(exponent or 0) for mantissa, exponent in numbers)
    return low, high
