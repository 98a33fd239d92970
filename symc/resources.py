"""The two folders of files that are not Python: templates/ (shape of the generated code) and runtime/ (what ships)."""

from __future__ import annotations

from pathlib import Path

from symc.errors import SymcError

_PACKAGE = Path(__file__).resolve().parent


def templates() -> Path:
    """The folder of Jinja templates; raises SymcError when the installation lacks it."""
    return _folder("templates")


def runtime() -> Path:
    """The folder of the runtime's sources: include/symc/*.h and numba/symc_runtime/; SymcError when absent."""
    return _folder("runtime")


def _folder(name: str) -> Path:
    # In a checkout the package may also hold a stale copy from an earlier wheel build, so the top level goes first.
    checkout = _PACKAGE.parent
    if (checkout / "pyproject.toml").is_file() and (checkout / name).is_dir():
        return checkout / name
    installed = _PACKAGE / f"_{name}"
    if installed.is_dir():
        return installed
    raise SymcError(f"the folder {name}/ is missing", where=str(_PACKAGE), hint="Install symc again.")
