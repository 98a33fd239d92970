"""What is proved: the functions, how each is compiled, and the runs that a complete proof consists of."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

INCLUDE = Path(__file__).resolve().parents[1] / "include"
FLAGS = ("-std=c11", "-O3", "-ffp-contract=off", "-fno-math-errno", "-fno-trapping-math")
BUILDS = {
    "fma": ("-mavx2", "-mfma", "-DSYMC_PROFILE_F64"),
    "plain": ("-mavx2", "-mno-fma", "-DSYMC_PROFILE_F64", "-DSYMC_SQRT_SOFT"),
    "int": ("-DSYMC_PROFILE_INT", "-DSYMC_SQRT_SOFT"),
}


@dataclass(frozen=True)
class Unary:
    """A function of one argument and what prove.c needs to know of it.

    `safe`: units in the last place of glibc's double function that a result must be away from a rounding boundary; at
    least three times the largest error in the glibc manual's table. `reference` and `exact` are the names in glibc and
    MPFR where they are not the function's own; `header` is its header.
    """

    name: str
    symmetry: str = "NONE"
    safe: int = 8
    header: str = ""
    reference: str = ""
    exact: str = ""
    fast: bool = False


FUNCTIONS = {
    f.name: f
    for f in (
        Unary("sqrt"),
        Unary("cbrt", "ODD", 16),
        Unary("exp", fast=True),
        Unary("exp2"),
        Unary("expm1"),
        Unary("log"),
        Unary("log2"),
        Unary("log10"),
        Unary("log1p"),
        Unary("sin", "ODD", header="trig", fast=True),
        Unary("cos", "EVEN", header="trig", fast=True),
        Unary("tan", "ODD", header="trig", fast=True),
        Unary("asin", "ODD"),
        Unary("acos"),
        Unary("atan", "ODD"),
        Unary("sinh", "ODD"),
        Unary("cosh", "EVEN"),
        Unary("tanh", "ODD"),
        Unary("asinh", "ODD"),
        Unary("acosh"),
        Unary("atanh", "ODD"),
        Unary("erf", "ODD"),
        Unary("erfc", safe=16, header="erf"),
        Unary("gamma", safe=32, reference="tgamma", exact="mpfr_gamma"),
    )
}
POW_SETS = (
    ("special",),
    ("exact",),
    ("near", "2000000", "1"),
    ("slow", "2000000", "2"),
    ("powers", "16777216"),
    *((f"random-{seed}", "1000000000", f"{seed}") for seed in range(1, 10)),
)


@dataclass(frozen=True)
class Job:
    """One run of a driver: the key of its record, the function, its arguments and the header it is about."""

    key: str
    function: str
    arguments: tuple[str, ...]
    header: str


def jobs() -> list[Job]:
    """Every run that a complete proof consists of."""
    unary = [Job(f.name, f.name, (), f.header or f.name) for f in FUNCTIONS.values()]
    return unary + [Job(f"pow-{words[0]}", "pow", words, "pow") for words in POW_SETS]


def build_flags(name: str) -> str:
    """All flags of a build, as records show them."""
    return " ".join((*FLAGS, *BUILDS[name]))
