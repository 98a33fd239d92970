"""Names and numbers as the target languages want them: prefixes, local variables, macros, float32 literals."""

from __future__ import annotations

import keyword
import re
import sys
from collections.abc import Iterable, Sequence
from itertools import chain, count

import numpy as np

from symc.errors import SymcError

_IDENTIFIER = re.compile(r"[A-Za-z_][A-Za-z0-9_]*\Z")
_LONGEST = 63  # C99 5.2.4.1: significant initial characters of an internal identifier.

_C = """auto break case char const continue default do double else enum extern float for goto if inline int long
register restrict return short signed sizeof static struct switch typedef union unsigned void volatile while
alignas alignof bool constexpr false nullptr static_assert thread_local true typeof typeof_unqual asm fortran"""
_CPP = """and and_eq bitand bitor catch char8_t char16_t char32_t class co_await co_return co_yield compl concept
const_cast consteval constinit decltype delete dynamic_cast explicit export friend mutable namespace new noexcept not
not_eq operator or or_eq private protected public reinterpret_cast requires static_cast template this throw try typeid
typename using virtual wchar_t xor xor_eq"""
_CUDA = "blockDim blockIdx gridDim threadIdx warpSize cudaError_t cudaStream_t dim3"
_PREDEFINED = "linux unix i386 arm mips sparc sun NULL offsetof size_t ptrdiff_t max_align_t"
_DEVICE_FILES = "con prn aux nul"  # Windows cannot make files of these names.
# <float.h> has DBL_MAX_EXP; a bundle of this name with an input exp would have it too.
_FLOAT_TYPES = "flt dbl ldbl"

# With include/ before the system's folders, a header of such a name would be included instead of the system's: those of
# the C standard, and what they include in turn in glibc.
_HEADERS = """assert complex ctype errno fenv float inttypes iso646 limits locale math setjmp signal stdalign stdarg
stdatomic stdbit stdbool stdckdint stddef stdint stdio stdlib stdnoreturn string strings tgmath threads time uchar wchar
wctype alloca endian features"""
# With numba/ on Python's path, a module of such a name would be imported instead of the one that is meant.
_MODULES = sys.stdlib_module_names | {"llvmlite", "numba", "numpy", "symc", "symc_runtime"}

KEYWORDS = frozenset(f"{_C} {_CPP} {_CUDA} {_PREDEFINED}".split()) | frozenset(keyword.kwlist)

# Names that generated functions, their headers and their loops use themselves.
_OURS = frozenset(["x", "y", "J", "i", "n", "v", "slow", "np", "rt", "njit", "range", "unusual"])
_TEMPORARY = re.compile(r"t[0-9]+\Z")
_FROM_HEADERS = re.compile(
    r"_|symc_|SYMC_|u?int\w*_t\Z|U?INT(8|16|32|64|MAX|PTR|_)|(PTRDIFF|SIZE|WCHAR|WINT|SIG_ATOMIC|FLT|DBL|LDBL)_"
)


def check_name(name: str) -> str:
    """Return `name` if it can prefix the symbols and name the files of a bundle on every target; else SymcError.

    The symbols of a bundle are `name` or its upper case, an underscore and more; none of the runtime is of that form.
    """
    if not _IDENTIFIER.match(name):
        problem = "is not a C identifier"
    elif name in KEYWORDS:
        problem = "is a keyword or a predefined name of C, C++, CUDA or Python"
    elif len(name) > _LONGEST:
        problem = f"has {len(name)} characters, C promises to tell apart only the first {_LONGEST}"
    elif name.startswith("_") or "__" in f"{name}_":
        problem = "is reserved by C++ (an underscore at either end, or two in a row)"
    elif f"{name}_".lower().startswith("symc_"):
        problem = "begins as the names of symc's own runtime do (symc_ and SYMC_)"
    elif name.lower() in _FLOAT_TYPES.split():
        problem = "begins macros of <float.h>"
    elif name.lower() in _DEVICE_FILES.split():
        problem = "cannot be a file name on Windows"
    else:
        return name
    raise SymcError(f"the name {name!r} {problem}", where="--name", hint="Use a letter, then letters, digits and _.")


def hides(name: str, target: str) -> bool:
    """Whether a bundle of this name would hide a header of C or a module of Python from the sources of a target."""
    if target == "numba":
        return name in _MODULES
    # In lower case, as the file systems of Windows and macOS look for it.
    return target == "c" and name.lower() in _HEADERS.split()


def default_name(text: str, targets: Iterable[str] = ()) -> str:
    """A name that check_name and all of the targets take, from that of a file or a folder.

    All but ASCII letters and digits becomes _, one for several and none at the ends; what still cannot be a name, as it
    begins with a digit, is a keyword or a header's name, gets run_ in front.
    """
    name = re.sub(r"[^A-Za-z0-9]+", "_", text).strip("_")[:_LONGEST].rstrip("_") or "model"
    try:
        if not any(hides(name, target) for target in targets):
            return check_name(name)
    except SymcError:
        pass
    return check_name(f"run_{name}"[:_LONGEST].rstrip("_"))


def local_names(names: Sequence[str], taken: Iterable[str] = (), model: str | None = None) -> tuple[str, ...]:
    """Names for local variables, one per name and all different: the name itself, or a variation of it where it is
    a keyword, the compiler's, one of `taken`, of the form of a symbol of `model`, or one that generated code uses."""
    ours = () if model is None else (f"{model}_", f"{model.upper()}_")
    used = {*taken, *(name for name in names if _reserved(name) or name.startswith(ours))}
    result = []
    for name in names:
        base = f"v{name}" if _FROM_HEADERS.match(name) or name.startswith(ours) else name
        variations = chain((base, f"{base}_"), (f"{base}_{number}" for number in count(2)))
        free = name if name not in used else next(v for v in variations if v not in used and v not in names)
        used.add(free)
        result.append(free)
    return tuple(result)


def macro_names(names: Sequence[str]) -> tuple[str, ...]:
    """Endings for macros: upper case, unless two of the names would then be the same."""
    upper = tuple(name.upper() for name in names)
    return upper if len(set(upper)) == len(upper) else tuple(names)


def decimal(value: float) -> str:
    """The shortest decimal that reads back as this float32, directly or by way of a double."""
    number = np.float32(value)
    size = abs(number)
    if size == 0 or 1e-4 <= size < 1e7:
        text = np.format_float_positional(number, unique=True, trim="0")
    else:
        text = np.format_float_scientific(number, unique=True, trim="-", exp_digits=1)
    if np.float32(float(text)) != number:
        raise SymcError(f"{number!r} has no decimal that survives rounding twice")
    return text


def _reserved(name: str) -> bool:
    ours = name in _OURS or _TEMPORARY.match(name) or _FROM_HEADERS.match(name)
    return bool(ours) or name in KEYWORDS
