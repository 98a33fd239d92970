"""Every page of docs/ that shows Python or commands: they run as they stand."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.docs.pages import DOCS, run_command, run_page, runnable
from tests.tools import require, require_board

# Pages whose search takes longer than the rest together.
LONG = {"controllers", "heads", "laws", "running", "wide"}
BOARDS = {"start": ("cortex-m3", "cortex-m4f"), "targets": ("cortex-m3",)}
PAGES = sorted(path.stem for path in DOCS.glob("*.md") if runnable(path.read_text()))


@pytest.mark.parametrize("name", [pytest.param(n, marks=[pytest.mark.long] if n in LONG else []) for n in PAGES])
def test_a_page_does_what_it_shows(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    require("gcc")
    if name == "models":
        require("sklearn", module=True)
    for board in BOARDS.get(name, ()):
        require_board(board)
    monkeypatch.chdir(tmp_path)
    if name == "targets":
        # A program of the reader's own, and the bundle that it calls.
        run_command('symc build --equation "y = x0^2" --domain 0:1 --name block -o out')
        Path("main.c").write_text(OWN_PROGRAM)
    names = run_page((DOCS / f"{name}.md").read_text())
    CHECKS.get(name, lambda names: None)(names)


OWN_PROGRAM = """#include "block.h"
#include "board.h"

int main(void)
{
    const float x[1] = {0.5f};
    float y[1];
    block_eval(x, y);
    board_put(y[0] == 0.25f ? "right" : "wrong");
    return 0;
}
"""


def start(names: dict[str, Any]) -> None:
    torch = names["torch"]
    inside = names["low"] + (names["high"] - names["low"]) * torch.rand(64, 2)
    flow = 3.2 * (inside[:, :1] / inside[:, 1:]).sqrt()
    assert (names["f"](inside) - flow).abs().max() < 0.05
    printed = torch.tensor(float(run_command("./main").split()[0]))
    assert printed == names["f"](torch.tensor([[2.0, 1.0]]))[0, 0]


def front(names: dict[str, Any]) -> None:
    picked = {rule: names["front"].pick(rule).equation for rule in ("best", "score", "knee")}
    assert picked["score"] == "a^2*exp(-b)", picked


def heads(names: dict[str, Any]) -> None:
    assert names["block"].head == "softmax"
    assert (names["shares"].sum(-1) - 1).abs().max() < 1e-6


def controllers(names: dict[str, Any]) -> None:
    assert names["block"].head == "clamp(-12.0, 12.0)"
    assert names["apart"].max() < 0.01
    assert names["by_equation"][-1].abs().max() < 0.1
    assert bool(names["inside"].all())


def laws(names: dict[str, Any]) -> None:
    law = names["law"].fronts[0].pick("score")
    x = names["np"].array([[1.0, 0.3], [0.5, 0.9]], dtype="float32")
    assert names["symc"].load("out/pendulum")(x)[:, 0] == pytest.approx([2.006, 1.4185], rel=0.01), law


def playbook(names: dict[str, Any]) -> None:
    verdicts = {(line.check, line.column): line.verdict for line in names["found"].lines}
    assert verdicts["domain", "speed"] == "outside" and verdicts["error", "power"] == "drifted"
    assert verdicts["domain", "load"] == verdicts["drift", "load"] == "steady"


CHECKS = {
    "playbook": playbook, "start": start, "front": front, "heads": heads, "controllers": controllers, "laws": laws,
}  # fmt: skip
