"""The alert rules and the dashboard speak of the metrics that symc prints, of all of them and no others."""

from __future__ import annotations

import json
import re
import subprocess
from typing import Any

import pytest

from symc.evidence.counts import Counts, prometheus
from symc.evidence.log import DeviceLog
from tests.docs.pages import DOCS
from tests.tools import require

RULES, DASHBOARD = DOCS / "monitoring" / "alerts.yml", DOCS / "monitoring" / "dashboard.json"
_METRIC = re.compile(r"\bsymc_\w+")
_LABELS = re.compile(r"(symc_\w+)\{([^}]*)\}")


def printed() -> str:
    require("prometheus_client", module=True)
    counts = Counts(9, 3, (2, 0, 1), {"dp": 2}, 4, (0.5,))
    return DeviceLog({"pump": counts}, {"read": 1}).prometheus()


def rules() -> list[dict[str, Any]]:
    require("yaml", module=True)
    import yaml

    (group,) = yaml.safe_load(RULES.read_text())["groups"]
    return group["rules"]


def panels() -> list[dict[str, Any]]:
    return json.loads(DASHBOARD.read_text())["panels"]


def expressions() -> list[str]:
    return [rule["expr"] for rule in rules()] + [t["expr"] for panel in panels() for t in panel["targets"]]


def test_they_name_every_metric_that_is_printed_and_no_other() -> None:
    names = set(re.findall(r"^(symc_\w+)", printed(), re.MULTILINE))
    assert len(names) == 8
    assert {name for text in expressions() for name in _METRIC.findall(text)} == names
    assert set(_METRIC.findall(DASHBOARD.read_text())) == names


def test_a_modules_monitor_prints_the_same_names() -> None:
    require("prometheus_client", module=True)
    told = prometheus({"block": Counts(largest=(0.5,))})
    assert set(re.findall(r"^# TYPE (\w+)", told, re.MULTILINE)) == {
        name for name in re.findall(r"^# TYPE (\w+)", printed(), re.MULTILINE) if name != "symc_log_lines_total"
    }


def test_they_select_and_group_by_labels_that_the_metrics_have() -> None:
    having: dict[str, set[str]] = {}
    for name, labels in _LABELS.findall(printed()):
        having.setdefault(name, set()).update(re.findall(r"(\w+)=", labels))
    for text in expressions():
        for name, labels in _LABELS.findall(text):
            assert set(re.findall(r"(\w+)[=!]", labels)) <= having[name], text
        grouped = {label.strip() for labels in re.findall(r"by \(([^)]*)\)", text) for label in labels.split(",")}
        assert grouped <= set.union(*(having[name] for name in _METRIC.findall(text))), text


def test_every_alert_says_what_it_is_and_the_playbook_what_to_do() -> None:
    playbook = (DOCS / "playbook.md").read_text()
    for rule in rules():
        assert {"summary", "description"} <= set(rule["annotations"]) and rule["labels"]["severity"]
        assert rule["alert"] in playbook


def test_the_dashboard_is_whole() -> None:
    ids = [panel["id"] for panel in panels()]
    assert len(set(ids)) == len(ids)
    taken: set[tuple[int, int]] = set()
    for panel in panels():
        place = panel["gridPos"]
        cells = {(x, y) for x in range(place["x"], place["x"] + place["w"])
                 for y in range(place["y"], place["y"] + place["h"])}  # fmt: skip
        assert not cells & taken and max(x for x, _ in cells) < 24, panel["title"]
        taken |= cells
    variables = {variable["name"] for variable in json.loads(DASHBOARD.read_text())["templating"]["list"]}
    used = set(re.findall(r"\$\{?([a-z]+)\b", DASHBOARD.read_text()))
    assert used == variables


# What was counted by minute, and the alerts that this must raise after two hours: none for a block that does well.
FLEETS = {
    "well": ({'symc_rows_total{block="a"}': "0+60x190", 'symc_guarded_rows_total{block="a"}': "0+1x190"}, set()),
    "guarded": (
        {'symc_rows_total{block="a"}': "0+60x190", 'symc_guarded_rows_total{block="a"}': "0+6x190"},
        {"SymcGuardRateHigh"},
    ),
    "an input": (
        {'symc_rows_total{block="a"}': "0+60x190", 'symc_outside_inputs_total{block="a",input="dp"}': "0+6x190"},
        {"SymcInputOutside"},
    ),
    "not finite": (
        {'symc_guard_reasons_total{block="a",reason="not_finite"}': "0+0x150 1+0x30"},
        {"SymcResultsNotFinite"},
    ),
    "the machine": (
        {'symc_guard_reasons_total{block="a",reason="beyond"}': "0+1x190",
         'symc_guard_reasons_total{block="a",reason="outside"}': "0+0x190"},
        {"SymcResultsBeyond"},
    ),
    "far outside": (
        {'symc_guard_reasons_total{block="a",reason="beyond"}': "0+1x190",
         'symc_guard_reasons_total{block="a",reason="outside"}': "0+1x190"},
        set(),
    ),
    "rolled back": ({'symc_rolled_back{block="a"}': "0+0x60 1+0x190"}, {"SymcRolledBack"}),
    "apart": (
        {'symc_largest_difference{block="a",output="0"}': "0.2+0x190",
         'symc_compared_rows_total{block="a"}': "0+1x190"},
        {"SymcDisagreement"},
    ),
    "silent": ({'symc_rows_total{block="a"}': "60+0x190"}, {"SymcSilent"}),
    "garbled": (
        {'symc_log_lines_total{kind="read"}': "0+10x190", 'symc_log_lines_total{kind="damaged"}': "0+1x190"},
        {"SymcReportsDamaged"},
    ),
}  # fmt: skip


@pytest.fixture(scope="module")
def raised(tmp_path_factory: pytest.TempPathFactory) -> str:
    """What promtool says where it expects no alert of any fleet."""
    promtool = require("promtool")
    tests = [
        {
            "name": fleet,
            "interval": "1m",
            "input_series": [{"series": name, "values": values} for name, values in series.items()],
            "alert_rule_test": [
                {"eval_time": "3h", "alertname": rule["alert"], "exp_alerts": []} for rule in rules()
            ],
        }
        for fleet, (series, _) in FLEETS.items()
    ]
    path = tmp_path_factory.mktemp("promtool") / "tests.yml"
    path.write_text(json.dumps({"rule_files": [str(RULES)], "tests": tests}))
    assert subprocess.run([promtool, "check", "rules", RULES], capture_output=True, check=False).returncode == 0
    return subprocess.run([promtool, "test", "rules", path], capture_output=True, text=True, check=False).stderr


@pytest.mark.parametrize("fleet", FLEETS)
def test_promtool_raises_the_alerts_of_each_fleet_and_no_others(fleet: str, raised: str) -> None:
    found = set(re.findall(rf"name: {fleet},\s+alertname: (\w+)", raised))
    assert found == FLEETS[fleet][1]
