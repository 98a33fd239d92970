"""What config.h refuses: one error, one sentence that says what to do."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

from symc.resources import runtime
from tests.targets import building
from tests.tools import DISTINCT, require_board, require_m32

X86 = pytest.mark.skipif(building.MACHINE != "x86_64", reason="the flags are those of x86")
REFUSALS = [
    ("atmega2560", "-DSYMC_PROFILE_F64", "double is not IEEE-754 binary64 on this target: do not define SYMC_PROFILE"),
    ("cortex-m3", "-DSYMC_PROFILE_F64 -DSYMC_PROFILE_INT", "define SYMC_PROFILE_INT or SYMC_PROFILE_F64, not both"),
    pytest.param("host-gcc", "-mfpmath=387", "compile with -msse2 -mfpmath=sse", marks=X86),
    pytest.param("host-clang", "-m32 -mno-sse", "compile with -msse2 -mfpmath=sse", marks=X86),
    *((name, "-ffast-math", "-ffast-math, -Ofast and their parts change results") for name in DISTINCT),
]


@pytest.mark.parametrize(("name", "flags", "sentence"), REFUSALS)
def test_one_sentence_says_what_is_wrong(name: str, flags: str, sentence: str, tmp_path: Path):
    board = require_board(name)
    if "-m32" in flags:
        require_m32(board.compiler)
    source = tmp_path / "source.c"
    source.write_text('#include "symc/f32.h"\nfloat sum(float a, float b);\nfloat sum(float a, float b)\n'
                      "{\n    return symc_add(a, b);\n}\n")  # fmt: skip
    command = [board.compiler, *board.flags, "-O2", f"-I{runtime()}/include", "-c", source, "-o", tmp_path / "source.o"]
    building.run(command)
    done = subprocess.run([*map(str, command), *flags.split()], capture_output=True, text=True, check=False)
    assert done.returncode != 0
    errors = re.findall(r"error: (?:#error )?\"?(symc: .*?)\"?$", done.stderr, flags=re.M)
    assert len(errors) == 1 and sentence in errors[0], done.stderr
