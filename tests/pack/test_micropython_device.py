"""Firmwares of MicroPython with the module in them, or loading it: for Unix, and for an emulated Cortex-M3."""

from __future__ import annotations

import base64
import shutil
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest

from symc.bundle import read_manifest
from symc.ir.evaluate import evaluate
from tests.pack.test_micropython import native, packages, the_bits_are_the_oracles
from tests.targets import building
from tests.tools import require, require_source

__all__ = ["packages"]
pytestmark = pytest.mark.long
VARIANT = Path(__file__).parent / "micropython"
# A file system in memory, with the files of the dictionary `files`.
MEMORY = """
import io, sys, vfs
files = {}
class File(io.IOBase):
    def __init__(self, data):
        self.data, self.at = data, 0
    def readinto(self, into):
        part = self.data[self.at : self.at + len(into)]
        into[: len(part)] = part
        self.at += len(part)
        return len(part)
    def ioctl(self, request, argument):
        return 0
class Memory:
    def mount(self, readonly, mkfs):
        pass
    def stat(self, path):
        if path.strip("/") not in files:
            raise OSError(2)
        return (0x8000, 0, 0, 0, 0, 0, 0, 0, 0, 0)
    def open(self, path, mode):
        return File(files[path.strip("/")])
vfs.mount(Memory(), "/memory")
sys.path.insert(0, "/memory")
"""
ROWS = """
from array import array
import {name}, binascii
x = array("f", binascii.unhexlify("{rows}"))
y, J = array("f", bytes(len(x) * 4)), array("f", bytes(len(x) * 8))
{name}.eval_into(x, y)
{name}.jacobian_into(x, J)
print(binascii.hexlify(y).decode(), {name}.selftest())
"""
OBJECTS = """
rows = [{name}.eval([x[2 * row], x[2 * row + 1]]) for row in range(len(x) // 2)]
print(bytes(array("f", [value for row in rows for value in row])) == bytes(y))
"""


def _built(port: str, folder: Path, *words: object) -> Path:
    source = require_source("micropython", "py/dynruntime.mk")
    place = folder / f"build-{port}"
    building.run([require("make"), "-j2", "-C", source / "ports" / port, f"BUILD={place}", *words])
    return place


@pytest.mark.parametrize("floats", ["FLOAT", "DOUBLE"])
def test_both_models_in_a_firmware_for_unix(
    floats: str, packages: Path, bundles: dict[str, Path], inputs: np.ndarray, tmp_path: Path
) -> None:
    kind = f"CFLAGS_EXTRA=-DMICROPY_FLOAT_IMPL=MICROPY_FLOAT_IMPL_{floats}"
    place = _built("unix", tmp_path, f"VARIANT_DIR={VARIANT}", f"USER_C_MODULES={packages}", "COPT=-O1", kind)
    the_bits_are_the_oracles(tmp_path, bundles, inputs, place / "micropython")


class Board:
    """An emulated Cortex-M3 that runs MicroPython; code goes to its raw REPL."""

    def __init__(self, emulator: subprocess.Popen[bytes]) -> None:
        self._emulator = emulator
        self._send(b"\x01", b"raw REPL; CTRL-B to exit\r\n>")

    def run(self, code: str) -> str:
        """What the code prints, or its traceback."""
        told = self._send(code.encode() + b"\x04", b"\x04>")
        printed, raised = told.removeprefix(b"OK").removesuffix(b"\x04>").split(b"\x04")
        return (printed + raised).decode().replace("\r", "")

    def add_file(self, path: Path) -> None:
        """A file of the memory's file system."""
        self.run("import binascii\ndata = bytearray()")
        content = path.read_bytes()
        for at in range(0, len(content), 600):
            self.run(f'data += binascii.a2b_base64("{base64.b64encode(content[at : at + 600]).decode()}")')
        assert self.run(f'files["{path.name}"] = bytes(data)\nprint(len(data))') == f"{len(content)}\n"

    def _send(self, text: bytes, end: bytes) -> bytes:
        assert self._emulator.stdin and self._emulator.stdout
        self._emulator.stdin.write(text)
        self._emulator.stdin.flush()
        told = b""
        while not told.endswith(end):
            byte = self._emulator.stdout.read(1)
            assert byte, told
            told += byte
        return told


@contextmanager
def _cortex_m3(firmware: Path) -> Iterator[Board]:
    command = [require("qemu-system-arm"), "-machine", "mps2-an385", "-nographic", "-monitor", "none",
               "-serial", "stdio", "-semihosting", "-kernel", str(firmware)]  # fmt: skip
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as emulator:
        watch = threading.Timer(120, emulator.kill)
        watch.start()
        try:
            yield Board(emulator)
        finally:
            watch.cancel()
            emulator.kill()


def _bits_on(board: Board, name: str, bundle: Path, x: np.ndarray, objects: bool = True) -> None:
    """The model of that name gives the oracle's bits there, in arrays and as objects."""
    told = board.run(ROWS.format(name=name, rows=x.tobytes().hex()))
    values, selftest = told.split()
    oracle = evaluate(read_manifest(bundle).program, x)
    made = np.frombuffer(bytes.fromhex(values), np.uint32)
    np.testing.assert_array_equal(made[: oracle.size], oracle.view(np.uint32).ravel())
    assert selftest == "0"
    if objects:
        assert board.run(OBJECTS.format(name=name)) == "True\n"


def test_on_a_cortex_m3(packages: Path, bundles: dict[str, Path], inputs: np.ndarray, tmp_path: Path) -> None:
    """One model is a part of the firmware, the other one a file."""
    require("arm-none-eabi-gcc")
    shutil.copytree(packages / "pump", tmp_path / "modules" / "pump")
    place = _built("qemu", tmp_path, f"USER_C_MODULES={tmp_path}/modules", "FROZEN_MANIFEST=", "BOARD=MPS2_AN385")
    file = native(packages / "fan", tmp_path, "armv7m")
    with _cortex_m3(place / "firmware.elf") as board:
        board.run(MEMORY)
        board.add_file(file)
        for name, bundle in bundles.items():
            _bits_on(board, name, bundle, inputs[::60])
        example = (packages / "pump" / "example.py").read_text()
        assert board.run(example).endswith("pump: self-test passed (0)\n")


def test_floats_of_30_bits_are_refused_and_arrays_are_not(
    packages: Path, bundles: dict[str, Path], inputs: np.ndarray, tmp_path: Path
) -> None:
    require("arm-none-eabi-gcc")
    cut = "CFLAGS_EXTRA=-DMICROPY_OBJ_REPR=MICROPY_OBJ_REPR_C"
    place = _built("qemu", tmp_path, "FROZEN_MANIFEST=", "BOARD=MPS2_AN385", cut)
    (tmp_path / "arrays").mkdir()
    whole = native(packages / "pump", tmp_path, "armv7m")
    arrays = native(packages / "pump", tmp_path / "arrays", "armv7m", "CFLAGS_EXTRA=-DPUMP_ARRAYS_ONLY")
    with _cortex_m3(place / "firmware.elf") as board:
        board.run(MEMORY)
        board.add_file(whole)
        assert "RuntimeError: pump: bits are cut off floats" in board.run("import pump")
        board.add_file(arrays)
        _bits_on(board, "pump", bundles["pump"], inputs[::60], objects=False)
        assert board.run("print(hasattr(pump, 'eval'), hasattr(pump, 'check'))") == "False True\n"
