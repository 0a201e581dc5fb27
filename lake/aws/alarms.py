"""The alarms of an environment, from Amazon CloudWatch."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from lake.aws.connection import Connection


@dataclass(frozen=True)
class Alarm:
    """An alarm, its state and its text.

    Parameters
    ----------
    state
        ``OK``, ``ALARM`` or ``INSUFFICIENT_DATA``.
    since
        When the state changed last.
    reason
        Why CloudWatch chose the state.
    text
        What is wrong in ALARM, and what to do.
    """

    name: str
    state: str
    since: datetime | None
    reason: str
    text: str


def of_subjects(connection: Connection, prefixes: Sequence[str]) -> list[Alarm]:
    """Return the alarms whose names begin with one of the prefixes, those in ALARM first."""
    pages = (
        page
        for prefix in prefixes
        for page in connection.cloudwatch.get_paginator("describe_alarms").paginate(
            AlarmNamePrefix=prefix, AlarmTypes=["MetricAlarm"]
        )
    )
    found = [
        Alarm(
            alarm["AlarmName"],
            alarm["StateValue"],
            alarm.get("StateUpdatedTimestamp"),
            alarm.get("StateReason", ""),
            alarm.get("AlarmDescription", ""),
        )
        for page in pages
        for alarm in page["MetricAlarms"]
    ]
    return sorted(found, key=lambda alarm: (alarm.state != "ALARM", alarm.name))
