"""Full disks and folders that cannot be written: one sentence says so, and all that was there is whole."""

from __future__ import annotations

import os
import resource
import signal
import subprocess
import sys
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import torch

import symc
from symc.bundle import read_manifest
from symc.bundle.files import read_file
from symc.load import load
from symc.toolchain import cache
from tests.bundle.test_write import snapshot
from tests.distilled import save_model
from tests.sources.built import cli
from tests.tools import require

ROOT = Path(__file__).resolve().parents[2]
ONE, OTHER = "law = 2.5*cos(x1) + x0^2", "law = x0*exp(-x1) - 0.25*tanh(x0*x1)"
_PAGE = 4096


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 400 kB."""
    if sys.platform != "linux" or os.geteuid() != 0:
        pytest.skip("mounting a small tmpfs needs root on Linux")
    place = tmp_path / "disk"
    place.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=400k", "tmpfs", str(place)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        pytest.skip(f"a tmpfs cannot be mounted here: {done.stderr.strip()}")
    yield place
    # A library that was opened from it stays mapped.
    subprocess.run(["umount", "--lazy", str(place)], check=True)


def fill(disk: Path, left: int = 0) -> None:
    """Leave `left` bytes free."""
    (disk / "filler").unlink(missing_ok=True)
    free = os.statvfs(disk)
    (disk / "filler").write_bytes(b"\0" * max(0, free.f_bavail * free.f_frsize - left))


def table(folder: Path) -> Path:
    path = folder / "t.csv"
    path.write_text("a,b,y\n" + "".join(f"{k},{k % 7},{k * (k % 7)}\n" for k in range(40)))
    return path


def refused(disk: Path, *words: object) -> str:
    """What the command says of the full disk; exit code 2, no traceback."""
    done = cli(*words)
    assert done.exit_code == 2, (done.output, done.exception)
    assert "No space left on device" in done.stderr or "the disk is full" in done.stderr, done.stderr
    assert str(disk) in done.stderr
    return done.stderr


def test_a_build_that_runs_out_at_any_file(disk: Path) -> None:
    symc.build(equation=ONE, out=disk)
    before = snapshot(disk / "law")
    size = sum(-(-len(content) // _PAGE) * _PAGE for content in before.values())
    for left in range(0, size, size // 6):
        fill(disk, left)
        assert "Nothing was changed there" in refused(disk, "build", "--equation", OTHER, "--name", "law", "-o", disk)
        assert snapshot(disk / "law") == before and sorted(os.listdir(disk)) == ["filler", "law"]
    fill(disk, 2 * size)
    assert cli("build", "--equation", OTHER, "--name", "law", "-o", disk).exit_code == 0
    manifest = read_manifest(disk / "law")
    assert all(read_file(disk / "law", name, digest) for name, digest in manifest.files.items())


def test_every_other_verb_that_writes(disk: Path, tmp_path: Path) -> None:
    require("ssh-keygen")
    place = symc.build(equation=ONE, out=disk).path
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(tmp_path / "key")], check=True)
    model = save_model(tmp_path / "model.pt")
    searching = ("fit", table(tmp_path), "--targets", "y", "--evaluations", 300, "--workers", 1, "-o")
    fill(disk)
    before = snapshot(disk)
    refused(disk, "pack", place, "--format", "cmake", "--out", disk / "packed")
    refused(disk, "report", place, "--rows", 100, "--out", disk / "told")
    refused(disk, "sign", place, "--key", tmp_path / "key")
    refused(disk, "build", model, "-o", disk)
    refused(disk, *searching, disk / "law.pt")
    refused(disk, *searching, tmp_path / "law.pt", "--keep", disk / "kept")
    assert snapshot(disk) == before and not (tmp_path / "law.pt").exists()


def test_fits_that_are_kept_stay_whole(disk: Path) -> None:
    block, x, keep = symc.wrap(torch.nn.Linear(2, 1)), torch.randn(64, 2), disk / "kept"
    block.distill(x, evaluations=300, workers=1, keep=keep)
    before = snapshot(keep)
    fill(disk)
    with pytest.raises(symc.SymcError, match=r"kept/.*No space left on device.* Make room"):
        block.distill(x, evaluations=301, workers=1, keep=keep)
    assert snapshot(keep) == before
    block.distill(x, evaluations=300, workers=1, keep=keep)


def test_the_cache_runs_out(disk: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    require("cc")
    bundle = symc.build(equation=ONE, out=tmp_path).path
    (disk / "cache").mkdir()
    monkeypatch.setenv(cache.ENVIRONMENT, str(disk / "cache"))
    for left in (0, 20 * _PAGE):
        fill(disk, left)
        with pytest.raises(symc.SymcError, match="No space left on device"):
            load(bundle)
    fill(disk, 90 * _PAGE)
    assert load(bundle)(torch.zeros(1, 2)).item() == 2.5


def test_a_read_only_home_and_disk(disk: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The cache is a private one for the time of the process, which is said once; a bundle is refused."""
    require("cc")
    bundle = symc.build(equation="law = 2.5*cos(x1) + x0", out=disk).path
    other = symc.build(equation="law = 2.5*cos(x1) - x0", out=tmp_path).path
    subprocess.run(["mount", "-o", "remount,ro", str(disk)], check=True)
    monkeypatch.delenv(cache.ENVIRONMENT, raising=False)
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    monkeypatch.setenv("HOME", str(disk / "home"))
    with pytest.warns(RuntimeWarning, match=r"home/\.cache/symc: .*Read-only.*SYMC_CACHE_DIR") as said:
        assert load(bundle)(torch.zeros(1, 2)).item() == 2.5
    assert len(said) == 1
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert load(other)(torch.zeros(1, 2)).item() == 2.5
    done = cli("build", "--equation", OTHER, "--name", "law", "-o", disk)
    assert done.exit_code == 2 and "cannot be written (Read-only file system)" in done.stderr
    done = cli("fit", table(tmp_path), "--targets", "y", "--keep", disk / "kept", "-o", tmp_path / "law.pt")
    assert done.exit_code == 2 and "finished fits cannot be kept here: Read-only file system" in done.stderr


def test_what_is_kept_on_a_read_only_disk_is_used(disk: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    require("cc")
    bundle = symc.build(equation="law = 2.5*cos(x1) + x0", out=tmp_path).path
    monkeypatch.setenv(cache.ENVIRONMENT, str(disk / "cache"))
    code = "import sys, symc; symc.load(sys.argv[1], torch=False)"
    command = [sys.executable, "-W", "error", "-c", code, str(bundle)]
    subprocess.run(command, check=True)
    before = snapshot(disk / "cache")
    subprocess.run(["mount", "-o", "remount,ro", str(disk)], check=True)
    # Were anything compiled again, a warning would say where it is kept.
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert before and snapshot(disk / "cache") == before


def limited(bytes_: int, work: Callable[[], object]) -> tuple[int, str]:
    """Run in a fork that may write no file longer than so many bytes; its exit code, and what it raised."""
    read, write = os.pipe()
    child = os.fork()
    if child == 0:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (bytes_, bytes_))
        try:
            work()
        except symc.SymcError as error:
            os.write(write, str(error).encode())
            os._exit(error.exit_code)
        except BaseException as error:
            os.write(write, repr(error).encode())
            os._exit(70)
        os._exit(0)
    os.close(write)
    with os.fdopen(read) as said:
        text = said.read()
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), text


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork here")
@pytest.mark.parametrize("bytes_", [0, 500, 3000])
def test_a_limit_on_the_size_of_files(bytes_: int, tmp_path: Path) -> None:
    symc.build(equation=ONE, out=tmp_path)
    before = snapshot(tmp_path)
    code, text = limited(bytes_, lambda: symc.build(equation=OTHER, name="law", out=tmp_path))
    assert code == 2 and f"{tmp_path}/law: the folder cannot be written: File too large" in text
    assert snapshot(tmp_path) == before and os.listdir(tmp_path) == ["law"]


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="no /dev/full here")
def test_an_output_that_is_full(tmp_path: Path) -> None:
    place = symc.build(equation=ONE, out=tmp_path).path
    with open("/dev/full", "w") as full:
        command = [sys.executable, "-m", "symc", "inspect", str(place)]
        done = subprocess.run(command, cwd=ROOT, stdout=full, stderr=subprocess.PIPE, text=True, check=False)
    assert done.returncode == 2 and done.stderr.startswith("symc: output: ") and done.stderr.count("\n") == 1
