"""Shadow mode, and what a monitor keeps."""

from __future__ import annotations

import copy
import json
import pickle

import numpy as np
import pytest
import torch

from symc.errors import SymcError
from tests.module.switched import block_in, equations, inside
from tests.tools import require


def test_shadow_answers_with_the_network_and_measures_the_equations():
    block = block_in("shadow")
    x = inside()
    assert torch.equal(block(x), 100.0 + x)
    difference = (100.0 + x - equations(x)).abs()
    found = block.monitor.to_json()
    assert found["compared"] == 6 and found["rows"] == 0
    np.testing.assert_allclose(found["largest_difference"], difference.amax(0), rtol=1e-6)
    np.testing.assert_allclose(found["rms_difference"], difference.square().mean(0).sqrt(), rtol=1e-6)
    kept = block.monitor.disagreements
    np.testing.assert_array_equal(kept.x, x.numpy())
    np.testing.assert_array_equal(kept.network, (100.0 + x).numpy())
    assert "6 rows, largest difference" in str(block.monitor)
    block.monitor.reset()
    assert block.monitor.to_json()["compared"] == 0 and len(block.monitor.disagreements.x) == 0


def test_calls_of_few_rows_are_counted_as_they_were_even_where_the_answer_is_overwritten():
    block = block_in("shadow")
    rows = torch.rand(1500, 2, generator=torch.Generator().manual_seed(3)) - 0.5
    differences = (100.0 + rows.double() - equations(rows).double()).numpy()
    with torch.no_grad():
        for row in rows:
            # What follows a block in a network may work in place, on its input as on its answer.
            x = row.clone().reshape(1, 2)
            block(x).zero_()
            x.fill_(9.0)
    found = block.monitor.to_json()
    assert found["compared"] == 1500
    np.testing.assert_allclose(found["rms_difference"], np.sqrt((differences**2).mean(0)), rtol=1e-6)
    np.testing.assert_allclose(found["largest_difference"], np.abs(differences).max(0), rtol=1e-6)
    kept = block.monitor.disagreements
    assert kept.seen == 1500
    np.testing.assert_array_equal(kept.network, kept.x + np.float32(100.0))
    # Between two questions too, and by calls that are too large to wait.
    block(rows)
    block(rows[:3])
    assert block.monitor.counts.compared == 3003


def test_rows_wait_whatever_their_shape_strides_and_gradient_and_copies_of_a_block_keep_them():
    block = block_in("shadow")
    rows = inside(12)
    calls = [
        rows[:1],
        rows[1],
        rows[2:4].T.contiguous().T,
        rows[4:8].reshape(2, 2, 2),
        rows[8:9].expand(3, 2),
        rows[9:10].clone().requires_grad_(),
        rows[10:10],
        torch.cat([rows, rows], 1)[10:, 1:3],
    ]
    for x in calls:
        answer = block(x)
        assert torch.equal(answer, 100.0 + x) and answer.requires_grad
    came = torch.cat([x.detach().reshape(-1, 2) for x in calls])
    for other in (block, copy.deepcopy(block), pickle.loads(pickle.dumps(block))):
        kept = other.monitor.disagreements
        np.testing.assert_array_equal(kept.x, came)
        np.testing.assert_array_equal(kept.network, 100.0 + came)
        np.testing.assert_allclose(kept.equations, equations(came), rtol=1e-6)
        assert other.monitor.counts.compared == len(came) == 14


def test_equations_that_cannot_answer_raise_in_the_first_call():
    block = block_in("shadow")
    with pytest.raises(SymcError, match="the equations need"):
        block(torch.zeros(1, 3))
    block(inside(1))
    with pytest.raises(SymcError, match="the equations need"):
        block(torch.zeros(2, 1))
    assert block.monitor.counts.compared == 1


def test_the_sample_is_bounded_and_even():
    block = block_in("shadow")
    monitor = block.monitor
    n = 40 * monitor.capacity
    x = torch.arange(n, dtype=torch.float32)[:, None].repeat(1, 2) / n
    for part in x.split(777):
        monitor.compare(part, part, part + 1.0)
    kept = monitor.disagreements
    assert kept.seen == n and len(kept.x) == monitor.capacity
    # Of a uniform sample of k values in 0..1, the mean is within 5 sigma of 1/2, and there are no repeats.
    assert abs(kept.x[:, 0].mean() - 0.5) < 5 / np.sqrt(12 * monitor.capacity)
    assert len(np.unique(kept.x[:, 0])) == monitor.capacity


def test_json_and_prometheus():
    block = block_in("guarded")
    x = inside()
    x[0, 0] = float("nan")
    block(x)
    text = json.dumps(block.monitor.to_json(), allow_nan=False)
    assert json.loads(text)["disagreements"]["x"][0][0] == "nan"
    require("prometheus_client", module=True)
    lines = block.monitor.prometheus("encoder.2").splitlines()
    assert 'symc_rows_total{block="encoder.2"} 6.0' in lines
    assert 'symc_guard_reasons_total{block="encoder.2",reason="outside"} 1.0' in lines
    assert 'symc_rolled_back{block="encoder.2"} 0.0' in lines
