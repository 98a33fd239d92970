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


def state(temperature: float, superheat: float) -> tuple[float, float, float, float, float]:
    """Saturation at `temperature` in K, vapour `superheat` K above it: pressure in bar, superheat, then the outputs."""
    fluid = CoolProp.AbstractState("HEOS", FLUID)
    fluid.update(CoolProp.QT_INPUTS, 1.0, temperature)
    pressure, h_vapour = fluid.p(), fluid.hmass()
    fluid.update(CoolProp.QT_INPUTS, 0.0, temperature)
    latent_heat = h_vapour - fluid.hmass()
    # Without superheat, pressure and temperature alone leave the phase open.
    fluid.specify_phase(CoolProp.iphase_gas)
    fluid.update(CoolProp.PT_INPUTS, pressure, temperature + superheat)
    return pressure / 1e5, superheat, temperature, latent_heat / 1e3, fluid.rhomass()


def sample(n: int, seed: int) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """x (n, 2): pressure in bar, superheat in K; y (n, 3): saturation temperature in K, latent heat, vapour density.

    Scrambled Sobol points, even in superheat and in saturation temperature: a heat pump meets temperatures.
    """
    low, high = np.transpose([SATURATION, SUPERHEAT])
    points = low + qmc.Sobol(2, seed=seed).random(n) * (high - low)
    table = np.array([state(*point) for point in points.tolist()], dtype=np.float32)
    return table[:, :2], table[:, 2:]


def domain() -> list[tuple[float, float]]:
    """The box that sample fills: lowest and highest pressure in bar, and superheat in K."""
    return [(state(SATURATION[0], 0.0)[0], state(SATURATION[1], 0.0)[0]), SUPERHEAT]


def library_version() -> str:
    return str(CoolProp.__version__)
