"""A fixed-point bundle with every operator that has such a form, and how to build one."""

from __future__ import annotations

from pathlib import Path

import symc
from symc.building import Bundle

# Between them, every operator of symc.fixed.expand.FORMS and every expansion.
COVERAGE = (
    "a = exp(x0) + sqrt(x1) - tanh(x0)*exp2(x1)",
    "b = log(x1 + 0.1)*sin(x0) + cos(3*x0)/(x1 + 1) + log2(x1 + 2) - log10(x1 + 1)",
    "c = ifelse(x0 - 1, log(x0 + 0.01), x0)*floor(3*x1) + round(2*x0) + ceil(x1) + trunc(x0) + sign(x1 - 1)",
    "d = (x0 < x1) + (x0 <= 0.5) + (x1 > x0) + (x0 >= x1) + (x0 == x1) + (x0 != 1)",
    "e = 4*x1*sin(x0) - 0.25*x0^2 + max(x0, x1) - min(x0, 0.25) + abs(x0 - x1) + relu(x0 - 1) + atan(x0)",
    "f = x0^5/(1 + x1^2) + (x1 + 4)^1.7 + tan(x0/2) + sinh(x0) - cosh(x1)",
    "g = asinh(x1 + 1) + acosh(x1 + 2) + atanh(x0/8) + asin(x0/8) + log1p(x1) + expm1(x0) + acos(x0/4) + mod(x1, 2)",
    # Far apart: what is added to large numbers needs no digits behind theirs.
    "h = 2e8 + 1e-6*x0*x1 + sin(x0) + 1e8*floor(x0) + (x0 < x1) + log(x1 + 1) + 1e-12*exp(x0) + 1e-9*sqrt(x1)",
)
DOMAIN = "-2:2,0:3"


def build(out: Path, equations: tuple[str, ...], domain: str, numbers: str = "fixed", name: str = "law") -> Bundle:
    return symc.build(equation=list(equations), domain=domain, numbers=numbers, name=name, out=out)
