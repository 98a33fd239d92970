"""Finding compilers, building shared libraries through the cache, and messages when that fails."""

from __future__ import annotations

import ctypes
import os
import subprocess
import sys
from pathlib import Path

import pytest

from symc.errors import MissingTool, SymcError
from symc.toolchain import cache, compilers
from tests.tools import require

FILES = {
    "include/three.h": b"#define THREE 3\n",
    "src/three.c": b'#include "three.h"\nint three(void);\nint three(void) { return THREE; }\n',
}


@pytest.fixture(autouse=True)
def private_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv(cache.ENVIRONMENT, str(tmp_path / "cache"))
    return tmp_path / "cache"


def _program(folder: Path, name: str, body: str) -> Path:
    path = folder / name
    path.write_text(f"#!/bin/sh\n{body}\n")
    path.chmod(0o755)
    return path


def test_a_library_is_built_and_found_again() -> None:
    require("cc")
    compiler = compilers.find_c()
    path = compiler.shared_library(FILES, ["src/three.c"], ["include"], name="three")
    assert ctypes.CDLL(str(path)).three() == 3
    written = path.stat().st_mtime_ns
    assert compiler.shared_library(FILES, ["src/three.c"], ["include"], name="three") == path
    assert path.stat().st_mtime_ns == written


@pytest.mark.parametrize(
    "change",
    [
        {"files": {**FILES, "include/three.h": b"#define THREE 4\n"}},
        {"flags": ("-O1", "-fPIC", "-shared")},
        {"version": "another release"},
        {"command": ("/usr/bin/another-cc",)},
    ],
)
def test_whatever_decides_the_code_decides_the_key(change: dict) -> None:
    flags = ["-O2", "-fPIC", "-shared"]
    compiler = compilers.Compiler(("/usr/bin/cc",), "gcc", "cc 1.0")
    other = compilers.Compiler(
        change.get("command", compiler.command), compiler.kind, change.get("version", compiler.version)
    )
    base = compiler.key(FILES, flags)
    assert base == compiler.key(dict(reversed(FILES.items())), flags)
    assert other.key(change.get("files", FILES), list(change.get("flags", flags))) != base


def test_native_code_is_kept_apart_by_cpu(monkeypatch: pytest.MonkeyPatch) -> None:
    compiler = compilers.Compiler(("/usr/bin/cc",), "gcc", "cc 1.0")
    native, plain = ["-march=native"], ["-O2"]
    before = compiler.key(FILES, native), compiler.key(FILES, plain)
    monkeypatch.setattr(compilers, "processor", lambda: "another CPU")
    assert compiler.key(FILES, native) != before[0]
    assert compiler.key(FILES, plain) == before[1]


def test_an_error_shows_the_compilers_messages_trimmed() -> None:
    require("cc")
    broken = b"int f(void) { return " + b" + ".join(b"missing_%d" % k for k in range(200)) + b"; }\n"
    with pytest.raises(SymcError) as caught:
        compilers.find_c().shared_library({"src/f.c": broken}, ["src/f.c"], name="f")
    assert "missing_0" in str(caught.value)
    assert "more lines" in str(caught.value)
    assert len(str(caught.value).splitlines()) < 30
    assert caught.value.exit_code == 2


def test_two_processes_may_build_the_same_library_at_once(private_cache: Path, tmp_path: Path) -> None:
    require("cc")
    slow = _program(tmp_path, "slow-cc", 'case "$1" in --version) ;; *) sleep 0.5 ;; esac\nexec cc "$@"')
    code = (
        "import ctypes\n"
        "from symc.toolchain import compilers\n"
        f"path = compilers.find_c().shared_library({FILES!r}, ['src/three.c'], ['include'], name='three')\n"
        "assert ctypes.CDLL(str(path)).three() == 3\n"
        "print(path)\n"
    )
    environment = {**os.environ, "CC": str(slow)}
    started = [
        subprocess.Popen([sys.executable, "-c", code], env=environment, stdout=subprocess.PIPE, text=True)
        for _ in range(3)
    ]
    paths = {process.communicate(timeout=60)[0].strip() for process in started}
    assert [process.returncode for process in started] == [0, 0, 0]
    assert len(paths) == 1
    files = [p for p in private_cache.rglob("*") if p.is_file()]
    assert files == [Path(paths.pop())]


def test_cc_may_hold_arguments(monkeypatch: pytest.MonkeyPatch) -> None:
    path = require("cc")
    monkeypatch.setenv("CC", "cc -DTHREE_IS=3")
    compiler = compilers.find_c()
    assert compiler.command == (path, "-DTHREE_IS=3")
    files = {"f.c": b"int f(void); int f(void) { return THREE_IS; }"}
    assert ctypes.CDLL(str(compiler.shared_library(files, ["f.c"], name="f"))).f() == 3


def test_cc_that_does_not_exist(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CC", "no-such-cc")
    with pytest.raises(MissingTool, match="CC=no-such-cc names a program that is not installed"):
        compilers.find_c()


def test_a_compiler_that_cannot_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CC", str(_program(tmp_path, "bad-cc", "echo broken licence >&2; exit 4")))
    with pytest.raises(MissingTool, match="status 4: broken licence"):
        compilers.find_c()


def test_the_version_of_a_program_that_did_not_change_is_kept(tmp_path: Path) -> None:
    log, program = tmp_path / "log", tmp_path / "gcc"
    source = tmp_path / "gcc.c"
    source.write_text(
        f'#include <stdio.h>\nint main(void) {{ FILE *log = fopen("{log}", "a"); fputs("asked\\n", log); fclose(log);'
        ' puts("gcc 1.0, Free Software Foundation"); return 0; }\nconst char starts[] = STARTS;\n'
    )

    def compile_to(program: Path, starts: str) -> None:
        subprocess.run([require("cc"), f'-DSTARTS="{starts}"', str(source), "-o", str(program)], check=True)

    compile_to(program, "COLLECT_GCC_OPTIONS")
    code = "from symc.toolchain import compilers; print(compilers.find_c().version)"

    def asked(command: Path) -> int:
        log.unlink(missing_ok=True)
        for _ in range(2):
            done = subprocess.run(
                [sys.executable, "-c", code], env={**os.environ, "CC": str(command)}, capture_output=True, text=True
            )
            assert done.stdout == "gcc 1.0, Free Software Foundation\n", done.stderr
        return log.read_text().count("asked") if log.exists() else 0

    assert asked(program) == 1
    assert asked(program) == 0
    os.utime(program)
    assert asked(program) == 1
    # What a script starts, or a program that is no compiler or not called so, may change while it stays the same.
    (tmp_path / "launcher").mkdir()
    compile_to(tmp_path / "launcher" / "gcc", "CCACHE_DIR")
    assert asked(tmp_path / "launcher" / "gcc") == 2
    (tmp_path / "script").mkdir()
    assert asked(_program(tmp_path / "script", "gcc", f'exec "{program}" "$@"')) == 2
    assert asked(program.rename(tmp_path / "ccache")) == 2


@pytest.mark.skipif(sys.platform == "win32", reason="no limits of a process here")
def test_a_disk_that_takes_nothing_hides_no_compiler() -> None:
    require("cc")
    code = (
        "import resource; resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0));"
        "from symc.toolchain import compilers; print(compilers.find_c().version)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == compilers.find_c().version


def test_no_compiler_at_all(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("CC", raising=False)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(MissingTool, match="no C compiler was found") as caught:
        compilers.find_c()
    assert caught.value.exit_code == 3
    assert caught.value.hint


@pytest.mark.parametrize("path", ["../outside.c", "/tmp/absolute.c", "a/../../b.c"])
def test_sources_stay_inside_their_tree(tmp_path: Path, path: str) -> None:
    with pytest.raises(SymcError, match="must lie inside"):
        compilers.write_tree(tmp_path / "tree", {path: b""})


@pytest.mark.parametrize(("tool", "find"), [("clang", compilers.find_clang), ("nvcc", compilers.find_nvcc)])
def test_other_compilers_are_recognised(tool: str, find) -> None:
    require(tool)
    compiler = find()
    assert compiler.kind == tool
    assert any(character.isdigit() for character in compiler.version)
