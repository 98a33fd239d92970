"""The version of symc, which every bundle names."""

__version__ = "0.1.0"
