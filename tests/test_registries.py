"""Registries: an entry that is registered works everywhere its kind does, and nothing else had to change for it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any, ClassVar

import click
import numpy as np
import pytest
from click.testing import CliRunner

import symc
from symc.backends.registry import BACKENDS, Backend
from symc.backends.unit import Unit
from symc.capture.dataset import Dataset
from symc.cli import main
from symc.cli.verbs import VERBS
from symc.errors import CheckFailed, SymcError
from symc.module.distillation import Request
from symc.pack.contents import Contents
from symc.pack.registry import PACKERS, Packer
from symc.registry import Registry
from symc.search.engines.protocol import Budget, Candidate, Proposal
from symc.search.engines.registry import ENGINES
from symc.search.front import Front
from symc.search.member import Member
from symc.sources.estimators.family import Family
from symc.sources.estimators.forms import FAMILIES, texts_of
from symc.sources.fronts import FrontsOrigin
from symc.sources.given import Given
from symc.sources.protocol import Options, Source
from symc.sources.registry import SOURCES
from symc.toolchain import doctor
from symc.toolchain.emulators import BOARDS
from symc.verify.subject import Subject
from symc.verify.targets import Checks
from tests.tools import require

REGISTRIES = (SOURCES, ENGINES, BACKENDS, PACKERS, BOARDS, VERBS, FAMILIES)


@contextmanager
def registered(registry: Registry[Any], name: str, entry: Any) -> Iterator[None]:
    registry.register(name, entry)
    try:
        yield
    finally:
        registry.remove(name)


class Slope:
    """y = slope * x: a kind of model that symc does not know."""

    slope = 2.5


class SlopeSource(Source[Slope]):
    accepts: ClassVar[str] = "a Slope, or a file that begins with slope"
    holds: ClassVar[str] = "a slope"

    def recognises(self, given: Given) -> bool:
        is_file = given.path is not None and given.path.is_file()
        return isinstance(given.model, Slope) or (is_file and given.path.read_bytes().startswith(b"slope"))

    def open(self, given: Given, options: Options) -> Slope:
        return Slope()

    def origin(self, held: Slope, given: Given, options: Options) -> FrontsOrigin:
        front = Front("y", (Member(f"{held.slope}*x", 3, 0.0, None, 1),))
        return FrontsOrigin("slope", "0" * 64, ("x",), (front,), None, None, None, None, None, (given.label,))

    def describe(self, held: Slope) -> tuple[str, dict[str, Any]]:
        return f"slope {held.slope}", {"kind": "slope"}


def test_a_source(tmp_path: Path) -> None:
    with pytest.raises(SymcError, match="cannot build a Slope"):
        symc.build(Slope(), out=tmp_path)
    (tmp_path / "line.txt").write_text("slope 2.5\n")
    with registered(SOURCES, "slope", SlopeSource):
        bundle = symc.build(Slope(), out=tmp_path, name="line")
        assert bundle.manifest.model.kind == "slope" and bundle.manifest.equations[0].text == "2.5*x"
        assert symc.verify(bundle.path, rows=200).ok
        done = CliRunner().invoke(main, ["inspect", str(tmp_path / "line.txt")])
        assert done.exit_code == 0 and done.stdout == "slope 2.5\n"
        refused = CliRunner().invoke(
            main, ["build", str(tmp_path / "line.txt"), "--layer", "a", "-o", str(tmp_path), "--name", "other"]
        )
        assert refused.exit_code == 2 and "holds a slope, so there is no use for --layer" in refused.stderr
        with pytest.raises(SymcError, match=r"Models are: .*a Slope, or a file that begins with slope"):
            symc.build(tmp_path, out=tmp_path, name="other")


def test_a_source_that_takes_anothers_file_is_named_with_it(tmp_path: Path) -> None:
    class Greedy(SlopeSource):
        def recognises(self, given: Given) -> bool:
            return True

    path = tmp_path / "hall_of_fame.csv"
    path.write_text("Complexity,Loss,Equation\n1,0.5,x0\n")
    with (
        registered(SOURCES, "greedy", Greedy),
        pytest.raises(SymcError, match=r"hall_of_fame.csv: is recognised as a table of equations and as a greedy"),
    ):
        symc.build(path, out=tmp_path)


class Guess:
    """An engine that proposes one equation."""

    name = "guess"
    version = "1"

    def ready(self) -> bool:
        return False

    def check(self, operators: Sequence[str]) -> None:
        pass

    def fit(
        self, x: Any, y: Any, features: Sequence[str], budget: Budget, seed: int, operators: Sequence[str],
        weights: Any = None, max_complexity: int | None = None, watch: Any = None,
    ) -> Proposal:  # fmt: skip
        return Proposal((Candidate(f"2.0*{features[0]} + 1.0"),), 1, "evaluations")


def test_a_family_of_estimators() -> None:
    require("sklearn", module=True)
    from sklearn.neighbors import KNeighborsRegressor

    model = KNeighborsRegressor(1).fit([[0.0]], [2.5])
    with registered(FAMILIES, "nearest", Family(("KNeighborsRegressor",), lambda m, columns: [str(m._y[0])])):
        assert texts_of(model, ["a"]) == ["2.5"]
    with pytest.raises(SymcError, match="has no closed form"):
        texts_of(model, ["a"])


def test_an_engine() -> None:
    x = np.linspace(0, 3, 60, dtype=np.float32)[:, None]
    data = Dataset.from_samples(x, 4 * x - 1)
    with registered(ENGINES, "guess", Guess):
        result, _ = Request(engine="guess", workers=1).distil(data, "samples")
        assert result.engine == "guess" and result.fronts[0].members[-1].equation == "4*x0 - 1"
    with pytest.raises(SymcError, match=r"unknown engine 'guess'.*auto, pysr, operon"):
        Request(engine="guess", workers=1).distil(data, "samples")


def _text_files(unit: Unit) -> dict[str, bytes]:
    return {f"text/{unit.name}.txt": "\n".join(unit.equations).encode()}


def text_checks(subject: Subject) -> Checks:
    def reads_back() -> str:
        text = (subject.folder / "text" / f"{subject.manifest.name}.txt").read_text()
        if text != "\n".join(e.text for e in subject.manifest.equations):
            raise CheckFailed("other equations", where="text")
        return "as built"

    return {"text": reads_back}


def test_a_backend(tmp_path: Path) -> None:
    (tmp_path / "hall_of_fame.csv").write_text("Complexity,Loss,Equation\n3,0.5,x0*x0\n")
    with registered(BACKENDS, "text", Backend(_text_files, checks=f"{__name__}:text_checks")):
        done = CliRunner().invoke(
            main, ["build", str(tmp_path / "hall_of_fame.csv"), "-t", "text", "-o", str(tmp_path), "--name", "square"]
        )
        assert done.exit_code == 0, done.output
        assert (tmp_path / "square" / "text" / "square.txt").read_text() == "x0^2"
        report = symc.verify(tmp_path / "square")
        assert report.ok and [c.name for c in report.checks][-1] == "text: text"


def _flat_files(contents: Contents) -> dict[str, bytes]:
    return {"README.md": contents.name.encode(), **contents.below("code", "code")}


def test_a_format_of_packages(tmp_path: Path) -> None:
    (tmp_path / "hall_of_fame.csv").write_text("Complexity,Loss,Equation\n3,0.5,x0*x0\n")
    with registered(PACKERS, "flat", Packer(_flat_files, use="Compile code/*.c of {name}.")):
        words = ["build", tmp_path / "hall_of_fame.csv", "-o", tmp_path, "--name", "square", "--pack", "flat"]
        done = CliRunner().invoke(main, [str(word) for word in words])
        assert done.exit_code == 0, done.output
        assert "Compile code/*.c of square." in done.stdout
        assert (tmp_path / "flat" / "square" / "code" / "square_selftest.c").is_file()


def test_a_board() -> None:
    with registered(BOARDS, "toy", replace(BOARDS["host-gcc"], name="toy", cpu="a toy", compiler="toy-gcc")):
        assert any("toy" in row.name for row in doctor.report())
    with pytest.raises(SymcError, match=r"unknown board 'toy'.*cortex-m0"):
        BOARDS["toy"]


def test_a_verb() -> None:
    @click.command()
    def greet() -> None:
        """Say hello."""
        click.echo("hello")

    with registered(VERBS, "greet", greet):
        assert CliRunner().invoke(main, ["greet"]).stdout == "hello\n"
        assert "Say hello." in CliRunner().invoke(main, ["--help"]).stdout
    assert CliRunner().invoke(main, ["greet"]).exit_code == 2


@pytest.mark.parametrize("registry", REGISTRIES, ids=lambda r: r.kind)
def test_every_row_loads_and_none_is_there_twice(registry: Registry[Any]) -> None:
    for name, entry in registry.items():
        assert entry is registry[name] is registry.get(name)
        with pytest.raises(SymcError, match=f"the {registry.kind} '{name}' is registered twice"):
            registry.register(name, entry)
    assert registry.get("no such") is None and len(registry) == len(list(registry))

