"""Sample inputs in batches: what of an item reaches the network, and a bounded sample of the rows."""

from __future__ import annotations

import os
import pty
import sys
import tracemalloc

import numpy as np
import pytest
import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

from symc.capture.batches import most_rows
from symc.capture.record import record
from symc.capture.reservoir import Reservoir
from symc.errors import SymcError
from tests.small_network import samples, small

X = samples(200)
LABELS = torch.arange(200)


def loader(*tensors: torch.Tensor, size: int = 32) -> DataLoader:
    return DataLoader(TensorDataset(*tensors), batch_size=size)


class Masked(nn.Module):
    def forward(self, x, mask=None):
        return x if mask is None else x * mask


def test_a_loader_gives_the_rows_of_one_large_batch_and_its_labels_are_left_out():
    net = small()
    whole = record(net, net.head, X)
    for given in (
        loader(torch.from_numpy(X), LABELS),
        loader(torch.from_numpy(X), size=7),
        iter(np.array_split(X, 5)),
        ({"x": part, "labels": None} for part in np.array_split(X, 3)),
    ):
        rows = record(net, net.head, given)
        assert (rows.seen, rows.layout, rows.numbers.tolist()) == (200, whole.layout, list(range(200)))
        np.testing.assert_allclose(rows.x, whole.x, rtol=1e-5, atol=1e-6)
        np.testing.assert_allclose(rows.y, whole.y, rtol=1e-5, atol=1e-6)


def test_several_arguments_and_a_map_of_the_callers():
    mask = torch.full((200, 2), 2.0)
    both = record(lambda x, mask: x * mask, None, loader(torch.from_numpy(X), mask))
    np.testing.assert_array_equal(both.x, np.concatenate([X, mask], axis=1))
    mapped = record(Masked(), None, loader(LABELS, torch.from_numpy(X)), inputs_of=lambda batch: batch[1])
    np.testing.assert_array_equal(mapped.y, X)
    one = record(Masked(), None, (torch.from_numpy(X), mask), inputs_of=lambda pair: {"x": pair[0], "mask": pair[1]})
    np.testing.assert_array_equal(one.y, 2 * X)


@pytest.mark.parametrize(
    ("network", "given", "what"),
    [
        (Masked(), loader(torch.from_numpy(X), LABELS), "takes 1 to 2 arguments. Say which are inputs: inputs_of="),
        (lambda *x: x[0], loader(torch.from_numpy(X), LABELS), "takes 0 to any number of arguments"),
        (small(), iter([]), "gives no batches. An iterator can be used only once"),
        (small(), TensorDataset(torch.from_numpy(X)), r"TensorDataset is no batch of inputs. Wrap it: .*DataLoader"),
        (small(), iter([X, X[:, :1]]), "inputs have 1 column, but the network's first layer takes 2"),
        (torch.sin, iter([X, X[:, :1]]), "different widths: 1 -> 1, 2 -> 2"),
        (small(), iter(["a"]), "need real numbers"),
    ],
)
def test_batches_that_do_not_fit(network, given, what):
    with pytest.raises(SymcError, match=what):
        record(network, None, given)


def test_rows_that_depend_on_each_other_are_seen_where_there_are_two():
    with pytest.raises(SymcError, match="rows depend on each other"):
        record(lambda x: x.softmax(dim=0), None, iter([X[:1], X[:1], X]))
    assert record(small(), None, iter(np.array_split(X, 200))).seen == 200


def test_the_rows_kept_depend_neither_on_the_batches_nor_on_anything_but_the_seed():
    x = np.random.default_rng(0).normal(size=(1000, 2)).astype(np.float32)
    kept = [record(torch.sin, None, iter(np.array_split(x, n)), memory=100, seed=5) for n in (1, 7, 100)]
    for rows in kept:
        assert rows.seen == 1000 and rows.x.shape == (100, 2)
        np.testing.assert_array_equal(rows.numbers, kept[0].numbers)
        np.testing.assert_array_equal(rows.x, x[rows.numbers])
    assert len(set(kept[0].numbers)) == 100
    other = record(torch.sin, None, x, memory=100, seed=6)
    assert set(other.numbers) != set(kept[0].numbers)
    assert record(torch.sin, None, x, memory=1000).numbers.tolist() == list(range(1000))


def test_every_row_is_kept_with_the_same_probability():
    counts = np.zeros(40)
    runs = 2000
    for seed in range(runs):
        sample = Reservoir(10, seed)
        for part in np.array_split(np.arange(40), 6):
            sample.add(part)
        (rows,) = sample.rows()
        counts[rows] += 1
    # Each count is binomial with p = 1/4: all 40 lie within 4.5 deviations but once in 3000 sets of seeds.
    assert np.abs(counts - runs / 4).max() < 4.5 * np.sqrt(runs * 3 / 16)


def test_what_does_not_stay_is_not_held():
    tracemalloc.start()
    sample = Reservoir(10_000, 0)
    for _ in range(200):
        sample.add(np.ones((1000, 8), np.float32))
    sample.rows()
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    # Rows of 32 bytes, and room for a batch.
    assert sample.seen == 200_000 and peak < 1.5 * 10_000 * 32


def test_memory_is_a_size_or_a_number_of_rows():
    assert most_rows("256 MB", 16) == 16_000_000 and most_rows("1KiB", 32) == 32
    assert most_rows(50, 16) == 50 and most_rows(None, 16) is None
    for wrong in ("much", "12", 0, -1, True, 1.5):
        with pytest.raises(SymcError, match='Give a size such as "256 MB"'):
            most_rows(wrong, 16)
    with pytest.raises(SymcError, match="one row takes 16 bytes"):
        most_rows("12 B", 16)
    with pytest.raises(SymcError, match="there is no memory for 100000000000000000 rows"):
        record(torch.sin, None, X, memory=10**17)


def test_progress_is_shown_on_a_terminal_and_nowhere_else(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    def recorded() -> int:
        return record(torch.sin, None, iter([np.ones((4, 1), np.float32)] * 3)).seen

    assert recorded() == 12 and capsys.readouterr() == ("", "")
    ours, theirs = pty.openpty()
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", "80")
    with open(theirs, "w") as terminal, monkeypatch.context() as patch:
        patch.setattr(sys, "stderr", terminal)
        assert recorded() == 12
    assert b"recording" in os.read(ours, 65536) and capsys.readouterr() == ("", "")
    os.close(ours)
