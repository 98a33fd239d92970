"""ONNX files: run by onnxruntime, distilled like any network, and nothing outside their folder is read."""

from __future__ import annotations

import copy
import hashlib
import json
import pickle
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from symc.errors import SymcError
from symc.models.onnx_files import OnnxNetwork
from symc.models.recognise import recognise
from symc.sources.registry import open_model, resolve
from tests.searches import SHORTEST, SHORTEST_WORDS
from tests.sources.built import cli
from tests.tools import require

onnx = pytest.importorskip(require("onnx", module=True))
runtime = pytest.importorskip(require("onnxruntime", module=True))
from onnx import TensorProto, helper, numpy_helper  # noqa: E402

FLOAT = TensorProto.FLOAT
WEIGHT = np.array([[2.0, 0.0], [0.0, 1.5]], dtype=np.float32)


def value(name: str, shape: list[Any] | None, kind: int = FLOAT) -> Any:
    return helper.make_tensor_value_info(name, kind, shape)


def graph(
    nodes: list[Any] | None = None,
    inputs: list[Any] | None = None,
    outputs: list[Any] | None = None,
    batch: Any = "n",
) -> Any:
    """y = 2 x0 + sin(1.5 x1), unless other parts are given."""
    law = [
        helper.make_node("MatMul", ["x", "w"], ["h"]),
        helper.make_node("Split", ["h"], ["a", "b"], axis=1, num_outputs=2),
        helper.make_node("Sin", ["b"], ["s"]),
        helper.make_node("Add", ["a", "s"], ["y"]),
    ]
    made = helper.make_graph(
        nodes or law,
        "law",
        inputs or [value("x", [batch, 2])],
        outputs or [value("y", [batch, 1])],
        [numpy_helper.from_array(WEIGHT, "w")],
    )
    imports = [helper.make_opsetid("", 18), helper.make_opsetid("acme", 1)]
    return helper.make_model(made, opset_imports=imports, ir_version=10)


def saved(path: Path, model: Any) -> Path:
    path.write_bytes(model.SerializeToString())
    return path


def outside(model: Any, location: str) -> Any:
    """The same with its weights in another file, which is not written."""
    tensor = model.graph.initializer[0]
    tensor.data_location = TensorProto.EXTERNAL
    tensor.external_data.add(key="location", value=location)
    tensor.ClearField("raw_data")
    return model


def law(x: np.ndarray) -> np.ndarray:
    x = np.asarray(x, dtype=np.float64)
    return 2 * x[:, :1] + np.sin(1.5 * x[:, 1:])


def test_a_network_becomes_a_bundle_without_trust(tmp_path: Path) -> None:
    path = saved(tmp_path / "law.model", graph())
    done = cli("build", path, "--domain=-1:1,0:2", "--evaluations", 4000, "--operators", "add,mul,sin",
               "--samples", 256, "-o", tmp_path / "out", "--json")  # fmt: skip
    assert done.exit_code == 0, done.output
    manifest = json.loads(done.stdout)["manifest"]
    assert manifest["model"] == {"kind": "network", "sha256": hashlib.sha256(path.read_bytes()).hexdigest()}
    assert manifest["reproduce"].startswith("symc build law.model --domain -1:1,0:2 --evaluations 4000")
    assert manifest["parity"][0]["rmse"] < 1e-3
    recorded = np.load(tmp_path / "out" / "law" / "parity.npz")
    session = runtime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    (answer,) = session.run(None, {"x": recorded["x"]})
    np.testing.assert_array_equal(recorded["y"], answer)
    np.testing.assert_allclose(answer, law(recorded["x"]), atol=1e-6)
    assert cli("verify", tmp_path / "out" / "law").exit_code == 0


@pytest.mark.parametrize("batch", ["n", 1, 7])
def test_any_number_of_rows(tmp_path: Path, batch: Any) -> None:
    import torch

    network = open_model(saved(tmp_path / "m.onnx", graph(batch=batch)))
    assert network.width == 2 and network.kind == "onnx"
    x = np.random.default_rng(0).uniform(-1, 1, (20, 2)).astype(np.float32)
    for model in (network.model, copy.deepcopy(network.model), pickle.loads(pickle.dumps(network.model))):
        assert isinstance(model, OnnxNetwork)
        np.testing.assert_allclose(model(torch.from_numpy(x)).numpy(), law(x), atol=1e-6)
        assert model(torch.from_numpy(x.reshape(4, 5, 2))).shape == (4, 5, 1)


def test_half_precision_runs_in_its_own_and_is_recorded_in_float32(tmp_path: Path) -> None:
    half = TensorProto.FLOAT16
    nodes = [helper.make_node("ReduceSum", ["x", "axis"], ["y"], keepdims=1)]
    model = graph(nodes, inputs=[value("x", ["n", 2], half)], outputs=[value("y", ["n", 1], half)])
    model.graph.initializer.append(numpy_helper.from_array(np.array([1], dtype=np.int64), "axis"))
    path = saved(tmp_path / "m.onnx", model)
    network = open_model(path).model
    x = np.random.default_rng(0).uniform(-1, 1, (64, 2)).astype(np.float32)
    found = resolve(path, inputs=x, **SHORTEST).recording
    assert found is not None and found.y.dtype == np.float32
    np.testing.assert_array_equal(found.y, x.astype(np.float16).sum(axis=1, keepdims=True).astype(np.float32))
    assert network.dtype == np.float16


@pytest.mark.parametrize("batch", ["n", 7])
def test_windows_by_their_lags(tmp_path: Path, batch: Any) -> None:
    """y = the sum over the steps of x0*x1, of which each step is an input."""
    nodes = [
        helper.make_node("ReduceProd", ["x", "last"], ["p"], keepdims=0),
        helper.make_node("ReduceSum", ["p", "axis"], ["y"], keepdims=1),
    ]
    parts = {"inputs": [value("x", [batch, 2, 2])], "outputs": [value("y", [batch, 1])]}
    model = graph(nodes, **parts)
    for name, axis in (("axis", 1), ("last", 2)):
        model.graph.initializer.append(numpy_helper.from_array(np.array([axis], dtype=np.int64), name))
    x = np.random.default_rng(0).uniform(-1, 1, (60, 2, 2)).astype(np.float32)
    found = resolve(saved(tmp_path / "m.onnx", model), inputs=x, lags=[0, 1], **SHORTEST)
    assert found.recording is not None and found.features == ("x0_t_1", "x1_t_1", "x0_t", "x1_t")
    np.testing.assert_array_equal(found.recording.x, x.reshape(60, 4))
    np.testing.assert_allclose(found.recording.y[:, 0], x.prod(axis=2).sum(axis=1), atol=1e-6)
    with pytest.raises(SymcError, match=r"lags=\[0, 1, 2\]"):
        resolve(tmp_path / "m.onnx", inputs=x, evaluations=500)


def test_one_output_that_is_a_vector(tmp_path: Path) -> None:
    nodes = [helper.make_node("ReduceSum", ["x"], ["y"], keepdims=0, axes=[1])]
    model = graph(nodes, outputs=[value("y", ["n"])])
    model.opset_import[0].version = 11
    origin = resolve(saved(tmp_path / "m.onnx", model), domain="-1:1,-1:1", samples=64, **SHORTEST)
    np.testing.assert_allclose(origin.recording.y, origin.recording.x.sum(axis=1, keepdims=True), atol=1e-6)


def test_weights_beside_the_model_count_in_its_hash(tmp_path: Path) -> None:
    path = saved(tmp_path / "m.onnx", outside(graph(), "m.bin"))
    with pytest.raises(SymcError, match=r"keeps its weights in 'm.bin', which is not beside it"):
        open_model(path)
    (tmp_path / "m.bin").write_bytes(WEIGHT.tobytes())
    origin = resolve(path, domain="-1:1", samples=64, **SHORTEST)
    np.testing.assert_allclose(origin.recording.y, law(origin.recording.x), atol=1e-6)
    assert origin.sha256 == hashlib.sha256(path.read_bytes() + WEIGHT.tobytes()).hexdigest()
    (tmp_path / "m.bin").write_bytes(WEIGHT.tobytes()[:8])
    with pytest.raises(SymcError, match=r"m\.onnx"):
        open_model(path)


@pytest.mark.parametrize("location", ["../secret.bin", "{}/secret.bin", "link.bin", "sub/../../secret.bin", ""])
def test_nothing_outside_the_folder_is_read(tmp_path: Path, location: str) -> None:
    (tmp_path / "secret.bin").write_bytes(WEIGHT.tobytes())
    (tmp_path / "models" / "sub").mkdir(parents=True)
    (tmp_path / "models" / "link.bin").symlink_to(tmp_path / "secret.bin")
    path = saved(tmp_path / "models" / "m.onnx", outside(graph(), location.format(tmp_path)))
    with pytest.raises(SymcError, match=r"m\.onnx: keeps the weights 'w' in .*, outside its own folder"):
        open_model(path)


@pytest.mark.parametrize(
    ("parts", "what"),
    [
        ({"nodes": [helper.make_node("Boost", ["x"], ["y"], domain="acme")]}, r"the operator acme::Boost, which is"),
        ({"inputs": [value("x", ["n", 2]), value("z", ["n", 2])]}, r"has 2 inputs \(x, z\).*extract_model"),
        ({"outputs": [value("y", ["n", 1]), value("h", ["n", 2])]}, r"has 2 outputs \(y, h\).*extract_model"),
        (
            {"nodes": [helper.make_node("ReduceMax", ["x"], ["y"])], "inputs": [value("x", ["n", 2, 3, 4])]},
            r"the input x, tensor\(float\) of shape \(n, 2, 3, 4\); symc distils",
        ),
        (
            {
                "nodes": [helper.make_node("Cast", ["x"], ["y"], to=TensorProto.INT64)],
                "outputs": [value("y", ["n", 2], TensorProto.INT64)],
            },
            r"the output y, tensor\(int64\)",
        ),
        ({"nodes": [helper.make_node("Nope", ["x"], ["y"])]}, r"cannot be run by onnxruntime: .*Nope"),
    ],
)
def test_other_graphs_are_refused(tmp_path: Path, parts: dict[str, Any], what: str) -> None:
    path = saved(tmp_path / "m.onnx", graph(**parts))
    with pytest.raises(SymcError, match=what) as caught:
        open_model(path)
    assert caught.value.exit_code == 2 and str(path) in str(caught.value)


def test_options_without_a_use(tmp_path: Path) -> None:
    path = saved(tmp_path / "m.onnx", graph())
    for options, what in [({"layer": "a"}, "a layer inside ONNX"), ({"module": "a:b"}, "no use for --module")]:
        with pytest.raises(SymcError, match=what):
            open_model(path, **options)
    np.save(tmp_path / "x.npy", np.zeros((20, 2), dtype=np.float32))
    done = cli("scan", path, "--inputs", tmp_path / "x.npy")
    assert done.exit_code == 2 and "without blocks to scan" in done.stderr


def test_files_that_were_cut_off(tmp_path: Path) -> None:
    whole = graph().SerializeToString()
    assert recognise(saved(tmp_path / "whole", graph())) == "onnx"
    for keep in (len(whole) // 2, len(whole) - 5, len(whole) - 40):
        path = tmp_path / f"{keep}.onnx"
        path.write_bytes(whole[:keep])
        done = cli("build", path, "--domain", "0:1", "-o", tmp_path / "out")
        assert done.exit_code == 2 and "is truncated or corrupt" in done.stderr, done.output
    for content in (b"", b"\x08", b"\x08\x0a", b"\x08" * 64, b"model"):
        path = tmp_path / "other.onnx"
        path.write_bytes(content)
        assert recognise(path) is None
        done = cli("build", path, "--domain", "0:1", "-o", tmp_path / "out")
        assert done.exit_code == 2 and "Traceback" not in done.output


def test_distill_and_inspect(tmp_path: Path) -> None:
    path = saved(tmp_path / "m.onnx", graph())
    done = cli("distill", path, "--domain=-1:1,0:2", "--samples", 64, *SHORTEST_WORDS, "-o", tmp_path / "m.pt")
    assert done.exit_code == 0, done.output
    found = open_model(tmp_path / "m.pt")
    np.testing.assert_allclose(found.dataset.y, law(found.dataset.x), atol=1e-6)
    assert found.provenance.source == "m.onnx"
    assert "m.onnx: ONNX, x float(n, 2) -> y float(n, 1)" in cli("inspect", path).stdout


def test_without_a_runtime_the_extra_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = saved(tmp_path / "m.onnx", graph())
    for name in ("onnx", "onnxruntime"):
        with monkeypatch.context() as without:
            without.setitem(sys.modules, name, None)
            done = cli("build", path, "--domain=0:1", "-o", tmp_path / "out")
        assert done.exit_code == 3 and f"{name} is not installed" in done.stderr and "symc[onnx]" in done.stderr
