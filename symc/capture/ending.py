"""The end of a block: which operation of torch made what it returned, and from what."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor
from torch.utils._python_dispatch import TorchDispatchMode

from symc.errors import SymcError
from symc.ir.heads import Head

# A block returns what one of its last operations made; what it computes besides is seldom more than this.
_RECENT = 8
# Beyond it torch's softplus is the identity, which from here on is what float32 makes of softplus itself.
_SOFTPLUS_IS_EXACT = 17.0
# What these make has every sign: that it is positive on the samples says nothing.
_LINEAR = frozenset({"addmm", "mm", "bmm", "baddbmm", "mv", "addmv", "dot", "linear", "convolution", "add", "sub"})

Arguments = tuple[Any, ...]


@dataclass(frozen=True)
class Ending:
    """What made a block's output: the operation's name, "" where it was not seen; `linear` where that is a linear map.

    `head` and `logits`, of the output's shape: where the operation is a head. `problem` says what is wrong with it.
    """

    operation: str = ""
    linear: bool = False
    head: Head | None = None
    logits: Tensor | None = None
    problem: str = ""


UNSEEN = Ending()


class Watch(TorchDispatchMode):
    """Sees every operation of torch while it is entered: of modules, functions, methods, TorchScript and .pt2 alike."""

    # An operator of the kind of torch.cond comes here too, instead of being refused.
    supports_higher_order_operators = True

    def __init__(self) -> None:
        super().__init__()
        self._seen: deque[tuple[str, Arguments, Tensor]] = deque(maxlen=_RECENT)

    def _see(self, func: Any, types: Any, args: Arguments = (), kwargs: Mapping[str, Any] | None = None) -> Any:
        given = args
        name = getattr(func, "overloadpacket", func).__name__
        if name.endswith("_") and name[:-1] in _HEADS:
            # It works in place: what goes into it is gone afterwards.
            given = (args[0].clone(), *args[1:])
        made = func(*args, **(kwargs or {}))
        first = made[0] if isinstance(made, tuple) and made else made
        if isinstance(first, Tensor) and not _is_view(func):
            self._seen.append((name, given, first))
        return made

    def forget(self) -> None:
        """Start anew: a block is about to run."""
        self._seen.clear()

    def ending(self, output: Any) -> Ending:
        """How the block that just ran made its output."""
        if isinstance(output, Tensor):
            for name, args, made in reversed(self._seen):
                if made is output or _same_numbers(made, output):
                    return _ending(name, args, made, output)
        return UNSEEN


# Not in the class: torch wraps what it finds there so that its compiler, which then takes seconds to import, leaves it
# alone. A network that is watched runs as it is written, see observing.uncompiled.
Watch.__torch_dispatch__ = Watch._see  # type: ignore[assignment, method-assign]


def _is_view(func: Any) -> bool:
    """Whether an operation shows a tensor in another shape, and makes no new numbers."""
    schema = getattr(func, "_schema", None)
    alias = schema.returns[0].alias_info if schema is not None and schema.returns else None
    return alias is not None and not alias.is_write


def _same_numbers(made: Tensor, output: Tensor) -> bool:
    """Whether one tensor is the other in another shape."""
    plain = made.layout == output.layout == torch.strided and made.is_contiguous() and output.is_contiguous()
    return plain and made.numel() == output.numel() and made.data_ptr() == output.data_ptr()


def _ending(name: str, args: Arguments, made: Tensor, output: Tensor) -> Ending:
    operation = name.strip("_")
    linear = operation in _LINEAR
    if operation == "softmax":
        dim = int(args[1]) % max(made.dim(), 1)
        if dim + 1 < made.dim() and output.shape == made.shape:
            return Ending(operation, problem=f"runs over dimension {dim} of {tuple(made.shape)}")
        if dim + 1 < made.dim() or output.shape[-1:] != made.shape[-1:]:
            # Several of them, each over some of a row's outputs.
            return Ending(operation)
    try:
        head = _HEADS[operation](args) if operation in _HEADS else None
    except SymcError:
        # Numbers that no head of ours has, such as a scale of 0.
        head = None
    if head is None:
        return Ending(operation, linear)
    return Ending(operation, linear, head, args[0].detach().reshape(output.shape))


def _clamp(args: Arguments) -> Head | None:
    # What was left out is not there: no bound.
    low, high, *_ = (*args[1:], None, None)
    if isinstance(low, Tensor) or isinstance(high, Tensor):
        return None
    return Head("clamp", (-math.inf if low is None else float(low), math.inf if high is None else float(high)))


def _hardtanh(args: Arguments) -> Head | None:
    return _clamp(args + (-1.0, 1.0)[len(args) - 1 :])


def _softplus(args: Arguments) -> Head | None:
    beta, threshold = args[1:] + (1.0, 20.0)[len(args) - 1 :]
    return Head("softplus", (float(beta),)) if threshold >= _SOFTPLUS_IS_EXACT else None


def _batch_norm(args: Arguments) -> Head | None:
    """A normalisation by what was learned: one affine map of each column."""
    x, weight, bias, mean, variance = args[:5]
    # The operation without training has no flag for it.
    training = isinstance(args[5], bool) and args[5]
    if training or x.dim() != 2 or mean is None or variance is None:
        return None
    scale = (variance.double() + float(args[-1])).rsqrt() * (1.0 if weight is None else weight.double())
    centre = (0.0 if bias is None else bias.double()) - mean.double() * scale
    return Head("affine", tuple(torch.stack([centre, scale], dim=1).flatten().tolist()))


def _plain(name: str) -> Callable[[Arguments], Head | None]:
    return lambda args: Head.of(name)


# By the name of the operation without the underscores that say "in place" and "internal".
_HEADS: dict[str, Callable[[Arguments], Head | None]] = {
    **{name: _plain(name) for name in ("softmax", "sigmoid", "tanh", "exp", "relu")},
    "softplus": _softplus,
    "hardtanh": _hardtanh,
    "clamp": _clamp,
    "clamp_min": lambda args: _clamp((args[0], args[1])),
    "clamp_max": lambda args: _clamp((args[0], None, args[1])),
    "native_batch_norm": _batch_norm,
    "native_batch_norm_legit_no_training": _batch_norm,
    "cudnn_batch_norm": _batch_norm,
}
