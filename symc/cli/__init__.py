"""The command `symc`."""

from symc.cli.main import main

__all__ = ["main"]
