"""Writing a bundle, whole or not at all, and never over what is the user's."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from symc.bundle import folder
from symc.bundle.manifest import MANIFEST_NAME, SIGNATURE_NAME, Manifest
from symc.bundle.opened import read_manifest
from symc.errors import SymcError

_HINT = "Choose another --out or --name, or move those files away."


def write_bundle(out: str | Path, manifest: Manifest, files: Mapping[str, bytes]) -> Path:
    """Write the bundle OUT/NAME and return its path.

    An earlier bundle of that name is replaced only if it is exactly as symc wrote it. Raises SymcError as
    symc.bundle.folder.write_folder does, and leaves what was there before.
    """
    place = Path(out) / manifest.name
    folder.write_folder(place, {**files, MANIFEST_NAME: manifest.to_bytes()}, _recorded, _HINT)
    return place


def check_replaceable(place: Path) -> None:
    """Raise SymcError unless `place` is free, an empty folder, or a bundle just as symc wrote it."""
    folder.check_replaceable(place, _recorded, _HINT)


def check_same_model(place: Path, sha256: str) -> None:
    """Raise SymcError where `place` holds a bundle of another model than the one with this hash."""
    if not (place / MANIFEST_NAME).is_file():
        return
    there = read_manifest(place)
    if there.model.sha256 != sha256:
        raise SymcError(
            f"is the bundle of another model, or of this one before it was changed: {there.reproduce[:120]!r} made it",
            where=str(place),
            hint="--replace puts the new bundle in its place; --name or another --out keeps both.",
        )


def _recorded(place: Path) -> dict[str, str]:
    """The sha256 of every file of the bundle there; the manifest carries its own digest, and a signature is its own."""
    if not (place / MANIFEST_NAME).exists():
        raise SymcError("the folder holds files that symc did not write")
    try:
        return {MANIFEST_NAME: "", SIGNATURE_NAME: "", **read_manifest(place).files}
    except SymcError as error:
        raise SymcError(f"the bundle there cannot be replaced: {error.what}") from error
