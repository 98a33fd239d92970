"""The crate: cargo builds and tests it offline, and a program of two crates gives the C's bits."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import symc
from symc.compression.saved import save_compressed
from symc.toolchain.emulators import BOARDS, build, execute
from tests.distilled import compressed
from tests.pack.conftest import expected
from tests.targets import building
from tests.targets.building import NUMERIC, ONE_SET, Build
from tests.tools import require, require_board

ABOUT = {"version": "1.2.0", "author": "Ann Example <ann@example.org>", "url": "https://example.org/pump"}
MANIFEST = """
[package]
name = "app"
version = "1.0.0"
edition = "2021"
[dependencies]
pump = { path = "PUMP" }
fan = { path = "FAN" }
"""
# Prints the bits of all results of both models for the rows in a file.
MAIN = """
macro_rules! all {
    ($model:ident, $bytes:expr, $folder:expr) => {{
        let words: Vec<f32> = $bytes.chunks(4).map(|b| f32::from_ne_bytes(b.try_into().unwrap())).collect();
        let x: Vec<[f32; 2]> = words.chunks(2).map(|row| row.try_into().unwrap()).collect();
        let mut batch = vec![[0.0; 2]; x.len()];
        $model::eval_batch(&x, &mut batch);
        let mut jacobians = vec![[[0.0; 2]; 2]; x.len()];
        $model::jacobian_batch(&x, &mut jacobians);
        let mut out = Vec::new();
        for (i, row) in x.iter().enumerate() {
            let mut held = [0.0f32; 2];
            let flags = $model::guarded(row, &mut held) & $model::OUTSIDE;
            assert_eq!(flags != 0, $model::check(row) != 0);
            let jacobian = $model::jacobian(row);
            assert_eq!(jacobian.map(|r| r.map(f32::to_bits)), jacobians[i].map(|r| r.map(f32::to_bits)));
            assert_eq!($model::eval(row).map(f32::to_bits), batch[i].map(f32::to_bits));
            out.extend(batch[i]);
            out.extend(jacobian.concat());
            out.extend(held);
        }
        let bytes: Vec<u8> = out.iter().flat_map(|v| v.to_ne_bytes()).collect();
        std::fs::write(format!("{}/{}", $folder, stringify!($model)), bytes).unwrap();
        assert_eq!($model::selftest(), 0);
        assert_eq!($model::DOMAIN, [(-2.0, 2.0); 2]);
        assert_eq!(($model::INPUTS, $model::OUTPUTS), (["x0", "x1"], ["y0", "y1"]));
    }};
}

fn main() {
    let words: Vec<String> = std::env::args().collect();
    let bytes = std::fs::read(&words[1]).unwrap();
    all!(pump, bytes, words[2]);
    all!(fan, bytes, words[2]);
}
"""


def cargo(command: str, root: Path, target: Path, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run cargo for the crate in `root`, building in `target`; the caller looks at how it ended."""
    require("gcc")
    words = [require("cargo"), *command.split(), "--offline", "--manifest-path", str(root / "Cargo.toml")]
    env = {**os.environ, "CARGO_TARGET_DIR": str(target), **variables}
    return subprocess.run(words, env=env, capture_output=True, text=True, timeout=120, check=False)


@pytest.fixture(scope="module")
def crates(bundles: dict[str, Path], tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    out = tmp_path_factory.mktemp("rust")
    return {name: symc.pack(path, format="rust", out=out, **ABOUT).path for name, path in bundles.items()}


@pytest.fixture(scope="module")
def script(crates: dict[str, Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The build script of fan as a program, as cargo compiles and runs it."""
    program = tmp_path_factory.mktemp("script") / "script"
    building.run([require("rustc"), "--edition", "2021", crates["fan"] / "build.rs", "-o", program])
    return program


def test_cargo_tests_and_packages_it(crates: dict[str, Path], bundles: dict[str, Path], tmp_path: Path) -> None:
    # What of it would change bits is undone.
    flags = "-Ofast -funsafe-math-optimizations -ffinite-math-only -ffp-contract=fast -march=native"
    tested = cargo("test --locked", crates["pump"], tmp_path, CFLAGS=flags)
    assert tested.returncode == 0 and "warning" not in tested.stderr, tested.stdout + tested.stderr
    assert "the_selftest_passes ... ok" in tested.stdout and "rows_have_the_recorded_bits ... ok" in tested.stdout
    assert "src/lib.rs - (line" in tested.stdout and "1 passed" in tested.stdout
    example = cargo("run --locked --example pump", crates["pump"], tmp_path, CFLAGS=flags)
    values = [float(value) for value in re.findall(r"y\[\d\] = (\S+)", example.stdout)]
    np.testing.assert_allclose(values, expected("pump", np.array([[0.5, 0.5]]))[0], atol=2e-6)
    assert example.stdout.endswith("pump: self-test passed (0)\n")
    listed = cargo("package --list", crates["pump"], tmp_path)
    assert listed.returncode == 0 and "warning" not in listed.stderr, listed.stderr
    packaged = cargo("package", crates["pump"], tmp_path)
    assert packaged.returncode == 0 and (tmp_path / "package" / "pump-1.2.0.crate").is_file(), packaged.stderr
    files = {p.relative_to(crates["pump"]).as_posix() for p in crates["pump"].rglob("*") if p.is_file()}
    assert files <= set(listed.stdout.split())
    # It left the package as symc wrote it.
    symc.pack(bundles["pump"], format="rust", out=crates["pump"].parent, **ABOUT)


def test_two_models_of_two_versions_of_symc_give_the_cs_bits(
    crates: dict[str, Path], bundles: dict[str, Path], inputs: np.ndarray, tmp_path: Path
) -> None:
    """Each crate compiles with its own headers, so their runtimes may differ."""
    fan = Path(shutil.copytree(crates["fan"], tmp_path / "fan"))
    for file in (fan / "c").rglob("*.[ch]"):
        file.write_text(re.sub(r"(SYMC_RUNTIME (?:!= )?)0x\w+", r"\g<1>0x12345678u", file.read_text()))
    app, out = tmp_path / "app", tmp_path / "out"
    (app / "src").mkdir(parents=True)
    out.mkdir()
    (app / "Cargo.toml").write_text(MANIFEST.replace("PUMP", str(crates["pump"])).replace("FAN", str(fan)))
    (app / "src" / "main.rs").write_text(MAIN)
    built = cargo("build", app, tmp_path / "target")
    assert built.returncode == 0 and "warning" not in built.stderr, built.stderr
    inputs.tofile(tmp_path / "x")
    building.run([tmp_path / "target/debug/app", tmp_path / "x", out])
    for name, bundle in bundles.items():
        made = np.fromfile(out / name, np.uint32).reshape(len(inputs), 8)
        library = building.c_library(bundle, Build("gcc", (*ONE_SET, *NUMERIC)), tmp_path / f"{name}.so")
        widths = {"eval": 2, "jacobian": 4, "guarded": 2}
        parts = [building.call_single(library, f"{name}_{part}", inputs, width) for part, width in widths.items()]
        np.testing.assert_array_equal(made, np.concatenate(parts, axis=1).view(np.uint32))
        inside = slice(0, 1500)
        meant = expected(name, inputs[inside])
        np.testing.assert_allclose(made[inside, :2].view(np.float32), meant, rtol=3e-6, atol=3e-5)


def test_a_runtime_of_another_version_in_the_crate_stops_the_build(crates: dict[str, Path], tmp_path: Path) -> None:
    pump = Path(shutil.copytree(crates["pump"], tmp_path / "pump"))
    config = pump / "c" / "src" / "symc" / "config.h"
    config.write_text(re.sub(r"(SYMC_RUNTIME )0x\w+", r"\g<1>0x12345678u", config.read_text()))
    built = cargo("build", pump, tmp_path / "target")
    assert built.returncode != 0 and "mixed with the runtime of another symc" in built.stderr
    absent = cargo("build", crates["pump"], tmp_path / "target", CC="no-such-compiler")
    assert absent.returncode != 0 and "install it, or set CC_" in absent.stderr


SOFT = ("-mthumb", "-mcpu=cortex-m4", "-mfloat-abi=soft")


@pytest.mark.parametrize(
    ("target", "name", "flags"),
    [
        ("thumbv6m-none-eabi", "cortex-m0", None),
        ("thumbv7m-none-eabi", "cortex-m3", None),
        ("thumbv7em-none-eabi", "cortex-m4f", SOFT),
        ("thumbv7em-none-eabihf", "cortex-m4f", None),
        ("riscv32imc-unknown-none-elf", "rv32imac", None),
        ("riscv32imac-unknown-none-elf", "rv32imac", None),
        ("riscv64gc-unknown-none-elf", "rv64gc", None),
        ("aarch64-unknown-linux-gnu", "aarch64", None),
        *([("i686-unknown-linux-gnu", "i386", None)] if "i386" in BOARDS else []),
    ],
)
def test_the_build_script_makes_the_library_of_another_processor(
    target: str, name: str, flags: tuple[str, ...] | None, crates: dict[str, Path], script: Path, tmp_path: Path
) -> None:
    """Without Rust's own libraries for it: what cargo would link runs below C's main on the emulated board."""
    board = require_board(name)
    board = board if flags is None else replace(board, flags=flags)
    env = {**os.environ, "TARGET": target, "HOST": "none", "OUT_DIR": str(tmp_path),
           "CARGO_MANIFEST_DIR": str(crates["fan"]), "CC": "gcc", "CFLAGS": "-m64",
           f"CFLAGS_{target.replace('-', '_')}": "-ffast-math -Os -DFAN_SELFTEST_SINGLE"}  # fmt: skip
    done = subprocess.run([script], env=env, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0 and "cargo:rustc-link-lib=static=symc_fan" in done.stdout, done.stderr
    main = tmp_path / "main.c"
    main.write_text('#include "fan.h"\nint main(void) { return (int)fan_selftest(); }\n')
    include = [crates["fan"] / "c" / "include"]
    program = build(board, [main, tmp_path / "libsymc_fan.a"], include, ("-Os",), tmp_path / "program.elf")
    assert execute(board, program, timeout_s=60).status == 0


def test_a_target_without_a_known_compiler_is_told_what_to_do(script: Path, tmp_path: Path) -> None:
    env = {**os.environ, "HOST": "none", "OUT_DIR": str(tmp_path), "CARGO_MANIFEST_DIR": "."}

    def failure(target: str) -> str:
        done = subprocess.run([script], env={**env, "TARGET": target}, capture_output=True, text=True, timeout=60)
        assert done.returncode != 0
        return done.stderr

    assert "set CC_mips_unknown_linux_gnu" in failure("mips-unknown-linux-gnu")
    assert "use a target that ends in -gnu" in failure("x86_64-pc-windows-msvc")


def test_without_a_domain(tmp_path: Path) -> None:
    (tmp_path / "law.csv").write_text("Complexity,Loss,Equation\n3,0.5,x0*x0\n")
    symc.build(tmp_path / "law.csv", out=tmp_path, pack="rust")
    root = tmp_path / "rust" / "law"
    text = (root / "src" / "lib.rs").read_text()
    assert "DOMAIN" not in text and "guarded" not in text
    tested = cargo("test --test bits --locked", root, tmp_path / "target")
    assert tested.returncode == 0 and "warning" not in tested.stderr, tested.stdout + tested.stderr
    assert "2 passed" in tested.stdout


def test_a_compressed_block_has_no_derivatives(tmp_path: Path) -> None:
    save_compressed(compressed(), tmp_path / "block.pt")
    symc.build(tmp_path / "block.pt", out=tmp_path, name="block", pack="rust")
    root = tmp_path / "rust" / "block"
    assert "jacobian" not in (root / "src" / "lib.rs").read_text()
    tested = cargo("test --test bits --locked", root, tmp_path / "target")
    assert tested.returncode == 0 and "2 passed" in tested.stdout, tested.stdout + tested.stderr
