"""Shadow mode, and what a monitor keeps."""

from __future__ import annotations

import json

import numpy as np
import torch

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
