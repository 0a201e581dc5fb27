"""When an alarm goes off and when it is over, and metrics that log lines carry."""

from __future__ import annotations

import json
import logging
import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from local_cloud import seams
from local_cloud.monitoring import alarms
from local_cloud.monitoring.alarms import ALARM, NO_DATA, OK, Rule, datapoints, next_state
from local_cloud.monitoring.embedded_metrics import Datum, embedded

ABOVE = Rule("GreaterThanThreshold", 5, 1, 1, "notBreaching")
MISSING = ["missing", "ignore", "breaching", "notBreaching"]


@pytest.mark.parametrize(
    ("comparison", "states"),
    [
        ("GreaterThanThreshold", (OK, OK, ALARM)),
        ("GreaterThanOrEqualToThreshold", (OK, ALARM, ALARM)),
        ("LessThanThreshold", (ALARM, OK, OK)),
        ("LessThanOrEqualToThreshold", (ALARM, ALARM, OK)),
    ],
)
def test_comparisons(comparison: str, states: tuple[str, str, str]) -> None:
    rule = Rule(comparison, 5, 1, 1, "missing")
    assert tuple(next_state(rule, [value], OK) for value in (4, 5, 6)) == states


@pytest.mark.parametrize(("missing", "state"), [("missing", NO_DATA), ("breaching", ALARM), ("notBreaching", OK)])
def test_no_data_at_all(missing: Any, state: str) -> None:
    rule = Rule("GreaterThanThreshold", 5, 2, 2, missing)
    assert {next_state(rule, [None, None], before) for before in (OK, ALARM, NO_DATA)} == {state}


@pytest.mark.parametrize("before", [OK, ALARM, NO_DATA])
def test_ignored_missing_data_keep_the_state(before: str) -> None:
    assert next_state(Rule("GreaterThanThreshold", 5, 2, 2, "ignore"), [None, None], before) == before


def test_every_hour_without_a_run_is_an_alarm_and_one_run_is_enough() -> None:
    overdue = Rule("LessThanThreshold", 1, 30, 30, "breaching")
    assert next_state(overdue, [None] * 30, OK) == ALARM
    assert next_state(overdue, [None] * 29 + [0], OK) == ALARM
    for hour in range(30):
        assert next_state(overdue, [None] * hour + [1] + [None] * (29 - hour), ALARM) == OK


@given(st.lists(st.one_of(st.none(), st.integers(0, 9)), min_size=5, max_size=5), st.integers(1, 5))
def test_some_of_the_periods(values: list[int | None], to_alarm: int) -> None:
    rule = Rule("GreaterThanThreshold", 5, 5, to_alarm, "notBreaching")
    high = sum(value is not None and value > 5 for value in values)
    assert next_state(rule, values, OK) == (ALARM if high >= to_alarm else OK)


ALARM_RECORD = {
    "AlarmName": "nsde-anomaly",
    "Namespace": "PP-RAWS",
    "MetricName": "Anomalies",
    "Dimensions": [{"Name": "service", "Value": "nsde"}],
    "Statistic": "Sum",
    "Period": 60,
    "EvaluationPeriods": 2,
    "ComparisonOperator": "GreaterThanThreshold",
    "Threshold": 0.0,
    "TreatMissingData": "notBreaching",
    "StateValue": "OK",
}


def put(name: str, service: str, at: float, value: float) -> None:
    seams.STORE_DATUM.value("PP-RAWS", name, {"service": service}, at, "Count", value, None, None, None)


@pytest.fixture(autouse=True)
def no_metrics() -> None:
    for key in list(seams.METRIC_POINTS.value):
        del seams.METRIC_POINTS.value[key]


def test_datapoints_are_of_the_alarms_own_dimensions_and_periods() -> None:
    for at, value in ((1000 - 130, 100.0), (1000 - 61, 3.0), (1000 - 60, 4.0), (1000.0, 5.0), (1001.0, 100.0)):
        put("Anomalies", "nsde", at, value)
    put("Anomalies", "cder", 1000, 100)
    put("Warnings", "nsde", 1000, 100)
    assert datapoints(ALARM_RECORD, 1000) == [7, 5]
    assert datapoints(ALARM_RECORD, 1200) == [None, None]


def test_actions_are_performed_once_for_each_change(monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[tuple[str, str]] = []
    for name in ("RECORD_ALARM_HISTORY", "EVALUATE_PARENT_ALARMS"):
        seam = getattr(seams, name)
        monkeypatch.setattr(f"{seam.module}.{seam.name}", lambda *_: None)
    dispatch = seams.DISPATCH_ALARM_ACTIONS
    monkeypatch.setattr(f"{dispatch.module}.{dispatch.name}", lambda _, old, new, __: told.append((old, new)))
    now = 1000.0
    monkeypatch.setattr(time, "time", lambda: now)
    alarm: dict[str, Any] = {**ALARM_RECORD, "EvaluationPeriods": 1}
    put("Anomalies", "nsde", 999, 1)
    for _ in range(3):
        alarms.evaluate(alarm)
    now += 120
    for _ in range(3):
        alarms.evaluate(alarm)
    assert told == [("OK", "ALARM"), ("ALARM", "OK")]
    assert alarm["StateReason"].startswith("Sum of the last periods: no data (GreaterThanThreshold 0)")


@pytest.mark.parametrize("changes", [{"MetricName": None}, {"ComparisonOperator": "GreaterThanUpperThreshold"}])
def test_an_alarm_of_another_kind_keeps_its_state(changes: dict[str, Any]) -> None:
    put("Anomalies", "nsde", time.time(), 1)
    alarm: dict[str, Any] = {**ALARM_RECORD, "EvaluationPeriods": 1, **changes}
    alarms.evaluate(alarm)
    assert alarm["StateValue"] == "OK"


def line(**changes: Any) -> str:
    directive = {"Namespace": "N", "Dimensions": [["service"], []], "Metrics": [{"Name": "A", "Unit": "Count"}]}
    document = {"_aws": {"Timestamp": 2000, "CloudWatchMetrics": [directive]}, "service": "nsde", "A": [1.0, 2]}
    return json.dumps({**document, **changes})


def test_a_line_gives_its_metrics_for_each_set_of_dimensions() -> None:
    assert list(embedded(line())) == [
        Datum("N", "A", {"service": "nsde"}, "Count", 2.0, (1.0, 2.0)),
        Datum("N", "A", {}, "Count", 2.0, (1.0, 2.0)),
    ]
    assert next(embedded(line(A=7))).values == (7.0,)


@pytest.mark.parametrize(
    "text", ['"_aws"', "[]", '{"_aws": {}}', line(A="x"), line(_aws={"Timestamp": 1}), line()[:-1]]
)
def test_a_line_in_another_format_is_told_and_gives_nothing(text: str, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING):
        assert list(embedded(text)) == []
    assert "not in the embedded metric format" in caplog.text
