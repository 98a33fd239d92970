"""SymbolicModule: a block of a network that can be distilled into equations and switched to them."""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import torch
from torch import nn

from symc.errors import SymcError
from symc.frontend.capture import Recording, record
from symc.frontend.dataset import Dataset
from symc.frontend.inputs import Inputs, read_inputs
from symc.frontend.layers import expected_width
from symc.frontend.sampling import DEFAULT_SAMPLES, from_domain, parse_domain
from symc.frontend.saved import Distilled, Provenance, load_distilled, save_distilled
from symc.frontend.torch_eval import Equations

if TYPE_CHECKING:
    from symc.frontend.front import Front
    from symc.frontend.search import SearchResult
    from symc.ir.program import Program

_NOT_DISTILLED = "Call distill(x, parent=network) first."


def wrap(block: nn.Module | Callable[..., Any]) -> SymbolicModule:
    """Wrap a module or function of one tensor, (..., n_in) -> (..., n_out): `net.block = symc.wrap(net.block)`."""
    return SymbolicModule(block)


class SymbolicModule(nn.Module):
    """Stands in for `block`: runs it (neural mode), or the equations distilled from it (symbolic mode).

    In symbolic mode the output has the input's leading dimensions, device and floating dtype, and gradients flow to
    the input. The mode, the fronts and the samples survive pickling, copying and a state_dict round trip; the
    state_dict holds them as one tensor, so that weights_only loading keeps them too.
    """

    def __init__(self, block: nn.Module | Callable[..., Any]) -> None:
        super().__init__()
        if isinstance(block, SymbolicModule):
            raise SymcError("the block is wrapped already")
        if not callable(block):
            raise SymcError(f"a {type(block).__name__} cannot be wrapped", hint="Wrap an nn.Module or a function.")
        self.block = block
        self.symbolic: Equations | None = None
        self._distilled: Distilled | None = None

    def forward(self, *args: Any, **kwargs: Any) -> Any:
        """What the block returns, or in symbolic mode the equations' values: (..., n_in) -> (..., n_out)."""
        if self.symbolic is None:
            return self.block(*args, **kwargs)
        found = [a for a in (*args, *kwargs.values()) if isinstance(a, (torch.Tensor, np.ndarray))]
        if len(found) != 1:
            raise SymcError(f"the equations take one tensor, not {len(found)}")
        x = found[0]
        y = self.symbolic(torch.as_tensor(x))
        if self.distilled is not None and self.distilled.squeezed:
            y = y.squeeze(-1)
        return y.numpy() if isinstance(x, np.ndarray) else y

    def distill(
        self,
        x: Any = None,
        parent: nn.Module | Callable[..., Any] | None = None,
        *,
        engine: str = "auto",
        evaluations: int | None = None,
        time_budget: float | None = None,
        seed: int = 0,
        operators: Sequence[str] | None = None,
        features: Sequence[str] | None = None,
        outputs: Sequence[str] | None = None,
        heldout: float = 0.2,
        workers: int | None = None,
        domain: Any = None,
        samples: int = DEFAULT_SAMPLES,
        source: str | None = None,
    ) -> SearchResult:
        """Record what flows through the block and search equations for it; every call records afresh.

        Parameters
        ----------
        x: sample inputs of `parent` (of the block when there is no parent): an array or tensor (..., n_in), a tuple
            or dict of arguments, what read_inputs returns, or the path of a file for it. None samples `domain`.
        parent: the network that runs; it must contain this module, or the block it wraps.
        engine: "operon", "pysr", or "auto" for PySR where Julia is there and Operon elsewhere.
        evaluations, time_budget: how many expressions the engine may evaluate; a cap in seconds on top.
        seed: fixes the split, the samples and the search.
        operators: names of the operators that equations may use.
        features, outputs: names of the block's inputs and outputs; x0.. and y0.. by default.
        heldout: share of the samples that judges the equations and is never fitted.
        workers: processes that search; the result does not depend on it.
        domain: (lo, hi) per input or "lo:hi,lo:hi". The box to sample when x is None; otherwise the block's domain,
            by default the box that its recorded inputs span.
        samples: how many points of the domain to take, rounded up to a power of two.
        source: what the saved file calls the network; by default its class.

        The module is in neural mode afterwards. A failure or an interrupt leaves it as it was.
        Raises SymcError for inputs that do not fit, a block that is never called, outputs that never change, or
        a search that finds nothing.
        """
        from symc.frontend.search.engine import check_operators

        # Before the network runs: a misspelt operator should not cost a recording.
        allowed = check_operators(operators)
        dataset, squeezed = self._dataset(x, parent, domain, samples, seed, heldout, features, outputs)
        if len(dataset.constant_outputs) == dataset.n_out:
            values = ", ".join(f"{n} = {v:g}" for n, v in zip(dataset.outputs, dataset.y[0].tolist(), strict=True))
            raise SymcError(
                f"the block's output is constant over all {dataset.n} samples ({values})",
                hint="Nothing depends on the inputs there: widen the domain or the samples.",
            )
        from symc.frontend.search import search

        budget = {"evaluations": evaluations, "workers": workers}
        result = search(
            dataset,
            engine=engine,
            time_budget=time_budget,
            seed=seed,
            operators=allowed,
            **{name: value for name, value in budget.items() if value is not None},
        )
        provenance = Provenance(
            source=source or type(self.block if parent is None else parent).__name__,
            engine=result.engine,
            engine_version=result.engine_version,
            seed=seed,
            evaluations=result.evaluations,
            stopped_by=result.stopped_by,
            evaluations_budget=None if evaluations is None else int(evaluations),
            time_budget=None if time_budget is None else float(time_budget),
            operators=allowed,
            symc_version=_version(),
        )
        self._distilled = Distilled(dataset, tuple(result.fronts), provenance, None, squeezed)
        self.switch_to_neural()
        return result

    def attach(self, distilled: Distilled | str | Path) -> None:
        """Take over what an earlier distillation found, from load_distilled or straight from its file.

        The module is in the mode of its choice: symbolic where equations were chosen, else neural.
        """
        found = distilled if isinstance(distilled, Distilled) else load_distilled(distilled)
        symbolic = None if found.chosen is None else Equations(_program(found)).train(self.training)
        self.symbolic, self._distilled = symbolic, found

    def switch_to_symbolic(self, complexity: int | Sequence[int] | None = None, select: str = "best") -> None:
        """Run equations from now on: of the given complexity (one, or one per output), else picked by rule.

        `select` is "best", "accuracy", "score" or "cheapest:TOL". Raises SymcError, and stays in the mode it is in,
        when nothing was distilled or there is no such equation.
        """
        from symc.frontend.front import select as pick

        distilled = self._required()
        members = pick(distilled.fronts, rule=select, complexity=complexity, features=distilled.dataset.features)
        chosen = distilled.choosing(tuple(m.complexity for m in members))
        self.symbolic = Equations(_program(chosen)).train(self.training)
        self._distilled = chosen

    def switch_to_neural(self) -> None:
        """Run the wrapped block from now on; the fronts and the choice are kept."""
        self.symbolic = None

    @property
    def mode(self) -> Literal["neural", "symbolic"]:
        return "neural" if self.symbolic is None else "symbolic"

    @property
    def distilled(self) -> Distilled | None:
        """All that was distilled, as save writes it; None before."""
        return self._distilled

    @property
    def dataset(self) -> Dataset:
        """The samples that were recorded; SymcError before distill."""
        return self._required().dataset

    @property
    def fronts(self) -> tuple[Front, ...]:
        """One Pareto front per output, which prints as a table; SymcError before distill."""
        return self._required().fronts

    @property
    def search(self) -> Provenance:
        """Record of the search: engine, version, seed, budgets, what stopped it; SymcError before distill."""
        return self._required().provenance

    @property
    def equations(self) -> tuple[str, ...]:
        """Text of the chosen equation of each output; SymcError before switch_to_symbolic chose any."""
        members = self._required().members
        if members is None:
            raise SymcError("no equations are chosen yet", hint="Call switch_to_symbolic().")
        return tuple(m.equation for m in members)

    @property
    def program(self) -> Program:
        """The chosen equations as one Program; SymcError before switch_to_symbolic chose any."""
        if self.symbolic is not None:
            return self.symbolic.program
        if self.equations:
            return _program(self._required())
        raise SymcError("no equations are chosen yet", hint="Call switch_to_symbolic().")

    def save(self, path: str | Path) -> None:
        """Write samples, fronts, choice and provenance: tensors and text, which torch.load(weights_only=True) opens.

        The network's weights are not in it. Written beside and renamed: a failure leaves an earlier file as it was.
        """
        save_distilled(self._required(), path)

    def extra_repr(self) -> str:
        chosen = f", {'; '.join(self.equations)}" if self.mode == "symbolic" else ""
        return f"mode={self.mode}, {'distilled' if self._distilled else 'not distilled'}{chosen}"

    def get_extra_state(self) -> torch.Tensor:
        # One tensor: code that moves or copies every value of a state_dict keeps working, safetensors too.
        buffer = io.BytesIO()
        content = {} if self._distilled is None else self._distilled.encode()
        torch.save({"mode": self.mode, "distilled": content}, buffer)
        return torch.frombuffer(bytearray(buffer.getvalue()), dtype=torch.uint8)

    def set_extra_state(self, state: torch.Tensor) -> None:
        content = torch.load(io.BytesIO(state.cpu().numpy().tobytes()), weights_only=True)
        distilled = Distilled.decode(content["distilled"], "state_dict") if content["distilled"] else None
        symbolic = None
        if distilled is not None and content["mode"] == "symbolic":
            symbolic = Equations(_program(distilled)).train(self.training)
        self.symbolic, self._distilled = symbolic, distilled

    def _required(self) -> Distilled:
        if self._distilled is None:
            raise SymcError("the block was not distilled yet", hint=_NOT_DISTILLED)
        return self._distilled

    def _dataset(
        self,
        x: Any,
        parent: nn.Module | Callable[..., Any] | None,
        domain: Any,
        samples: int,
        seed: int,
        heldout: float,
        features: Sequence[str] | None,
        outputs: Sequence[str] | None,
    ) -> tuple[Dataset, bool]:
        sampled = x is None
        if sampled:
            if domain is None:
                raise SymcError("there are no sample inputs", hint="Pass x, or a domain to sample.")
            x, _ = from_domain(domain, samples, seed, width=expected_width(self.block if parent is None else parent))
        elif isinstance(x, (str, Path)):
            x = read_inputs(x)
        rows = self._record(x, parent)
        # A sampled box bounds what the parent takes; the box of the block inside it is known only from the samples.
        given = None if domain is None or (sampled and parent is not None) else parse_domain(domain, rows.x.shape[1])
        names = features
        if names is None and parent is None and isinstance(x, Inputs):
            names = x.columns
        dataset = Dataset.from_samples(
            rows.x,
            rows.y,
            features=names,
            outputs=outputs,
            heldout=heldout,
            seed=seed,
            domain=None if given is None else rows.box(given),
        )
        return dataset, rows.squeezed

    def _record(self, x: Any, parent: nn.Module | Callable[..., Any] | None) -> Recording:
        symbolic, self.symbolic = self.symbolic, None
        try:
            if parent is None:
                return record(self.block, None, x)
            return record(parent, self._part_of(parent), x)
        finally:
            self.symbolic = symbolic

    def _part_of(self, parent: nn.Module | Callable[..., Any]) -> nn.Module:
        """What to observe inside the parent: this module, or the block where the parent still holds that itself."""
        if not isinstance(parent, nn.Module) or any(m is self for m in parent.modules()):
            return self
        if isinstance(self.block, nn.Module) and any(m is self.block for m in parent.modules()):
            return self.block
        raise SymcError(
            "the parent does not contain this block", hint="Put it there first: net.block = symc.wrap(net.block)."
        )


def _program(distilled: Distilled) -> Program:
    from symc.ir.lower import lower
    from symc.ir.parse import parse

    dataset, members = distilled.dataset, distilled.members
    assert members is not None
    return lower([parse(m.equation, dataset.features) for m in members], dataset.features, dataset.outputs)


def _version() -> str:
    from symc import __version__

    return __version__
