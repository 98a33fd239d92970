"""Print the binary64 functions of symc/ir/binary64 as C headers and as modules for Numba.

    python runtime/double/write.py            write include/symc/double/*.h and numba/symc_runtime64/*.py
    python runtime/double/write.py --check    exit 1 unless these files are what this script prints

Each statement becomes one statement, with the operations in the order that Python gives them; language.py there says
what a statement may hold. What is written by hand stays: double/core.h, round.h and sqrt.h, and core.py for Numba.
"""

from __future__ import annotations

import argparse
import ast
import importlib
import re
import sys
from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
RUNTIME = HERE.parent
SOURCE = RUNTIME.parent / "symc" / "ir" / "binary64"
sys.path.insert(0, str(RUNTIME.parent))

# In the order in which one is made of those before it.
MODULES = ("pairs", "exponential", "logarithm", "circular", "arcs", "powers", "gammas", "errors")
PACKAGE = "symc.ir.binary64"
WIDTH = 116
_LINE = 120
# What core.py gives Numba's modules.
_CORE = ["SHIFT", "Angle", "Pair", "abs_", "bits", "floor", "from_bits", "sqrt", "times_sign", "with_sign"]
# Long and rarely called: one copy.
_APART = ("far_angle", "gamma", "log_double", "erfc_factor")
_TYPES = {"Double": "double", "Word": "uint64_t", "Flag": "int", "Pair": "symc_pair", "Angle": "symc_angle"}
_FIELDS = {"hi": "Double", "lo": "Double", "k": "Word"}
# Functions of language.py: what they give, and how C and Numba call them.
_GIVEN = {
    "bits": ("Word", "symc_bits64({0})", "bits({0})"),
    "from_bits": ("Double", "symc_from_bits64({0})", "from_bits({0})"),
    "as_double": ("Double", "(double)(uint32_t)({0})", "F64({0})"),
    "magnitude": ("Double", "symc_double_abs({0})", "abs_({0})"),
    "with_sign": ("Double", "symc_double_with_sign({0}, {1})", "with_sign({0}, {1})"),
    "times_sign": ("Double", "symc_double_times_sign({0}, {1})", "times_sign({0}, {1})"),
    "sqrt": ("Double", "symc_double_sqrt({0})", "sqrt({0})"),
    "floor": ("Double", "symc_double_floor({0})", "floor({0})"),
}
_WORDS = frozenset({"as_double", "from_bits"})


@dataclass
class Function:
    """A function of the source: its parameters' types and what it returns."""

    node: ast.FunctionDef
    module: str
    parameters: dict[str, str]
    returns: str


@dataclass
class Source:
    """All modules, read: `constants` are numbers and tables by name."""

    functions: dict[str, Function] = field(default_factory=dict)
    constants: dict[str, Any] = field(default_factory=dict)
    texts: dict[str, str] = field(default_factory=dict)

    @classmethod
    def read(cls) -> Source:
        source = cls()
        for name in MODULES:
            module = importlib.import_module(f"{PACKAGE}.{name}")
            text = (SOURCE / f"{name}.py").read_text(encoding="utf-8")
            source.texts[name] = text
            for node in ast.parse(text).body:
                if isinstance(node, ast.FunctionDef):
                    assert isinstance(node.returns, ast.Name)
                    named = [(a.arg, a.annotation) for a in node.args.args]
                    parameters = {name: kind.id for name, kind in named if isinstance(kind, ast.Name)}
                    source.functions[node.name] = Function(node, name, parameters, node.returns.id)
            for key, value in vars(module).items():
                if key.isupper() and isinstance(value, int | float | tuple):
                    source.constants[key] = value
        return source


class Printer(ABC):
    """The statements of one function in one language; a subclass says how each expression is spelled."""

    def __init__(self, source: Source, function: Function) -> None:
        self.source, self.function = source, function
        self.types = dict(function.parameters)
        self.comments = source.texts[function.module].splitlines()
        given = [s.targets[0] for s in ast.walk(function.node) if isinstance(s, ast.Assign)]
        names = [target.id for target in given if isinstance(target, ast.Name)]
        self.varies = {name for name in names if names.count(name) > 1}

    def lines(self) -> list[str]:
        return [line for statement in self.function.node.body[1:] for line in self.statement(statement, 1)]

    def comment_above(self, node: ast.stmt) -> list[str]:
        found, line = [], node.lineno - 2
        while self.comments[line].strip().startswith("#"):
            found.insert(0, self.comments[line].strip()[2:])
            line -= 1
        return found

    def kind(self, node: ast.expr) -> str:
        """Double, Word, Flag, Pair, Angle; "" for an integer that is whatever it meets."""
        if isinstance(node, ast.Constant):
            return "Double" if isinstance(node.value, float) else "" if not isinstance(node.value, bool) else "Flag"
        if isinstance(node, ast.Name):
            if node.id in self.types:
                return self.types[node.id]
            value = self.source.constants.get(node.id, 1.0)
            return "Double" if isinstance(value, float) else ""
        if isinstance(node, ast.Attribute):
            return _FIELDS[node.attr]
        if isinstance(node, ast.UnaryOp):
            return self.kind(node.operand)
        if isinstance(node, ast.Compare):
            return "Flag"
        if isinstance(node, ast.BinOp):
            return self.kind(node.left) or self.kind(node.right)
        assert isinstance(node, ast.Call) and isinstance(node.func, ast.Name), ast.dump(node)
        name = node.func.id
        if name == "where":
            return self.kind(node.args[1]) or self.kind(node.args[2]) or "Word"
        if name in ("lookup", "polynomial"):
            return "Double"
        if name == "word_at":
            return "Word"
        if name in _GIVEN:
            return _GIVEN[name][0]
        return name if name in ("Pair", "Angle") else self.source.functions[name].returns

    def arguments(self, node: ast.Call) -> list[str]:
        assert isinstance(node.func, ast.Name)
        name = node.func.id
        if name in ("Pair", "Angle"):
            kinds = ["Double", "Double"] if name == "Pair" else ["Word", "Double", "Double"]
        elif name in _GIVEN:
            kinds = ["Word" if name in _WORDS else "Double"] * len(node.args)
        else:
            kinds = list(self.source.functions[name].parameters.values())
        return [self.text(a, kind) for a, kind in zip(node.args, kinds, strict=True)]

    @abstractmethod
    def statement(self, node: ast.stmt, depth: int) -> list[str]:
        """The lines of a statement, `depth` levels in."""

    @abstractmethod
    def text(self, node: ast.expr, kind: str = "", above: int = 0) -> str:
        """An expression of the kind asked for, in parentheses where what stands above binds stronger than `above`."""


def _hexadecimal(value: float) -> str:
    if value == int(value) and abs(value) < 2**20:
        return repr(value)
    mantissa, exponent = value.hex().split("p")
    return f"{mantissa.rstrip('0').rstrip('.')}p{exponent}"


_LEVELS: dict[type, tuple[str, int]] = {
    ast.BitOr: ("|", 1), ast.BitAnd: ("&", 2), ast.LShift: ("<<", 4), ast.RShift: (">>", 4),
    ast.Add: ("+", 5), ast.Sub: ("-", 5), ast.Mult: ("*", 6), ast.Div: ("/", 6), ast.FloorDiv: ("/", 6),
}  # fmt: skip
_COMPARED: dict[type, str] = {ast.Lt: "<", ast.Gt: ">", ast.Eq: "==", ast.NotEq: "!="}
_MIXED = frozenset({"&", "|", "<<", ">>"})


class InC(Printer):
    """C99 that is C++ and CUDA too."""

    def statement(self, node: ast.stmt, depth: int) -> list[str]:
        pad = "    " * depth
        lines = [f"{pad}/* {line} */" for line in self.comment_above(node)]
        if isinstance(node, ast.Return):
            assert node.value is not None
            return [*lines, *_wrapped(f"{pad}return {self.text(node.value, self.function.returns)};", pad)]
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
        return [*lines, *_wrapped(f"{pad}{declared}{name} = {text};", pad)]

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
            op = _COMPARED[type(node.ops[0])]
            if operands == "Double" and op in ("==", "!="):
                left, right = self.text(node.left, operands), self.text(node.comparators[0], operands)
                return f"{'!' if op == '!=' else ''}symc_double_equal({left}, {right})"
            inner = f"{self.text(node.left, operands, 4)} {op} {self.text(node.comparators[0], operands, 4)}"
            return f"({inner})" if above >= 1 else inner
        if isinstance(node, ast.BinOp):
            own = self.kind(node) or kind
            op, level = _LEVELS[type(node.op)]
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
        if name in _GIVEN:
            return _GIVEN[name][1].format(*self.arguments(node))
        called = {"Pair": "symc_pair_of", "Angle": "symc_angle_of"}.get(name, f"symc_double_{name}")
        return f"{called}({', '.join(self.arguments(node))})"

    def _number(self, value: Any, kind: str) -> str:
        if isinstance(value, float):
            return _hexadecimal(value)
        if kind == "Count":
            return str(value)
        return f"UINT64_C({hex(value) if value > 9999 else value})"


def _wrapped(line: str, pad: str) -> list[str]:
    """A statement in lines of WIDTH at most, broken where the fewest brackets are open."""
    lines = []
    while len(line) > WIDTH:
        depth, best = 0, (99, 0)
        for place, letter in enumerate(line[:WIDTH]):
            depth += (letter == "(") - (letter == ")")
            if place > WIDTH // 2:
                behind = line[place - 1 : place + 1] == ", " or line[place : place + 4] == " if "
                if behind or line[place : place + 3] in (" + ", " - ", " ? ", " : "):
                    best = min(best, (depth, -place))
        place = -best[1]
        lines.append(line[:place].rstrip())
        line = f"{pad}    {line[place:].strip()}"
    return [*lines, line]


def _uses(source: Source, module: str) -> tuple[list[str], list[str], list[str], list[str]]:
    """Of a module: the scalars, tables, polynomials and other modules it uses, each in order of use."""
    scalars, tables, series, modules = [], [], [], []
    for function in source.functions.values():
        if function.module != module:
            continue
        for node in ast.walk(function.node):
            if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name):
                continue
            name = node.func.id
            if name in source.functions:
                modules.append(source.functions[name].module)
            if name in ("lookup", "word_at", "polynomial"):
                table = node.args[1 if name == "polynomial" else 0]
                assert isinstance(table, ast.Name)
                (series if name == "polynomial" else tables).append(table.id)
        names = [n.id for n in ast.walk(function.node) if isinstance(n, ast.Name)]
        scalars += [n for n in names if isinstance(source.constants.get(n), int | float)]
    order = [m for m in MODULES if m in modules and m != module]
    return *(list(dict.fromkeys(found)) for found in (scalars, tables, series)), order  # type: ignore[return-value]


def _comment(text: str) -> list[str]:
    lines = [line.strip() for line in text.strip().splitlines()]
    if len(lines) == 1:
        return [f"/* {lines[0]} */"]
    return [f"/* {lines[0]}", *(f" * {line}".rstrip() for line in lines[1:]), " */"]


def header(source: Source, module: str) -> str:
    """The C header of a module."""
    doc = ast.get_docstring(ast.parse(source.texts[module])) or ""
    scalars, tables, series, others = _uses(source, module)
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
            op = _COMPARED[type(node.ops[0])]
            return f"({self.text(node.left, operands, 4)} {op} {self.text(node.comparators[0], operands, 4)})"
        if isinstance(node, ast.BinOp):
            own = self.kind(node) or kind
            op, level = _LEVELS[type(node.op)]
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
        if name in _GIVEN:
            return _GIVEN[name][2].format(*self.arguments(node))
        return f"{_called(name)}({', '.join(self.arguments(node))})"


def _called(name: str) -> str:
    """A function's name for Numba's modules: pow is Python's own."""
    return "pow_" if name == "pow" else name


def module(source: Source, name: str) -> str:
    """Numba's module."""
    doc = ast.get_docstring(ast.parse(source.texts[name])) or ""
    scalars, tables, series, others = _uses(source, name)
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
        how = "inlined" if name == "pairs" else "public" if function.node.name in PUBLIC else "called"
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
    public = sorted((_called(f.node.name) for f in own if f.node.name in PUBLIC), key=_natural)
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
    return [f"{start}(", *_wrapped(f"{pad}    {text}", f"{pad}    "), f"{pad})"]


def _python(value: float | int) -> str:
    if isinstance(value, int):
        return hex(value) if value > 9999 else str(value)
    if value != value or value in (float("inf"), float("-inf")):
        return "np.nan" if value != value else f"{'-' if value < 0 else ''}np.inf"
    return repr(value)


# What programs call.
PUBLIC = frozenset(
    (
        *("exp", "exp2", "expm1", "sinh", "cosh", "tanh", "log", "log2", "log10", "log1p", "asinh", "acosh", "atanh"),
        *("sin", "cos", "tan", "atan", "asin", "acos", "pow", "cbrt", "gamma", "erf", "erfc"),
    )
)


def printed() -> dict[Path, str]:
    """Every file and its text."""
    source = Source.read()
    kinds: tuple[tuple[str, str, Callable[[Source, str], str]], ...] = (
        ("include/symc/double", "h", header),
        ("numba/symc_runtime64", "py", module),
    )
    return {RUNTIME / folder / f"{name}.{end}": make(source, name) for folder, end, make in kinds for name in MODULES}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true", help="compare only")
    check = parser.parse_args().check
    for path, text in printed().items():
        if check and (not path.is_file() or path.read_text(encoding="utf-8") != text):
            print(f"{path.name} is not what write.py prints")
            return 1
        if not check:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
