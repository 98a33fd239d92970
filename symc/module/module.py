"""SymbolicModule: a block of a network that can be distilled into equations and switched to them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch
from numpy.typing import ArrayLike
from torch import nn

from symc.arithmetic import usual
from symc.capture.plan import Capture, Weights
from symc.capture.record import MAX_NONFINITE
from symc.capture.sampling import DEFAULT_SAMPLES
from symc.errors import SymcError
from symc.module.call import Call
from symc.module.distillation import Request
from symc.module.equations import runnable
from symc.module.guard import Guard, Guarding, warn_of
from symc.module.monitor import Monitor
from symc.module.results import Results
from symc.module.saved import Distilled, load_distilled
from symc.module.state import Mode, State
from symc.module.trainable import TrainableEquations

if TYPE_CHECKING:
    from symc.search.run import SearchResult


def wrap(block: nn.Module | Callable[..., Any]) -> SymbolicModule:
    """Wrap a module or function of tensors (..., n): `net.block = symc.wrap(net.block)`."""
    return SymbolicModule(block)


class SymbolicModule(Results):
    """Stands in for `block`: runs it (neural mode), or the equations distilled from it, or both.

    - neural: the block answers.
    - symbolic: the equations answer; the output has the input's leading dimensions, device and floating dtype, and
      gradients flow to the input.
    - guarded: as symbolic, but the block answers rows that the equations may not (see Guard).
    - shadow: the block answers, the equations are evaluated beside it, and `monitor` records how they differ.

    Where only some outputs were distilled (output_dims), the block runs too and answers the others, in every mode.
    The mode, the fronts and the samples survive pickling, copying and a state_dict round trip; the state_dict holds
    them as one tensor, so that weights_only loading keeps them too.
    """

    # Whether x of the last distill were inputs of a network around the block.
    inside_parent = False

    def __init__(self, block: nn.Module | Callable[..., Any]) -> None:
        super().__init__()
        if isinstance(block, SymbolicModule):
            raise SymcError("the block is wrapped already")
        if not callable(block):
            raise SymcError(f"a {type(block).__name__} cannot be wrapped", hint="Wrap an nn.Module or a function.")
        self.block = block
        self.symbolic: nn.Module | None = None
        self.guarding: Guarding | None = None
        self.monitor: Monitor | None = None
        self._mode: Mode = "neural"
        self._distilled: Distilled | None = None

    def forward(self, *args: Any, **kwargs: Any) -> Any:
        """What the block returns, or what the mode makes of it and of the equations: (..., n_in) -> (..., n_out)."""
        mode, distilled = self._mode, self._distilled
        # As attributes of a torch module they would cost a call a microsecond each.
        parts: dict[str, Any] = self._modules
        equations: Any = parts.get("symbolic")
        guarding: Any = parts.get("guarding")
        monitor: Any = parts.get("monitor")
        if mode == "neural" or distilled is None or equations is None:
            return self.block(*args, **kwargs)
        if (mode == "guarded" and guarding is None) or (mode != "symbolic" and monitor is None):
            # Another thread is switching the mode just now.
            return self.block(*args, **kwargs)
        call = Call(args, kwargs, distilled.layout, distilled.output_dims)
        if mode == "symbolic":
            return call.returned(call.completed(self.block, equations(call.x)))
        if mode == "shadow":
            answer = self.block(*args, **kwargs)
            if not torch.compiler.is_exporting() and not torch.jit.is_tracing():
                monitor.watch(call.x, call.distilled(answer), equations)
            return answer
        y = equations(call.x)
        if not guarding.lets_pass(call.x, y, monitor):
            y = guarding(call.x, y, equations, lambda items: call.again(self.block, items), monitor)
        if not torch.compiler.is_compiling() and (rollback := guarding.exceeded(monitor)):
            monitor.rolled_back = rollback
            self.switch_to_neural()
            warn_of(rollback)
        return call.returned(call.completed(self.block, y))

    @usual
    def distill(
        self,
        x: Any = None,
        parent: nn.Module | Callable[..., Any] | None = None,
        *,
        engine: str = "auto",
        evaluations: int | Mapping[str, int] | None = None,
        time_budget: float | None = None,
        seed: int = 0,
        operators: Sequence[str] | Mapping[str, Sequence[str]] | None = None,
        max_complexity: int | Mapping[str, int] | None = None,
        features: Sequence[str] | None = None,
        variable_transforms: Mapping[str, str] | None = None,
        outputs: Sequence[str] | None = None,
        output_dims: Sequence[int] | None = None,
        head: str = "auto",
        lags: Sequence[int] | int | None = None,
        weights: Weights | None = None,
        heldout: float = 0.2,
        fit_rows: int | None = None,
        workers: int | None = None,
        executor: str | None = None,
        keep: str | Path | None = None,
        domain: Any = None,
        samples: int = DEFAULT_SAMPLES,
        inputs_of: Callable[[Any], Any] | None = None,
        memory: str | int | None = None,
        max_nonfinite: float = MAX_NONFINITE,
        source: str | None = None,
    ) -> SearchResult:
        """Record what flows through the block and search equations for it; every call records afresh.

        Parameters
        ----------
        x: sample inputs of `parent` (of the block when there is no parent): an array or tensor (..., n_in), a tuple
            or dict of arguments, what read_inputs returns, or the path of a file for it; or an iterable of batches of
            such, as a DataLoader is, where labels that the network does not take are left out. None samples `domain`.
        parent: the network that runs; it must contain this module, or the block it wraps.
        engine: "operon", "pysr", or "auto" for PySR where Julia is there and Operon elsewhere.
        evaluations, time_budget: how many expressions the engine may evaluate (500,000; a law that is exact but for the
            network's own error ends the search unless a number is given); a cap in seconds on the whole search.
        seed: fixes the split, the samples, the network's random numbers and the search.
        operators: names of the operators that equations may use.
        max_complexity: the most nodes that an equation may have. It, evaluations and operators may each be a dict by
            output; outputs left out of it get the default.
        features, outputs: names of the block's inputs and of the outputs distilled; by default x0.. and y0.., where the
            number is the column's.
        variable_transforms: {"r": "sqrt(dx^2 + dy^2)", ...}, expressions over the features, of which equations are
            then made instead: list an input ("m": "m") to keep it. The compiled code takes the block's inputs.
        output_dims: columns of the block's output to distil, all by default. Those left out stay with the block, which
            then runs in every mode; a bundle computes the distilled ones alone.
        head: "auto" looks whether the block ends in one: "softmax", "sigmoid", "tanh", "exp", "softplus", "relu" or
            "clamp(LO, HI)", which can be named too. Equations then give what goes into it, and it stays behind them
            with its range; errors are those of its outputs. "none": equations of the outputs. See docs/heads.md.
        lags: steps of windows (batch, time, features) that equations may use, 0 the last; see docs/models.md.
        weights: how much each row counts in fits and losses: an array with one per row that goes through the block,
            or a function of the recorded inputs (n, n_in) and outputs (n, n_out) that returns them.
        heldout: share of the samples that judges the equations and is never fitted.
        fit_rows: how many samples to fit instead; all others are held out.
        workers: processes that search; the result does not depend on it.
        executor, keep: where fits run, and where finished ones are kept; see symc.search.run.search.
        domain: (lo, hi) per input or "lo:hi,lo:hi". The box to sample when x is None; otherwise the block's domain,
            by default the box that its recorded inputs span.
        samples: how many points of the domain to take, rounded up to a power of two.
        inputs_of: turns an item of an iterable into inputs of the network, such as lambda batch: batch[0].
        memory: the most that the recorded rows may take, "256 MB" or their number; of more a sample drawn by seed.
        max_nonfinite: share of the rows that may be left out as not finite.
        source: what the saved file calls the network; by default its class.

        The module is in neural mode afterwards. Ctrl-C once ends the search with what it found; a failure, Ctrl-C
        twice, or once before every output has equations, leaves the module as it was. Raises SymcError for inputs that
        do not fit, a block never called, outputs that never change, or a search that finds nothing.
        """
        request = Request(
            engine=engine, evaluations=evaluations, time_budget=time_budget, seed=seed, operators=operators,
            max_complexity=max_complexity, workers=workers, executor=executor, keep=keep,
        )  # fmt: skip
        capture = Capture(
            domain=domain, samples=samples, inputs_of=inputs_of, memory=memory, max_nonfinite=max_nonfinite, seed=seed,
            heldout=heldout, fit_rows=fit_rows, weights=weights, features=features, outputs=outputs,
            variable_transforms=variable_transforms, output_dims=output_dims, head=head, lags=lags,
        )  # fmt: skip
        mode, self._mode = self._mode, "neural"
        try:
            dataset, layout, dims = capture.of(self, self.block, x, parent)
        finally:
            self._mode = mode
        name = source or type(self.block if parent is None else parent).__name__
        result, distilled = request.distil(dataset, name, layout, dims, self.block)
        self._enter("neural", distilled)
        self.monitor, self.inside_parent = None, parent is not None and parent not in (self, self.block)
        return result

    def attach(self, distilled: Distilled | str | Path) -> None:
        """Take over what an earlier distillation found, from load_distilled or straight from its file.

        The module is in the mode of its choice: symbolic where equations were chosen, else neural.
        """
        found = distilled if isinstance(distilled, Distilled) else load_distilled(distilled)
        self._enter("neural" if found.chosen is None else "symbolic", found)

    def switch_to_symbolic(
        self,
        complexity: int | Sequence[int] | None = None,
        select: str = "best",
        *,
        trainable: bool = False,
        compiled: nn.Module | None = None,
    ) -> None:
        """Run equations from now on: of the given complexity (one, or one per output), else picked by rule.

        `select` is "best", "accuracy", "score", "knee" or "cheapest:TOL". With `trainable` the constants are parameters
        of this module; `equations`, `program` and save() show them as they are. `compiled` is what symc.load made of a
        bundle of these equations: its native code then runs, with the bits of the bundle and much less overhead per
        call. Raises SymcError, and stays in the mode it is in, when nothing was distilled, there is no such equation,
        or the bundle holds other ones.
        """
        self._enter("symbolic", self._choice(complexity, select), trainable=trainable, compiled=compiled)

    def switch_to_guarded(
        self,
        complexity: int | Sequence[int] | None = None,
        select: str = "best",
        *,
        bound: ArrayLike | None = None,
        rollback: float | None = None,
        window: int = 1000,
        compiled: nn.Module | None = None,
    ) -> None:
        """Run equations where they may be trusted and the network elsewhere, row by row; `monitor` counts.

        The network answers rows outside the validated domain, rows where an equation is not finite, and with `bound`
        ((lo, hi), or one pair per output) rows where an equation leaves it. It gets the items of the first dimension
        that hold such a row. With `rollback` (a share) the module returns to neural mode by itself, with a
        RuntimeWarning, when the network answered more than that of `window` or more rows; compiled code counts but
        does not switch. Raises SymcError as switch_to_symbolic does, and for settings that make no sense.
        """
        chosen = self._choice(complexity, select)
        guard = Guard.checked(chosen.dataset.n_out, bound, rollback, window)
        self._enter("guarded", chosen, guard, compiled=compiled)

    def switch_to_shadow(
        self,
        complexity: int | Sequence[int] | None = None,
        select: str = "best",
        *,
        compiled: nn.Module | None = None,
    ) -> None:
        """Run the network, and the equations beside it; `monitor` keeps how they differ. Raises as the others."""
        self._enter("shadow", self._choice(complexity, select), compiled=compiled)

    def switch_to_neural(self) -> None:
        """Run the wrapped block from now on; the fronts, the choice and what was counted are kept."""
        self._enter("neural", self.distilled)

    def get_extra_state(self) -> torch.Tensor:
        guard = None if self.guarding is None else self.guarding.guard
        return State(self.mode, self.distilled, guard, isinstance(self.symbolic, TrainableEquations)).to_tensor()

    def set_extra_state(self, state: torch.Tensor) -> None:
        found = State.from_tensor(state)
        self._enter(found.mode, found.distilled, found.guard, trainable=found.trainable)

    def _choice(self, complexity: int | Sequence[int] | None, select: str) -> Distilled:
        from symc.search.front import select as pick

        distilled = self._required()
        fronts = [front.over_inputs(distilled.dataset.variables) for front in distilled.fronts]
        members = pick(fronts, rule=select, complexity=complexity, features=distilled.dataset.features)
        return distilled.choosing(tuple(m.complexity for m in members))

    def _enter(
        self,
        mode: Mode,
        distilled: Distilled | None,
        guard: Guard | None = None,
        *,
        trainable: bool = False,
        compiled: nn.Module | None = None,
    ) -> None:
        """Change the mode; nothing is changed where that raises."""
        symbolic: nn.Module | None = None
        if mode in ("symbolic", "guarded"):
            _given(distilled).layout.check_answers()
        if mode != "neural":
            symbolic = runnable(_given(distilled), trainable=trainable, compiled=compiled).train(self.training)
        guarding = monitor = None
        if mode in ("guarded", "shadow"):
            data = _given(distilled).dataset
            monitor = Monitor(data.n_in, data.n_out, seed=data.seed)
        if mode == "guarded":
            guarding = Guarding(guard or Guard(), data.domain, data.x[0], data.n_out)
        if (weight := next(self.parameters(), None)) is not None:
            for part in (symbolic, guarding, monitor):
                if part is not None:
                    part.to(weight.device)
        self.symbolic, self.guarding, self._mode, self._distilled = symbolic, guarding, mode, distilled
        # What was counted can still be read after a rollback.
        self.monitor = self.monitor if mode == "neural" else monitor


def _given(value: Any) -> Any:
    """`value`, which the mode of the module guarantees to be there."""
    assert value is not None
    return value
