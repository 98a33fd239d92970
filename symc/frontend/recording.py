"""What flows through a wrapped block while its network runs, as a Dataset."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from torch import nn

from symc.errors import SymcError
from symc.frontend.capture import record
from symc.frontend.dataset import Dataset
from symc.frontend.inputs import Inputs, read_inputs
from symc.frontend.layers import expected_width
from symc.frontend.layout import Layout
from symc.frontend.sampling import from_domain, parse_domain

Network = nn.Module | Callable[..., Any]


def record_block(
    wrapper: nn.Module,
    block: Network,
    x: Any,
    parent: Network | None,
    *,
    domain: Any,
    samples: int,
    seed: int,
    heldout: float,
    features: Sequence[str] | None,
    outputs: Sequence[str] | None,
) -> tuple[Dataset, Layout]:
    """Run `parent` (None: the block itself) on `x` (None: on samples of `domain`) and record what the block does.

    Returns the samples, and which of their columns belong to which tensor. `wrapper` stands in the parent for `block`
    and must be in neural mode. Raises SymcError as capture.record does, and for a parent without the block.
    """
    sampled = x is None
    if sampled:
        if domain is None:
            raise SymcError("there are no sample inputs", hint="Pass x, or a domain to sample.")
        x, _ = from_domain(domain, samples, seed, width=expected_width(block if parent is None else parent))
    elif isinstance(x, (str, Path)):
        x = read_inputs(x)
    rows = record(block, None, x) if parent is None else record(parent, _part_of(parent, wrapper, block), x)
    # A sampled box bounds what the parent takes; the box of the block inside it is known only from the samples.
    given = None if domain is None or (sampled and parent is not None) else parse_domain(domain, rows.x.shape[1])
    names = features
    if names is None and parent is None and isinstance(x, Inputs):
        names = x.columns
    box = None if given is None else rows.box(given)
    dataset = Dataset.from_samples(
        rows.x, rows.y, features=names, outputs=outputs, heldout=heldout, seed=seed, domain=box
    )
    return dataset, rows.layout


def _part_of(parent: Network, wrapper: nn.Module, block: Network) -> nn.Module:
    """What to observe inside the parent: the wrapper, or the block where the parent still holds that itself."""
    if not isinstance(parent, nn.Module) or any(m is wrapper for m in parent.modules()):
        return wrapper
    if isinstance(block, nn.Module) and any(m is block for m in parent.modules()):
        return block
    raise SymcError(
        "the parent does not contain this block", hint="Put it there first: net.block = symc.wrap(net.block)."
    )
