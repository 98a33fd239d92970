"""Layered programs: their meaning to the bit, what they refuse, and the way through JSON."""

import numpy as np
import pytest

from symc.errors import SymcError
from symc.ir.evaluate import evaluate
from symc.ir.layered import Affine, Layered, read
from symc.ir.lower import lower
from symc.ir.parse import parse


def layered(direct: bool = True, n_in: int = 5, n_out: int = 4, seed: int = 0) -> Layered:
    random = np.random.default_rng(seed)
    names = ("z0", "z1", "z2")
    texts = ("z0*z1 - 0.5*z2", "exp(-z0^2)")
    equations = lower([parse(t, names) for t in texts], names, ("h0", "h1"))
    return Layered(
        tuple(f"x{k}" for k in range(n_in)),
        tuple(f"y{k}" for k in range(n_out)),
        Affine(random.normal(size=(3, n_in)), random.normal(size=3)),
        equations,
        Affine(random.normal(size=(n_out, 2)), random.normal(size=n_out)),
        random.normal(size=(n_out, n_in)) if direct else None,
    ).check()


def one_by_one(program: Layered, x: np.ndarray) -> np.ndarray:
    """One row, every product and sum a numpy float32 scalar of its own, in the order the docstrings promise."""

    def sums(bias: np.ndarray, *parts: tuple[np.ndarray, np.ndarray]) -> np.ndarray:
        result = []
        for j, start in enumerate(bias):
            total = np.float32(start)
            for weight, values in parts:
                for k, value in enumerate(values):
                    total = np.float32(total + np.float32(weight[j, k] * value))
            result.append(total)
        return np.array(result, np.float32)

    z = sums(program.project.bias, (program.project.weight, x))
    h = evaluate(program.equations, z[None])[0]
    after = () if program.direct is None else ((program.direct, x),)
    return sums(program.expand.bias, (program.expand.weight, h), *after)


@pytest.mark.parametrize("direct", [False, True])
def test_products_are_rounded_and_added_one_by_one(direct: bool) -> None:
    program = layered(direct)
    x = np.random.default_rng(1).normal(size=(40, 5)).astype(np.float32)
    expected = np.stack([one_by_one(program, row) for row in x])
    assert evaluate(program, x).tobytes() == expected.tobytes()


def test_a_nan_is_canonical() -> None:
    x = np.full((1, 5), np.uint32(0xFFC12345).view(np.float32))
    assert set(evaluate(layered(), x).view(np.uint32).ravel().tolist()) == {0x7FC00000}


@pytest.mark.parametrize("direct", [False, True])
def test_json_keeps_every_bit(direct: bool) -> None:
    program = layered(direct)
    again = read(program.to_json())
    assert isinstance(again, Layered)
    assert again.to_json() == program.to_json()
    x = np.random.default_rng(2).normal(size=(8, 5)).astype(np.float32)
    assert evaluate(again, x).tobytes() == evaluate(program, x).tobytes()


def test_a_program_is_read_too() -> None:
    program = layered().equations
    assert read(program.to_json()) == program


def test_costs() -> None:
    program = layered()
    assert program.multiply_adds == 3 * 5 + 4 * 2 + 4 * 5
    assert program.cost == 2 * program.multiply_adds + program.equations.cost


def test_parts_that_do_not_fit_are_named() -> None:
    whole = layered()
    with pytest.raises(SymcError, match=r"expand has shape \(4, 3\), needs \(4, 2\)"):
        Layered(
            whole.inputs, whole.outputs, whole.project, whole.equations, Affine(np.ones((4, 3)), np.ones(4))
        ).check()
    with pytest.raises(SymcError, match="two outputs are called 'a'"):
        Layered(whole.inputs, ("a", "a", "b", "c"), whole.project, whole.equations, whole.expand).check()
    with pytest.raises(SymcError, match="not a finite float32"):
        Affine(np.full((1, 1), 1e39), np.ones(1))


def test_damaged_json_is_refused() -> None:
    data = layered().to_json()
    data["direct"]["base64"] = data["direct"]["base64"][:-8]
    with pytest.raises(SymcError, match="not a layered program"):
        read(data)
