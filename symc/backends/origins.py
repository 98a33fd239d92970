"""Where equations come from, in the words of a bundle's README and comments."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Origin:
    """`made` begins a sentence on the equations; they were measured against `reference`, "" where against nothing."""

    made: str
    reference: str


_NETWORK = Origin("Equations distilled from a neural network", "the network")
OTHER = Origin("Equations", "")

# By the manifest's kind of model.
ORIGINS: dict[str, Origin] = {
    "distilled": _NETWORK,
    "network": _NETWORK,
    "compressed": _NETWORK,
    "regressor": Origin("Equations fitted to samples", "the samples"),
    "hall_of_fame": Origin("Equations found by PySR", ""),
    "equations": Origin("Equations given as text", ""),
}
