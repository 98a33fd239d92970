"""--accurate: the bundle says what was gained, and verify proves it again."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

import symc
from symc.cli.main import main
from tests.tools import require


def table(folder: Path, equation: str) -> Path:
    path = folder / "hall_of_fame.csv"
    path.write_text(f'Complexity,Loss,Equation\n9,0.2,"{equation}"\n')
    return path


def test_planck_keeps_its_digits_at_small_arguments(tmp_path: Path) -> None:
    require("gcc")
    law = table(tmp_path, "x0^3/(exp(x0/x1) - 1)")
    domain = "0.001:1,1:10"
    plain = symc.build(law, domain=domain, out=tmp_path, name="plain")
    found = CliRunner().invoke(
        main, ["build", str(law), "--domain", domain, "-o", str(tmp_path), "--name", "law", "--accurate"]
    )
    assert found.exit_code == 0, found.output
    assert "Accuracy: rewritten, rounding error of y0 from " in found.output
    report = symc.verify(tmp_path / "law", rows=2000)
    assert report.ok, str(report)
    assert [c.name for c in report.checks if c.name == "accuracy"]
    assert report.manifest is not None and "--accurate" in report.manifest.reproduce
    assert [e.text for e in report.manifest.equations] == [e.text for e in plain.manifest.equations]

    x = np.array([[0.001, 9.9]], dtype=np.float32)
    real = float(x[0, 0]) ** 3 / np.expm1(float(x[0, 0]) / float(x[0, 1]))
    errors = [abs(float(symc.load(tmp_path / name)(x)[0, 0]) / real - 1.0) for name in ("plain", "law")]
    assert errors[0] > 1e-5 and errors[1] < 4e-7


def test_nothing_to_gain_is_said(tmp_path: Path) -> None:
    bundle = symc.build(table(tmp_path, "2*x0 + 1"), domain="0:1", out=tmp_path, name="law", accurate=True)
    assert bundle.manifest.accuracy == ()
    assert "no arrangement of the code loses less" in str(bundle)


def test_it_works_before_a_head(tmp_path: Path) -> None:
    import torch

    require("gcc")

    class Block(torch.nn.Module):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return torch.sigmoid(torch.expm1(x[..., :1] * x[..., 1:]))

    block = symc.wrap(Block())
    block.distill(domain="0.01:1,0.01:1", samples=256, evaluations=20_000, operators=["exp", "sub", "mul"])
    bundle = symc.build(block, out=tmp_path, name="law", accurate=True)
    assert bundle.manifest.head == "sigmoid"
    report = symc.verify(bundle.path, rows=1000)
    assert report.ok, str(report)


def test_it_needs_a_domain(tmp_path: Path) -> None:
    with pytest.raises(symc.SymcError, match="rewritten for its domain, and there is none"):
        symc.build(table(tmp_path, "exp(x0) - 1"), out=tmp_path / "out", name="law", accurate=True)
    assert not (tmp_path / "out").exists()
