"""Equations without a limit of depth: nested and summed by the thousand, each against an evaluation of its own."""

from __future__ import annotations

from pathlib import Path

import mpmath
import numpy as np
import pytest

import symc
from symc.errors import SymcError
from symc.evidence.formulas import typeset
from symc.ir.evaluate import evaluate
from symc.ir.parse import TooDeep, nodes_of, parse
from symc.ir.reading import LONGEST, ParseError, read
from symc.ir.reference import real_values
from symc.ir.steps import nesting
from symc.meaning.compile import program_of

X = np.array([[-0.75], [0.1], [1.5]], dtype=np.float32)


def nested(name: str, n: int) -> str:
    return f"{name}(" * n + "x" + ")" * n


def test_five_thousand_calls_mean_what_they_say() -> None:
    text = nested("sin", 5000)
    program = program_of([text], ["x"], ["y"], [(-1.0, 2.0)])
    assert nodes_of(text, ["x"]) == 5001 and len(program.instructions) >= 5000
    with mpmath.workdps(30):
        want = [mpmath.mpf(float(v)) for v in X[:, 0]]
        for _ in range(5000):
            want = [mpmath.sin(v) for v in want]
    np.testing.assert_allclose(real_values(read(text, ["x"]), ["x"], X), [float(v) for v in want], rtol=1e-12)
    np.testing.assert_allclose(evaluate(program, X)[:, 0], [float(v) for v in want], rtol=1e-4)


def test_five_thousand_terms_mean_what_they_say() -> None:
    text = " + ".join(f"{k + 1}.5*x^{k % 7 + 1}" for k in range(5000))
    wide = X[:, 0].astype(np.float64)
    want = sum((k + 1.5) * wide ** (k % 7 + 1) for k in range(5000))
    np.testing.assert_allclose(evaluate(program_of([text], ["x"], ["y"], [(-1.0, 2.0)]), X)[:, 0], want, rtol=1e-4)


@pytest.mark.parametrize(
    ("text", "want"),
    [
        ("(" * 5000 + "x" + ")" * 5000, lambda x: x),
        ("1.5 - (" * 4001 + "x" + ")" * 4001, lambda x: 1.5 - x),
        ("(" * 3000 + "x" + "/1.5 + 1)" * 3000, lambda x: 3.0 + 0.0 * x),
        ("~(" * 2000 + "x > 0" + ")" * 2000, lambda x: 1.0 * (x > 0)),
        ("x" + "^1.0" * 3000, lambda x: x),
        ("max(x, " * 2000 + "0.5" + ")" * 2000, lambda x: np.maximum(x, 0.5)),
        ("Piecewise((1.0, x > 0), (" * 1000 + "x" + ", True))" * 1000, lambda x: np.where(x > 0, 1.0, x)),
    ],
)
def test_every_rule_of_the_grammar_nests(text: str, want: object) -> None:
    x = np.abs(X) if "^" in text else X
    found = evaluate(program_of([text], ["x"], ["y"], [(-1.0, 2.0)]), x)[:, 0]
    np.testing.assert_allclose(found, want(x[:, 0].astype(np.float64)), rtol=2e-6)  # type: ignore[operator]


def test_nesting_counts_operators_inside_operators_and_no_chains() -> None:
    found = {text: nesting(read(text, ["x"])) for text in ("x", "x + x + x - x", "x*x/x", "sin(sin(x))", "x - (x - x)")}
    assert list(found.values()) == [0, 1, 1, 2, 2]


def test_what_sympy_cannot_hold_is_said_where_only_sympy_will_do() -> None:
    with pytest.raises(TooDeep, match="nested deeper than 200 operators"):
        parse(nested("exp", 201), ["x"])
    assert parse(nested("sin", 150), ["x"]).count_ops() == 150
    assert f"<mtext>{nested('sin', 300)}</mtext>" in typeset("y", nested("sin", 300), ["x"])


def test_size_alone_is_limited_and_mistakes_are_marked_at_any_depth() -> None:
    with pytest.raises(SymcError, match=f"more than {LONGEST}"):
        read(nested("sin", LONGEST // 4), ["x"])
    with pytest.raises(ParseError, match="expected '\\)'") as caught:
        read(nested("sin", 9000)[:-1], ["x"])
    assert caught.value.column == 45001


def test_a_deep_equation_is_built_and_verified(tmp_path: Path) -> None:
    text = f"y = {nested('tanh', 250)}"
    bundle = symc.build(equation=text, domain="-1:1", out=tmp_path)
    assert symc.verify(bundle.path, rows=100).ok and bundle.manifest.equations[0].complexity == 251
