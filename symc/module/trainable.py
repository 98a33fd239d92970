"""Equations whose constants are parameters of torch: trained alone or together with the network around them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import torch
from torch import Tensor, nn

from symc.ir.evaluate import evaluate
from symc.ir.lower import lower
from symc.ir.parse import complexity, format_expression, parse
from symc.ir.program import Program
from symc.module.saved import Distilled
from symc.module.torch_eval import Equations
from symc.search.member import Member
from symc.search.refit import Template, parametrise


class TrainableEquations(nn.Module):
    """The chosen equations of `distilled` and its head: x (..., n_in) -> (..., n_out); `constants[k]` are of output k.

    Constants that are structure (0, 1, -1, whole exponents) stay. Gradients flow to x and to the constants.
    """

    def __init__(self, distilled: Distilled) -> None:
        super().__init__()
        self._start = distilled
        features, variables = distilled.dataset.features, distilled.dataset.variables
        self._templates: tuple[Template, ...] = tuple(
            parametrise(parse(m.equation, variables.names), (*variables.names, *features))
            for m in distilled.members or ()
        )
        self.constants = nn.ParameterList(nn.Parameter(torch.tensor(t.values)) for t in self._templates)
        self.parts = nn.ModuleList(
            Equations(
                lower([variables.over_inputs(t.expression)], [*features, *(p.name for p in t.parameters)], [output])
            )
            for t, output in zip(self._templates, distilled.dataset.outputs, strict=True)
        )
        head = distilled.head
        self.head = nn.Identity() if head is None else Equations(head.program(distilled.dataset.n_out))

    def forward(self, x: Tensor) -> Tensor:
        values = x if x.is_floating_point() else x.float()
        columns = []
        # By index: torch.compile before torch 2.9 does not follow zip over a ParameterList.
        for k, part in enumerate(self.parts):
            constants = self.constants[k]
            spread = constants.to(values.dtype).expand(*values.shape[:-1], len(constants))
            columns.append(part(torch.cat([values, spread], dim=-1)))
        return self.head(torch.cat(columns, dim=-1))

    @property
    def program(self) -> Program:
        """The equations with the constants as they are now."""
        return self.distilled.program

    @property
    def distilled(self) -> Distilled:
        """What was distilled, the chosen equations with the constants as they are now, judged on the samples anew."""
        start = self._start
        members = start.members or ()
        fronts, chosen = [], []
        for k, (front, member) in enumerate(zip(start.fronts, members, strict=True)):
            trained = self._member(k, member)
            others = [m for m in front.members if m.complexity not in (member.complexity, trained.complexity)]
            ranked = sorted((*others, trained), key=lambda m: m.complexity)
            fronts.append(replace(front, members=tuple(ranked)))
            chosen.append(trained.complexity)
        return replace(start, fronts=tuple(fronts), chosen=tuple(chosen))

    def _member(self, k: int, member: Member) -> Member:
        template, dataset = self._templates[k], self._start.dataset
        values = self.constants[k].detach().double().cpu().tolist()
        if values == torch.tensor(template.values).double().tolist():
            return member
        expression = template.filled(values)
        text = format_expression(expression)
        program = lower([parse(dataset.variables.written_out(text), dataset.features)], dataset.features, ["y"])
        loss, heldout = dataset.losses(k, evaluate(program, dataset.x)[:, 0])
        return Member(text, complexity(parse(text, dataset.variables.names)), loss, heldout, program.cost)

    def __reduce__(self) -> tuple[Any, ...]:
        # fx graphs are made anew; the constants travel with what they were made from.
        values = [c.detach().cpu().clone() for c in self.constants]
        asks = [c.requires_grad for c in self.constants]
        device = self.constants[0].device if len(self.constants) else torch.device("cpu")
        return _rebuilt, (self._start, values, asks, device, self.training)


def _rebuilt(
    start: Distilled, values: list[Tensor], asks: list[bool], device: torch.device, training: bool
) -> TrainableEquations:
    found = TrainableEquations(start)
    for constants, value, ask in zip(found.constants, values, asks, strict=True):
        constants.data = value
        constants.requires_grad_(ask)
    return found.to(device).train(training)
