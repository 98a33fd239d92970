"""The oracle: what a Program means, to the bit, in numpy; and a fast evaluation in real arithmetic for fitting."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np
import numpy.typing as npt

from symc.errors import SymcError
from symc.ir.binary64 import BINARY64
from symc.ir.binary64.language import bits, from_bits, magnitude, where
from symc.ir.correct_rounding import CANONICAL_NAN, FUNCTIONS, correctly_rounded
from symc.ir.formats import FLOAT32, FLOAT64
from symc.ir.layered import Layered
from symc.ir.program import Program

F32 = npt.NDArray[np.float32]
Real = npt.NDArray[np.floating]
_SIGN = np.uint32(0x80000000)
_SIGN64 = np.uint64(0x8000000000000000)


def evaluate(program: Program | Layered, x: npt.ArrayLike) -> F32:
    """Evaluate `program` exactly as every target must.

    x: (n, n_in), in the program's format, as is what is returned, (n, n_out); every NaN is the format's one NaN,
    0x7fc00000 in float32. Raises SymcError on a wrong shape.
    """
    if isinstance(program, Layered):
        return _through_layers(program, np.asarray(x, dtype=np.float32))
    format = program.format
    columns = _columns(program, np.asarray(x, dtype=format.dtype))
    constants = [format.dtype(c) for c in program.constants]
    result = _run(program, columns, constants, _MEANT[format.name], np.dtype(format.dtype))
    result[np.isnan(result)] = format.canonical_nan
    return result


def evaluate_real(program: Program, x: npt.ArrayLike, constants: Sequence[float] | None = None) -> Real:
    """Evaluate `program` in the floating dtype of x with numpy's own functions; for fitting, never for parity.

    x: (n, n_in), float64 unless it is a numpy array of another floating dtype. `constants` replace
    program.constants, in their order. Returns (n, n_out) of the same dtype.
    """
    array = np.asarray(x)
    if not np.issubdtype(array.dtype, np.floating):
        array = array.astype(np.float64)
    values = program.constants if constants is None else constants
    if len(values) != len(program.constants):
        raise SymcError(f"{len(values)} constants given, the program has {len(program.constants)}")
    return _run(program, _columns(program, array), [array.dtype.type(c) for c in values], _REAL, array.dtype)


def _through_layers(program: Layered, x: F32) -> F32:
    z = sums(program.project.bias, (program.project.weight, x))
    parts = [(program.expand.weight, evaluate(program.equations, z))]
    if program.direct is not None:
        parts.append((program.direct, x))
    result = sums(program.expand.bias, *parts)
    result[np.isnan(result)] = CANONICAL_NAN
    return result


def sums(bias: F32, *parts: tuple[F32, F32]) -> F32:
    """bias (n_out,) plus the products of each weight (n_out, n) with its x (rows, n), one rounded product after the
    other."""
    total = np.tile(bias, (len(parts[0][1]), 1))
    with np.errstate(all="ignore"):
        for weight, x in parts:
            for k in range(weight.shape[1]):
                total += x[:, k, None] * weight[:, k]
    return total


def _columns(program: Program | Layered, x: Real) -> list[Real]:
    if x.ndim != 2 or x.shape[1] != program.n_in:
        raise SymcError(f"inputs have shape {x.shape}, the program needs (n, {program.n_in})")
    return [x[:, k] for k in range(program.n_in)]


def _run(
    program: Program,
    columns: list[Real],
    constants: Sequence[np.floating],
    table: Mapping[str, Callable[..., Real]],
    dtype: np.dtype,
) -> Real:
    rows = len(columns[0]) if columns else 0
    values: list[Real] = []
    constant = iter(constants)
    with np.errstate(all="ignore"):
        for step in program.instructions:
            if step.op == "input":
                values.append(columns[step.index])
            elif step.op == "const":
                values.append(np.asarray(next(constant)))
            else:
                values.append(np.asarray(table[step.op](*(values[a] for a in step.args)), dtype=dtype))
    out = np.empty((rows, program.n_out), dtype=dtype)
    for k, position in enumerate(program.results):
        out[:, k] = values[position]
    return out


def _bits(x: Real) -> npt.NDArray[np.uint32]:
    return np.asarray(x, dtype=np.float32).view(np.uint32)


def _exact_min(x: Real, y: Real) -> Real:
    # Equal operands differ at most in the sign of zero, and -0 is the lesser.
    return np.where(x == y, (_bits(x) | _bits(y)).view(np.float32), np.minimum(x, y))


def _exact_max(x: Real, y: Real) -> Real:
    return np.where(x == y, (_bits(x) & _bits(y)).view(np.float32), np.maximum(x, y))


def _rounded(name: str) -> Callable[..., Real]:
    return lambda *args: correctly_rounded(name, *args)


def _select(x: Real, y: Real, z: Real) -> Real:
    return np.where(x > 0, y, z)


def _sign(x: Real) -> Real:
    # np.sign makes 0 of -0.
    return np.where(x == 0, x, np.sign(x))


def _mod(x: Real, y: Real) -> Real:
    """The floored modulus as Julia computes it: fmod is exact, and one addition follows where the signs differ."""
    r = np.fmod(x, y)
    return np.where(r == 0, np.copysign(r, y), np.where((r > 0) != (y > 0), r + y, r))


# Exact in every dtype, or rounded once.
_SHARED: dict[str, Callable[..., Real]] = {
    "add": np.add,
    "sub": np.subtract,
    "mul": np.multiply,
    "div": np.divide,
    "relu": lambda x: np.where(x < 0, x.dtype.type(0), x),
    "select": _select,
    "lt": np.less,
    "le": np.less_equal,
    "gt": np.greater,
    "ge": np.greater_equal,
    "eq": np.equal,
    "ne": np.not_equal,
    "floor": np.floor,
    "ceil": np.ceil,
    "round": np.rint,
    "trunc": np.trunc,
    "sign": _sign,
    "mod": _mod,
    "sqrt": np.sqrt,
}

_EXACT: dict[str, Callable[..., Real]] = {
    **_SHARED,
    "neg": lambda x: (_bits(x) ^ _SIGN).view(np.float32),
    "abs": lambda x: (_bits(x) & ~_SIGN).view(np.float32),
    "min": _exact_min,
    "max": _exact_max,
    **{name: _rounded(name) for name in FUNCTIONS},
}

_REAL: dict[str, Callable[..., Real]] = {
    **_SHARED,
    "neg": np.negative,
    "abs": np.abs,
    "min": np.minimum,
    "max": np.maximum,
    **FUNCTIONS,
}


# What an instruction of each format is, to the bit but for those of a NaN.
_MEANT: dict[str, Mapping[str, Callable[..., Real]]] = {
    FLOAT32.name: _EXACT,
    FLOAT64.name: {
        **_SHARED,
        "neg": lambda x: from_bits(bits(x) ^ _SIGN64),
        "abs": magnitude,
        "min": lambda x, y: where(x == y, from_bits(bits(x) | bits(y)), np.minimum(x, y)),
        "max": lambda x, y: where(x == y, from_bits(bits(x) & bits(y)), np.maximum(x, y)),
        **BINARY64,
    },
}


def real(name: str, *args: npt.ArrayLike) -> Real:
    """Primitive `name` in the floating dtype of its operands, float64 for Python's numbers."""
    with np.errstate(all="ignore"):
        return np.asarray(_REAL[name](*map(np.asarray, args)))


def exact(name: str, *args: Real) -> Real:
    """Primitive `name` of arrays of one format, as every target computes it; a NaN may have any bits."""
    dtype = np.result_type(*args)
    with np.errstate(all="ignore"):
        return np.asarray(_MEANT[dtype.name][name](*args), dtype=dtype)
