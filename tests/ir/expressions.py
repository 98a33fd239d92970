"""Random equations for property tests: text in the grammar, over every operator of the table."""

from __future__ import annotations

from hypothesis import strategies as st

from symc.ir.ops import OPERATORS

FEATURES = ("x0", "x1", "x2")
_UNARY = sorted(n for n, row in OPERATORS.items() if row.arity == 1 and n != "neg")
_BINARY = sorted(n for n, row in OPERATORS.items() if row.arity == 2 and not row.symbol and n != "pow")
_TERNARY = sorted(n for n, row in OPERATORS.items() if row.arity == 3)
_INFIX = sorted({row.symbol for row in OPERATORS.values() if row.symbol})

_numbers = st.floats(-1e3, 1e3, width=32, allow_subnormal=False).map(lambda v: f"{v:.6g}")
_leaves = st.one_of(st.sampled_from(FEATURES), _numbers.map(lambda t: f"({t})"))


def _grow(children: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.one_of(
        st.builds(lambda f, a: f"{f}({a})", st.sampled_from(_UNARY), children),
        st.builds(lambda f, a, b: f"{f}({a}, {b})", st.sampled_from(_BINARY), children, children),
        st.builds(lambda f, a, b, c: f"{f}({a}, {b}, {c})", st.sampled_from(_TERNARY), children, children, children),
        st.builds(lambda s, a, b: f"({a} {s} {b})", st.sampled_from(_INFIX), children, children),
        st.builds(lambda a: f"(-{a})", children),
        st.builds(lambda a, n: f"({a})^{n}", children, st.integers(2, 7)),
        st.builds(lambda a, b: f"({a})^({b})", st.sampled_from(FEATURES), st.sampled_from(FEATURES)),
    )


equations = st.recursive(_leaves, _grow, max_leaves=12)
