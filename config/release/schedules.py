"""Validation rules for schedules. EventBridge Scheduler itself refuses mistakes only during a deployment."""

from __future__ import annotations

import re
import zoneinfo
from collections.abc import Iterator
from datetime import datetime

from _shared.contracts.dataset import Schedule
from config.errors import mismatch

_CRON = re.compile(r"cron\(([^()]+)\)")
_CRON_FIELD = re.compile(r"[0-9A-Z,*/?L#W-]+")
_CRON_FIELDS = 6
_DAY_OF_MONTH, _DAY_OF_WEEK = 2, 4
_RATE = re.compile(r"rate\([1-9][0-9]* (?:minute|hour|day)s?\)")
_LONGEST_CADENCE_HOURS = 168
_AT = re.compile(r"at\((\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2})\)")


def schedule_mistakes(schedule: Schedule) -> Iterator[str]:
    """Yield one line for each mistake: key, expected value, value found."""
    if not _is_expression(schedule.expression):
        expected = "six cron fields with one of the days ?, like cron(30 6 * * ? *), or rate(1 day), or at(…)"
        yield mismatch("schedule.expression", schedule.expression, expected)
    if not 1 <= schedule.overdue_after_hours <= _LONGEST_CADENCE_HOURS:
        # https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html: EvaluationPeriods.
        yield mismatch("schedule.overdue_after_hours", schedule.overdue_after_hours, "1 to 168, which is a week")
    known = zoneinfo.available_timezones()
    if known and schedule.time_zone not in known:
        yield mismatch("schedule.time_zone", schedule.time_zone, "an IANA time zone such as America/New_York")


def _is_expression(expression: str) -> bool:
    if cron := _CRON.fullmatch(expression):
        fields = cron[1].split()
        # https://docs.aws.amazon.com/scheduler/latest/UserGuide/schedule-types.html: one of the two days must be "?".
        return (
            len(fields) == _CRON_FIELDS
            and all(_CRON_FIELD.fullmatch(part) for part in fields)
            and "?" in {fields[_DAY_OF_MONTH], fields[_DAY_OF_WEEK]}
        )
    if at := _AT.fullmatch(expression):
        try:
            datetime.fromisoformat(at[1])
        except ValueError:
            return False
        return True
    return _RATE.fullmatch(expression) is not None
