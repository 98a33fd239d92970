"""MISRA C:2012 by cppcheck over every kind of source of a bundle: each rule found is one that docs/misra.md records."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

from symc.backends import sources
from tests.targets.building import every_kind_of_source
from tests.targets.programs import unit_from_text
from tests.tools import require

RECORD = Path(__file__).parents[2] / "docs" / "misra.md"
# The analysis reads no headers of a C library: what they would say of a core of 32 bits.
LIBRARY = (
    *("-DFLT_EVAL_METHOD=0", "-DFLT_RADIX=2", "-DFLT_MANT_DIG=24", "-DFLT_MAX_EXP=128", "-DDBL_MANT_DIG=53"),
    *("-DDBL_MAX_EXP=1024", "-DUINT64_MAX=0xffffffffffffffffu", "-DUINT32_C(x)=x##u", "-DINT32_C(x)=x"),
    *("-DUINT64_C(x)=x##ull", "-DINT64_C(x)=x##ll"),
)


def recorded() -> set[tuple[str, str]]:
    """(rule, generated or runtime), of the table's rows."""
    rows = re.findall(r"^\| (\d+\.\d+) \| ([a-z, ]+) \| \S.*\|$", RECORD.read_text(), re.MULTILINE)
    return {(rule, place.strip()) for rule, places in rows for place in places.split(",")}


def found(folder: Path, profile: str, *files: str) -> set[tuple[str, str]]:
    """What the analysis says of these sources and of the headers they include: (rule or cppcheck's own id, place)."""
    command = ["cppcheck", "--std=c99", "--addon=misra", "--enable=warning,portability", "--platform=unix32", "-q"]
    places = ["-Iinclude", "-Isrc", *LIBRARY, f"-DSYMC_PROFILE_{profile}", "--template={id} {file}", *files]
    done = subprocess.run([*command, *places], cwd=folder, capture_output=True, text=True, check=True)
    pairs = re.findall(r"^(\w[\w.-]*) (\S+)$", done.stderr, re.MULTILINE)
    kind = {True: "runtime", False: "generated"}
    return {(re.sub("^misra-c2012-", "", rule), kind["src/symc/" in place]) for rule, place in pairs}


@pytest.fixture(scope="module")
def rules(tmp_path_factory: pytest.TempPathFactory) -> set[tuple[str, str]]:
    require("cppcheck")
    folders = every_kind_of_source(tmp_path_factory.mktemp("misra"))
    own = [f"src/{path.name}" for path in sorted((folders["few"] / "src").glob("*.c"))]
    assert len(own) == 6, own
    return (
        found(folders["few"], "INT", *own)
        | found(folders["every"], "INT", "src/every.c")
        | found(folders["every"], "F64", "src/every.c")
        | found(folders["layers"], "F64", "src/layers.c")
    )


def test_the_page_and_every_bundle_s_c_hold_the_same_record() -> None:
    """It is written once: in the template that bundles get."""
    table = (RECORD.parents[1] / "templates" / "c" / "_misra.md").read_text()
    assert len(recorded()) > 10 and table in RECORD.read_text()
    unit = unit_from_text(["sin(x0)"], ["x0"], ["y"], "pump")
    made = sources(unit, ("c", "numba"))["MISRA.md"].decode()
    assert table in made and "`src/pump*.c`" in made
    assert made.encode() == sources(unit, ("c",))["MISRA.md"]
    assert "MISRA.md" not in sources(unit, ("numba",))


def test_every_rule_that_is_found_is_recorded(rules: set[tuple[str, str]]) -> None:
    """cppcheck's own warnings have no row, so that one of them fails here as well."""
    assert len(rules) > 10
    assert rules <= recorded(), sorted(rules - recorded())


def test_nothing_is_recorded_that_is_not_found(rules: set[tuple[str, str]]) -> None:
    command = [require("cppcheck"), "--version"]
    version = subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()
    if version.lower() not in RECORD.read_text().lower():
        pytest.skip(f"the record is of another version than {version}")
    assert recorded() <= rules, sorted(recorded() - rules)
