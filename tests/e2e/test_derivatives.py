"""`--derivatives`: what a bundle then holds, that verify sees to it, and what is refused."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import symc
from symc.backends.derived import check_derivatives, read_derivatives
from symc.errors import SymcError
from tests.distilled import compressed
from tests.targets.programs import layered_program
from tests.tools import require

TEXTS = ["y = 2.5*cos(x1) + x0^2", "z = exp(x0)*x1"]


def test_derivatives_of_a_bundle_are_verified_and_a_wrong_one_is_found(tmp_path: Path) -> None:
    require("gcc")
    require("g++")
    options = {"target": ["c", "cuda"], "derivatives": ["hessian", "vjp,jvp"]}
    bundle = symc.build(equation=TEXTS, domain="-2:2", out=tmp_path, name="law", **options)
    report = symc.verify(bundle.path, rows=600)
    assert report.ok, str(report)
    names = {check.name for check in report.checks}
    assert {f"{target}: {kind}" for target in ("c", "cuda") for kind in ("vjp", "jvp", "hessian")} <= names
    assert {f"c: {kind} batch" for kind in ("vjp", "jvp", "hessian")} <= names
    assert "c: jacobian" not in names
    assert not (bundle.path / "src" / "law_jacobian.c").exists()
    assert "--derivatives vjp,jvp,hessian" in bundle.manifest.reproduce
    assert "`law_vjp`" in (bundle.path / "README.md").read_text()


def test_a_compressed_block_has_derivatives_along_directions_that_are_verified(tmp_path: Path) -> None:
    require("gcc")
    require("g++")
    found = compressed()
    bundle = symc.build(found, out=tmp_path, name="block", target=["c", "cuda"], derivatives="vjp,jvp")
    report = symc.verify(bundle.path, rows=600)
    assert report.ok, str(report)
    kinds = ("vjp", "jvp")
    wanted = {*(f"c: {k}" for k in kinds), *(f"c: {k} batch" for k in kinds), *(f"cuda: {k}" for k in kinds)}
    assert wanted <= {check.name for check in report.checks}
    assert "--derivatives vjp,jvp" in bundle.manifest.reproduce
    assert "There are no derivatives in C" not in (bundle.path / "README.md").read_text()
    plain = symc.build(found, out=tmp_path / "plain", name="block", target="c")
    assert "derivatives" not in json.dumps(plain.manifest.options)
    assert not (plain.path / "src" / "block_vjp.c").exists()


def test_the_default_is_the_jacobian_and_is_not_an_option(tmp_path: Path) -> None:
    plain = symc.build(equation=TEXTS, domain="-2:2", out=tmp_path / "a", name="law")
    asked = symc.build(equation=TEXTS, domain="-2:2", out=tmp_path / "b", name="law", derivatives="jacobian")
    assert plain.manifest.options == asked.manifest.options
    assert "derivatives" not in json.dumps(plain.manifest.options)
    assert (plain.path / "src" / "law_jacobian.c").is_file()


def test_what_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SymcError, match="there are no derivatives 'third'"):
        symc.build(equation=TEXTS, domain="-2:2", out=tmp_path, derivatives="vjp,third")
    for kind, number in (("jacobian", 20), ("hessian", 100)):
        with pytest.raises(SymcError, match=f"has no {kind} in its code: it would be {number} values a row"):
            check_derivatives(("vjp", kind), layered_program(5, 4))
    check_derivatives(("vjp", "jvp"), layered_program(5, 4))
    assert not any(tmp_path.iterdir())
    assert read_derivatives(["hessian", " vjp,hessian"]) == ("vjp", "hessian")
