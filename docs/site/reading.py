"""How docstrings are read for the site: an entry "name: what it is" becomes an item of a list.

symc writes such entries below an underlined heading or as a paragraph, which no style that griffe knows does. An entry
is one where its names are those of the function's parameters or of the class's members. Fields of a dataclass that its
text does not name are listed with their types.
"""

from __future__ import annotations

import re
from typing import Any

import griffe

_ENTRY = re.compile(r"([a-z_]\w*(?:, [a-z_]\w*)*): (.*)")
_UNDERLINED = re.compile(r"^(Parameters|Attributes)\n-{3,}$", re.MULTILINE)


class Reading(griffe.Extension):
    def on_object(self, *, obj: Any, **_: Any) -> None:
        if obj.docstring and (obj.is_function or obj.is_class):
            names = {p.name for p in obj.parameters} if obj.is_function else {*obj.members}
            obj.docstring.value = _listed(_UNDERLINED.sub(r"**\1**", obj.docstring.value), names) + _fields(obj)


def _listed(text: str, names: set[str]) -> str:
    lines: list[str] = []
    inside = False
    for line in text.splitlines():
        found = _ENTRY.fullmatch(line)
        if found and set(found[1].split(", ")) <= names:
            lines += [] if inside else [""]
            line = f"- `{found[1]}`: {found[2]}"
            inside = True
        elif inside and line and not line.startswith(" "):
            lines.append("")
            inside = False
        lines.append(line)
    return "\n".join(lines)


def _fields(obj: Any) -> str:
    if not obj.is_class or not any(d.callable_path == "dataclasses.dataclass" for d in obj.decorators):
        return ""
    own = [m for m in obj.members.values() if m.is_attribute and m.annotation and "property" not in m.labels]
    listed = [f"- `{m.name}`: `{m.annotation}`" for m in own if f"`{m.name}`" not in obj.docstring.value]
    return "\n\n" + "\n".join(listed)
