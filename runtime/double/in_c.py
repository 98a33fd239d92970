"""Binary64 functions as headers of C99 that is C++ and CUDA too."""

from __future__ import annotations

import ast
from typing import Any

from reading import COMPARED, GIVEN, LEVELS, Function, Printer, Source, uses, wrapped

_TYPES = {"Double": "double", "Word": "uint64_t", "Flag": "int", "Pair": "symc_pair", "Angle": "symc_angle"}
# Long and rarely called: one copy.
_APART = ("far_angle", "gamma", "log_double", "erfc_factor")
_MIXED = frozenset({"&", "|", "<<", ">>"})


class InC(Printer):
    """C99 that is C++ and CUDA too."""

    def statement(self, node: ast.stmt, depth: int) -> list[str]:
        pad = "    " * depth
        lines = [f"{pad}/* {line} */" for line in self.comment_above(node)]
        if isinstance(node, ast.Return):
            assert node.value is not None
            return [*lines, *wrapped(f"{pad}return {self.text(node.value, self.function.returns)};", pad)]
        if isinstance(node, ast.For):
            assert isinstance(node.iter, ast.Call) and isinstance(node.target, ast.Name)
            count = ast.literal_eval(node.iter.args[0])
            name = node.target.id
            inner = [line for s in node.body for line in self.statement(s, depth + 1)]
            return [*lines, f"{pad}for (uint32_t {name} = 0; {name} < {count}U; ++{name}) {{", *inner, f"{pad}}}"]
        assert isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name)
        name, value = node.targets[0].id, node.value
        kind = self.kind(value) or "Word"
        declared = "" if name in self.types else f"{'' if name in self.varies else 'const '}{_TYPES[kind]} "
        text = self.text(value, kind)
        self.types[name] = kind
        return [*lines, *wrapped(f"{pad}{declared}{name} = {text};", pad)]

    def text(self, node: ast.expr, kind: str = "", above: int = 0) -> str:
        if isinstance(node, ast.Constant):
            return self._number(node.value, kind)
        if isinstance(node, ast.Name):
            if node.id in self.types:
                return node.id
            value = self.source.constants[node.id]
            if isinstance(value, float) and value != value:
                return "symc_from_bits64(SYMC_DOUBLE_NAN)"
            if isinstance(value, float) and value in (float("inf"), float("-inf")):
                return "symc_from_bits64(SYMC_DOUBLE_INFINITY)"
            return f"SYMC_DOUBLE_{node.id}"
        if isinstance(node, ast.Attribute):
            return f"{self.text(node.value)}.{node.attr}"
        if isinstance(node, ast.UnaryOp):
            if isinstance(node.op, ast.Invert):
                return f"!{self.text(node.operand, 'Flag', 9)}"
            if isinstance(node.operand, ast.Constant):
                return self._number(-node.operand.value, kind or self.kind(node.operand))
            return f"-{self.text(node.operand, kind, 9)}"
        if isinstance(node, ast.Compare):
            operands = self.kind(node.left) or self.kind(node.comparators[0])
            op = COMPARED[type(node.ops[0])]
            if operands == "Double" and op in ("==", "!="):
                left, right = self.text(node.left, operands), self.text(node.comparators[0], operands)
                return f"{'!' if op == '!=' else ''}symc_double_equal({left}, {right})"
            inner = f"{self.text(node.left, operands, 4)} {op} {self.text(node.comparators[0], operands, 4)}"
            return f"({inner})" if above >= 1 else inner
        if isinstance(node, ast.BinOp):
            own = self.kind(node) or kind
            op, level = LEVELS[type(node.op)]
            if own == "Flag":
                both = (node.left, node.right)
                joined = f" {op}{op} ".join(self.text(n, own, 1 if isinstance(n, ast.BinOp) else 0) for n in both)
                return f"({joined})" if above else joined
            if own == "Double" and op == "*":
                return f"symc_mul64({self.text(node.left, own)}, {self.text(node.right, own)})"
            shift = op in ("<<", ">>")
            left = self.text(node.left, own, 9 if op in _MIXED and isinstance(node.left, ast.BinOp) else level)
            right = self.text(node.right, "Count" if shift else own, 9 if op in _MIXED else level + 1)
            inner = f"{left} {op} {right}"
            return f"({inner})" if above > level or (above == 9) else inner
        assert isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
        name = node.func.id
        if name == "where":
            condition, a, b = node.args
            own = self.kind(node) if kind == "" else kind
            inner = f"{self.text(condition, 'Flag')} ? {self.text(a, own, 1)} : {self.text(b, own, 1)}"
            return f"({inner})" if above else inner
        if name == "lookup" or name == "word_at":
            table, index = node.args
            assert isinstance(table, ast.Name)
            return f"symc_double_table_{table.id.lower()}({self.text(index, 'Word')})"
        if name == "polynomial":
            t, table = node.args
            assert isinstance(table, ast.Name)
            return f"symc_double_polynomial_{table.id.lower()}({self.text(t, 'Double')})"
        if name in GIVEN:
            return GIVEN[name][1].format(*self.arguments(node))
        called = {"Pair": "symc_pair_of", "Angle": "symc_angle_of"}.get(name, f"symc_double_{name}")
        return f"{called}({', '.join(self.arguments(node))})"

    def _number(self, value: Any, kind: str) -> str:
        if isinstance(value, float):
            return _hexadecimal(value)
        if kind == "Count":
            return str(value)
        return f"UINT64_C({hex(value) if value > 9999 else value})"


def header(source: Source, module: str) -> str:
    """The C header of a module."""
    doc = ast.get_docstring(ast.parse(source.texts[module])) or ""
    scalars, tables, series, others = uses(source, module)
    guard = f"SYMC_DOUBLE_{module.upper()}_H"
    first, *rest = doc.splitlines()
    lines = ["/* SPDX-License-Identifier: Apache-2.0", " *", " * symc runtime, binary64.", " *", f" * {first}"]
    lines += [f" * {line}".rstrip() for line in rest]
    lines += [" *", f" * Printed by runtime/double/write.py from symc/ir/binary64/{module}.py.", " */"]
    lines += [f"#ifndef {guard}", f"#define {guard}", "", '#include "symc/double/core.h"']
    own = [f.node for f in source.functions.values() if f.module == module]
    needs = {n.id for node in own for n in ast.walk(node) if isinstance(n, ast.Name)}
    lines += ['#include "symc/double/round.h"'] * ("floor" in needs)
    lines += ['#include "symc/double/sqrt.h"'] * ("sqrt" in needs)
    lines += [f'#include "symc/double/{other}.h"' for other in others] + [""]
    for name in scalars:
        value = source.constants[name]
        if name == "SHIFT" or value != value or value in (float("inf"), float("-inf")):
            continue
        text = _hexadecimal(value) if isinstance(value, float) else f"UINT64_C({hex(value) if value > 9999 else value})"
        text = f"({text})" if text.startswith("-") else text
        # Several headers may use it.
        lines += [f"#ifndef SYMC_DOUBLE_{name}", f"#define SYMC_DOUBLE_{name} {text}", "#endif"]
    for name in tables:
        lines += ["", *_table(name, source.constants[name])]
    for name in series:
        lines += ["", *_series(name, source.constants[name])]
    for function in source.functions.values():
        if function.module == module:
            lines += ["", *_comment(ast.get_docstring(function.node) or ""), *_signature(function), "{"]
            lines += [*InC(source, function).lines(), "}"]
    return "\n".join([*lines, "", "#endif", ""])


def _signature(function: Function) -> list[str]:
    how = "SYMC_SHARED_FN" if function.node.name in _APART else "SYMC_DOUBLE_FN"
    parameters = ", ".join(f"{_TYPES[kind]} {name}" for name, kind in function.parameters.items())
    return [f"{how} {_TYPES[function.returns]} symc_double_{function.node.name}({parameters})"]


def _table(name: str, values: tuple[float, ...] | tuple[int, ...]) -> list[str]:
    words = isinstance(values[0], int)
    texts = [f"UINT32_C(0x{v:08x})" if words else _hexadecimal(v) for v in values]
    per_line = 5 if words else 4
    rows = [", ".join(texts[k : k + per_line]) for k in range(0, len(texts), per_line)]
    kind, result = ("uint32_t", "uint64_t") if words else ("double", "double")
    return [
        f"SYMC_DOUBLE_FN {result} symc_double_table_{name.lower()}(uint64_t k)",
        "{",
        f"    SYMC_TABLE {kind} table[{len(values)}] = {{",
        *(f"        {row}," for row in rows),
        "    };",
        "    return table[(uint32_t)k];",
        "}",
    ]


def _series(name: str, values: tuple[float, ...]) -> list[str]:
    lines = [f"    double p = {_hexadecimal(values[-1])};"]
    for value in values[-2::-1]:
        sign, size = ("-", -value) if value < 0 else ("+", value)
        lines.append(f"    p = symc_mul64(p, t) {sign} {_hexadecimal(size)};")
    return [f"SYMC_DOUBLE_FN double symc_double_polynomial_{name.lower()}(double t)", "{", *lines, "    return p;", "}"]


def _comment(text: str) -> list[str]:
    lines = [line.strip() for line in text.strip().splitlines()]
    if len(lines) == 1:
        return [f"/* {lines[0]} */"]
    return [f"/* {lines[0]}", *(f" * {line}".rstrip() for line in lines[1:]), " */"]


def _hexadecimal(value: float) -> str:
    if value == int(value) and abs(value) < 2**20:
        return repr(value)
    mantissa, exponent = value.hex().split("p")
    return f"{mantissa.rstrip('0').rstrip('.')}p{exponent}"
