"""sympy's srepr as text of our grammar: read as a tree of known constructors, never evaluated."""

from __future__ import annotations

import ast
import re

from symc.capture.names import identifiers
from symc.errors import SymcError

_LONGEST = 1_000_000
_DEEPEST = 90
_SIGN = re.compile(r"(Symbol|Integer|Float|Rational)\(")
_NUMBER = re.compile(r"-?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?\Z", re.IGNORECASE)
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*\Z")
_COMPARISONS = {
    "StrictLessThan": "<",
    "LessThan": "<=",
    "StrictGreaterThan": ">",
    "GreaterThan": ">=",
    "Equality": "==",
    "Unequality": "!=",
}
_JOINED = {"Add": " + ", "Mul": "*", "And": " & ", "Or": " | "}
# sympy's class -> (how our grammar calls it, how many operands); None for any number from one.
_FUNCTIONS: dict[str, tuple[str, int | None]] = {
    **{name: (name, 1) for name in ("exp", "log", "sin", "cos", "tan", "asin", "acos", "atan", "erf", "erfc", "gamma")},
    **{name: (name, 1) for name in ("sinh", "cosh", "tanh", "asinh", "acosh", "atanh", "sign", "floor")},
    "ceiling": ("ceil", 1),
    "Abs": ("abs", 1),
    "Mod": ("mod", 2),
    "Max": ("max", None),
    "Min": ("min", None),
    "Not": ("Not", 1),
}
_CONSTANTS = {"pi": "pi", "E": "exp(1)", "true": "True"}


def is_srepr(text: str) -> bool:
    """Whether a text is the srepr of an expression: it calls one of the classes of sympy's atoms."""
    return _SIGN.search(text) is not None


def text_of(srepr: str, where: str) -> str:
    """The expression in our grammar, in the order in which sympy holds it.

    SymcError for text that is no srepr, for what symc has no function for (by name), and for deep nesting.
    """
    if len(srepr) > _LONGEST:
        raise SymcError(f"the expression has {len(srepr)} characters, more than {_LONGEST}", where=where)
    try:
        tree = ast.parse(srepr.strip(), mode="eval").body
        return _text(tree, where, 0)
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        reason = error.msg if isinstance(error, SyntaxError) else "it is nested too deeply"
        raise SymcError(
            f"is not an expression as sympy's srepr writes it ({reason})", where=where, hint="Write it in infix form."
        ) from None


def _text(node: ast.expr, where: str, depth: int) -> str:
    if depth > _DEEPEST:
        raise SymcError(f"the expression is nested deeper than {_DEEPEST}", where=where)
    if isinstance(node, ast.Name) and node.id in _CONSTANTS:
        return _CONSTANTS[node.id]
    if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Name)):
        raise SymcError(f"cannot read {_shown(node)} in the expression", where=where)
    name, given = node.func.id, node.args
    atom = _atom(name, given)
    if atom is not None:
        return atom
    if node.keywords:
        raise SymcError(f"cannot read {_shown(node)} in the expression", where=where)
    if name == "Piecewise":
        return f"Piecewise({', '.join(_piece(part, where, depth) for part in given)})"
    if name == "Heaviside" and (len(given) == 1 or _shown(given[1]) == "Rational(1, 2)"):
        return f"((sign({_text(given[0], where, depth + 1)}) + 1)/2)"
    known = name in _COMPARISONS or name in _JOINED or name in _FUNCTIONS or name == "Pow"
    if not known:
        raise SymcError(
            f"symc has no function for sympy's {name}", where=where, hint="Rewrite it: expression.rewrite, doit, evalf."
        )
    args = [_text(part, where, depth + 1) for part in given]
    expected = 2 if name in _COMPARISONS or name == "Pow" else _FUNCTIONS.get(name, ("", None))[1]
    if not args or (expected is not None and len(args) != expected):
        raise SymcError(f"{name} has {len(args)} operands", where=where)
    if name in _FUNCTIONS:
        return f"{_FUNCTIONS[name][0]}({', '.join(args)})"
    if name == "Pow":
        return _power(*args)
    return f"({_COMPARISONS[name].join(args) if name in _COMPARISONS else _JOINED[name].join(args)})"


def _atom(name: str, given: list[ast.expr]) -> str | None:
    """A symbol or a number; None for all else, and for what is malformed."""
    values = [_literal(part) for part in given]
    if name == "Symbol" and len(values) == 1 and isinstance(values[0], str) and not _NAME.match(values[0]):
        (spelled,) = identifiers([values[0]], "symbol")
        what = f"the symbol {values[0]!r} is no name that code can have"
        raise SymcError(what, where="sympy expression", hint=f"Rename it: expression.subs({values[0]!r}, {spelled!r}).")
    if name == "Symbol" and len(values) == 1 and isinstance(values[0], str):
        # Assumptions, as positive=True, say nothing of the value.
        return values[0]
    if name == "Integer" and len(values) == 1 and type(values[0]) is int:
        return _signed(str(values[0]))
    if name == "Rational" and len(values) == 2 and all(type(value) is int for value in values):
        return f"({values[0]}/{values[1]})"
    if name == "Float" and len(values) == 1 and isinstance(values[0], str) and _NUMBER.match(values[0]):
        return _signed(values[0])
    return None


def _literal(node: ast.expr) -> object:
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub) and isinstance(node.operand, ast.Constant):
        return -node.operand.value if type(node.operand.value) is int else None
    return node.value if isinstance(node, ast.Constant) else None


def _piece(node: ast.expr, where: str, depth: int) -> str:
    pair = isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "ExprCondPair"
    if not (pair and isinstance(node, ast.Call) and len(node.args) == 2):
        raise SymcError(f"cannot read {_shown(node)} in a Piecewise", where=where)
    return f"({', '.join(_text(part, where, depth + 1) for part in node.args)})"


def _power(base: str, exponent: str) -> str:
    if exponent == "(1/2)":
        return f"sqrt({base})"
    return f"(1/{base})" if exponent == "(-1)" else f"({base})^{exponent}"


def _signed(digits: str) -> str:
    return f"({digits})" if digits.startswith("-") else digits


def _shown(node: ast.expr) -> str:
    return ast.unparse(node)[:60]
