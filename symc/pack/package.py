"""pack: from a bundle on disk to the folder of a package, in one function that reads from top to bottom."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import msgspec

from symc.bundle import MANIFEST_NAME
from symc.bundle.files import PACKAGE_RECORD
from symc.bundle.folder import check_replaceable, sha256, write_folder
from symc.errors import SymcError
from symc.pack.contents import Contents, contents_of, read_bundle
from symc.pack.registry import PACKERS

_HINT = "Choose another --out, or move those files away."


class Record(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """pack.json: what a package is and the sha256 of each of its files, by which symc knows it again."""

    format: str
    name: str
    version: str
    tool: str
    files: dict[str, str]


@dataclass(frozen=True)
class Package:
    """A package on disk: its folder, its format and what to do with it; prints as that."""

    path: Path
    name: str
    format: str
    use: str

    def __str__(self) -> str:
        return f"{self.name}: {self.format} in {self.path}\n{self.use}"


def pack(
    bundle: str | Path,
    *,
    format: str,
    out: str | Path | None = None,
    version: str | None = None,
    author: str | None = None,
    url: str | None = None,
) -> Package:
    """Lay the C of the bundle in folder `bundle` out as a package and write it as the folder OUT/NAME.

    Parameters
    ----------
    format: one of symc.pack.registry.PACKERS.
    out: folder for the package's folder; by default the folder FORMAT beside the bundle.
    version: of the package, as 1.2.0; by default symc's, as in the bundle's CMake project.
    author, url: who publishes it and its web page, for the metadata of the ecosystem.

    Every package holds the bundle's LICENSE and manifest.json, a README.md, an example, and pack.json. Raises SymcError
    for an unknown format, a bundle without C, a name that the ecosystem does not take, and a folder with files that
    symc did not write; CheckFailed when the bundle was changed after its build. It then leaves all as it was.
    """
    manifest, files = read_bundle(bundle)
    parent = _beside(Path(bundle)) / format if out is None else Path(out)
    return prepare(contents_of(manifest, files, version, author, url), format, parent).write()


@dataclass(frozen=True)
class Prepared:
    """A package that nothing but the disk can prevent any more; `files`: path inside its folder -> content."""

    package: Package
    files: Mapping[str, bytes]

    def write(self) -> Package:
        """Write it; SymcError as symc.bundle.folder.write_folder raises it."""
        write_folder(self.package.path, self.files, partial(_recorded, self.package.format), _HINT)
        return self.package


def prepare(contents: Contents, format: str, parent: Path) -> Prepared:
    """The package of `contents` for the folder `parent`; raises SymcError as `pack` does, and writes nothing."""
    packer = PACKERS[format]
    name = contents.name
    place = parent / name
    if (parent / MANIFEST_NAME).exists():
        raise SymcError("is a bundle or a package, in which no package can be written", where=str(parent), hint=_HINT)
    check_replaceable(place, partial(_recorded, format), _HINT)
    files = {**packer.files(contents), "LICENSE": contents.license, MANIFEST_NAME: contents.manifest.to_bytes()}
    record = Record(
        format=format,
        name=name,
        version=contents.about.version,
        tool=str(contents.manifest.tool),
        files={path: sha256(content) for path, content in sorted(files.items())},
    )
    files[PACKAGE_RECORD] = msgspec.json.format(msgspec.json.encode(record), indent=2) + b"\n"
    use = packer.use.format(name=name, prefix=name.upper(), place=place.resolve())
    return Prepared(Package(place, name, format, use), files)


def _beside(bundle: Path) -> Path:
    """The folder that the bundle's folder is in; "." and ".." do not tell it themselves."""
    return bundle.parent if bundle.name not in ("", "..") else bundle.resolve().parent


def _recorded(format: str, place: Path) -> Mapping[str, str]:
    """The sha256 of every file of the package there, but for the record's own; SymcError unless it is of `format`."""
    try:
        record = msgspec.json.decode((place / PACKAGE_RECORD).read_bytes(), type=Record)
    except FileNotFoundError:
        is_bundle = (place / MANIFEST_NAME).exists()
        what = "there is a bundle, not a package" if is_bundle else "the folder holds files that symc did not write"
        raise SymcError(what) from None
    except (OSError, msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise SymcError(f"the package there cannot be replaced: its {PACKAGE_RECORD} is damaged ({error})") from None
    if record.format != format:
        raise SymcError(f"there is a package of the format {record.format}")
    return {PACKAGE_RECORD: "", **record.files}
