"""When a call may go around torch's dispatcher: plain float32 numbers, and nothing that watches them."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.autograd import forward_ad

try:
    # What stands between a call and the plain numbers: tracing, functorch transforms and Python modes. torch has no
    # public question for them; where the private ones are absent, every call takes torch's dispatcher, which is slower.
    from torch._C import (
        _are_functorch_transforms_active,
        _is_tracing,
        _len_torch_dispatch_stack,
        _len_torch_function_stack,
    )

    _CAN_ASK = True
except ImportError:
    _CAN_ASK = False


try:
    # What torch.autograd.grad hands over for is_grads_batched; torch has no public question for it.
    from torch._C._functorch import is_legacy_batchedtensor as is_batched
except ImportError:

    def is_batched(tensor: Tensor) -> bool:
        """Without the question, torch's operators answer."""
        return True


_CLASSES = (Tensor, torch.nn.Parameter)
_SINGLE = (torch.float32,)
_HALVES = (torch.float32, torch.bfloat16, torch.float16)


def unwatched(x: Tensor, on_cuda: bool = False, recorded: bool = False, halves: bool = False) -> bool:
    """Whether the numbers in x are all that a function of x needs: no gradient, trace, transform or mode records it.

    recorded: whether a gradient may be recorded all the same. halves: whether bfloat16 and float16 will do as well.

    False also for what is no float32 tensor of class Tensor or Parameter in the CPU's memory (`on_cuda`: in that of a
    CUDA device). Not for use while torch compiles.
    """
    return _CAN_ASK and _is_plain(x, on_cuda, recorded, _HALVES if halves else _SINGLE) and not _watched()


def all_unwatched(*tensors: Tensor) -> bool:
    """Whether every one of the tensors, all on one device, is unwatched, but for gradients, which are left out."""
    on_cuda = tensors[0].is_cuda
    for x in tensors:
        if not _is_plain(x, on_cuda, True, _SINGLE):
            return False
    return _CAN_ASK and not _watched()


def numbers(x: Tensor) -> NDArray[np.float32]:
    """An unwatched tensor in the CPU's memory as the array of its numbers, which shares that memory."""
    # Asked first, because detach takes as long as all of numpy's part.
    return (x.detach() if x.requires_grad else x).numpy()


def _is_plain(x: Tensor, on_cuda: bool, recorded: bool, dtypes: tuple[torch.dtype, ...]) -> bool:
    return (
        type(x) in _CLASSES
        and (x.is_cuda if on_cuda else x.is_cpu)
        and x.dtype in dtypes
        and x.layout is torch.strided
        and (recorded or not (x.requires_grad and torch.is_grad_enabled()))
        and not x.is_neg()
    )


def _watched() -> bool:
    return bool(
        _len_torch_dispatch_stack()
        or _len_torch_function_stack()
        or _are_functorch_transforms_active()
        or _is_tracing()
        or forward_ad._current_level >= 0
    )
