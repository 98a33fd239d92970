"""The functions of symc/ir/binary64 as they were read, and the walk over their statements that all printers share."""

from __future__ import annotations

import ast
import importlib
import sys
from abc import ABC, abstractmethod
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

RUNTIME = Path(__file__).resolve().parent.parent
_SOURCE = RUNTIME.parent / "symc" / "ir" / "binary64"
sys.path.insert(0, str(RUNTIME.parent))

# In the order in which one is made of those before it.
MODULES = ("pairs", "exponential", "logarithm", "circular", "arcs", "powers", "gammas", "errors")
_PACKAGE = "symc.ir.binary64"
_WIDTH = 116
_FIELDS = {"hi": "Double", "lo": "Double", "k": "Word"}
# Functions of language.py: what they give, and how C and Numba call them.
GIVEN = {
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
LEVELS: dict[type, tuple[str, int]] = {
    ast.BitOr: ("|", 1), ast.BitAnd: ("&", 2), ast.LShift: ("<<", 4), ast.RShift: (">>", 4),
    ast.Add: ("+", 5), ast.Sub: ("-", 5), ast.Mult: ("*", 6), ast.Div: ("/", 6), ast.FloorDiv: ("/", 6),
}  # fmt: skip
COMPARED: dict[type, str] = {ast.Lt: "<", ast.Gt: ">", ast.Eq: "==", ast.NotEq: "!="}


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
            module = importlib.import_module(f"{_PACKAGE}.{name}")
            text = (_SOURCE / f"{name}.py").read_text(encoding="utf-8")
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
        if name in GIVEN:
            return GIVEN[name][0]
        return name if name in ("Pair", "Angle") else self.source.functions[name].returns

    def arguments(self, node: ast.Call) -> list[str]:
        assert isinstance(node.func, ast.Name)
        name = node.func.id
        if name in ("Pair", "Angle"):
            kinds = ["Double", "Double"] if name == "Pair" else ["Word", "Double", "Double"]
        elif name in GIVEN:
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


def uses(source: Source, module: str) -> tuple[list[str], list[str], list[str], list[str]]:
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


def wrapped(line: str, pad: str) -> list[str]:
    """A statement in lines of _WIDTH at most, broken where the fewest brackets are open."""
    lines = []
    while len(line) > _WIDTH:
        depth, best = 0, (99, 0)
        for place, letter in enumerate(line[:_WIDTH]):
            depth += (letter == "(") - (letter == ")")
            if place > _WIDTH // 2:
                behind = line[place - 1 : place + 1] == ", " or line[place : place + 4] == " if "
                if behind or line[place : place + 3] in (" + ", " - ", " ? ", " : "):
                    best = min(best, (depth, -place))
        place = -best[1]
        lines.append(line[:place].rstrip())
        line = f"{pad}    {line[place:].strip()}"
    return [*lines, line]
