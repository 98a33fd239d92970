"""Optional tools: absent means skipped with the reason, unless SYMC_REQUIRE demands the tool; then it is a failure."""

from __future__ import annotations

import importlib.util
import os
import shutil

import pytest


def require(tool: str, *, module: bool = False) -> str:
    """Return the path of an executable (or the name of an importable module); skip or fail the test when absent."""
    found = _importable(tool) if module else shutil.which(tool)
    if found:
        return found
    demanded = {name.strip() for name in os.environ.get("SYMC_REQUIRE", "").split(",")}
    if tool in demanded:
        pytest.fail(f"{tool} is demanded by SYMC_REQUIRE but is not installed")
    pytest.skip(f"{tool} is not installed")


def _importable(module: str) -> str | None:
    try:
        return module if importlib.util.find_spec(module) else None
    except ModuleNotFoundError:
        # The package that the module would be in is not there.
        return None
