"""The constants of fixed-point code are the numbers of the text, to half a unit of their formats, not float32's."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import mpmath
import msgspec
import numpy as np
import pytest

import symc
from symc.bundle.fixed import fixed_of
from symc.bundle.fixing import planned
from symc.errors import CheckFailed
from symc.ir.heads import Head
from symc.meaning.compile import program_of
from symc.meaning.constants import constants_of
from symc.verify import verify
from tests.fixed.bundles import build

PI = mpmath.mpf("3.14159265358979")


@pytest.mark.parametrize(
    ("text", "domain", "real", "most"),
    [
        ("y = 3.14159265358979*x", "0:3", lambda x: PI * x, 1.1e-8),
        # sympy makes one constant of two; what has the same float32 is not the same.
        ("y = x*2*pi", "-1:3", lambda x: 2 * mpmath.pi * x, 2.2e-8),
        ("y = 4.00000001*x - 0.25000001*x^3", "-1:1", lambda x: mpmath.mpf("4.00000001") * x
         - mpmath.mpf("0.25000001") * x**3, 2e-8),
        ("y = 0.3/(1 + exp(-x)) + 0.7", "-2:2", lambda x: mpmath.mpf("0.3") / (1 + mpmath.exp(-x)) + mpmath.mpf("0.7"),
         3e-9),
    ],
)  # fmt: skip
def test_the_code_computes_with_the_numbers_of_the_text(
    text: str, domain: str, real: Any, most: float, tmp_path: Path
) -> None:
    bundle = build(tmp_path, (text,), domain)
    recorded = bundle.manifest.fixed
    assert recorded and recorded.outputs[0].measured <= recorded.outputs[0].error < most
    low, high = map(float, domain.split(":"))
    x = np.linspace(low, high, 201)
    y = symc.load(bundle.path, torch=False)(x[:, None])[:, 0]
    with mpmath.workdps(30):
        apart = [abs(real(mpmath.mpf(a)) - mpmath.mpf(b)) for a, b in zip(x.tolist(), y.tolist(), strict=True)]
    assert max(apart) <= recorded.outputs[0].error
    assert verify(bundle.path, rows=200).ok


def test_one_constant_for_two_numbers_lies_between_them(tmp_path: Path) -> None:
    bundle = build(tmp_path, ("y = 0.1*x + 0.1000000001*z",), "0:1,0:1")
    recorded = bundle.manifest.fixed
    assert recorded and list(recorded.constants.values()) == ["0.10000000005"]
    assert 1e-10 < recorded.outputs[0].error < 6e-10


def test_a_constant_that_the_texts_do_not_have_is_float32s() -> None:
    program = program_of(["0.1*x"], ("x",), ("y",))
    assert constants_of(program, ["0.2*x"], [(0.0, 1.0)]) == {}


@pytest.mark.parametrize("numbers", ["q15.16", "fixed16"])
def test_other_words_too(numbers: str, tmp_path: Path) -> None:
    recorded = build(tmp_path, ("y = 3.14159265358979*x",), "0:3", numbers).manifest.fixed
    assert recorded and recorded.outputs[0].measured <= recorded.outputs[0].error
    assert recorded.outputs[0].error < {"q15.16": 5.2e-5, "fixed16": 4.7e-4}[numbers]


def test_the_numbers_of_a_head_are_those_given() -> None:
    program = program_of(["0.3*x"], ("x",), ("y",), [(0.0, 1.0)])
    recorded, code = planned(program, ["0.3*x"], [(0.0, 1.0)], "fixed", Head.of("affine(0.7, 1.1)"))
    x = np.linspace(0.0, 1.0, 101)
    apart = np.abs(code(x[:, None])[:, 0] - (0.33 * x + 0.7))
    assert apart.max() <= recorded.outputs[0].error < 2e-9


def test_a_number_that_is_not_the_texts_is_found(tmp_path: Path) -> None:
    bundle = build(tmp_path, ("y = 3.14159265358979*x",), "0:3")
    recorded = bundle.manifest.fixed
    assert recorded
    (value,) = recorded.constants
    for number, where in (("3.1415926", "fixed point"), ("3.2", "formats"), ("three", "list of numbers")):
        forged = msgspec.structs.replace(recorded, constants={value: number})
        manifest = msgspec.structs.replace(bundle.manifest, fixed=forged).sealed()
        if where != "fixed point":
            with pytest.raises(CheckFailed, match=where):
                fixed_of(manifest)
            continue
        (bundle.path / "manifest.json").write_bytes(manifest.to_bytes())
        failed = [check for check in verify(bundle.path, rows=200).checks if not check.ok]
        assert failed and failed[0].name == where and "from the text" in failed[0].detail
