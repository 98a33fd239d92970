"""What flows through a wrapped block while its network runs, as a Dataset."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from torch import Tensor, nn

from symc.capture.dataset import Dataset
from symc.capture.head import AUTO, NONE, check_head, logits_of
from symc.capture.inputs import Inputs, read_inputs
from symc.capture.layout import Layout
from symc.capture.names import default_names
from symc.capture.record import MAX_NONFINITE, record
from symc.capture.rows import Recording
from symc.capture.sampling import DEFAULT_SAMPLES, from_domain, parse_domain
from symc.capture.text_tables import count
from symc.errors import SymcError
from symc.models.layers import expected_width

Network = nn.Module | Callable[..., Any]
Weights = ArrayLike | Callable[[NDArray[np.float32], NDArray[np.float32]], ArrayLike]


@dataclass(frozen=True)
class Capture:
    """What to record of a block, and how; every field as SymbolicModule.distill has it."""

    domain: Any = None
    samples: int = DEFAULT_SAMPLES
    inputs_of: Callable[[Any], Any] | None = None
    memory: str | int | None = None
    max_nonfinite: float = MAX_NONFINITE
    seed: int = 0
    heldout: float = 0.2
    fit_rows: int | None = None
    weights: Weights | None = None
    features: Sequence[str] | None = None
    variable_transforms: Mapping[str, str] | None = None
    outputs: Sequence[str] | None = None
    output_dims: Sequence[int] | None = None
    head: str = AUTO

    def __post_init__(self) -> None:
        check_head(self.head)

    def of(
        self, wrapper: nn.Module, block: Network, x: Any, parent: Network | None
    ) -> tuple[Dataset, Layout, tuple[int, ...]]:
        """Run `parent` (None: the block itself) on `x` (None: on samples of the domain) and record what the block does.

        Returns the samples, which columns of the block's inputs and outputs belong to which tensor, and which columns
        of the outputs are among the samples, () for all. `wrapper` stands in the parent for `block` and must be in
        neural mode. Raises SymcError as capture.record does, for a parent without the block, for a head that the block
        does not have, and when all outputs are constant.
        """
        sampled = x is None
        if sampled:
            if self.domain is None:
                raise SymcError("there are no sample inputs", hint="Pass x, or a domain to sample.")
            width = expected_width(block if parent is None else parent)
            x, _ = from_domain(self.domain, self.samples, self.seed, width=width)
        elif isinstance(x, (str, Path)):
            x = read_inputs(x)
        network, part = (block, None) if parent is None else (parent, _part_of(parent, wrapper, block))
        rows = record(
            network,
            part,
            x,
            seed=self.seed,
            memory=self.memory,
            max_nonfinite=self.max_nonfinite,
            inputs_of=self.inputs_of,
            watched=self.head != NONE,
        )
        dims = _dims(self.output_dims, rows.layout.n_out)
        names = self.features
        if names is None and parent is None and isinstance(x, Inputs):
            names = x.columns
        outputs = self.outputs
        every = rows.layout.names
        if outputs is None and (dims or every):
            every = every or list(default_names("y", rows.layout.n_out))
            outputs = [every[k] for k in dims] if dims else every
        # A sampled box bounds what the parent takes; the box of the block inside it is known only from the samples.
        boxed = self.domain is not None and not (sampled and parent is not None)
        dataset = Dataset.from_samples(
            rows.x,
            rows.y[:, dims] if dims else rows.y,
            features=names,
            outputs=outputs,
            heldout=self.heldout,
            seed=self.seed,
            domain=rows.box(parse_domain(self.domain, rows.x.shape[1])) if boxed else None,
            fit_rows=self.fit_rows,
            weights=_weights(self.weights, rows),
            variable_transforms=self.variable_transforms,
            seen=rows.seen if len(rows.x) < rows.seen - rows.nonfinite else 0,
            nonfinite=rows.nonfinite,
            logits=logits_of(self.head, rows, dims),
        )
        if len(dataset.constant_outputs) == dataset.n_out:
            values = ", ".join(f"{n} = {v:g}" for n, v in zip(dataset.outputs, dataset.y[0].tolist(), strict=True))
            raise SymcError(
                f"the block's output is constant over all {dataset.n} samples ({values})",
                hint="Nothing depends on the inputs there: widen the domain or the samples.",
            )
        return dataset, rows.layout, dims


def _part_of(parent: Network, wrapper: nn.Module, block: Network) -> nn.Module:
    """What to observe inside the parent: the wrapper, or the block where the parent still holds that itself."""
    if not isinstance(parent, nn.Module) or any(m is wrapper for m in parent.modules()):
        return wrapper
    if isinstance(block, nn.Module) and any(m is block for m in parent.modules()):
        return block
    raise SymcError(
        "the parent does not contain this block", hint="Put it there first: net.block = symc.wrap(net.block)."
    )


def _dims(asked: Sequence[int] | None, n_out: int) -> tuple[int, ...]:
    """Columns of the block's output, rising; () for all."""
    if asked is None:
        return ()
    dims = [asked] if isinstance(asked, (int, np.integer)) else list(asked)
    for dim in dims:
        if isinstance(dim, bool) or not isinstance(dim, (int, np.integer)) or not 0 <= dim < n_out:
            raise SymcError(
                f"output_dims holds {dim!r}, but the block has {count(n_out, 'output')}",
                hint=f"Give numbers from 0 to {n_out - 1}.",
            )
    if not dims:
        raise SymcError("output_dims is empty", hint="Leave it out for all outputs.")
    found = tuple(sorted({int(dim) for dim in dims}))
    return () if len(found) == n_out else found


def _weights(given: Weights | None, rows: Recording) -> NDArray | None:
    """A weight for every row that was kept."""
    if given is None:
        return None
    if callable(given):
        return np.asarray(given(rows.x, rows.y))
    array = given.detach().cpu().numpy() if isinstance(given, Tensor) else np.asarray(given)
    if array.size != rows.seen:
        raise SymcError(
            f"{count(array.size, 'weight')} for the {count(rows.seen, 'row')} that went through the block",
            hint="Give one for each, in the order of the calls, or a function of the block's inputs and outputs.",
        )
    return array.reshape(-1)[rows.numbers]
