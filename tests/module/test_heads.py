"""A block that ends in a head: distilled before it, judged behind it, and compiled with it."""

from __future__ import annotations

import copy
import json
import pickle
from dataclasses import replace
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest
import torch
from click.testing import CliRunner
from torch import nn

import symc
from symc.bundle import MANIFEST_NAME, read_manifest
from symc.capture.logits import Logits
from symc.cli import main
from symc.errors import CheckFailed, SymcError
from symc.ir.evaluate import evaluate
from symc.ir.heads import Head
from symc.meaning.compile import program_of
from symc.models.safe import read_safely, write_safely
from symc.module.module import SymbolicModule
from symc.module.saved import load_distilled
from symc.sources.registry import inspect
from symc.verify.parity import check_parity
from tests.searches import AFFINE, SHORTEST_WORDS
from tests.small_network import distilled

BUDGET: dict[str, Any] = {"engine": "operon", "operators": ("add", "sub", "mul"), "seed": 0, "workers": 1}
# Each of the two sums of a tree over three shares rounds once, and so does the quotient.
SUM = 3 / 2**24


def points(rows: int, seed: int = 5) -> torch.Tensor:
    return torch.rand(rows, 2, generator=torch.Generator().manual_seed(seed)) * 4 - 2


def classifier() -> nn.Module:
    """Trained to tell three regions apart, so that most of its outputs are close to 0 or 1."""
    torch.manual_seed(0)
    net = nn.Sequential(nn.Linear(2, 8), nn.Tanh(), nn.Linear(8, 3), nn.Softmax(-1))
    x = points(512)
    label = torch.where(x[:, 0] + x[:, 1] > 0.5, 0, torch.where(x[:, 0] > x[:, 1], 1, 2))
    optimiser = torch.optim.Adam(net.parameters(), lr=0.1)
    for _ in range(60):
        optimiser.zero_grad()
        nn.functional.nll_loss(net(x).clamp_min(1e-9).log(), label).backward()
        optimiser.step()
    return net


@pytest.fixture(scope="module")
def module() -> SymbolicModule:
    found = symc.wrap(classifier())
    found.distill(points(512), evaluations=1000, max_complexity=15, domain="-2:2,-2:2", **BUDGET)
    found.switch_to_symbolic(select="accuracy")
    return found


@pytest.fixture(scope="module")
def bundle(module: SymbolicModule, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return symc.build(module, target=["c", "cuda", "numba"], out=tmp_path_factory.mktemp("heads"), name="classes").path


def assert_shares(y: np.ndarray) -> None:
    assert y.min() >= 0.0 and y.max() <= 1.0
    assert np.abs(y.astype(np.float64).sum(axis=1) - 1.0).max() <= SUM


def test_the_logits_are_what_is_distilled(module: SymbolicModule) -> None:
    assert module.head == "softmax" and "behind them softmax" in repr(module)
    assert module.dataset.logits.values.min() < -1.0 and module.dataset.y.min() >= 0.0
    with torch.no_grad():
        logits = module.block[:3](torch.tensor(module.dataset.x)).numpy()
    np.testing.assert_array_equal(module.dataset.logits.values, logits)


def test_errors_are_those_of_the_outputs(module: SymbolicModule) -> None:
    data, front = module.dataset, module.fronts[1]
    member = front.pick("accuracy")
    only = program_of([member.equation], data.features, ["z"])
    logits = data.logits.values.copy()
    logits[:, 1] = evaluate(only, data.x)[:, 0]
    shares = np.exp(logits.astype(float) - logits.max(axis=1, keepdims=True))
    error = shares[:, 1] / shares.sum(axis=1) - data.y[:, 1]
    assert np.isclose(member.loss, np.mean(error[data.train] ** 2), rtol=1e-4)
    assert np.isclose(member.heldout, np.mean(error[~data.train] ** 2), rtol=1e-4)
    # A member that only follows the logits better is not on the front.
    assert list(np.diff([m.loss for m in front.members]) < 0) == [True] * (len(front.members) - 1)


def test_every_row_adds_up_to_one(module: SymbolicModule, bundle: Path) -> None:
    compiled = symc.load(bundle)
    x = points(100_000, seed=6).numpy()
    y = compiled(x)
    assert_shares(y)
    np.testing.assert_array_equal(y, evaluate(module.program, x))
    np.testing.assert_allclose(module(torch.from_numpy(x)).numpy(), y, atol=2e-6)
    assert_shares(module(torch.from_numpy(x[:500])).numpy())
    with torch.no_grad():
        assert np.abs(module.block(torch.from_numpy(x)).numpy() - y).mean() < 0.05


def test_extreme_inputs_give_no_nan(bundle: Path) -> None:
    large = np.array([1e4, -1e4, 3e5, -3e5, 0.0, -0.0, 1e-40], np.float32)
    assert_shares(symc.load(bundle)(np.stack(np.meshgrid(large, large), axis=-1).reshape(-1, 2)))


def test_the_bundle_holds_and_tells_the_head(bundle: Path) -> None:
    report = symc.verify(bundle, rows=3000)
    assert report.ok, report
    assert "3 compile with softmax behind them" in str(report) and "before softmax" in str(report)
    manifest = read_manifest(bundle)
    assert manifest.head == manifest.options["head"] == "softmax" and "softmax" not in manifest.equations[0].text
    promise = "each row adds up to 1 within 3/2^24"
    for name in ("README.md", "include/classes.h", "src/classes.c", "cuda/classes.cuh", "numba/classes.py"):
        text = " ".join((bundle / name).read_text().replace("*", " ").split())
        assert promise in text and "y1 = softmax(z)[1], where z[1] =" in text, name
    assert "softmax(z)[1], where z[1] =" in str(symc.load(bundle)) and "softmax(z)[1]" in inspect(bundle)[0]


def test_a_head_of_a_later_version_in_a_manifest(bundle: Path) -> None:
    path = bundle / MANIFEST_NAME
    before = path.read_bytes()
    try:
        path.write_bytes(msgspec.structs.replace(read_manifest(bundle), head="gumbel").sealed().to_bytes())
        with pytest.raises(SymcError, match=r"ends in the head 'gumbel', which this symc does not know.*newer"):
            symc.load(bundle)
    finally:
        path.write_bytes(before)


def test_a_head_that_was_exchanged_is_found(bundle: Path) -> None:
    path = bundle / MANIFEST_NAME
    before = path.read_bytes()
    try:
        path.write_bytes(msgspec.structs.replace(read_manifest(bundle), head="sigmoid").sealed().to_bytes())
        assert "the program is not what the equations compile to" in str(symc.verify(bundle))
    finally:
        path.write_bytes(before)


def test_saved_loaded_and_copied(module: SymbolicModule, tmp_path: Path) -> None:
    module.save(tmp_path / "classes.pt")
    other = symc.wrap(nn.Identity())
    other.attach(tmp_path / "classes.pt")
    third = symc.wrap(copy.deepcopy(module.block))
    third.load_state_dict(module.state_dict())
    x = points(50)
    for one in (other, third, pickle.loads(pickle.dumps(module))):
        assert one.head == "softmax" and one.distilled == module.distilled
        assert torch.equal(one(x), module(x))
    assert "head softmax" in inspect(tmp_path / "classes.pt")[0]


def test_a_saved_head_of_a_later_version(module: SymbolicModule, tmp_path: Path) -> None:
    module.save(tmp_path / "classes.pt")
    data = read_safely(tmp_path / "classes.pt")
    write_safely({**data, "text": data["text"].replace('"softmax"', '"gumbel"')}, tmp_path / "later.pt")
    with pytest.raises(SymcError, match=r"ends in the head 'gumbel', which this version of symc does not know.*newer"):
        load_distilled(tmp_path / "later.pt")
    data["logits"] = data["logits"] * 1.001
    write_safely(data, tmp_path / "altered.pt")
    with pytest.raises(SymcError, match="is damaged"):
        load_distilled(tmp_path / "altered.pt")


def test_the_other_modes(module: SymbolicModule, bundle: Path) -> None:
    x = points(300).requires_grad_()
    other = symc.wrap(module.block)
    other.attach(module.distilled)
    other.switch_to_symbolic(select="accuracy", trainable=True)
    torch.testing.assert_close(other(x), module(x), atol=2e-6, rtol=0)
    optimiser = torch.optim.SGD(other.symbolic.parameters(), lr=0.1)
    (gradient,) = torch.autograd.grad(other(x)[:, 0].sum(), x, retain_graph=True)
    assert gradient.abs().max() > 0
    other(x)[:, 0].sum().backward()
    optimiser.step()
    assert_shares(other(x).detach().numpy())
    assert_shares(evaluate(other.program, points(300).numpy())) and other.head == "softmax"
    other.attach(module.distilled)
    other.switch_to_guarded(select="accuracy")
    outside = torch.full((1, 2), 9.0)
    torch.testing.assert_close(other(outside), module.block(outside))
    other.switch_to_symbolic(select="accuracy", compiled=symc.load(bundle))
    assert_shares(other(points(20)).numpy())


HEADS = [
    ("sigmoid", nn.Sigmoid()),
    ("tanh", nn.Tanh()),
    ("exp", torch.exp),
    ("softplus", nn.Softplus()),
    ("relu", nn.ReLU()),
    ("clamp(-0.25, 0.5)", nn.Hardtanh(-0.25, 0.5)),
]


@pytest.mark.parametrize(("name", "function"), HEADS, ids=[name for name, _ in HEADS])
def test_ranges_hold_in_c(name: str, function: Any, tmp_path: Path) -> None:
    torch.manual_seed(1)
    linear = nn.Linear(2, 1)
    block = symc.wrap(lambda x: function(linear(x)))
    block.distill(points(200), head=name, **AFFINE)
    block.switch_to_symbolic(select="accuracy")
    made = symc.build(block, out=tmp_path, name="law")
    assert str(made.manifest.head) == block.head == name
    compiled = symc.load(made.path)
    x = points(10_000, seed=8) * 10.0 ** torch.linspace(-3, 6, 10_000)[:, None]
    y = compiled(x.numpy())
    low, high = Head.of(name).span
    assert not np.isnan(y).any() and y.min() >= low and y.max() <= high
    near = points(200, seed=9)
    with torch.no_grad():
        np.testing.assert_allclose(compiled(near.numpy()), block.block(near).numpy(), atol=1e-5)
    # The equation is that of the linear layer, whatever is behind it.
    assert block.fronts[0].pick("accuracy").complexity <= 9
    assert symc.verify(made.path, rows=500).ok


def test_on_the_command_line(tmp_path: Path) -> None:
    torch.save(nn.Sequential(nn.Linear(2, 2), nn.Softmax(-1)), tmp_path / "net.pt")
    common = [f"{tmp_path}/net.pt", "--trust", "--domain=-1:1", "--samples", "64", *SHORTEST_WORDS]
    words = f"--head softmax -t c --name two -o {tmp_path}/out --json -q"
    done = CliRunner().invoke(main, ["build", *common, *words.split()])
    assert done.exit_code == 0, done.output
    manifest = json.loads(done.stdout)["manifest"]
    assert manifest["head"] == "softmax" and "--head softmax" in manifest["reproduce"]
    wrong = CliRunner().invoke(main, ["distill", *common, "--head", "sofmax", "-o", f"{tmp_path}/two.pt"])
    assert wrong.exit_code == 2 and "unknown head 'sofmax'" in wrong.output and "'softmax'" in wrong.output


def test_scalers_around_a_head(tmp_path: Path) -> None:
    first = distilled(chosen=(5, 2))
    data = first.dataset
    with_head = replace(data, y=1 / (1 + np.exp(-data.y)), logits=Logits(Head.of("sigmoid"), data.y))
    module = symc.wrap(nn.Identity())
    module.attach(replace(first, dataset=with_head))
    (tmp_path / "out.json").write_text('{"outputs": {"y": [1.0, 2.0]}}')
    with pytest.raises(SymcError, match=r"a sigmoid is behind these.*Scale the inputs alone"):
        symc.build(module, out=tmp_path, name="law", scale=tmp_path / "out.json")
    (tmp_path / "in.json").write_text('{"inputs": {"p": [1.0, 2.0]}}')
    made = symc.build(module, out=tmp_path, name="law", scale=tmp_path / "in.json")
    x = np.array([[3.0, 0.5]], np.float32)
    want = 1 / (1 + np.exp(-np.array([[1.0 * 0.5 + 0.5, np.sin(1.0)]])))
    np.testing.assert_allclose(evaluate(made.manifest.program, x), want, rtol=1e-6)


def test_a_classifier_tells_how_often_its_equations_decide_as_it_does(module: SymbolicModule, tmp_path: Path) -> None:
    data, front = module.dataset, module.fronts[1]
    held = ~data.train
    assert "% same class" in str(front)
    for member in front.members:
        logits = data.targets[held].copy()
        logits[:, 1] = evaluate(program_of([member.equation], data.features, ["z"]), data.x[held])[:, 0]
        same = np.argmax(logits, axis=1) == np.argmax(data.targets[held], axis=1)
        assert member.agreement == pytest.approx(float(same.mean()))
    bundle = symc.build(module, out=tmp_path, name="regions")
    same = np.argmax(evaluate(module.program, data.x), axis=1) == np.argmax(data.y, axis=1)
    split = {a.split: (a.agreeing, a.rows) for a in bundle.manifest.agreement}
    assert split == {"train": (same[data.train].sum(), data.train.sum()), "held-out": (same[held].sum(), held.sum())}
    told = f"the network's class on {same[held].sum()} of {held.sum()} held-out rows"
    assert told in (bundle.path / "README.md").read_text() and f"Decides for {told}" in str(bundle)
    parity = next(c for c in symc.verify(bundle.path, rows=200).checks if c.name == "parity")
    assert parity.ok and told in parity.detail


def test_a_changed_agreement_is_found(module: SymbolicModule, tmp_path: Path) -> None:
    bundle = symc.build(module, out=tmp_path, name="regions")
    wrong = [msgspec.structs.replace(a, agreeing=a.agreeing - 1) for a in bundle.manifest.agreement]
    manifest = msgspec.structs.replace(bundle.manifest, agreement=tuple(wrong)).sealed()
    (bundle.path / MANIFEST_NAME).write_bytes(manifest.to_bytes())
    # The README tells the figure too, and is generated again; behind it stands the check of the figure itself.
    assert not symc.verify(bundle.path, rows=200).ok
    with pytest.raises(CheckFailed, match="recorded was the network's class on"):
        check_parity(bundle.path, manifest)


def test_evaluate_tells_agreement_and_accuracy(module: SymbolicModule) -> None:
    x = points(300, seed=9)
    label = torch.where(x[:, 0] + x[:, 1] > 0.5, 0, torch.where(x[:, 0] > x[:, 1], 1, 2)).numpy()
    found = symc.evaluate(module, module, x.numpy(), labels=label, speed=False)
    with torch.no_grad():
        network, equations = module.block(x).argmax(1).numpy(), module(x).argmax(1).numpy()
    assert found.agreement["in distribution"] == pytest.approx((network == equations).mean())
    assert found.accuracy == pytest.approx(((network == label).mean(), (equations == label).mean()))
    assert "% same class" in str(found) and "accuracy in distribution" in str(found)
    assert found.to_json()["accuracy"]["network"] == found.accuracy[0]
    with pytest.raises(SymcError, match="unknown metric 'auc'"):
        symc.evaluate(module, module, x.numpy(), metric="auc")
    with pytest.raises(SymcError, match=r"the labels have shape \(3,\)"):
        symc.evaluate(module, module, x.numpy(), labels=label[:3], speed=False)
    plain = nn.Linear(2, 2)
    with pytest.raises(SymcError, match="Say metric='classification'"):
        symc.evaluate(plain, plain, x.numpy(), labels=label)
    assert symc.evaluate(plain, plain, x.numpy(), metric="classification").agreement["corners"] == 1.0
