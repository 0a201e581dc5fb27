"""Every alarm names what is wrong, what to do and its runbook; every metric that is watched is emitted."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from _shared.contracts import metrics
from stacks.packaging.artefacts import ROOT
from tests.infrastructure.conftest import Document, Synthesized, spelt_out

RUNBOOKS = ROOT / "docs" / "runbooks"
HOUR, DAY, WEEK = 3600, 86_400, 7 * 86_400


def alarms(prod: Synthesized) -> dict[str, Document]:
    return {alarm["AlarmName"]: alarm for alarm in prod.resources("AWS::CloudWatch::Alarm").values()}


def test_all_alarms(prod: Synthesized) -> None:
    of_dataset = (
        *("failed", "timed-out", "aborted", "overdue", "quarantine", "anomaly", "near-timeout", "over-budget"),
        *("not-started", "failure-not-recorded"),
    )
    assert alarms(prod).keys() == {*(f"prod-nsde-{what}" for what in of_dataset), "prod-pp-raws-dead-letters"}


def test_each_tells_what_to_do_and_has_a_runbook_and_notifies_when_it_goes_off(prod: Synthesized) -> None:
    for name, alarm in alarms(prod).items():
        text = alarm["AlarmDescription"]
        page = re.search(r"Runbook: (docs/runbooks/[\w-]+\.md)$", text)
        assert page, name
        assert (ROOT / page[1]).is_file(), name
        assert len(text) < 1024, "the limit of PutMetricAlarm"
        assert "Alerts" in spelt_out(alarm["AlarmActions"][0])
        assert "OKActions" not in alarm, "a new alarm would notify once, of nothing"


@pytest.mark.parametrize("page", sorted(RUNBOOKS.glob("*.md")), ids=lambda path: path.stem)
def test_each_runbook_belongs_to_an_alarm_and_says_the_same_things(page: Path, prod: Synthesized) -> None:
    text = page.read_text("utf-8")
    if page.stem == "README":
        listed = set(re.findall(r"\]\(([\w-]+)\.md\)", text))
        assert listed == {other.stem for other in RUNBOOKS.glob("*.md")} - {"README"}
        return
    assert any(alarm["AlarmDescription"].endswith(f"/{page.name}") for alarm in alarms(prod).values())
    assert re.findall(r"^\*\*(\w+)", text, re.MULTILINE) == ["Says", "Look", "Do", "Over"]


def test_metrics_of_runs_are_emitted_with_the_dimension_that_is_watched(prod: Synthesized) -> None:
    known = {value for name, value in vars(metrics).items() if name.isupper()}
    watched = [alarm for alarm in alarms(prod).values() if alarm["Namespace"] == metrics.namespace("prod")]
    assert len(watched) == 5
    for alarm in watched:
        assert alarm["MetricName"] in known
        assert alarm["Dimensions"] == [{"Name": metrics.DIMENSION, "Value": "nsde"}]
    for function in prod.resources("AWS::Lambda::Function").values():
        variables = function.get("Environment", {}).get("Variables", {})
        if "POWERTOOLS_SERVICE_NAME" in variables:
            assert variables["POWERTOOLS_METRICS_NAMESPACE"] == metrics.namespace("prod")


def test_overdue_looks_back_as_long_as_cloudwatch_can(prod: Synthesized) -> None:
    alarm = alarms(prod)["prod-nsde-overdue"]
    assert (alarm["Period"], alarm["EvaluationPeriods"], alarm["TreatMissingData"]) == (HOUR, 30, "breaching")
    assert alarm["Period"] * alarm["EvaluationPeriods"] <= WEEK
    assert (alarm["ComparisonOperator"], alarm["Threshold"]) == ("LessThanThreshold", 1)


def test_no_alarm_of_an_overdue_run_where_no_schedule_starts_one(local: Synthesized) -> None:
    assert "nsde-failed" in alarms(local)
    assert "nsde-overdue" not in alarms(local)


def test_thresholds_follow_the_configuration(prod: Synthesized) -> None:
    found = alarms(prod)
    stops = prod.dataset.data_quality.max_quarantined_share
    assert found["prod-nsde-quarantine"]["Threshold"] == pytest.approx(100 * stops / 2)
    budget = found["prod-nsde-over-budget"]
    assert budget["Threshold"] == pytest.approx(5 / 0.44)
    assert (budget["Period"], budget["Statistic"]) == (DAY, "Sum")


def test_dead_letters_that_wait_keep_no_alarm_up(prod: Synthesized) -> None:
    alarm = alarms(prod)["prod-pp-raws-dead-letters"]
    assert (alarm["MetricName"], alarm["Statistic"]) == ("NumberOfMessagesSent", "Sum")
    assert alarm["TreatMissingData"] == "notBreaching"
