"""Evaluate metric alarms as CloudWatch does: by their dimensions, period by period, and when no data arrive.

MiniStack takes all dimensions of a metric together, looks at all periods at once, ignores missing data, and evaluates
only when a metric is put. Source: Amazon CloudWatch User Guide, "Alarm evaluation" and "Configuring how CloudWatch
alarms treat missing data". Periods end now, not at a full minute, and a later value does not stand for a missing one.
"""

from __future__ import annotations

import logging
import operator
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from local_cloud import seams

EVERY_SECONDS = 5.0
"""How often alarms are evaluated without a new metric. CloudWatch does it every minute."""

_logger = logging.getLogger("local_cloud.monitoring")

OK, ALARM, NO_DATA = "OK", "ALARM", "INSUFFICIENT_DATA"
State = Literal["OK", "ALARM", "INSUFFICIENT_DATA"]
Missing = Literal["missing", "ignore", "breaching", "notBreaching"]

_COMPARISONS: dict[str, Callable[[float, float], bool]] = {
    "GreaterThanOrEqualToThreshold": operator.ge,
    "GreaterThanThreshold": operator.gt,
    "LessThanThreshold": operator.lt,
    "LessThanOrEqualToThreshold": operator.le,
}


@dataclass(frozen=True)
class Rule:
    """Rule of an alarm.

    Parameters
    ----------
    periods
        Number of the latest periods that are looked at.
    to_alarm
        Number of breaching periods, of these, for ALARM.
    """

    comparison: str
    threshold: float
    periods: int
    to_alarm: int
    missing: Missing


def install() -> None:
    """Replace MiniStack's evaluation of an alarm, and evaluate all alarms regularly."""
    seams.EVALUATE_ALARM.replace(evaluate)
    threading.Thread(target=_evaluate_regularly, name="alarms", daemon=True).start()


def _evaluate_regularly() -> None:
    while True:
        time.sleep(EVERY_SECONDS)
        try:
            seams.EVALUATE_ALL_ALARMS.value()
        except Exception:
            _logger.exception("the alarms could not be evaluated")


_evaluating = threading.Lock()


def evaluate(alarm: dict[str, Any]) -> None:
    """Evaluate one alarm; if its state changes, record it and perform the actions.

    An alarm on several metrics, or on a band of expected values, keeps its state.
    """
    if not alarm.get("MetricName") or alarm["ComparisonOperator"] not in _COMPARISONS:
        return
    with _evaluating:
        before = alarm["StateValue"]
        rule = rule_of(alarm)
        values = datapoints(alarm, time.time())
        after = next_state(rule, values, before)
        if after == before:
            return
        reason = _reason(alarm, rule, values)
        alarm.update(StateValue=after, StateReason=reason, StateUpdatedTimestamp=int(time.time()))
    seams.RECORD_ALARM_HISTORY.value(alarm["AlarmName"], before, after, reason)
    seams.DISPATCH_ALARM_ACTIONS.value(alarm, before, after, reason)
    seams.EVALUATE_PARENT_ALARMS.value(alarm)


def next_state(rule: Rule, values: Sequence[float | None], before: str) -> str:
    """Return the state after the latest periods, of which ``None`` has no data."""
    known = [value for value in values if value is not None]
    if not known and rule.missing == "ignore":
        return before
    if not known and rule.missing == "missing":
        return NO_DATA
    compare = _COMPARISONS[rule.comparison]
    breaching = sum(compare(value, rule.threshold) for value in known)
    if rule.missing == "breaching":
        breaching += len(values) - len(known)
    return ALARM if breaching >= rule.to_alarm else OK


def datapoints(alarm: Mapping[str, Any], now: float) -> list[float | None]:
    """Return the statistic of each of the latest periods, oldest first, ``None`` where there are no data."""
    points = _points(alarm)
    period = alarm["Period"]
    found: list[float | None] = []
    for back in range(alarm["EvaluationPeriods"], 0, -1):
        start = now - back * period
        within = [point for point in points if start < point["Timestamp"] <= start + period]
        found.append(_statistic(alarm, within) if within else None)
    return found


def _statistic(alarm: Mapping[str, Any], points: list[dict[str, Any]]) -> float | None:
    name = alarm.get("ExtendedStatistic") or alarm.get("Statistic", "Average")
    value = seams.STAT_VALUE.value(seams.CALC_STATS.value(points), name, points)
    return None if value is None else float(value)


def _points(alarm: Mapping[str, Any]) -> list[dict[str, Any]]:
    wanted = {dimension["Name"]: dimension["Value"] for dimension in alarm.get("Dimensions", [])}
    return [
        point
        for (namespace, name, _), points in seams.METRIC_POINTS.value.items()
        if (namespace, name) == (alarm.get("Namespace"), alarm.get("MetricName"))
        for point in points
        if point["Dimensions"] == wanted
    ]


def rule_of(alarm: Mapping[str, Any]) -> Rule:
    """Return the rule of an alarm as PutMetricAlarm describes it."""
    periods = alarm["EvaluationPeriods"]
    return Rule(
        alarm["ComparisonOperator"],
        alarm["Threshold"],
        periods,
        alarm.get("DatapointsToAlarm") or periods,
        alarm.get("TreatMissingData") or "missing",
    )


def _reason(alarm: Mapping[str, Any], rule: Rule, values: Sequence[float | None]) -> str:
    told = ", ".join("no data" if value is None else f"{value:g}" for value in values[-3:])
    return f"{alarm.get('Statistic')} of the last periods: {told} ({rule.comparison} {rule.threshold:g})"
