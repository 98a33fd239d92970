"""A CMSIS pack: the description and, beside it, the archive that installers of packs take, with all the same files."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Mapping

from symc.bundle import MANIFEST_NAME
from symc.errors import SymcError
from symc.pack.contents import Contents
from symc.pack.registry import Packer

# The longest name of a component and the longest of a vendor, by the schema of packs.
_LONGEST = 32
# The first moment that an archive can tell: packages hold no date.
_NO_DATE = (1980, 1, 1, 0, 0, 0)


def files(contents: Contents) -> dict[str, bytes]:
    """The pack; SymcError for a name that is too long, and for an author without letters that a vendor may have."""
    name = contents.name
    if len(name) > _LONGEST:
        raise SymcError(
            f"the name {name!r} has {len(name)} characters, a component of a CMSIS pack {_LONGEST} at most",
            hint="Build the model under a shorter --name.",
        )
    vendor = _vendor(contents.about.author)
    archive = f"{vendor}.{name}.{contents.about.version}.pack"
    inside = {
        f"{vendor}.{name}.pdsc": contents.render("cmsis-pack/NAME.pdsc.jinja", vendor=vendor),
        "README.md": contents.render("cmsis-pack/README.md.jinja", vendor=vendor, archive=archive),
        "example/main.c": contents.main(),
        **contents.below("include", "src"),
    }
    both = {"LICENSE": contents.license, MANIFEST_NAME: contents.manifest.to_bytes()}
    return {**inside, archive: _zipped({**inside, **both})}


def _vendor(author: str | None) -> str:
    """What names the pack beside the model: the author's name as far as the schema takes its letters."""
    if author is None:
        return "symc"
    vendor = re.sub(r"[^A-Za-z0-9]", "", author)[:_LONGEST]
    if len(vendor) < 2:
        raise SymcError(
            f"{author!r} has not two letters or digits of ASCII, of which vendors of CMSIS packs are made",
            where="--author",
            hint="Write the name in them.",
        )
    return vendor


def _zipped(files: Mapping[str, bytes]) -> bytes:
    """An archive of `files`; not compressed, so that every machine makes the same bytes."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_STORED) as archive:
        for path, content in sorted(files.items()):
            entry = zipfile.ZipInfo(path, _NO_DATE)
            # As Unix makes them, also elsewhere.
            entry.create_system, entry.external_attr = 3, 0o100644 << 16
            archive.writestr(entry, content)
    return made.getvalue()


PACKER = Packer(
    files, use="Add the .pack in {place} by cpackget or in an IDE; its component is Data Processing:Math:{name}."
)
