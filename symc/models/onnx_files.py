"""Networks in ONNX files, run by onnxruntime on the CPU; nothing outside the file's folder is read."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn

from symc.errors import MissingTool, SymcError
from symc.models.exported import in_pieces

# Domains whose operators onnxruntime has itself; functions of a model's own may be of any.
_DOMAINS = ("", "ai.onnx", "ai.onnx.ml", "com.microsoft")
_REALS = {"tensor(float)": np.float32, "tensor(double)": np.float64, "tensor(float16)": np.float16}
_ONE = (
    "symc distils ONNX networks of one float input (batch, n), or with lags (batch, time, n), and one float output "
    "(batch, m)"
)
_AROUND = "Cut such a part out with onnx.utils.extract_model, or add a Concat or Reshape in front."


class OnnxNetwork(nn.Module):
    """An ONNX graph as a function of one tensor (rows, width) to (rows, n) or (rows,), in float32.

    Or of windows (rows, time, width), to (rows, time, n) too. It has no parameters, no layers and no gradients. A fixed
    batch size is kept: rows are given to it in pieces.
    """

    def __init__(self, content: bytes, where: str) -> None:
        super().__init__()
        self.content, self.where = content, where
        self.session = _session(content, where)
        (given,), (made,) = _one(self.session.get_inputs(), where), _one(self.session.get_outputs(), where, "output")
        _check_shape(given, where, "input", (2, 3))
        _check_shape(made, where, "output", (1, 2, 3))
        self.name, self.dtype = given.name, _REALS[given.type]
        self.signature = " -> ".join(f"{value.name} {_shown(value)}" for value in (given, made))
        batch, *steps, width = given.shape
        self.windows = bool(steps)
        self.batch = batch if isinstance(batch, int) else None
        self.width = width if isinstance(width, int) else None

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        if x.dim() == 1 and self.width == 1:
            x = x[:, None]
        rows = x.detach() if self.windows else x.detach().reshape(-1, x.shape[-1])
        if self.batch is None or len(rows) == self.batch:
            y = self._run(rows)
        else:
            y = in_pieces(self._run, len(rows), self.batch, (rows,), {})
        return y if self.windows else y.reshape(*x.shape[:-1], *y.shape[1:])

    def _run(self, rows: torch.Tensor) -> torch.Tensor:
        (y,) = self.session.run(None, {self.name: rows.cpu().numpy().astype(self.dtype)})
        return torch.from_numpy(np.asarray(y, dtype=np.float32))

    def __reduce__(self) -> tuple[Any, ...]:
        # A session of onnxruntime can neither be copied nor pickled.
        return OnnxNetwork, (self.content, self.where)

    def __deepcopy__(self, memo: Any) -> OnnxNetwork:
        return OnnxNetwork(self.content, self.where)


def open_onnx(path: Path) -> tuple[OnnxNetwork, tuple[Path, ...]]:
    """The network in an ONNX file, and the files beside it that hold its weights.

    Raises MissingTool without onnx and onnxruntime, and SymcError for a file that is truncated or corrupt, weights
    outside the file's folder, operators of other libraries, and a graph that does not map one float table to another.
    """
    where = str(path)
    onnx = _library("onnx")
    try:
        model = onnx.load_model_from_string(path.read_bytes())
    # protobuf's own error, whose class depends on which of its implementations is installed.
    except Exception as error:
        raise _damaged(where, error) from None
    if not model.HasField("graph"):
        raise SymcError("is truncated or corrupt: an ONNX file without a graph", where=where, hint="Save it again.")
    own = {(function.domain, function.name) for function in model.functions}
    weights: dict[Path, None] = {}
    for part in _parts(model):
        if isinstance(part, onnx.NodeProto) and part.domain not in _DOMAINS and (part.domain, part.op_type) not in own:
            raise SymcError(
                f"uses the operator {part.domain}::{part.op_type}, which is none of ONNX's own",
                where=where,
                hint="symc loads no libraries of custom operators: export the network with standard operators.",
            )
        if isinstance(part, onnx.TensorProto) and part.data_location == onnx.TensorProto.EXTERNAL:
            weights[_weights_of(part, path)] = None
            try:
                onnx.external_data_helper.load_external_data_for_tensor(part, str(path.parent))
            # As above, and whatever the sizes that it says lead to.
            except Exception as error:
                raise _damaged(where, error) from None
            part.data_location = onnx.TensorProto.DEFAULT
            del part.external_data[:]
    try:
        content = model.SerializeToString()
    except ValueError:
        raise SymcError("is larger than the 2 GB of a protobuf message", where=where) from None
    return OnnxNetwork(content, where), tuple(weights)


def _library(name: str) -> Any:
    import importlib

    try:
        return importlib.import_module(name)
    except ImportError:
        hint = "pip install 'symc[onnx]'."
        raise MissingTool(f"{name} is not installed, which ONNX files need", hint=hint) from None


def _parts(message: Any) -> Iterator[Any]:
    """A protobuf message and all that are in it."""
    yield message
    for field, value in message.ListFields():
        if field.message_type is not None:
            for part in [value] if hasattr(value, "ListFields") else value:
                yield from _parts(part)


def _weights_of(tensor: Any, path: Path) -> Path:
    """The file with a tensor's values; SymcError unless it is a file in the folder of `path`, by a link neither."""
    location = next((entry.value for entry in tensor.external_data if entry.key == "location"), "")
    where, folder = str(path), path.parent.resolve()
    found = (folder / location).resolve()
    if not location or Path(location).is_absolute() or not found.is_relative_to(folder):
        raise SymcError(
            f"keeps the weights {tensor.name!r} in {location!r}, outside its own folder, where symc reads nothing",
            where=where,
            hint="Put the files into one folder and save the model again with onnx.save_model.",
        )
    if not found.is_file():
        raise SymcError(f"keeps its weights in {location!r}, which is not beside it", where=where, hint="Copy it too.")
    return found


def _session(content: bytes, where: str) -> Any:
    runtime = _library("onnxruntime")
    options = runtime.SessionOptions()
    options.log_severity_level = 4
    # One thread adds in one order: a build is repeatable.
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    try:
        return runtime.InferenceSession(content, options, providers=["CPUExecutionProvider"])
    # onnxruntime has a class of errors for each of its status codes, and none above them.
    except Exception as error:
        first = (str(error).strip() or repr(error)).splitlines()[0][:200]
        raise SymcError(f"cannot be run by onnxruntime: {first}", where=where) from None


def _one(found: Any, where: str, side: str = "input") -> Any:
    if len(found) != 1:
        names = ", ".join(value.name for value in found)
        raise SymcError(f"has {len(found)} {side}s ({names}); {_ONE}", where=where, hint=_AROUND)
    return found


def _check_shape(value: Any, where: str, side: str, ranks: tuple[int, ...]) -> None:
    # Where onnxruntime cannot tell the shape of an output, it says none.
    shape = value.shape or (() if side == "input" else (None, None))
    if value.type not in _REALS or len(shape) not in ranks:
        shown = f"{value.name}, {value.type} of shape ({', '.join(map(str, shape))})"
        raise SymcError(f"has the {side} {shown}; {_ONE}", where=where, hint=_AROUND)


def _shown(value: Any) -> str:
    """A tensor's type and shape, as float(batch, 2)."""
    sizes = ", ".join("?" if size is None else str(size) for size in value.shape)
    return f"{value.type.removeprefix('tensor(').removesuffix(')')}({sizes})"


def _damaged(where: str, error: Exception) -> SymcError:
    first = (str(error).strip() or repr(error)).splitlines()[0][:160]
    return SymcError(f"is truncated or corrupt ({type(error).__name__}: {first})", where=where, hint="Save it again.")
