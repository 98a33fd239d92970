"""Files of torch.save read without torch: what symc saved alone, with the values torch gives, and nothing is run."""

from __future__ import annotations

import io
import os
import pickle
import subprocess
import sys
import zipfile
from pathlib import Path

import numpy as np
import pytest
import torch

from symc.models.plain import read_plain
from symc.models.safe import read_safely
from symc.module.saved import load_distilled, save_distilled
from symc.sources.registry import open_model
from tests.small_network import distilled

SAVED = Path(__file__).parents[1] / "data" / "saved"


@pytest.mark.parametrize("name", ["distilled.pt", "compressed.pt"])
def test_earlier_files_hold_what_torch_reads_in_them(name):
    plain, ours = read_plain(SAVED / name), read_safely(SAVED / name)
    assert list(plain) == list(ours)
    for key, value in ours.items():
        if isinstance(value, torch.Tensor):
            assert plain[key].dtype == value.numpy().dtype
            np.testing.assert_array_equal(plain[key], value.numpy())
        else:
            assert plain[key] == value


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64, torch.bool, torch.int64, torch.int32])
@pytest.mark.parametrize("shape", [(), (3,), (4, 1), (2, 3, 2)])
def test_every_kind_of_array_comes_back(tmp_path, dtype, shape):
    value = (torch.arange(24).reshape(2, 12)[0, : max(int(np.prod(shape)), 1)].reshape(shape) % 5).to(dtype)
    torch.save({"a": value, "b": [1, -70000, 2**40, 1.5, None, True, "text"]}, tmp_path / "file.pt")
    found = read_plain(tmp_path / "file.pt")
    np.testing.assert_array_equal(found["a"], value.numpy())
    assert found["a"].dtype == value.numpy().dtype and found["b"] == [1, -70000, 2**40, 1.5, None, True, "text"]


def test_a_saved_module_is_opened_and_built_without_torch(tmp_path):
    save_distilled(distilled(chosen=(5, 1)), tmp_path / "model.pt")
    assert open_model(tmp_path / "model.pt") == load_distilled(tmp_path / "model.pt")
    script = (
        "import sys, symc; symc.build(sys.argv[1], out=sys.argv[2], target=('c', 'cuda', 'numba'));"
        "heavy = {'torch', 'scipy', 'numba'} & set(sys.modules); assert not heavy, heavy"
    )
    command = [sys.executable, "-c", script, str(tmp_path / "model.pt"), str(tmp_path / "out")]
    subprocess.run(command, check=True, env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])})


def rewritten(path, data=None, compression=zipfile.ZIP_STORED, **others):
    """A copy of the archive at `path` with another pickle or other members."""
    out = path.with_name("changed.pt")
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(out, "w", compression) as new:
        for name in old.namelist():
            inner = name.partition("/")[2]
            content = data if inner == "data.pkl" and data is not None else old.read(name)
            new.writestr(name, others.get(inner, content))
    return out


class Runs:
    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return open, (str(self.path), "w")


def test_nothing_else_is_read_and_nothing_runs(tmp_path):
    path = tmp_path / "model.pt"
    torch.save({"symc": "x", "a": torch.arange(6.0)}, path)
    assert read_plain(path) is not None
    mark = tmp_path / "ran"
    for protocol in (2, 4):
        assert read_plain(rewritten(path, pickle.dumps({"symc": Runs(mark)}, protocol))) is None
    # A name that is asked for by text, one that is called through another, and room for a value of a huge number.
    for evil in (
        b"\x80\x02}X\x04\x00\x00\x00symcc__builtin__\nexec\nX\x08\x00\x00\x00import os\x85Rs.",
        b"\x80\x02}X\x04\x00\x00\x00symcctorch\nload\ns.",
        b"\x80\x02}X\x04\x00\x00\x00symcX\x01\x00\x00\x00ar\xff\xff\xff\x7fs.",
        b"\x80\x02}X\x04\x00\x00\x00symcccollections\nOrderedDict\n)R}b.",
    ):
        assert read_plain(rewritten(path, evil)) is None
    assert not mark.exists()


def test_what_is_damaged_or_not_in_one_piece_is_left_to_torch(tmp_path):
    path = tmp_path / "model.pt"
    torch.save({"a": torch.arange(6.0)}, path)
    assert read_plain(rewritten(path, compression=zipfile.ZIP_DEFLATED)) is None
    assert read_plain(rewritten(path, byteorder=b"big")) is None
    assert read_plain(rewritten(path, **{"data/0": b"\0" * 20})) is None
    for value in (torch.ones(2, 3).T, torch.ones(1).expand(5), torch.ones(2, requires_grad=True), torch.ones(2).half()):
        torch.save({"a": value}, path)
        assert read_plain(path) is None
    torch.save([1], path)
    assert read_plain(path) is None
    assert read_plain(tmp_path / "absent.pt") is None
    content = io.BytesIO()
    torch.save({"a": torch.ones(3)}, content)
    for end in range(0, len(content.getvalue()), 37):
        path.write_bytes(content.getvalue()[:end])
        assert read_plain(path) is None
