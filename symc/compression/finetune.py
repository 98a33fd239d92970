"""Fine-tuning: matrices and constants of forms in place, against what the network said before."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import torch
from torch import nn

from symc.capture.record import evaluating
from symc.compression.distance import Distance
from symc.compression.forms import Form
from symc.compression.samples import Batch, replaced

_RATE, _WARM_UP = 2e-3, 10


def tune(
    network: nn.Module,
    forms: Mapping[str, Form],
    batches: Sequence[Batch],
    distance: Distance,
    steps: int,
    seed: int,
) -> None:
    """Lower the distance to the recorded outputs by Adam over the forms' parameters, in place; the rest stays.

    One step takes one batch; the batches come in a new random order each time round.
    """
    draw = torch.Generator().manual_seed(seed)
    parameters = [p for form in forms.values() for p in form.parameters()]
    optimizer = torch.optim.Adam(parameters, lr=_RATE, betas=(0.9, 0.98))
    order: list[int] = []
    with evaluating(network), replaced(network, forms), torch.enable_grad():
        for step in range(steps):
            order = order or torch.randperm(len(batches), generator=draw).tolist()
            batch = batches[order.pop()]
            optimizer.param_groups[0]["lr"] = _RATE * min(1.0, (step + 1) / _WARM_UP) * (1 - step / steps)
            loss = distance.loss(batch.output, batch.run(network))
            # Gradients of the forms alone: backward() would add to those of the network's own parameters.
            gradients = torch.autograd.grad(loss, parameters, allow_unused=True)
            for parameter, gradient in zip(parameters, gradients, strict=True):
                parameter.grad = gradient
            torch.nn.utils.clip_grad_norm_(parameters, 1.0)
            optimizer.step()
    for parameter in parameters:
        parameter.grad = None
