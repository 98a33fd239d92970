"""Binary64 functions as modules of Python that Numba compiles."""

from __future__ import annotations

import ast
import re

from reading import COMPARED, GIVEN, LEVELS, Printer, Source, uses, wrapped

_LINE = 120
# What core.py gives Numba's modules.
_CORE = ["SHIFT", "Angle", "Pair", "abs_", "bits", "floor", "from_bits", "sqrt", "times_sign", "with_sign"]
# What programs call.
_PUBLIC = frozenset(
    (
        *("exp", "exp2", "expm1", "sinh", "cosh", "tanh", "log", "log2", "log10", "log1p", "asinh", "acosh", "atanh"),
        *("sin", "cos", "tan", "atan", "asin", "acos", "pow", "cbrt", "gamma", "erf", "erfc"),
    )
)


class InNumba(Printer):
    """Python that Numba compiles: the types of integers are written out, because mixed ones become doubles."""

    def statement(self, node: ast.stmt, depth: int) -> list[str]:
        pad = "    " * depth
        lines = [f"{pad}# {line}" for line in self.comment_above(node)]
        if isinstance(node, ast.Return):
            assert node.value is not None
            return [*lines, *_in_brackets(f"{pad}return ", self.text(node.value, self.function.returns), pad)]
        if isinstance(node, ast.For):
            assert isinstance(node.iter, ast.Call) and isinstance(node.target, ast.Name)
            inner = [line for s in node.body for line in self.statement(s, depth + 1)]
            return [*lines, f"{pad}for _ in range({ast.literal_eval(node.iter.args[0])}):", *inner]
        assert isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name)
        name = node.targets[0].id
        kind = self.kind(node.value) or "Word"
        text = self.text(node.value, kind)
        self.types[name] = kind
        return [*lines, *_in_brackets(f"{pad}{name} = ", text, pad)]

    def text(self, node: ast.expr, kind: str = "", above: int = 0) -> str:
        if isinstance(node, ast.Constant):
            return repr(node.value) if isinstance(node.value, float | bool) else f"U64({node.value})"
        if isinstance(node, ast.Name):
            is_word = node.id not in self.types and isinstance(self.source.constants[node.id], int)
            return f"U64({node.id})" if is_word else node.id
        if isinstance(node, ast.Attribute):
            return f"{self.text(node.value)}.{node.attr}"
        if isinstance(node, ast.UnaryOp):
            if isinstance(node.op, ast.Invert):
                return f"(not {self.text(node.operand, 'Flag', 9)})"
            return f"-{self.text(node.operand, kind, 9)}"
        if isinstance(node, ast.Compare):
            operands = self.kind(node.left) or self.kind(node.comparators[0])
            op = COMPARED[type(node.ops[0])]
            return f"({self.text(node.left, operands, 4)} {op} {self.text(node.comparators[0], operands, 4)})"
        if isinstance(node, ast.BinOp):
            own = self.kind(node) or kind
            op, level = LEVELS[type(node.op)]
            if isinstance(node.op, ast.FloorDiv):
                op = "//"
            if own == "Word":
                return f"U64({self.text(node.left, own, level)} {op} {self.text(node.right, own, level + 1)})"
            inner = f"{self.text(node.left, own, level)} {op} {self.text(node.right, own, level + 1)}"
            return f"({inner})" if above > level else inner
        assert isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
        name = node.func.id
        if name == "where":
            condition, a, b = node.args
            own = self.kind(node) if kind == "" else kind
            inner = f"{self.text(a, own, 1)} if {self.text(condition, 'Flag')} else {self.text(b, own, 1)}"
            return f"({inner})" if above else inner
        if name in ("lookup", "word_at"):
            table, index = node.args
            assert isinstance(table, ast.Name)
            found = f"{table.id}[{self.text(index, 'Word')}]"
            return f"U64({found})" if name == "word_at" else found
        if name == "polynomial":
            t, table = node.args
            assert isinstance(table, ast.Name)
            return f"polynomial_{table.id.lower()}({self.text(t, 'Double')})"
        if name in GIVEN:
            return GIVEN[name][2].format(*self.arguments(node))
        return f"{_called(name)}({', '.join(self.arguments(node))})"


def _called(name: str) -> str:
    """A function's name for Numba's modules: pow is Python's own."""
    return "pow_" if name == "pow" else name


def module(source: Source, name: str) -> str:
    """Numba's module."""
    doc = ast.get_docstring(ast.parse(source.texts[name])) or ""
    scalars, tables, series, others = uses(source, name)
    own = [f for f in source.functions.values() if f.module == name]
    body: list[str] = []
    for scalar in scalars:
        value = source.constants[scalar]
        if scalar != "SHIFT":
            body.append(f"{scalar} = {_python(value)}")
    for table in tables:
        values = source.constants[table]
        kind = "np.uint64" if isinstance(values[0], int) else "np.float64"
        rows = [f"        {', '.join(_python(v) for v in values[k : k + 4])}," for k in range(0, len(values), 4)]
        body += [f"{table} = np.array(", "    [", *rows, "    ],", f"    {kind},", ")"]
    for table in series:
        steps = [f"    p = {source.constants[table][-1]!r}"]
        steps += [f"    p = p * t + {v!r}" for v in source.constants[table][-2::-1]]
        body += ["", "", "@inlined", f"def polynomial_{table.lower()}(t):", *steps, "    return p"]
    for function in own:
        how = "inlined" if name == "pairs" else "public" if function.node.name in _PUBLIC else "called"
        head = f"def {_called(function.node.name)}({', '.join(function.parameters)}):"
        body += ["", "", f"@{how}", head, f'    """{ast.get_docstring(function.node)}"""']
        body += InNumba(source, function).lines()
    used = {n.id for n in ast.walk(ast.parse("\n".join(body))) if isinstance(n, ast.Name)}
    imports = {"core": _CORE, "jit": ["F64", "U64", "called", "inlined", "public"]}
    imports |= {m: [_called(f.node.name) for f in source.functions.values() if f.module == m] for m in others}
    lines = ["# SPDX-License-Identifier: Apache-2.0", f'"""{doc}', ""]
    lines += [f"Printed by runtime/double/write.py from symc/ir/binary64/{name}.py.", '"""', ""]
    lines += ["from __future__ import annotations", ""] + ["import numpy as np", ""] * ("np" in used)
    for origin in sorted(imports):
        lines += _imported(origin, [n for n in imports[origin] if n in used])
    public = sorted((_called(f.node.name) for f in own if f.node.name in _PUBLIC), key=_natural)
    lines += ["", f"__all__ = [{', '.join(f'{n!r}' for n in public)}]".replace("'", '"'), ""]
    return "\n".join([*lines, *body, ""])


def _natural(name: str) -> list[tuple[int, int, str]]:
    """log2 before log10."""
    return [(0, int(part), "") if part.isdigit() else (1, 0, part) for part in re.findall(r"\d+|\D+", name)]


def _imported(origin: str, names: list[str]) -> list[str]:
    """An import as isort writes it."""
    if not names:
        return []
    kinds = sorted(names, key=lambda n: (0 if n.isupper() else 1 if n[0].isupper() else 2, n))
    line = f"from .{origin} import {', '.join(kinds)}"
    return [line] if len(line) <= _LINE else [f"from .{origin} import (", *(f"    {n}," for n in kinds), ")"]


def _in_brackets(start: str, text: str, pad: str) -> list[str]:
    """A statement that may take several lines."""
    if len(start + text) <= _LINE:
        return [start + text]
    return [f"{start}(", *wrapped(f"{pad}    {text}", f"{pad}    "), f"{pad})"]


def _python(value: float | int) -> str:
    if isinstance(value, int):
        return hex(value) if value > 9999 else str(value)
    if value != value or value in (float("inf"), float("-inf")):
        return "np.nan" if value != value else f"{'-' if value < 0 else ''}np.inf"
    return repr(value)
