"""The functions of the runtime that are measured: their inputs, and their names in other libraries."""

from __future__ import annotations

from dataclasses import dataclass

# What the limits are about; the others are for the record.
MAIN = ("exp", "log", "sin", "cos", "tanh", "pow")


@dataclass(frozen=True)
class Measured:
    """A function, the range its inputs are drawn from evenly, and its name in SLEEF and in libmvec ("" for none).

    `header` is its header in the runtime where that has another name, `second` the range of a second argument.
    """

    name: str
    low: float
    high: float
    header: str = ""
    second: tuple[float, float] | None = None
    sleef: str = ""
    libmvec: bool = True
    glibc: str = ""

    @property
    def inputs(self) -> str:
        text = f"{self.low:g} to {self.high:g}"
        return text if self.second is None else f"{text} to the {self.second[0]:g} to {self.second[1]:g}"


FUNCTIONS = (
    Measured("exp", -20, 20),
    Measured("log", 1e-6, 100),
    Measured("sin", -10, 10, "trig"),
    Measured("cos", -10, 10, "trig"),
    Measured("tanh", -4, 4),
    Measured("pow", 1e-3, 10, second=(-5, 5)),
    Measured("exp2", -20, 20),
    Measured("expm1", -4, 4),
    Measured("log2", 1e-6, 100),
    Measured("log10", 1e-6, 100),
    Measured("log1p", -0.9, 10),
    Measured("tan", -10, 10, "trig"),
    Measured("asin", -1, 1),
    Measured("acos", -1, 1),
    Measured("atan", -10, 10),
    Measured("sinh", -4, 4),
    Measured("cosh", -4, 4),
    Measured("asinh", -10, 10),
    Measured("acosh", 1, 100),
    Measured("atanh", -0.99, 0.99),
    Measured("sqrt", 0, 100, libmvec=False),
    Measured("cbrt", -100, 100),
    Measured("erf", -3, 3, "erf"),
    Measured("erfc", -3, 3, "erf", sleef="u15"),
    Measured("gamma", 0.5, 10, sleef="tgamma", glibc="tgamma", libmvec=False),
)
