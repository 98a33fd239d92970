"""A fault in any function of any target is found by its bits, though hashes and digest were made to fit."""

from __future__ import annotations

import ctypes
import shutil
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

import symc
from symc.bundle import read_manifest
from symc.compression.saved import save_compressed
from symc.errors import CheckFailed
from symc.verify.bits import guarded
from symc.verify.inputs import test_inputs as inputs_of
from symc.verify.subject import Subject
from symc.verify.targets import checks_of
from tests.distilled import compressed, distilled
from tests.e2e.test_verify import reseal
from tests.tools import require


@dataclass(frozen=True)
class Fault:
    """`old` becomes `new` in `file`, where it stands for the `place`-th time (from the end where negative)."""

    file: str
    old: str
    new: str
    place: int
    found_by: str

    def inject(self, folder: Path) -> None:
        path = folder / self.file
        parts = path.read_text().split(self.old)
        assert len(parts) > 1, f"{self.file} does not hold {self.old!r}"
        cut = range(1, len(parts))[self.place]
        path.write_text(self.old.join(parts[:cut]) + self.new + self.old.join(parts[cut:]))


_C, _J, _CUDA, _NUMBA, _B = "src/law.c", "src/law_jacobian.c", "cuda/law.cuh", "numba/law.py", "src/block.c"
FAULTS = {
    "constant of a row": Fault(_C, "2.5382F,", "2.53820014F,", 0, "c: value"),
    "constant of a block": Fault(_C, "2.5382F,", "2.53820014F,", -1, "c: batch"),
    "function of a block": Fault(_C, "symc_exp_fast(a[i]", "symc_exp_fast(1.00000012F * a[i]", 0, "c: batch"),
    "rare function of a block": Fault(_C, "= symc_exp(a[i]", "= symc_exp(1.00000012F * a[i]", 0, "c: batch"),
    "row left over": Fault(_C, "for (size_t i = 0; i < n; i++)", "for (size_t i = 1; i < n; i++)", -1, "c: batch"),
    "next block": Fault(_C, "x += (size_t)LAW_ROWS", "x += (size_t)(LAW_ROWS - 1)", -1, "c: batch"),
    "constant of the Jacobian": Fault(_J, "2.5382F,", "2.53820014F,", 0, "c: jacobian"),
    "constant of its block": Fault(_J, "2.5382F,", "2.53820014F,", -1, "c: jacobian batch"),
    "input that is not checked": Fault(_C, "i < LAW_N_IN; i++", "i + 1 < LAW_N_IN; i++", -1, "c: check"),
    "open end of the domain": Fault(_C, "x[i] <= domain", "x[i] < domain", -1, "c: check"),
    "NaN inside": Fault(_C, "!(x[i] >= domain[i][0] &&", "(x[i] < domain[i][0] || !", -1, "c: check"),
    "device constant": Fault(_CUDA, "2.5382F,", "2.53820014F,", 0, "cuda: value"),
    "device constant of the Jacobian": Fault(_CUDA, "2.5382F,", "2.53820014F,", -1, "cuda: jacobian"),
    "numba constant": Fault(_NUMBA, "np.float32(2.5382)", "np.float32(2.5382001)", 0, "numba: batch"),
    "numba Jacobian": Fault(_NUMBA, "np.float32(2.5382)", "np.float32(2.5382001)", -1, "numba: jacobian batch"),
    "numba rows": Fault(_NUMBA, "= y[k, i]", "= y[k, i - (i == 16)]", 0, "numba: batch"),
}  # fmt: skip
LAYERED_FAULTS = {
    "equations of a row": Fault(_B, "_equations(z, h);", "_equations(z, h); h[0] += 1.0F;", 0, "c: value"),
    "equations of a block": Fault(_B, "_rows(z, h);", "_rows(z, h); h[0] += 1.0F;", 0, "c: batch"),
    "next block": Fault(_B, "y += (size_t)BLOCK_ROWS", "y += (size_t)(BLOCK_ROWS - 1)", -1, "c: batch"),
    "input that is not checked": Fault(_B, "i < BLOCK_N_IN; i++", "i + 1 < BLOCK_N_IN; i++", -1, "c: check"),
}


def failed(folder: Path, target: str) -> set[str]:
    """The checks of a target that do not hold."""
    manifest = read_manifest(folder)
    subject = Subject(folder, manifest, inputs_of(folder, manifest, 4000))
    found = set()
    for label, run in checks_of(target, subject).items():
        try:
            run()
        except CheckFailed:
            found.add(f"{target}: {label}")
    return found


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> Path:
    require("gcc")
    require("g++")
    return symc.build(distilled(), out=tmp_path_factory.mktemp("out"), name="law", target=["c", "cuda", "numba"]).path


@pytest.fixture(scope="module")
def layered(tmp_path_factory: pytest.TempPathFactory) -> Path:
    require("gcc")
    folder = tmp_path_factory.mktemp("layered")
    save_compressed(compressed(), folder / "block.pt")
    return symc.build(folder / "block.pt", out=folder, name="block").path


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_is_found_by_the_check_of_its_function(name: str, original: Path, tmp_path: Path) -> None:
    fault = FAULTS[name]
    bundle = Path(shutil.copytree(original, tmp_path / "law"))
    fault.inject(bundle)
    reseal(bundle)
    assert fault.found_by in failed(bundle, fault.found_by.split(":")[0])


@pytest.mark.parametrize("name", LAYERED_FAULTS)
def test_a_fault_of_a_compressed_block_is_found(name: str, layered: Path, tmp_path: Path) -> None:
    fault = LAYERED_FAULTS[name]
    bundle = Path(shutil.copytree(layered, tmp_path / "block"))
    fault.inject(bundle)
    reseal(bundle)
    assert fault.found_by in failed(bundle, "c")


def test_no_fault_is_found_where_there_is_none(original: Path, layered: Path) -> None:
    assert not any(failed(original, target) for target in ("c", "cuda", "numba"))
    assert not failed(layered, "c")


def test_what_is_written_beyond_the_results_is_found(original: Path) -> None:
    def batch(x: int, y: int, n: int) -> None:
        ctypes.memset(y, 0, 4 * (n + 1))

    with pytest.raises(CheckFailed, match="a call for 5 rows writes beyond its results"):
        guarded(batch, 1)(np.zeros((5, 1), np.float32))
