"""Every command of docs/pysr.md, run as it is printed beside a table that such a run leaves."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest
from click.testing import CliRunner

from symc.bundle import read_manifest
from symc.cli import main

PAGE = (Path(__file__).parents[2] / "docs" / "pysr.md").read_text()
COMMANDS = [line.split("   #")[0].strip() for line in re.findall(r"^    (symc .*)$", PAGE, re.M)]
RUN = "outputs/20241126_143015_aBcDeF"
ROWS = {
    "--define": '3,0.1,"bump(x0)"',
    "--combine": '5,0.1,"f = #1 * #2; g = sin(#1); p = [0.1, 2.0]"',
    "--features": '5,0.1,"flow_rate + Δp * class"',
}


def test_the_page_has_its_commands() -> None:
    assert len(COMMANDS) == 5


@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_works_as_printed(command: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    row = next((row for option, row in ROWS.items() if option in command), '3,0.1,"x0 * sin(x1)"')
    folder = tmp_path / RUN if RUN in command else tmp_path
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "hall_of_fame.csv").write_text(f'Complexity,Loss,Equation\n1,2.0,"0.5"\n{row}\n', encoding="utf-8")
    if "--combine" in command:
        (folder / "hall_of_fame.csv").write_text(f"Complexity,Loss,Equation\n{row}\n")
    result = CliRunner().invoke(main, shlex.split(command)[1:])
    assert result.exit_code == 0, result.output
    if " build " in command:
        (bundle,) = (tmp_path / "out").iterdir()
        assert bundle.name in PAGE or bundle.name == "hall_of_fame"
        if "flow rate" in command:
            assert read_manifest(bundle).program.inputs == ("flow_rate", "Deltap", "class")
