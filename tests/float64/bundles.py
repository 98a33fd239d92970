"""A bundle in double precision with every primitive of the operator table, and how to build one."""

from __future__ import annotations

from pathlib import Path

import symc
from symc.building import Bundle

COVERAGE = (
    "a = exp(x0) + exp2(x1) - expm1(x0)*sinh(x1) + cosh(x0)*tanh(x1)",
    "b = log(x0) + log2(x1)*log10(x0) - log1p(x1) + asinh(x0) + acosh(x1 + 1) + atanh(x0/9)",
    "c = sin(x0*100000) + cos(x1)*tan(x0/2.5) + asin(x0/4) + acos(x1/5) - atan(x0)",
    "d = x0^x1 + cbrt(x0) + gamma(x1) + erf(x0)*erfc(x1) - sqrt(x0)/3",
    "e = floor(x1) + ceil(x0) + round(x1) + trunc(x0) + sign(x1) + mod(x0, x1) + min(x0, x1) - max(x0, x1)",
    "f = relu(x0 - 1) + ifelse(x0 - x1, x0, -x1) + abs(x0 - 2) + (x0 < x1) + (x0 <= x1) + (x0 > x1) + (x0 >= x1)",
    "g = (x0 == x1) + (x0 != x1)",
)
DOMAIN = "0.5:3,0.5:4"


def build(
    out: Path, equations: tuple[str, ...], domain: str = DOMAIN, target: str = "c", name: str = "law", **more: object
) -> Bundle:
    return symc.build(
        equation=list(equations), domain=domain, numbers="float64", name=name, target=target, out=out, **more
    )
