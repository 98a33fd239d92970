"""The refrigerant example at reduced size: real CoolProp, real training, real search, compiler and verification."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from tests.examples.conftest import Printed
from tests.tools import require


@pytest.mark.long
def test_equations_in_c_come_closer_to_coolprop_than_an_affine_map(example: Callable[..., Printed]) -> None:
    require("CoolProp", module=True)
    require("gcc")
    done = example("refrigerant", "--samples", "256", "--iterations", "300", "--evaluations", "40000")
    assert done.code == 0, done.errors
    assert (done.out / "model.pt").is_file()
    assert (done.out / "r290" / "manifest.json").is_file()
    assert "FAIL" not in done.text
    equation, affine, mean = (done.row(f"{label} to CoolProp")[::2] for label in ("equation", "affine map", "mean"))
    assert len(equation) == 3
    for ours, plane, constant in zip(equation, affine, mean, strict=True):
        assert ours < plane < constant


def test_samples_are_physical_and_repeat(example_folder: Callable[[str], None]) -> None:
    require("CoolProp", module=True)
    example_folder("refrigerant")
    import properties

    x, y = properties.sample(128, seed=3)
    again = properties.sample(128, seed=3)
    assert np.array_equal(x, again[0]) and np.array_equal(y, again[1])
    low, high = np.array(properties.domain()).T
    assert (x >= low.astype(np.float32)).all() and (x <= high.astype(np.float32)).all()
    # Boiling point rises and latent heat falls with pressure; vapour near 1 bar to 26 bar is 1 to 100 kg/m3.
    order = np.argsort(x[:, 0])
    assert (np.diff(y[order, 0]) >= 0).all() and (np.diff(y[order, 1]) <= 0).all()
    assert y[:, 2].min() > 1 and y[:, 2].max() < 100


def test_reference_values_of_propane(example_folder: Callable[[str], None]) -> None:
    require("CoolProp", module=True)
    example_folder("refrigerant")
    import properties

    # Normal boiling point in the ASHRAE Handbook's table of R290: 1.01325 bar, latent heat 525.95 - 100.36 kJ/kg,
    # vapour 0.41390 m3/kg.
    row = properties.state(231.036, 0.0)
    np.testing.assert_allclose(row, [1.01325, 0.0, 231.036, 425.59, 1 / 0.41390], rtol=1e-4)
