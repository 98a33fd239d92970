"""symc cost: flash, RAM and stack on emulated cores, beside what compiler and linker say of the same code."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

import symc
from symc.bundle.opened import read_manifest
from symc.cli.main import main
from symc.evidence.costs import cost
from symc.evidence.device import FLAGS
from symc.evidence.hardest import first_rows
from symc.evidence.probes import stacked
from symc.toolchain.emulators import BOARDS
from symc.toolchain.emulators import run as run_on
from tests.tools import require_board


def run(*words: object) -> Result:
    return CliRunner().invoke(main, [str(word) for word in words])


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("cost")
    return symc.build("y = exp(x0)*x1 + 2.5", domain="0:1,1:2", out=out, name="law").path


@pytest.mark.parametrize("core", ["cortex-m0", "cortex-m4f", "rv32imac", "atmega2560"])
def test_the_figures_are_those_of_compiler_and_linker(bundle: Path, core: str, tmp_path: Path) -> None:
    board = require_board(core)
    (found,) = cost(bundle, core=core).rows
    compiled = tmp_path / "law.o"
    command = [board.compiler, *board.flags, "-std=c99", "-Os", "-ffp-contract=off", "-fstack-usage", "-c"]
    includes = [f"-I{bundle / 'include'}", f"-I{bundle / 'src'}"]
    subprocess.run([*command, *includes, bundle / "src" / "law.c", "-o", compiled], check=True)
    symbols = subprocess.run([board.compiler.replace("gcc", "nm"), "-S", compiled], capture_output=True, text=True)
    (size,) = re.findall(r"^[0-9a-f]+ ([0-9a-f]+) T law_eval$", symbols.stdout, re.MULTILINE)
    assert int(size, 16) < found.flash < 6000
    (frame,) = re.findall(r":law_eval\t(\d+)\t", compiled.with_suffix(".su").read_text())
    assert int(frame) <= found.stack < 256
    assert found.ram < 200


@pytest.mark.parametrize(("core", "like"), [("cortex-m0plus", "cortex-m0"), ("atmega328p", "atmega2560")])
def test_relatives_take_the_same_flash(bundle: Path, core: str, like: str) -> None:
    require_board(like)
    small, large = cost(bundle, core=(core, like)).rows
    assert small.flash == large.flash
    assert small.time is not None and large.time is not None
    # The larger ATmega keeps addresses of three bytes on its stack, where the smaller has two.
    assert 0.95 * large.time.typical <= small.time.typical <= large.time.typical


def test_a_program_larger_than_the_memory_says_by_how_much(tmp_path: Path) -> None:
    require_board("atmega328p")
    text = "pow(x0, x1) + gamma(x0) + erfc(x1) + acosh(x0) + asinh(x1) + tan(x1) + log10(x0) + cbrt(x1)"
    path = symc.build(f"y = {text}", domain="1:2,0:1", out=tmp_path, name="every").path
    done = run("cost", path, "--core", "atmega328p")
    assert done.exit_code == 1
    assert re.search(r"atmega328p: the program is \d+ bytes too large for the memory", done.output)


# Of the refrigerant example: what takes most of all examples.
DEEPEST = (
    "t = 22.21703*sqrt(16.48082*sqrt(p) - tanh(0.1125*p)) + 140.9486",
    "d = 1.601981*p + (0.2119867*p + exp(0.0460902*p - sin(0.092979*p - 0.79268)) - 1.9448)"
    "*exp(exp((-0.000581484*s + 0.0115477)*(p + 11.9158))) - 0.00455365*p*s",
)


@pytest.mark.parametrize("core", ["cortex-m0", "cortex-m4f", "atmega2560"])
def test_the_examples_keep_below_256_bytes_of_stack(core: str, tmp_path: Path) -> None:
    """At a thousand points, so that the functions' slow ways are among them."""
    board = require_board(core)
    path = symc.build(list(DEEPEST), domain="1:30,0:20", out=tmp_path, name="r").path
    manifest = read_manifest(path)
    assert manifest.domain is not None
    main = tmp_path / "probe.c"
    main.write_text(stacked(manifest, first_rows(manifest.domain, 2, 500), board))
    printed = run_on(board, [main, path / "src" / "r.c"], [path / "include", path / "src"], FLAGS)
    assert 100 < int(printed.split()[-1]) < 256


def test_a_limit_fails_and_says_by_how_much(bundle: Path) -> None:
    require_board("cortex-m0")
    kept = run("cost", bundle, "--core", "cortex-m0", "--limit", "flash=8k,ram=64,stack=256", "--json")
    assert kept.exit_code == 0, kept.output
    done = run("cost", bundle, "--core", "cortex-m0", "--limit", "flash=1k")
    assert done.exit_code == 1
    found = re.search(r"flash on cortex-m0 is (\d+) bytes, (\d+) more than 1024", done.output)
    assert found and int(found[1]) - int(found[2]) == 1024
    assert json.loads(kept.output)["cores"][0]["flash"] == int(found[1])


@pytest.mark.parametrize(
    ("words", "what"),
    [
        (["--core", "cortex-m5"], "cortex-m"),
        (["--limit", "flash=2q"], "'flash=2q' is no limit"),
        (["--limit", ""], "--limit: holds no limit"),
        (["--limit", "heap=2"], "'heap=2' is no limit"),
        (["--limit", "flash"], "'flash' is no limit"),
        (["--core", "cortex-m0", "--limit", "cycles=5"], "Say instructions=N"),
    ],
)
def test_what_cannot_be_read_is_bad_usage(bundle: Path, words: list[str], what: str) -> None:
    done = run("cost", bundle, *words)
    assert done.exit_code == 2 and what in done.output


def test_a_core_without_its_tools_is_named_with_what_to_install(
    bundle: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    done = run("cost", bundle, "--core", "cortex-m0")
    assert done.exit_code == 3 and BOARDS["cortex-m0"].packages in done.output
    assert "cortex-m0: needs arm-none-eabi-gcc" in run("cost", bundle).output


def test_a_bundle_without_c_is_refused(tmp_path: Path) -> None:
    other = symc.build("y = 2*x0", domain="0:1", out=tmp_path, target="numba", name="law").path
    done = run("cost", other)
    assert done.exit_code == 2 and "holds no C" in done.output
