"""sympy's circular functions, without trying its rules where none of them can apply.

To find that sin(1.5*x0 + 2) stays as it is sympy takes a millisecond: it looks for multiples of pi and of i, and asks
whether the argument is zero. A sum of sines is built several times on its way to a Program.
"""

from __future__ import annotations

import sympy

# What becomes of f(-x): sympy takes a sign out of the argument.
_ODD = frozenset({sympy.sin, sympy.tan, sympy.tanh})
_EVEN = frozenset({sympy.cos})


def apply(function: type[sympy.Function], *args: sympy.Expr) -> sympy.Expr:
    """`function` of real arguments, as sympy's own call gives it."""
    if function not in _ODD | _EVEN or args[0].is_number or _has_pi(args[0]):
        return function(*args)
    argument, is_turned = args[0], args[0].could_extract_minus_sign()
    if is_turned:
        argument = -argument
        if argument.could_extract_minus_sign():
            return function(*args)
    result = function(argument, evaluate=False)
    return -result if is_turned and function in _ODD else result


def _has_pi(expression: sympy.Expr) -> bool:
    waiting = [expression]
    while waiting:
        part = waiting.pop()
        if part is sympy.pi:
            return True
        waiting.extend(part.args)
    return False
