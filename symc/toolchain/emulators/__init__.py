"""Emulated boards: microcontrollers and other processors on which C programs are run, to the bit."""

from symc.toolchain.emulators.boards import BOARDS, SUPPORT, Board
from symc.toolchain.emulators.counting import counts
from symc.toolchain.emulators.running import DoesNotFit, Outcome, build, execute, missing_tools, run

__all__ = ["BOARDS", "SUPPORT", "Board", "DoesNotFit", "Outcome", "build", "counts", "execute", "missing_tools", "run"]
