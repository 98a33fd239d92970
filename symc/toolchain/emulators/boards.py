"""The boards that C programs can be run on, as data: compiler, flags, support files, emulator."""

from __future__ import annotations

import platform
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from symc.registry import Registry

SUPPORT = Path(__file__).parent / "support"

_SMALL = ("-ffunction-sections", "-fdata-sections", "-Wl,--gc-sections")
_QEMU = (
    *("-display", "none", "-monitor", "none", "-serial", "none", "-chardev", "stdio,id=text"),
    *("-semihosting-config", "enable=on,target=native,chardev=text"),
)


@dataclass(frozen=True)
class Board:
    """A processor, how to compile for it and how to run what was compiled.

    name: as in messages and test ids, such as cortex-m3.
    cpu: the processor and what emulates it, in words.
    compiler, cxx: the drivers for C and for C++.
    flags: what selects the processor; nothing that changes arithmetic.
    support: files of `SUPPORT` to compile along.
    link: the linker's arguments.
    emulator: the command that runs "{program}"; empty where the program runs by itself.
    packages: the Debian packages with all of it.
    console: "plain" when text is standard output and the status the emulator's own; "simavr" has its own manners.
    doubles: whether its compiler's double has 64 bits.
    table: bytes of constant data that a program may hold beside its code.
    stack: bytes that a call may take.
    """

    name: str
    cpu: str
    compiler: str
    cxx: str
    flags: tuple[str, ...]
    support: tuple[str, ...]
    link: tuple[str, ...]
    emulator: tuple[str, ...]
    packages: str
    console: Literal["plain", "simavr"] = "plain"
    doubles: bool = True
    # The ATmega2560 reads tables in the first 64 kB of its flash alone.
    table: int = 24_000
    stack: int = 2048

    @property
    def tools(self) -> tuple[str, ...]:
        """The programs that must be on the path to compile and run C."""
        return (self.compiler, *self.emulator[:1])

    @property
    def counts(self) -> Literal["instructions", "cycles", ""]:
        """What its emulator counts of a running program: QEMU knows no cycles, simavr does."""
        if self.console == "simavr":
            return "cycles"
        return "instructions" if self.emulator else ""


def _cortex_m(
    name: str,
    cpu: str,
    machine: str,
    flags: str,
    flash: str,
    ram: str,
    at: tuple[str, str] = ("0x00000000", "0x20000000"),
) -> Board:
    memory = {"board_flash_at": at[0], "board_flash": flash, "board_ram_at": at[1], "board_ram": ram}
    symbols = ",".join(f"--defsym={symbol}={value}" for symbol, value in memory.items())
    return Board(
        name=name,
        cpu=f"{cpu} (QEMU {machine})",
        compiler="arm-none-eabi-gcc",
        cxx="arm-none-eabi-g++",
        flags=("-mthumb", *flags.split()),
        support=("cortex_m.c",),
        link=(*_SMALL, "-nostartfiles", "-T", str(SUPPORT / "cortex_m.ld"), f"-Wl,{symbols}"),
        emulator=("qemu-system-arm", "-machine", machine, *_QEMU, "-kernel", "{program}"),
        packages="qemu-system-arm gcc-arm-none-eabi libnewlib-arm-none-eabi",
    )


def _riscv(name: str, cpu: str, bits: int, flags: str) -> Board:
    return Board(
        name=name,
        cpu=f"{cpu} (QEMU virt)",
        compiler="riscv64-unknown-elf-gcc",
        cxx="riscv64-unknown-elf-g++",
        flags=("--specs=picolibc.specs", "-mcmodel=medany", *flags.split()),
        support=("riscv_start.S", "riscv.c"),
        link=(*_SMALL, "-nostartfiles", "-T", str(SUPPORT / "riscv.ld")),
        emulator=(f"qemu-system-riscv{bits}", "-machine", "virt", "-bios", "none", *_QEMU, "-kernel", "{program}"),
        packages="qemu-system-misc gcc-riscv64-unknown-elf picolibc-riscv64-unknown-elf",
    )


def _atmega(name: str, cpu: str, table: int, stack: int) -> Board:
    return Board(
        name=name,
        cpu=f"{cpu} (simavr)",
        compiler="avr-gcc",
        cxx="avr-g++",
        flags=(f"-mmcu={name}",),
        support=("avr.c",),
        link=(*_SMALL, "-Wl,--wrap=main"),
        emulator=("simavr", "-m", name, "-f", "16000000", "{program}"),
        packages="simavr gcc-avr avr-libc",
        console="simavr",
        doubles=False,
        table=table,
        stack=stack,
    )


def _host(name: str, compiler: str, cxx: str, packages: str) -> Board:
    return Board(
        name=name,
        cpu=f"{platform.machine()}, this machine, {compiler}",
        compiler=compiler,
        cxx=cxx,
        flags=(),
        support=("hosted.c",),
        link=(),
        emulator=(),
        packages=packages,
    )


_AARCH64 = Board(
    name="aarch64",
    cpu="ARMv8-A, 64 bits (qemu-user)",
    compiler="aarch64-linux-gnu-gcc",
    cxx="aarch64-linux-gnu-g++",
    flags=(),
    support=("hosted.c",),
    link=("-static",),
    emulator=("qemu-aarch64", "{program}"),
    packages="qemu-user gcc-aarch64-linux-gnu g++-aarch64-linux-gnu libc6-dev-arm64-cross",
)

_I386 = Board(
    name="i386",
    cpu="x86, 32 bits, with SSE2 (qemu-user)",
    compiler="gcc",
    cxx="g++",
    flags=("-m32", "-march=i686", "-msse2", "-mfpmath=sse", "-fno-stack-protector", "-fno-pic"),
    support=("i386_linux.c",),
    link=(*_SMALL, "-nostdlib", "-static", "-no-pie"),
    emulator=("qemu-i386", "{program}"),
    packages="qemu-user gcc g++ libc6-dev-i386",
)

# Memory as on the microbit (nRF51822), and as on ARM's MPS2 boards. QEMU has no Cortex-M0+: the same instructions.
_TABLE = (
    _cortex_m("cortex-m0", "Cortex-M0, soft float", "microbit", "-mcpu=cortex-m0", "256K", "16K"),
    _cortex_m("cortex-m0plus", "Cortex-M0+, soft float", "microbit", "-mcpu=cortex-m0plus", "256K", "16K"),
    _cortex_m("cortex-m3", "Cortex-M3, soft float", "mps2-an385", "-mcpu=cortex-m3", "4M", "4M"),
    _cortex_m(
        *("cortex-m4f", "Cortex-M4F, float in hardware", "mps2-an386"),
        *("-mcpu=cortex-m4 -mfloat-abi=hard -mfpu=fpv4-sp-d16", "4M", "4M"),
    ),
    _cortex_m(
        *("cortex-m7", "Cortex-M7, float and double in hardware", "mps2-an500"),
        *("-mcpu=cortex-m7 -mfloat-abi=hard -mfpu=fpv5-d16", "4M", "4M"),
    ),
    _cortex_m(
        *("cortex-m33", "Cortex-M33, float in hardware, secure state", "mps2-an505"),
        *("-mcpu=cortex-m33 -mfloat-abi=hard -mfpu=fpv5-sp-d16", "4M", "4M"),
        ("0x10000000", "0x38000000"),
    ),
    _riscv("rv32imac", "RISC-V, 32 bits, soft float", 32, "-march=rv32imac -mabi=ilp32"),
    _riscv("rv64gc", "RISC-V, 64 bits, float and double in hardware", 64, "-march=rv64gc -mabi=lp64d"),
    _atmega("atmega328p", "ATmega328P, 8 bits", 6_000, 1536),
    _atmega("atmega2560", "ATmega2560, 8 bits", 24_000, 2048),
    _AARCH64,
    # Other hosts have no compiler for it under this name.
    *((_I386,) if platform.machine() == "x86_64" else ()),
    _host("host-gcc", "gcc", "g++", "gcc g++ libc6-dev"),
    _host("host-clang", "clang", "clang++", "clang libc6-dev"),
)
BOARDS: Registry[Board] = Registry("board", [(board.name, board) for board in _TABLE])
