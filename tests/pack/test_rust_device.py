"""The crate in a program of Rust without std on a Cortex-M0, for which the core library is compiled here."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import symc
from symc.bundle import read_manifest
from symc.ir.evaluate import evaluate
from symc.toolchain.emulators import build, execute
from tests.targets import building
from tests.tools import require_board, require_file

TARGET = "thumbv6m-none-eabi"
RUSTC = Path("/usr/bin/rustc")
CORE = Path("/usr/lib/rustlib/src/rust/library/core/src/lib.rs")
# What every program without std links; gcc's own library has the functions.
BUILTINS = "#![feature(compiler_builtins)]\n#![compiler_builtins]\n#![no_std]\n"
APP = """
#![no_std]
#[panic_handler]
fn panic(_: &core::panic::PanicInfo) -> ! { loop {} }

#[no_mangle]
pub extern "C" fn app() -> i32 {
    let rows = [[0.5, 1.5], [-1.25, 0.75], [f32::NAN, 1.0], [f32::INFINITY, 3.0]];
    let mut y = [[0.0; pump::N_OUT]; 4];
    pump::eval_batch(&rows, &mut y);
    let bits = y.map(|row| row.map(f32::to_bits));
    if bits != BITS { return 99; }
    if rows.map(|row| pump::eval(&row).map(f32::to_bits)) != BITS { return 98; }
    if rows.map(|row| pump::check(&row)) != [0, 0, 1, 3] { return 97; }
    pump::selftest()
}
"""


@pytest.mark.long
def test_a_program_of_rust_on_a_cortex_m0(bundles: dict[str, Path], tmp_path: Path) -> None:
    board = require_board("cortex-m0")
    require_file(RUSTC, "rustc")
    require_file(CORE, "rust-src")
    crate = symc.pack(bundles["pump"], format="rust", out=tmp_path / "crates").path
    libraries = tmp_path / "sysroot" / "lib" / "rustlib" / TARGET / "lib"
    libraries.mkdir(parents=True)
    # Features of the compiler that only its own libraries may use.
    compiler = ["env", "RUSTC_BOOTSTRAP=1", RUSTC, "--edition", "2021", "--target", TARGET, "-Copt-level=s",
                "-Cpanic=abort", "--sysroot", tmp_path / "sysroot", "-L", tmp_path, "-L", libraries]  # fmt: skip
    (tmp_path / "builtins.rs").write_text(BUILTINS)
    for name, source in (("core", CORE), ("compiler_builtins", tmp_path / "builtins.rs")):
        made = libraries / f"lib{name}.rlib"
        building.run([*compiler, "--crate-type", "rlib", "--crate-name", name, source, "-o", made])
    _native(crate, tmp_path)
    pump = tmp_path / "libpump.rlib"
    building.run([*compiler, "--crate-type", "rlib", "--crate-name", "pump", crate / "src" / "lib.rs",
                  "-l", "static=symc_pump", "-o", pump])  # fmt: skip
    x = np.array([[0.5, 1.5], [-1.25, 0.75], [np.nan, 1.0], [np.inf, 3.0]], np.float32)
    bits = evaluate(read_manifest(bundles["pump"]).program, x).view(np.uint32).tolist()
    (tmp_path / "app.rs").write_text(APP.replace("BITS", str(bits)))
    app = tmp_path / "libapp.a"
    building.run([*compiler, "--crate-type", "staticlib", tmp_path / "app.rs", "--extern", f"pump={pump}", "-o", app])
    main = tmp_path / "main.c"
    main.write_text("int app(void);\nint main(void) { return app(); }\n")
    program = build(board, [main, app], [], ("-Os",), tmp_path / "program.elf")
    assert execute(board, program, timeout_s=60).status == 0


def _native(crate: Path, folder: Path) -> None:
    """Run the crate's build script as cargo does; it leaves libsymc_pump.a in `folder`."""
    script = folder / "script"
    building.run([RUSTC, "--edition", "2021", crate / "build.rs", "-o", script])
    variables = {"TARGET": TARGET, "HOST": "none", "OUT_DIR": folder, "CARGO_MANIFEST_DIR": crate}
    building.run(["env", *(f"{name}={value}" for name, value in variables.items()), script])
