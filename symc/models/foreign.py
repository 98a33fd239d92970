"""Models in formats that symc cannot read, told by their bytes, with the way round."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from symc.models.protobuf import fields_of

ESTIMATOR = (
    "Load it in Python if you trust where it comes from, and build the estimator itself: "
    "symc.build(joblib.load(FILE), domain=..., out=...)."
)
_TO_ONNX = "symc reads ONNX: python -m tf2onnx.convert"
_KERAS = "symc reads ONNX: in Keras, keras.models.load_model(FILE).export('model.onnx', format='onnx')."
_CORE_ML = "Give the network that it was converted from; symc reads .onnx, .pt2, TorchScript and torch.save."
# What a packed file begins with.
_PACKED = {
    b"\x1f\x8b": "gzip",
    b"BZh": "bzip2",
    b"\xfd7zXZ\x00": "xz",
    b"\x5d\x00\x00": "lzma",
    b"\x04\x22\x4d\x18": "lz4",
    b"\x28\xb5\x2f\xfd": "zstd",
    b"\x78\x01": "zlib",
    b"\x78\x5e": "zlib",
    b"\x78\x9c": "zlib",
    b"\x78\xda": "zlib",
}
_GRAPH_FIELDS = {(1, 2), (2, 2), (3, 0), (4, 2)}


class Foreign(NamedTuple):
    """What a file is, and what to do instead."""

    what: str
    hint: str


def foreign_file(path: Path, head: bytes) -> Foreign | None:
    """Of a file that begins with `head`, its first bytes; None where it is of no format known here."""
    if head.startswith(b"\x89HDF\r\n\x1a\n"):
        return Foreign("is an HDF5 file, as Keras writes .h5, which symc does not read", _KERAS)
    if head[4:8] == b"TFL3":
        return Foreign("is a TensorFlow Lite model, which symc does not read", f"{_TO_ONNX} --tflite FILE.")
    if head.startswith(b"GGUF"):
        return Foreign("is a GGUF file of a language model, which symc does not read", "Give the network itself.")
    packed = next((kind for start, kind in _PACKED.items() if head.startswith(start)), None)
    if packed is not None:
        what = f"is packed with {packed}, and symc reads no packed files"
        return Foreign(what, f"Unpack it. An estimator of scikit-learn that joblib packed: {ESTIMATOR}")
    if head.startswith((b"\x08", b"\x0a")):
        return _foreign_message(fields_of(path) or [])
    return None


def foreign_archive(names: list[str]) -> Foreign | None:
    """Of a zip archive with these names."""
    if "config.json" in names and "model.weights.h5" in names:
        return Foreign("is a model of Keras, which symc does not read", _KERAS)
    return None


def foreign_folder(path: Path) -> Foreign | None:
    """Of a folder."""
    if (path / "saved_model.pb").is_file():
        return Foreign("is a SavedModel of TensorFlow, which symc does not read", f"{_TO_ONNX} --saved-model FOLDER.")
    if (path / "Manifest.json").is_file() and (path / "Data" / "com.apple.CoreML").is_dir():
        return Foreign("is a package of Core ML, which symc does not read", _CORE_ML)
    return None


def _foreign_message(fields: list[tuple[int, int]]) -> Foreign | None:
    if fields[:1] == [(1, 0)]:
        if any(200 <= number <= 4000 for number, _ in fields):
            return Foreign("is a model of Core ML, which symc does not read", _CORE_ML)
        if set(fields[1:]) == {(2, 2)}:
            hint = f"{_TO_ONNX} --saved-model FOLDER, with the folder that it lies in."
            return Foreign("is the saved_model.pb of TensorFlow, which symc does not read", hint)
    elif fields and set(fields) <= _GRAPH_FIELDS and fields[0] == (1, 2):
        what = "is a graph of TensorFlow (.pb), which symc does not read"
        return Foreign(what, f"{_TO_ONNX} --graphdef FILE --inputs NAME --outputs NAME.")
    return None
