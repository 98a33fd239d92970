"""What tests of equations share: the command line, and a bundle's values beside those expected."""

from __future__ import annotations

from typing import Any

import numpy as np
from click.testing import CliRunner, Result

from symc.cli import main
from symc.ir.evaluate import evaluate


def cli(*words: object) -> Result:
    return CliRunner().invoke(main, [str(word) for word in words])


def values(bundle: Any, x: np.ndarray) -> np.ndarray:
    return evaluate(bundle.manifest.program, np.asarray(x, dtype=np.float32)).astype(np.float64)


def close(found: np.ndarray, expected: np.ndarray) -> None:
    np.testing.assert_allclose(found, expected, rtol=2e-6, atol=2e-6)
