"""A bundle's manifest read back, and refused where it is damaged, was edited or is of another version."""

from __future__ import annotations

from pathlib import Path

import msgspec

from symc.bundle.files import read_plain
from symc.bundle.manifest import MANIFEST_NAME, SCHEMA_VERSION, Manifest, Names
from symc.bundle.records import Units
from symc.errors import CheckFailed, SymcError
from symc.ir.program import Signature

_AGAIN = "Build the bundle again."


def read_manifest(bundle: str | Path) -> Manifest:
    """Read and validate the manifest of the bundle in folder `bundle`.

    Raises SymcError when the folder is not a bundle, CheckFailed when the manifest is damaged or was edited.
    """
    folder = Path(bundle)
    path = folder / MANIFEST_NAME
    if not folder.is_dir():
        raise SymcError("no such folder", where=str(folder), hint="Give the folder that `symc build` wrote.")
    try:
        data = read_plain(path)
    except FileNotFoundError:
        raise SymcError(f"not a bundle: it has no {MANIFEST_NAME}", where=str(folder)) from None
    except OSError as error:
        raise SymcError(f"cannot be read: {error.strerror}", where=str(path)) from None
    try:
        manifest = msgspec.json.decode(data, type=Manifest)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise CheckFailed(f"the manifest is damaged: {error}", where=str(path), hint=_AGAIN) from None
    if manifest.schema != SCHEMA_VERSION:
        raise SymcError(
            f"manifest schema {manifest.schema}, this symc reads {SCHEMA_VERSION}",
            where=str(path),
            hint="Build the bundle again, or use the symc version that wrote it.",
        )
    _check_head(manifest, path)
    if manifest.digest != manifest.expected_digest() or data != manifest.to_bytes():
        raise CheckFailed("the manifest was changed after the build", where=str(path), hint=_AGAIN)
    _check_paths(manifest, path)
    _check_fit(manifest, path)
    return manifest


def _check_head(manifest: Manifest, path: Path) -> None:
    try:
        manifest.head_behind  # noqa: B018
    except SymcError:
        raise SymcError(
            f"ends in the head {manifest.head!r}, which this symc does not know",
            where=str(path),
            hint="Use the symc version that wrote it, or a newer one.",
        ) from None


def _check_fit(manifest: Manifest, path: Path) -> None:
    """What is said of inputs and outputs is said of the program's: a digest can be made to fit anything."""
    try:
        program = manifest.program
    except SymcError as error:
        raise CheckFailed(f"the manifest is damaged: {error}", where=str(path), hint=_AGAIN) from None
    fits = {
        "domain": manifest.domain is None or len(manifest.domain) == program.n_in,
        "parity": {p.output for p in manifest.parity} <= set(program.outputs),
        "ranges": not manifest.ranges or {r.output for r in manifest.ranges.outputs} <= set(program.outputs),
        "names": not manifest.names or _is_of(manifest.names, program),
        "units": not manifest.units or _is_of(manifest.units, program),
    }
    for what, fit in fits.items():
        if not fit:
            told = f"the manifest is damaged: its {what} are not the program's"
            raise CheckFailed(told, where=str(path), hint=_AGAIN)


def _is_of(columns: Names | Units, program: Signature) -> bool:
    return (len(columns.inputs), len(columns.outputs)) == (program.n_in, program.n_out)


def _check_paths(manifest: Manifest, path: Path) -> None:
    """No entry may point outside the bundle."""
    for name in manifest.files:
        parts = Path(name).parts
        if Path(name).is_absolute() or ".." in parts or "\\" in name or not parts:
            raise CheckFailed(f"file name {name!r} points outside the bundle", where=str(path))
