"""What ptxas makes of every kind of kernel, for each generation of GPUs: registers, memory, instructions."""

from __future__ import annotations

import io
import re
import tempfile
from collections import Counter
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings

from symc.backends import Unit
from symc.backends.cuda import shape
from tests.targets import building
from tests.targets.programs import coverage_program, layered_program, unit_from_text, unit_of
from tests.targets.test_cuda_kernels import LAYERED, rows_unit
from tests.targets.test_random_programs import DRAWN, RECIPES, together
from tests.tools import require, require_nvidia

# Turing, Ampere, Hopper, and Blackwell in data centres and elsewhere.
ARCHITECTURES = ("sm_75", "sm_80", "sm_90", "sm_100", "sm_120")
# The oldest, the middle and the newest, where all of them would take long.
SOME = ARCHITECTURES[::2]
# Seeds that division and square root refine to the rounded result; the other functions of this unit are approximations.
SEEDS = {"MUFU.RCP", "MUFU.RSQ", "MUFU.RCP64H", "MUFU.RSQ64H"}
LOCAL = re.compile(r"\b(?:LDL|STL)\b.*")

PRODUCT = unit_from_text(["x0*x1 + 0.5*x0"], ["x0", "x1"], ["y"], "product")
STAGED = rows_unit(7, 3)
LOW_RANK = unit_of(layered_program(*LAYERED["low rank"]), "block")
IN_PARTS = unit_of(layered_program(*LAYERED["in parts"]), "parts")


@dataclass(frozen=True)
class Kernel:
    """What ptxas says of a kernel. Bytes: frame, of the stack; spilled, stored and loaded for want of registers."""

    registers: int
    frame: int
    spilled: int


@dataclass(frozen=True)
class Code:
    cubin: bytes
    kernels: dict[str, Kernel]

    def instructions(self) -> dict[str, list[str]]:
        """Function -> its instructions, as nvdisasm writes them."""
        with tempfile.TemporaryDirectory() as scratch:
            path = Path(scratch) / "code.cubin"
            path.write_bytes(self.cubin)
            text = building.run([require_nvidia("nvdisasm"), "-c", path]).stdout
        found: dict[str, list[str]] = {}
        function = ""
        for line in text.splitlines():
            label = re.match(r"(?:\.text\.)?([\w$]+):", line)
            if label:
                function = label[1]
            instruction = re.match(r"\s+/\*[0-9a-f]+\*/\s+(?:@\S+\s+)?(.*?)\s*;", line)
            if instruction:
                found.setdefault(function, []).append(instruction[1])
        return found

    def operations(self) -> Counter[str]:
        """How often each instruction occurs."""
        return Counter(line.split()[0] for lines in self.instructions().values() for line in lines)


@cache
def compiled(unit: Unit, arch: str, fast: bool = False, bfloat16: bool = False) -> Code:
    """The kernels of `unit` by NVRTC and the ptxas in it, with symc's flags or with those that users fear."""
    require("cuda", module=True)
    from cuda.core import Program, ProgramOptions

    with tempfile.TemporaryDirectory() as scratch:
        root = building.write(Path(scratch), unit, ["cuda"])
        flags: dict[str, Any] = {"use_fast_math": True} if fast else {"fma": False}
        if bfloat16:
            flags["define_macro"] = "SYMC_BFLOAT16"
        options = ProgramOptions(
            std="c++17", arch=arch, include_path=str(root / "cuda"), ptxas_options=["-v"], **flags
        )
        log = io.StringIO()
        code = Program((root / "cuda" / f"{unit.name}.cu").read_text(), "c++", options).compile("cubin", logs=log)
    return Code(bytes(code.code), _kernels(log.getvalue()))


def _kernels(log: str) -> dict[str, Kernel]:
    found = {}
    for name, said in re.findall(r"Compiling entry function '(\w+)'(.*?Used \d+ registers)", log, re.S):
        frame, stored, loaded = map(int, re.findall(r"(\d+) bytes (?:stack frame|spill)", said))
        found[name] = Kernel(int(said.split()[-2]), frame, stored + loaded)
    assert found, log
    return found


def check_memory(code: Code) -> None:
    """Nothing lives in local memory, and the registers leave room for a full block of the largest kind."""
    for name, kernel in code.kernels.items():
        assert kernel.frame == kernel.spilled == 0, (name, kernel)
        assert kernel.registers <= 128, (name, kernel)


def check_arithmetic(code: Code) -> None:
    """Not one fused or flushing operation, no approximation, nothing in local memory: for code of + - * alone."""
    operations = code.operations()
    assert operations["FMUL"] and operations["FADD"]
    assert not [name for name in operations if re.match(r"FFMA|HFMA2\.MMA\.|MUFU|LDL|STL|.*\.FTZ", name)], operations


@pytest.mark.parametrize("arch", ARCHITECTURES)
def test_narrow_rows_are_whole_vectors(arch: str):
    made = shape(PRODUCT.program, 2, 1)
    assert (made.run, made.runs) == (2, 2)
    code = compiled(PRODUCT, arch, fast=True)
    check_memory(code)
    check_arithmetic(code)
    assert code.kernels["product_kernel"].registers <= 32  # As many threads as a multiprocessor has.
    body = " ".join(code.instructions()["product_kernel"])
    assert len(re.findall(r"LDG\.E\.128", body)) == made.runs
    assert len(re.findall(r"STG\.E\.64", body)) == made.runs


@pytest.mark.parametrize("arch", SOME)
def test_sums_of_a_layered_program_stay_in_registers(arch: str):
    code = compiled(LOW_RANK, arch, fast=True)
    check_memory(code)
    check_arithmetic(code)
    # Inputs of a tile come from shared memory by four, once for four products of each row; weights come once for all.
    operations = code.operations()
    vectors = operations["LDS.128"] + operations["LDS.U.128"]
    assert vectors and operations["FMUL"] > 3 * vectors


@pytest.mark.parametrize("unit", [STAGED, IN_PARTS], ids=lambda unit: unit.name)
def test_other_shapes_need_no_local_memory(unit: Unit):
    check_memory(compiled(unit, "sm_90"))


def test_functions_approximate_nothing_and_only_pow_has_a_stack():
    code = compiled(unit_of(coverage_program(), "every", derivatives=False), "sm_90", fast=True)
    approximated = {name for name in code.operations() if name.startswith("MUFU")}
    assert approximated and approximated <= SEEDS
    assert [kernel.spilled for kernel in code.kernels.values()] == [0]
    assert all(kernel.frame <= 8 for kernel in code.kernels.values())
    # Where x^y may be exact, two results come back by pointers.
    users = {name for name, lines in code.instructions().items() if any(map(LOCAL.match, lines))}
    assert all("symc_pow_" in name for name in users), users


EVERY = unit_of(coverage_program(), "every")


@pytest.mark.long
@pytest.mark.parametrize("arch", ARCHITECTURES)
def test_every_operator_for_every_generation(arch: str):
    code = compiled(EVERY, arch, fast=True)
    assert set(code.kernels) == {"every_kernel", "every_kernel_J"}
    assert all(kernel.spilled == 0 and kernel.frame <= 8 for kernel in code.kernels.values())
    assert {name for name in code.operations() if name.startswith("MUFU")} <= SEEDS


@pytest.mark.long
def test_no_flag_fuses_what_another_does_not():
    # Products tell: some negations become subtractions, and in binary64 three products by powers of two, which are
    # exact, meet an addition (pow's slow path).
    names = ("FFMA", "FFMA.RM", "FFMA.RP", "FFMA.RZ", "FMUL", "FMUL.FTZ")
    plain, fast = (compiled(EVERY, "sm_90", fast).operations() for fast in (False, True))
    assert plain["FFMA"] and [plain[name] for name in names] == [fast[name] for name in names]


@pytest.mark.long
@pytest.mark.parametrize("arch", ARCHITECTURES)
@pytest.mark.parametrize("name", LAYERED)
def test_layered_programs_for_every_generation(name: str, arch: str):
    unit = unit_of(layered_program(*LAYERED[name]), "block")
    for bfloat16 in (False, True):
        code = compiled(unit, arch, bfloat16=bfloat16)
        check_memory(code)
        assert any("U16" in name for name in code.operations() if name.startswith("LDG")) == bfloat16


@pytest.mark.long
@settings(DRAWN, max_examples=1)
@given(RECIPES)
def test_random_programs_for_every_generation(recipes):
    unit = unit_of(together(recipes), derivatives=False)
    for arch in ARCHITECTURES:
        code = compiled(unit, arch)
        assert all(kernel.spilled == 0 and kernel.frame <= 8 for kernel in code.kernels.values()), code.kernels
        assert {name for name in code.operations() if name.startswith("MUFU")} <= SEEDS
