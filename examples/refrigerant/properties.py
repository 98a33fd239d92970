"""R290 (propane) as a heat-pump controller meets it, from CoolProp's reference equation of state."""

from __future__ import annotations

import CoolProp
import numpy as np
from numpy.typing import NDArray
from scipy.stats import qmc

FLUID = "R290"
FEATURES = ("pressure", "superheat")  # bar, K above saturation
OUTPUTS = ("t_sat", "latent_heat", "rho_vapour")
UNITS = ("K", "kJ/kg", "kg/m3")
SATURATION = (243.15, 343.15)  # K: evaporators in deep winter to condensers making hot tap water
SUPERHEAT = (0.0, 30.0)  # K


def sample(n: int, seed: int) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """x (n, 2): pressure in bar, superheat in K; y (n, 3): saturation temperature in K, latent heat, vapour density.

    Scrambled Sobol points, even in superheat and in saturation temperature: a heat pump meets temperatures.
    """
    unit = qmc.Sobol(2, seed=seed).random(n)
    temperatures = SATURATION[0] + unit[:, 0] * (SATURATION[1] - SATURATION[0])
    superheats = SUPERHEAT[0] + unit[:, 1] * (SUPERHEAT[1] - SUPERHEAT[0])
    fluid = CoolProp.AbstractState("HEOS", FLUID)
    rows = []
    for temperature, superheat in zip(temperatures.tolist(), superheats.tolist(), strict=True):
        fluid.unspecify_phase()
        fluid.update(CoolProp.QT_INPUTS, 1.0, temperature)
        pressure, h_vapour = fluid.p(), fluid.hmass()
        fluid.update(CoolProp.QT_INPUTS, 0.0, temperature)
        latent = h_vapour - fluid.hmass()
        fluid.specify_phase(CoolProp.iphase_gas)
        fluid.update(CoolProp.PT_INPUTS, pressure, temperature + superheat)
        rows.append((pressure / 1e5, superheat, temperature, latent / 1e3, fluid.rhomass()))
    table = np.array(rows, dtype=np.float32)
    return table[:, :2], table[:, 2:]


def library_version() -> str:
    return CoolProp.__version__
