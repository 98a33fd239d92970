"""Compression: blocks of a network as cheap equations between two matrices, chosen by what its output minds."""

from symc.compression.compress import compress
from symc.compression.result import BlockResult, Compression

__all__ = ["BlockResult", "Compression", "compress"]
