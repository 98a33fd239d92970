"""Profile INT is integers inside: a float enters as bits and leaves as bits, so no mode of a machine can touch it."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import pytest

from symc.resources import runtime
from tests.runtime.helpers import EXACT_BINARY, EXACT_UNARY, UNARY
from tests.targets import building
from tests.tools import require, require_board

# A basic operation of the processor where it has one, and a function that ends in a float addition.
BASIC = {"sqrt", "mod"}
ONE = sorted({*UNARY, *EXACT_UNARY} - BASIC)
TWO = sorted({"pow", *EXACT_BINARY} - BASIC)

# Instructions that compute with floats, as against those that move them.
X86_FLOAT = re.compile(
    r"^v?(add|sub|mul|div|sqrt|min|max|rcp|rsqrt|round|cmp\w*|u?comi|hadd|hsub|addsub|dp|cvt\w*|fn?m(add|sub)\w*)"
    r"[sp][sd]\w*$|^v?cvt|^f(?!ence)\w+$"
)
ARM_MOVES = re.compile(r"^(vmov|vldr|vstr|vldm|vstm|vpush|vpop)")
SOFT_FLOAT = re.compile(
    r"^__(aeabi_c?[fd]\w+|aeabi_[ilu]+2[fd]|(add|sub|mul|div|neg|cmp|eq|ne|lt|le|gt|ge|unord)[sd]f[23]"
    r"|float\w+|fix\w+|extend\w+|trunc\w+)$"
)


def _source(folder: Path) -> Path:
    headers = sorted(path.name for path in (runtime() / "include" / "symc").glob("*.h"))
    lines = [f'#include "symc/{name}"' for name in headers]
    for names, parameters, arguments in ((ONE, "float x", "x"), (TWO, "float x, float y", "x, y")):
        for name in names:
            lines.append(f"float of_{name}({parameters});")
            lines.append(f"float of_{name}({parameters})\n{{\n    return symc_{name}({arguments});\n}}")
    source = folder / "functions.c"
    source.write_text("\n".join(lines) + "\n")
    return source


def _compiled(name: str, flags: str, folder: Path) -> Path:
    board = require_board(name)
    output = folder / "functions.o"
    include = f"-I{runtime()}/include"
    building.run([board.compiler, *board.flags, *flags.split(), include, "-c", _source(folder), "-o", output])
    return output


def _mnemonics(objdump: str, compiled: Path) -> Counter[str]:
    listing = building.run([require(objdump), "-d", "--no-show-raw-insn", compiled]).stdout
    return Counter(re.findall(r"^\s+[0-9a-f]+:\s+([a-z][\w.]*)", listing, flags=re.M))


@pytest.mark.skipif(building.MACHINE != "x86_64", reason="the instructions are those of x86-64")
@pytest.mark.parametrize("name", ["host-gcc", "host-clang"])
def test_x86_computes_with_no_float(name: str, tmp_path: Path):
    used = _mnemonics("objdump", _compiled(name, "-O2 -DSYMC_PROFILE_INT", tmp_path))
    assert sum(used.values()) > 2000
    assert [mnemonic for mnemonic in used if X86_FLOAT.match(mnemonic)] == []
    # The other profile has many: the expression above looks for the right thing.
    other = _mnemonics("objdump", _compiled(name, "-O2 -DSYMC_PROFILE_F64", tmp_path))
    assert sum(count for mnemonic, count in other.items() if X86_FLOAT.match(mnemonic)) > 500


def test_cortex_m4f_only_moves_floats(tmp_path: Path):
    used = _mnemonics("arm-none-eabi-objdump", _compiled("cortex-m4f", "-O2", tmp_path))
    assert sum(used.values()) > 2000
    assert [mnemonic for mnemonic in used if mnemonic.startswith("v") and not ARM_MOVES.match(mnemonic)] == []


@pytest.mark.parametrize("name", ["cortex-m0", "cortex-m3", "rv32imac", "atmega2560"])
def test_no_float_routine_of_the_compiler_is_called(name: str, tmp_path: Path):
    nm = require_board(name).compiler.replace("gcc", "nm")

    def called(flags: str) -> list[str]:
        listed = building.run([require(nm), "-u", _compiled(name, flags, tmp_path)]).stdout
        return [symbol for symbol in listed.split() if SOFT_FLOAT.match(symbol)]

    assert called("-O2") == []
    if name == "cortex-m3":  # The expression above looks for the right thing.
        assert len(called("-O2 -DSYMC_PROFILE_F64")) > 5
