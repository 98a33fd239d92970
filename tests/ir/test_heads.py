"""Heads: their range holds for every float32 logit, they are torch's functions, and they can be undone."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from symc.errors import SymcError
from symc.ir.evaluate import evaluate
from symc.ir.heads import HEADS, Head
from symc.ir.program import Builder
from symc.module.torch_eval import Equations

TORCH = {
    "softmax": lambda z: F.softmax(z, -1),
    "sigmoid": torch.sigmoid,
    "tanh": torch.tanh,
    "exp": torch.exp,
    "softplus": F.softplus,
    "softplus(0.5)": lambda z: F.softplus(z, beta=0.5),
    "relu": F.relu,
    "clamp(-0.3, 0.7)": lambda z: z.clamp(-0.3, 0.7),
    "clamp(0.0, inf)": lambda z: z.clamp(min=0.0),
    "affine(0.5, -2.0)": lambda z: 0.5 - 2.0 * z,
    "affine(0.5, -2.0, 0.0, 1.0, 3.0, 4.0, 1.0, 1.0)": lambda z: (
        torch.tensor([0.5, 0.0, 3.0, 1.0]) + torch.tensor([-2.0, 1.0, 4.0, 1.0]) * z
    ),
}
N_OUT = 4


def logits(rows: int = 20_000) -> np.ndarray:
    """Every finite float32 is as likely as any other in half of the rows, the others are of the size of one."""
    rng = np.random.default_rng(0)
    bits = rng.integers(0, 2**32, (rows, N_OUT), dtype=np.uint32).view(np.float32)
    z = np.where(rng.random((rows, 1)) < 0.5, rng.normal(0, 4, (rows, N_OUT)), np.nan_to_num(bits)).astype(np.float32)
    largest = np.finfo(np.float32).max
    z[:4] = [[largest] * 4, [-largest] * 4, [largest, -largest, 0.0, -0.0], [-0.0, 0.0, -0.0, 1e-45]]
    return z


def test_every_head_is_here() -> None:
    assert {Head.of(text).name for text in TORCH} == set(HEADS)


@pytest.mark.parametrize("text", TORCH)
def test_a_text_is_read_back(text: str) -> None:
    assert str(Head.of(text)) == text and Head.of(f" {text} ") == Head.of(text)


@pytest.mark.parametrize("text", TORCH)
def test_the_range_holds_for_every_logit(text: str) -> None:
    head = Head.of(text)
    low, high = head.span
    y = evaluate(head.program(N_OUT), logits())
    assert not np.isnan(y).any() and (y >= low).all() and (y <= high).all()


@pytest.mark.parametrize("n_out", [2, 3, 4, 7, 100])
def test_the_shares_of_a_softmax_add_up_to_one(n_out: int) -> None:
    rng = np.random.default_rng(1)
    z = (rng.normal(0, 3, (20_000, n_out)) * 10.0 ** rng.integers(-3, 38, (20_000, 1))).astype(np.float32)
    sums = evaluate(Head.of("softmax").program(n_out), z).astype(np.float64).sum(axis=1)
    roundings = 1 + math.ceil(math.log2(n_out))
    assert np.abs(sums - 1.0).max() <= roundings / 2**24
    assert f"{roundings}/2^24" in Head.of("softmax").promise(n_out)


@pytest.mark.parametrize("text", TORCH)
@pytest.mark.parametrize("rows", [64, 20_000], ids=["few rows", "many rows"])
def test_it_is_the_function_of_torch(text: str, rows: int) -> None:
    z = logits(rows)
    z = z[np.abs(z).max(axis=1) < 80.0]
    want = TORCH[text](torch.from_numpy(z).double()).numpy()
    program = Head.of(text).program(N_OUT)
    for y in (evaluate(program, z), Equations(program)(torch.from_numpy(z)).numpy()):
        np.testing.assert_allclose(y, want, rtol=3e-6, atol=3e-7)


@pytest.mark.parametrize("text", TORCH)
def test_nan_stays(text: str) -> None:
    z = np.array([[0.0, math.nan, 1.0, 2.0]], np.float32)
    program = Head.of(text).program(N_OUT)
    y = evaluate(program, z)
    assert np.isnan(y[0, 1]) and np.isnan(y).all() == Head.of(text).kind.joint
    assert np.array_equal(np.isnan(Equations(program)(torch.from_numpy(z)).numpy()), np.isnan(y))


@pytest.mark.parametrize("text", TORCH)
def test_the_inverse_gives_the_outputs_again(text: str) -> None:
    head = Head.of(text)
    program = head.program(N_OUT)
    y = evaluate(program, np.random.default_rng(2).normal(0, 2, (1000, N_OUT)).astype(np.float32))
    np.testing.assert_allclose(evaluate(program, head.inverse(y).astype(np.float32)), y, rtol=2e-5, atol=1e-6)


def test_constant_logits_are_folded_into_constants() -> None:
    builder = Builder(["x"])
    program = Head.of("sigmoid").behind(builder.finish(["y"], [builder.const(0.0)]))
    assert program.constants == (0.5,) and not program.operators


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("sofmax", "unknown head 'sofmax'.*Did you mean 'softmax'"),
        ("", r"unknown head ''.*softmax, sigmoid.*clamp\(LO, HI\)"),
        ("clamp", r"'clamp' needs its numbers.*clamp\(LO, HI\)"),
        ("clamp(1, 0)", "is none"),
        ("clamp(a, b)", "'a, b' are no numbers"),
        ("sigmoid(2)", "is none"),
        ("softplus(0)", "is none"),
        ("affine(1, 0)", "is none"),
        ("softmax)", "unknown head"),
    ],
)
def test_what_names_no_head(text: str, what: str) -> None:
    with pytest.raises(SymcError, match=what):
        Head.of(text)


def test_bounds_that_float32_does_not_reach_are_none() -> None:
    program = Head.of("clamp(0, 1e39)").program(1)
    assert program.operators == {"max"} and Head.of("clamp(0, 1e39)").span == (0.0, math.inf)
    with pytest.raises(SymcError, match="is none"):
        Head.of("clamp(1e39, 1e40)")


def test_heads_that_do_not_fit_the_outputs() -> None:
    with pytest.raises(SymcError, match="softmax of one output is always 1"):
        Head.of("softmax").program(1)
    with pytest.raises(SymcError, match="numbers for 2 outputs, not for 3"):
        Head.of("affine(0, 1, 0, 2)").program(3)
    with pytest.raises(SymcError, match="needs all outputs"):
        Head.of("softmax").only([0])
    assert str(Head.of("affine(0, 1, 5, 2)").only([1])) == "affine(5.0, 2.0)"
