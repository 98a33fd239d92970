"""What a bundle keeps of the samples on which its equations were found."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import UNSET, UnsetType

from symc.bundle import manifest as record
from symc.bundle.parity import Recording

if TYPE_CHECKING:
    from symc.capture.dataset import Dataset


def domain_of(dataset: Dataset) -> tuple[tuple[float, float], ...]:
    """(lowest, highest) of each input."""
    return tuple((float(low), float(high)) for low, high in dataset.domain)


def names_of(dataset: Dataset) -> record.Names | UnsetType:
    """The columns' own names, where these are not identifiers."""
    if not (dataset.input_names or dataset.output_names):
        return UNSET
    return record.Names(
        inputs=dataset.input_names or dataset.features, outputs=dataset.output_names or dataset.outputs
    )


def recording_of(dataset: Dataset) -> Recording:
    """The samples as a bundle keeps them."""
    return Recording(dataset.x, dataset.y, dataset.train)


def samples_of(dataset: Dataset) -> record.Samples:
    """What the manifest says of the samples."""
    heldout = dataset.n - int(dataset.train.sum())
    return record.Samples(
        sha256=dataset.sha256,
        rows=dataset.n,
        heldout_rows=heldout,
        seed=dataset.seed,
        seen_rows=dataset.seen or UNSET,
        nonfinite_rows=dataset.nonfinite or UNSET,
        weighted=True if dataset.weights is not None else UNSET,
    )
