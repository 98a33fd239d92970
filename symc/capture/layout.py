"""Layout: how the tensors that a block takes and returns stand side by side in one row of numbers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from symc.capture.lags import LAGS, check_window, steps_of
from symc.capture.records import column_names, make_record, record_of
from symc.errors import SymcError

if TYPE_CHECKING:
    # torch takes seconds to import, and a saved layout needs none.
    from torch import Tensor

# What a block may return besides a tensor and a record; a subclass would lose what it adds.
_FORMS: dict[type, str] = {tuple: "tuple", list: "list", dict: "dict"}
_RECORD = "record"
ROWS_HINT = "Wrap a part of the network that treats each row alone."
_LAST = "Wrap a function that returns the last step, as symc.wrap(lambda x: net(x)[0][:, -1])."


@dataclass(frozen=True)
class Layout:
    """Columns of each tensor of a call.

    `inputs[k]` is the last dimension of the k-th tensor among the arguments, `outputs[k]` of the k-th tensor returned;
    0 says that it has none, (...) beside the others' (..., n), and stands for one column. `form` is "tensor", or the
    container in which the outputs are returned, "record" for one with fields, and `keys` are those of a "dict" or the
    fields. `kind` is the record's class; None where it came from a file, which does not say it.

    With `lags` the call takes windows (batch, time, features), of which these steps are the columns; where the block
    answers `every_step`, (batch, time, n), the last step's answer is what counts.
    """

    inputs: tuple[int, ...]
    outputs: tuple[int, ...]
    form: str = "tensor"
    keys: tuple[str, ...] = ()
    kind: type | None = field(default=None, compare=False)
    lags: tuple[int, ...] = ()
    every_step: bool = False
    # Whether the block maps one tensor (..., n_in) to one (..., n_out), so that both are rows as they are. Known from
    # the start, because every call asks.
    is_plain: bool = field(default=False, init=False, compare=False, repr=False)

    def __post_init__(self) -> None:
        widths = (*self.inputs, *self.outputs)
        is_plain = self.form == "tensor" and len(widths) == 2 and 0 not in widths and not self.lags
        object.__setattr__(self, "is_plain", is_plain)

    @property
    def n_in(self) -> int:
        """Columns of all inputs."""
        return sum(width or 1 for width in self.inputs) * (len(self.lags) or 1)

    @property
    def n_out(self) -> int:
        """Columns of all outputs."""
        return sum(width or 1 for width in self.outputs)

    @classmethod
    def of(cls, inputs: Sequence[Tensor], output: Any, lags: tuple[int, ...] = ()) -> Layout:
        """The layout of one call; SymcError when its tensors are not rows (..., n) with the same leading dimensions."""
        form, keys, outputs = _opened(output)
        found = record_of(output)
        kind = None if found is None else found.kind
        shapes = [tuple(t.shape) for t in (*inputs, *outputs)]
        if lags:
            return _windows(shapes[: len(inputs)], shapes[len(inputs) :], cls((), (), form, keys, kind, lags))
        # Several vectors are columns of one table; a single one is a row.
        choices = (shapes[0][:-1], shapes[0])
        vectors = len(inputs) > 1 and all(len(t.shape) == 1 for t in inputs)
        for leading in reversed(choices) if vectors else choices:
            widths = [_width(shape, leading) for shape in shapes]
            if None not in widths:
                break
        else:
            windows = any(len(shape) > 2 for shape in shapes[: len(inputs)])
            raise SymcError(
                _mismatch(shapes[: len(inputs)], shapes[len(inputs) :]), hint=f"{ROWS_HINT}{LAGS if windows else ''}"
            )
        known = tuple(w for w in widths if w is not None)
        if any(shape[len(leading) :] == (0,) for shape in shapes):
            raise SymcError(f"{_mapping(shapes[: len(inputs)], shapes[len(inputs) :])}: there are no columns")
        return cls(known[: len(inputs)], known[len(inputs) :], form, keys, kind)

    def rows(self, inputs: Sequence[Tensor]) -> Tensor:
        """The tensors of a call as one (..., n_in); SymcError when they do not fit."""
        if len(inputs) != len(self.inputs):
            raise SymcError(f"the equations take {_count(len(self.inputs))}, not {len(inputs)}")
        return steps_of(inputs[0], self.lags) if self.lags else _joined(inputs, self.inputs)

    def split(self, x: Tensor) -> list[Tensor]:
        """The inverse of rows; with lags there is none."""
        return _split(x, self.inputs)

    def columns(self, output: Any) -> Tensor:
        """What the block returned as one (..., n_out)."""
        parts = _opened(output)[2]
        return _joined([part[:, -1] for part in parts] if self.every_step else parts, self.outputs)

    def answer(self, y: Tensor) -> Any:
        """(..., n_out) as the block would return it; not of one that answers every step."""
        parts = _split(y, self.outputs)
        if self.form == "tensor":
            return parts[0]
        if self.form in ("dict", _RECORD):
            named = dict(zip(self.keys, parts, strict=True))
            return named if self.form == "dict" else make_record(self.kind, named)
        return parts if self.form == "list" else tuple(parts)

    def check_answers(self) -> None:
        """SymcError for a block that equations cannot stand in for: one that answers every step."""
        if self.every_step:
            raise SymcError("the block answers every step, and its equations the last one", where="lags", hint=_LAST)

    @property
    def names(self) -> list[str] | None:
        """Names of the columns of the outputs where a record's fields or a dict's keys say them, else None."""
        return column_names(self.keys, self.outputs) if self.keys else None

    def to_json(self) -> dict[str, Any]:
        """A dict of lists and text."""
        lagged = {"lags": self.lags, "every_step": self.every_step} if self.lags else {}
        return {name: getattr(self, name) for name in ("inputs", "outputs", "form", "keys")} | lagged

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Layout:
        """The inverse of to_json; ValueError or KeyError when `data` is something else."""
        form = str(data["form"])
        if form not in ("tensor", _RECORD, *_FORMS.values()):
            raise ValueError(f"unknown form {form!r}")
        inputs, outputs = (tuple(map(int, data[name])) for name in ("inputs", "outputs"))
        keys = tuple(map(str, data["keys"]))
        if form == _RECORD:
            # ValueError for fields that no record can have.
            make_record(None, dict.fromkeys(keys))
        lags, every_step = tuple(map(int, data.get("lags", ()))), bool(data.get("every_step", False))
        return cls(inputs, outputs, form, keys, lags=lags, every_step=every_step)


def _opened(output: Any) -> tuple[str, tuple[str, ...], list[Tensor]]:
    from torch import Tensor

    if type(output) is Tensor and output.is_floating_point():
        return "tensor", (), [output]
    found = record_of(output)
    if found is not None:
        output = found.fields
    form = _FORMS.get(type(output), "tensor")
    keys = tuple(output) if form == "dict" else ()
    parts = [output] if form == "tensor" else list(output.values() if form == "dict" else output)
    named = all(isinstance(key, str) for key in keys)
    if not parts or not named or not all(isinstance(p, Tensor) and p.is_floating_point() for p in parts):
        raise SymcError(f"the block returns {described(output)}, need floating tensors", hint=ROWS_HINT)
    return form if found is None else _RECORD, keys, parts


def described(value: Any) -> str:
    """A value in a message: its type, and the shape of a tensor."""
    from torch import Tensor

    if isinstance(value, Tensor):
        return f"{str(value.dtype).removeprefix('torch.')}{tuple(value.shape)}"
    if type(value) in _FORMS and 0 < len(value) <= 4:
        parts = value.values() if isinstance(value, dict) else value
        return f"a {type(value).__name__} of {', '.join(map(described, parts))}"
    if isinstance(value, (tuple, list)):
        return f"a {type(value).__name__} of {len(value)}"
    return "None" if value is None else f"a {type(value).__name__}"


def _windows(inputs: Sequence[tuple[int, ...]], outputs: Sequence[tuple[int, ...]], layout: Layout) -> Layout:
    """The layout of a call with windows, with the columns that its tensors have."""
    check_window(inputs, layout.lags)
    batch, steps, features = inputs[0]
    every = all(shape[:2] == (batch, steps) and len(shape) == 3 for shape in outputs)
    widths = [_width(shape, (batch, steps) if every else (batch,)) for shape in outputs]
    if None in widths or 0 in (features, *(size for shape in outputs for size in shape)):
        need = "need (batch, time, features) to (batch, n), or to (batch, time, n), of which the last step counts"
        raise SymcError(f"{_mapping(inputs, outputs)}, {need}", where="lags", hint=_LAST)
    return replace(layout, inputs=(features,), outputs=tuple(w for w in widths if w is not None), every_step=every)


def _width(shape: tuple[int, ...], leading: tuple[int, ...]) -> int | None:
    if shape[:-1] == leading and len(shape) > len(leading):
        return shape[-1]
    return 0 if shape == leading else None


def _joined(tensors: Sequence[Tensor], widths: Sequence[int]) -> Tensor:
    if len(widths) == 1:
        return tensors[0] if widths[0] else tensors[0].unsqueeze(-1)
    parts = [t if width else t.unsqueeze(-1) for t, width in zip(tensors, widths, strict=True)]
    import torch

    dtype = parts[0].dtype
    for part in parts[1:]:
        dtype = torch.promote_types(dtype, part.dtype)
    return torch.cat([part.to(dtype) for part in parts], dim=-1)


def _split(x: Tensor, widths: Sequence[int]) -> list[Tensor]:
    if len(widths) == 1:
        return [x if widths[0] else x.squeeze(-1)]
    parts = x.split([width or 1 for width in widths], dim=-1)
    return [part if width else part.squeeze(-1) for part, width in zip(parts, widths, strict=True)]


def _mapping(inputs: Sequence[tuple[int, ...]], outputs: Sequence[tuple[int, ...]]) -> str:
    return f"the block maps {', '.join(map(str, inputs))} to {', '.join(map(str, outputs))}"


def _mismatch(inputs: Sequence[tuple[int, ...]], outputs: Sequence[tuple[int, ...]]) -> str:
    return f"{_mapping(inputs, outputs)}, need (..., n_in) to (..., n_out) with the same leading dimensions"


def _count(n: int) -> str:
    return "one tensor" if n == 1 else f"{n} tensors"
