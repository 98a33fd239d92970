"""Golden files of the generated text. SYMC_UPDATE_GOLDENS=1 rewrites them; read the diff before committing it."""

from __future__ import annotations

import os
import re
from dataclasses import replace
from pathlib import Path

from symc.backends import sources
from symc.backends.headers import identity
from symc.backends.unit import FixedOutput, FixedUnit
from symc.fixed.constants import Constants
from symc.fixed.plan import plan, read_numbers
from symc.ir.program import Program
from symc.meaning.units import read_units
from tests.targets.programs import layered_program, unit_from_text, unit_of

GOLDEN = Path(__file__).parent / "golden"


def golden(path: str) -> Path:
    """Where the golden text of `path` lies; not as Python, or tools would take it for ours."""
    return GOLDEN / (f"{path}.golden" if path.endswith(".py") else path)


def generated() -> dict[str, bytes]:
    unit = unit_from_text(
        ["3.14*sin(2*pressure)/temp - 0.5", "exp(-temp)*sin(2*pressure) + max(temp, 1e-5)"],
        ["pressure", "temp"], ["density", "heat"], "pump", [(0.5, 2.0), (-1.0, 1.0)],
    )  # fmt: skip
    texts = ("z0*z1 - 0.5*z2", "exp(-z0^2)")
    block = unit_of(layered_program(5, 4, texts), "block", texts, [(-3.0, 3.0)] * 5)
    made = sources(unit, ("c", "cuda", "numba"))
    layered = sources(block, ("c", "cuda", "numba"))
    # Of a layered program, what differs in kind.
    kinds = ("src/block.c", "cuda/block.cuh", "cuda/block.cu", "numba/block.py")
    made |= {f"layered/{path}": layered[path] for path in kinds}
    full = sources(replace(unit, selftest="full"), ("c",))
    made |= {"full/src/pump_selftest.c": full["src/pump_selftest.c"]}
    # Derivatives along a direction, without matrices and through them.
    along = sources(replace(unit, further=("vjp",)), ("c", "cuda"))
    made |= {f"along/{path}": along[path] for path in ("src/pump_vjp.c", "cuda/pump.cu")}
    along = sources(replace(block, further=("vjp", "jvp")), ("c", "cuda"))
    paths = ("include/block.h", "src/block_tables.h", "src/block_vjp.c", "src/block_jvp.c", "cuda/block.cuh")
    made |= {f"along/{path}": along[path] for path in paths}
    # With units, what tells them.
    named = sources(replace(unit, units=read_units("bar, degC -> kg/m3, ?")), ("c", "cuda", "numba"))
    made |= {f"units/{path}": named[path] for path in ("include/pump.h", "README.md", "numba/pump.py")}
    # In fixed point.
    unit = unit_from_text(
        ["3.14*sin(2*pressure)/temp - 0.5", "exp(-temp)*sin(2*pressure) + 2*max(temp, 1.5)"],
        ["pressure", "temp"], ["density", "heat"], "pump", [(0.5, 2.0), (1.0, 3.0)],
    )  # fmt: skip
    assert isinstance(unit.program, Program) and unit.domain is not None
    program, proved = plan(unit.program, unit.domain, Constants(), read_numbers("fixed"))
    outputs = [
        FixedOutput(*(float(f"{value:.3g}") for value in of), measured=0.0)
        for of in zip(proved.low, proved.high, proved.errors, strict=True)
    ]
    fixed = replace(unit, jacobian=None, fixed=FixedUnit("fixed", program, tuple(outputs), 293))
    paths = ("include/pump.h", "src/pump.c", "src/pump_selftest.c", "test/main.c", "README.md")
    made |= {f"fixed/{path}": content for path, content in sources(fixed, ("c",)).items() if path in paths}
    short, _ = plan(unit.program, unit.domain, Constants(), read_numbers("fixed16"))
    fixed = replace(fixed, fixed=FixedUnit("fixed16", short, tuple(outputs), 293))
    made |= {f"fixed16/{path}": content for path, content in sources(fixed, ("c",)).items() if path in paths[:3]}
    # The runtime has its own tests, the licence is not ours to word.
    given = ("LICENSE", "LICENSES/Apache-2.0.txt", "REUSE.toml")
    ours = {path: content for path, content in made.items() if "symc" not in path and path not in given}
    return {path: _without_digests(content) for path, content in ours.items()}


def _without_digests(content: bytes) -> bytes:
    """Zeros for what changes with every change of the runtime."""
    content = content.replace(identity().encode(), b"0x00000000u")
    return re.sub(rb'(?<=\n_RUNTIME = ")[0-9a-f]{64}', b"0" * 64, content)


def test_generated_text_equals_the_golden_files():
    made = generated()
    if os.environ.get("SYMC_UPDATE_GOLDENS") == "1":
        for path, content in made.items():
            golden(path).parent.mkdir(parents=True, exist_ok=True)
            golden(path).write_bytes(content)
    assert {p for p in GOLDEN.rglob("*") if p.is_file()} == {golden(path) for path in made}
    for path, content in made.items():
        assert golden(path).read_text() == content.decode(), f"{path} changed"


def test_generated_text_is_tidy():
    for path, content in generated().items():
        text = content.decode("ascii")
        assert text.endswith("\n") and not text.endswith("\n\n"), path
        for number, line in enumerate(text.splitlines(), 1):
            assert line == line.rstrip(), f"{path}:{number} ends with a space"
            # A row of Markdown cannot be broken.
            row = path.endswith(".md") and line.startswith("| ")
            assert row or len(line) <= 140, f"{path}:{number} is long"
        assert "\n\n\n" not in text or path.endswith(".py"), path
        assert "{{" not in text and "{%" not in text, path
