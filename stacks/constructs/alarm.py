"""One alarm: a rule on a metric, the text that says what to do, and the topic that it notifies."""

from __future__ import annotations

from dataclasses import dataclass

from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_cloudwatch_actions as actions
from aws_cdk import aws_sns as sns
from constructs import Construct

RUNBOOKS = "docs/runbooks"

_ABOVE = cloudwatch.ComparisonOperator.GREATER_THAN_THRESHOLD
_BELOW = cloudwatch.ComparisonOperator.LESS_THAN_THRESHOLD

GOOD = cloudwatch.TreatMissingData.NOT_BREACHING
"""No data mean that nothing happened."""

BAD = cloudwatch.TreatMissingData.BREACHING
"""No data mean that what should happen did not."""

UNCHANGED = cloudwatch.TreatMissingData.IGNORE
"""The last run still counts: the state stays until the next one."""


@dataclass(frozen=True)
class AlarmSettings:
    """Rule and text of an alarm.

    Parameters
    ----------
    name
        Name of the alarm, see :func:`_shared.contracts.naming.alarm`.
    runbook
        Page under ``docs/runbooks``, without ``.md``.
    text
        What is wrong and what to do, in two sentences.
    threshold
        The metric's value above which, or with ``below`` under which, there is an alarm.
    periods
        Number of periods that must all be so.
    """

    name: str
    runbook: str
    text: str
    threshold: float = 0
    below: bool = False
    periods: int = 1
    missing: cloudwatch.TreatMissingData = GOOD


def alarm_on(
    scope: Construct,
    construct_id: str,
    *,
    metric: cloudwatch.IMetric,
    topic: sns.ITopic,
    settings: AlarmSettings,
) -> None:
    """Add an alarm that notifies the topic when it goes off.

    It does not when it is over: nothing is to do then, and a new alarm would notify once for nothing.
    """
    alarm = cloudwatch.Alarm(
        scope,
        construct_id,
        alarm_name=settings.name,
        metric=metric,
        threshold=settings.threshold,
        evaluation_periods=settings.periods,
        comparison_operator=_BELOW if settings.below else _ABOVE,
        treat_missing_data=settings.missing,
        alarm_description=f"{settings.text} Runbook: {RUNBOOKS}/{settings.runbook}.md",
    )
    alarm.add_alarm_action(actions.SnsAction(topic))
