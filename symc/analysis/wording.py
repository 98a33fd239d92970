"""An instruction as people write it."""

from __future__ import annotations

import numpy as np

from symc.ir.ops import OPERATORS
from symc.ir.program import Program

_LONGEST = 60
_INFIX = {"add": 1, "sub": 1, "mul": 2, "div": 2}
_COMPARED = frozenset({"lt", "le", "gt", "ge", "eq", "ne"})


def expression_at(program: Program, position: int) -> str:
    """The value at `position` as an expression over the inputs, shortened in its middle."""
    text = _write(program, position, 8)[0]
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST // 2]} ... {text[-_LONGEST // 3 :]}"


def _write(program: Program, position: int, depth: int) -> tuple[str, int]:
    """Text and binding strength; what lies too deep is "...", since shared values would grow without end."""
    step = program.instructions[position]
    if step.op == "input":
        return program.inputs[step.index], 3
    if step.op == "const":
        value = program.format.dtype(step.value)
        return np.format_float_positional(value, trim="-") if 1e-4 <= abs(value) < 1e7 else str(
            value
        ), 3 if step.value >= 0 else 1
    if not depth:
        return "(...)", 3
    parts = [_write(program, a, depth - 1) for a in step.args]
    strength = 0 if step.op in _COMPARED else _INFIX.get(step.op)
    if strength is not None:
        (left, bound), (right, by) = parts
        # A difference or quotient on the right keeps its parentheses.
        strict = by < strength or (by == strength and step.op in ("sub", "div"))
        texts = f"({left})" if bound < strength else left, f"({right})" if strict else right
        symbol = OPERATORS[step.op].symbol
        return (f"{texts[0]}{symbol}{texts[1]}" if strength == 2 else f"{texts[0]} {symbol} {texts[1]}"), strength
    if step.op == "neg":
        return f"-({parts[0][0]})" if parts[0][1] < 2 else f"-{parts[0][0]}", 1
    return f"{step.op}({', '.join(text for text, _ in parts)})", 3
