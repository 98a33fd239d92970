"""The code blocks of a page of Markdown, and running them as a reader would: in order, in one folder."""

from __future__ import annotations

import re
import shlex
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from click.testing import CliRunner

from symc.cli import main

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
_FENCED = re.compile(r"^```(\w+)(?: title=\"([^\"]+)\")?\n(.*?)^```$", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True)
class Block:
    """A fenced block: its language, the file that its title names ("" for none), its text."""

    language: str
    title: str
    text: str


def blocks(page: str) -> list[Block]:
    return [Block(*found.groups(default="")) for found in _FENCED.finditer(page)]


def runnable(page: str) -> bool:
    return any(block.language in ("python", "sh") for block in blocks(page))


def run_page(page: str) -> dict[str, Any]:
    """Run what a page shows, in the working directory; returns the names that its Python gave.

    Python runs in one namespace, lines of sh in a shell (symc's in this process, which has it imported), and a block
    with a title becomes that file.
    """
    names: dict[str, Any] = {"__name__": "__page__"}
    for block in blocks(page):
        if block.title:
            Path(block.title).write_text(block.text)
        elif block.language == "python":
            exec(compile(block.text, "<page>", "exec"), names)
        elif block.language == "sh":
            for line in block.text.replace("\\\n", " ").splitlines():
                run_command(line)
    return names


def run_command(line: str) -> str:
    """What one line of a shell prints; it must end well."""
    words = shlex.split(line, comments=True)
    if words[:1] == ["symc"]:
        result = CliRunner().invoke(main, words[1:])
        assert result.exit_code == 0, f"{line}\n{result.output}"
        return str(result.output)
    done = subprocess.run(line, shell=True, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{line}\n{done.stderr}"
    return done.stdout
