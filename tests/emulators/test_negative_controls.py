"""Builds and machines that would give other bits: each is refused by the compiler or named by the self-test."""

from __future__ import annotations

import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

import llvmlite.binding
import pytest

from symc.backends import Unit
from symc.backends.numba import ROWS
from symc.backends.selftest import choose_seed, plan, points
from symc.ir.evaluate import evaluate
from symc.toolchain.emulators import BOARDS, build, execute
from tests.targets import building
from tests.targets.programs import bits, unit_from_text
from tests.tools import DISTINCT, require, require_board, require_m32

FUSES, FLUSHES, ROUNDS_OTHERWISE, REORDERS = -1, -2, -3, -4

MAIN = """
#include "board.h"
#include "orbit.h"

int main(void)
{
    int result;
    %s
    result = orbit_selftest();
    board_put_hex((uint32_t)-(int32_t)result);
    return 0;
}
"""

# What a program does to its machine before it runs the self-test.
FPSCR = 'uint32_t fpscr; __asm__ volatile("vmrs %0, fpscr" : "=r"(fpscr)); fpscr |= {bits}; ' \
        '__asm__ volatile("vmsr fpscr, %0" : : "r"(fpscr));'  # fmt: skip
FPCR = 'uint64_t fpcr = {bits}; __asm__ volatile("msr fpcr, %0" : : "r"(fpcr));'
FRM = '__asm__ volatile("fsrmi {bits}");'
MXCSR = 'uint32_t mxcsr = 0x1f80u | {bits}; __asm__ volatile("ldmxcsr %0" : : "m"(mxcsr));'


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return building.write(tmp_path_factory.mktemp("bundle"), _unit(), ["c", "numba"])


def _unit() -> Unit:
    # Arithmetic alone: what compilers and machines do to it is what these tests are about.
    return unit_from_text(["a*b + 0.3*a - b/3"], ["a", "b"], ["y"], "orbit", [(-2.0, 2.0), (0.0, 3.0)])


def _objects(bundle: Path, folder: Path, name: str, flags: str, compiler: str = "") -> list[Path] | None:
    """The bundle's sources compiled for a board, by another compiler if one is named; None where one is refused."""
    board = require_board(name)
    folder.mkdir(exist_ok=True)
    command = [require(compiler)] if compiler else [board.compiler, *board.flags]
    includes = [f"-I{bundle}/include", f"-I{bundle}/src"]
    objects = []
    for source in sorted((bundle / "src").glob("*.c")):
        objects.append(folder / f"{source.stem}.o")
        arguments = [*command, *flags.split(), *includes, "-c", source, "-o", objects[-1]]
        done = subprocess.run(list(map(str, arguments)), capture_output=True, text=True, check=False)
        if done.returncode != 0:
            assert "symc: " in done.stderr, done.stderr
            return None
    return objects


def _result(bundle: Path, folder: Path, name: str, objects: list[Path], setup: str = "", link: str = "") -> int:
    """What the self-test returns on a board."""
    main = folder / "main.c"
    main.write_text(MAIN % setup)
    program = build(
        BOARDS[name], [main, *objects], [bundle / "include"], ["-O2", *link.split()], folder / "program.elf"
    )
    return -int(execute(BOARDS[name], program).output.strip(), 16)


def _self_test(bundle: Path, folder: Path, name: str, flags: str, setup: str = "", link: str = "") -> int | None:
    objects = _objects(bundle, folder, name, flags)
    return None if objects is None else _result(bundle, folder, name, objects, setup, link)


@pytest.mark.parametrize("name", DISTINCT)
def test_a_sound_build_passes(name: str, bundle: Path, tmp_path: Path):
    assert _self_test(bundle, tmp_path, name, "-O2") == 0


@pytest.mark.parametrize("flags", ["-Ofast", "-O2 -ffast-math", "-O2 -ffinite-math-only"])
@pytest.mark.parametrize("name", DISTINCT)
def test_unsafe_mathematics_is_refused(name: str, flags: str, bundle: Path, tmp_path: Path):
    assert _self_test(bundle, tmp_path, name, flags) is None


PARTS = (
    "-fassociative-math -fno-signed-zeros -fno-trapping-math",
    "-freciprocal-math",
    "-fno-signed-zeros",
    "-funsafe-math-optimizations",
)


@pytest.mark.parametrize("flags", PARTS)
@pytest.mark.parametrize("name", ["host-gcc", "host-clang", "cortex-m4f", "cortex-m3", "atmega2560", "rv64gc"])
def test_parts_of_it_are_refused_or_found(name: str, flags: str, bundle: Path, tmp_path: Path):
    objects = _objects(bundle, tmp_path / "unsafe", name, f"-O2 {flags}")
    if objects is None:
        return
    sound = _objects(bundle, tmp_path / "sound", name, "-O2")
    assert sound is not None
    # gcc 5, which Debian has for AVR, forgets these options at the pragma in the sources.
    if [_code(name, o) for o in objects] != [_code(name, o) for o in sound]:
        assert _result(bundle, tmp_path, name, objects) == REORDERS


def _code(name: str, compiled: Path) -> str:
    """The machine code of an object file, without the line that names the file."""
    objdump = require(BOARDS[name].compiler.replace("gcc", "objdump").replace("clang", "objdump"))
    listing = building.run([objdump, "-d", "-r", compiled]).stdout
    return listing.partition("Disassembly")[2]


X86 = pytest.mark.skipif(building.MACHINE != "x86_64", reason="the flags and registers are those of x86")


@dataclass(frozen=True)
class Fault:
    """A machine in a mode that a bundle cannot do with."""

    board: str
    setup: str
    result: int


MODES = {
    "cortex-m4f flushes": Fault("cortex-m4f", FPSCR.format(bits="1u << 24"), FLUSHES),
    "cortex-m7 flushes": Fault("cortex-m7", FPSCR.format(bits="1u << 24"), FLUSHES),
    "cortex-m4f rounds up": Fault("cortex-m4f", FPSCR.format(bits="1u << 22"), ROUNDS_OTHERWISE),
    "cortex-m4f rounds down": Fault("cortex-m4f", FPSCR.format(bits="2u << 22"), ROUNDS_OTHERWISE),
    "cortex-m4f rounds to zero": Fault("cortex-m4f", FPSCR.format(bits="3u << 22"), ROUNDS_OTHERWISE),
    "aarch64 flushes": Fault("aarch64", FPCR.format(bits="1u << 24"), FLUSHES),
    "aarch64 rounds to zero": Fault("aarch64", FPCR.format(bits="3u << 22"), ROUNDS_OTHERWISE),
    "rv64gc rounds to zero": Fault("rv64gc", FRM.format(bits=1), ROUNDS_OTHERWISE),
    "rv64gc rounds down": Fault("rv64gc", FRM.format(bits=2), ROUNDS_OTHERWISE),
    "rv64gc rounds up": Fault("rv64gc", FRM.format(bits=3), ROUNDS_OTHERWISE),
    "rv64gc rounds ties away": Fault("rv64gc", FRM.format(bits=4), ROUNDS_OTHERWISE),
    "x86 flushes results": Fault("host-gcc", MXCSR.format(bits="0x8000u"), FLUSHES),
    "x86 flushes operands": Fault("host-gcc", MXCSR.format(bits="0x0040u"), FLUSHES),
    "x86 rounds down": Fault("host-gcc", MXCSR.format(bits="0x2000u"), ROUNDS_OTHERWISE),
    "x86 rounds up": Fault("host-gcc", MXCSR.format(bits="0x4000u"), ROUNDS_OTHERWISE),
    "x86 rounds to zero": Fault("host-gcc", MXCSR.format(bits="0x6000u"), ROUNDS_OTHERWISE),
}


@pytest.mark.parametrize("mode", [pytest.param(m, marks=X86 if m.startswith("x86") else ()) for m in MODES])
def test_a_machine_in_another_mode_is_found(mode: str, bundle: Path, tmp_path: Path):
    fault = MODES[mode]
    assert _self_test(bundle, tmp_path, fault.board, "-O2", fault.setup) == fault.result


@X86
def test_linking_with_fast_math_is_found(bundle: Path, tmp_path: Path):
    """gcc then links a start-up file that switches flushing on, however the sources were compiled."""
    assert _self_test(bundle, tmp_path, "host-gcc", "-O2", link="-ffast-math") == FLUSHES


@X86
@pytest.mark.parametrize("flags", ["-mfpmath=387", "-mfpmath=both", "-m32 -mfpmath=387", "-m32 -mno-sse"])
def test_x87_is_refused(flags: str, bundle: Path, tmp_path: Path):
    if "-m32" in flags:
        require_m32()
    assert _self_test(bundle, tmp_path, "host-gcc", f"-O2 {flags}") is None


@pytest.mark.parametrize("name", ["cortex-m4f", "cortex-m7", "aarch64", "rv64gc"])
def test_gcc_does_not_fuse_though_told_to(name: str, bundle: Path, tmp_path: Path):
    assert _self_test(bundle, tmp_path, name, "-O3 -ffp-contract=fast") == 0


CLANG_TARGETS = {
    "cortex-m7": "--target=armv7em-none-eabihf -mcpu=cortex-m7 -ffreestanding",
    "aarch64": "--target=aarch64-linux-gnu",
    "rv64gc": "--target=riscv64-unknown-elf -march=rv64gc -mabi=lp64d -mcmodel=medany -ffreestanding",
}


@pytest.mark.parametrize(("contract", "expected"), [("off", 0), ("on", 0), ("fast", FUSES)])
@pytest.mark.parametrize("name", CLANG_TARGETS)
def test_clang_that_must_fuse_is_found(name: str, contract: str, expected: int, bundle: Path, tmp_path: Path):
    """-ffp-contract=fast is stronger than the pragma in the sources."""
    flags = f"{CLANG_TARGETS[name]} -O2 -ffp-contract={contract}"
    objects = _objects(bundle, tmp_path, name, flags, compiler="clang")
    assert objects is not None
    assert _result(bundle, tmp_path, name, objects) == expected


def _numba_differs(bundle: Path, folder: Path, fastmath: str) -> bool:
    """Whether the module gives other bits on the self-test's inputs when its functions are compiled in another way."""
    copy = folder / "copy"
    shutil.copytree(bundle / "numba", copy)
    for path in copy.rglob("*.py"):
        path.write_text(path.read_text().replace("fastmath=False", f"fastmath={fastmath}"))
    # A module refuses a runtime that was edited.
    path = copy / "orbit.py"
    path.write_text(path.read_text().replace("!= _RUNTIME:", "is None:"))
    module = building.python_module(path)
    unit = _unit()
    made = plan(unit.program.n_in, unit.domain, ROWS)
    x = points(made, choose_seed(unit.program, made))
    return bool((bits(module.eval_batch(x)) != bits(evaluate(unit.program, x))).any())


@pytest.mark.parametrize(("fastmath", "differs"), [("False", False), ("True", True), ("{'contract'}", True)])
def test_numba_with_fastmath_is_found(fastmath: str, differs: bool, bundle: Path, tmp_path: Path):
    if "contract" in fastmath and not llvmlite.binding.get_host_cpu_features().get("fma"):
        pytest.skip("this processor has no fused multiply-add that LLVM could use")
    assert _numba_differs(bundle, tmp_path, fastmath) == differs
