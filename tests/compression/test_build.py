"""A compressed block on its way to C: built, verified, loaded, and back in the network."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
import torch

import symc
from symc.bundle.opened import read_manifest
from symc.compression.saved import save_compressed
from symc.ir.lower import lower
from symc.ir.parse import parse
from symc.meaning.compile import program_of
from tests.compression.networks import change_of, perceptrons, rows
from tests.distilled import compressed
from tests.tools import require


def test_a_block_in_c_takes_its_place_in_the_network(tmp_path: Path) -> None:
    require("gcc")
    network = perceptrons(1)
    judge = change_of(network, 2)
    found = symc.compress(
        network, "blocks.0", rows(1500, 0), metric=change_of(network, 1), held_out=judge, budget=500, batch=250
    )
    found.save(tmp_path / "block.pt")
    bundle = symc.build(tmp_path / "block.pt", target="c", out=tmp_path)
    report = symc.verify(bundle.path, rows=2000)
    assert report.ok, str(report)
    # What the matrices and the equations between them give anywhere in the recorded domain is proved, and again.
    (ranges,) = [check.detail for check in report.checks if check.name == "ranges"]
    assert "proved" in ranges and bundle.manifest.ranges and f"Ranges: {ranges}" in str(bundle)
    network.blocks[0] = symc.load(bundle.path)
    with torch.no_grad():
        assert judge(network) == pytest.approx(found.row("chosen").metric, rel=1e-3)


@pytest.mark.parametrize("arranged", [False, True])
def test_an_equation_that_sympy_makes_worse_is_built_as_it_is_written(tmp_path: Path, arranged: bool) -> None:
    """Also from a file of an earlier version, which holds it as sympy has it."""
    require("gcc")
    block = compressed()
    inner = block.program.equations
    texts = ("z1*z0/z0", *block.equations[1:])
    as_sympy_has_it = lower([parse(text, inner.inputs) for text in texts], inner.inputs, inner.outputs)
    agreed = program_of(texts, inner.inputs, inner.outputs)
    assert agreed != as_sympy_has_it
    program = replace(block.program, equations=as_sympy_has_it if arranged else agreed)
    save_compressed(replace(block, program=program, equations=texts), tmp_path / "block.pt")
    bundle = symc.build(tmp_path / "block.pt", target="c", out=tmp_path)
    assert read_manifest(bundle.path).program.equations == agreed
    report = symc.verify(bundle.path, rows=500)
    assert report.ok, str(report)


def test_equations_that_overflow_on_a_recorded_row_are_not_built(tmp_path: Path) -> None:
    block = compressed()
    inner = block.program.equations
    texts = ("exp(100*z0)", *block.equations[1:])
    program = replace(block.program, equations=program_of(texts, inner.inputs, inner.outputs))
    save_compressed(replace(block, program=program, equations=texts), tmp_path / "block.pt")
    with pytest.raises(symc.SymcError, match=r"is (inf|nan|-inf) on row \d+ of the 400 recorded"):
        symc.build(tmp_path / "block.pt", target="c", out=tmp_path / "out", allow_poles=True)
    assert not (tmp_path / "out" / "block").exists()
