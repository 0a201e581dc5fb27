"""Number of runs per month of an EventBridge Scheduler expression.

https://docs.aws.amazon.com/scheduler/latest/UserGuide/schedule-types.html
"""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Sequence
from datetime import date, timedelta
from functools import cache

from lake.errors import UserMistakeError

DAYS_A_MONTH = 365.25 / 12

_MINUTES = {"minute": 1, "hour": 60, "day": 24 * 60}
_RATE = re.compile(r"rate\(([1-9]\d*) (minute|hour|day)s?\)")
_MONTHS = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
_WEEKDAYS = ("SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT")
_WEEK = 7
_SATURDAY, _SUNDAY = 6, 7
"""ISO weekdays; in a cron expression Sunday is 1."""

# Four years, one of which is a leap year.
_FIRST_DAY, _DAYS, _MONTHS_COUNTED = date(2025, 1, 1), 1461, 48


def runs_a_month(expression: str) -> float:
    """Return the average number of runs in a month of 365.25 / 12 days; the year field of a cron is ignored.

    Raises
    ------
    UserMistakeError
        The expression is not valid.
    """
    if expression.startswith("at("):
        return 0.0  # once, so never in an average month
    if rate := _RATE.fullmatch(expression):
        return DAYS_A_MONTH * _MINUTES["day"] / (int(rate[1]) * _MINUTES[rate[2]])
    try:
        return _cron_runs(expression)
    except ValueError as error:
        msg = f"the schedule {expression} cannot be read"
        raise UserMistakeError(msg, "write cron(30 6 * * ? *), rate(1 day) or the like into dataset.json") from error


def _cron_runs(expression: str) -> float:
    minutes, hours, days, months, weekdays, _years = expression.removeprefix("cron(").removesuffix(")").split()
    in_month = _values(months, 1, 12, _MONTHS)
    counted = (_FIRST_DAY + timedelta(days=number) for number in range(_DAYS))
    fires = sum(day.month in in_month and _is_day(day, days) and _is_weekday(day, weekdays) for day in counted)
    return len(_values(minutes, 0, 59)) * len(_values(hours, 0, 23)) * fires / _MONTHS_COUNTED


def _is_day(day: date, field: str) -> bool:
    """Tell whether a day matches the day-of-month field."""
    last = monthrange(day.year, day.month)[1]
    if field == "L":
        return day.day == last
    if field == "LW":
        return day == _nearest_weekday(day.replace(day=last))
    if field.endswith("W"):
        return day == _nearest_weekday(day.replace(day=min(int(field[:-1]), last)))
    return day.day in _values(field, 1, 31)


def _nearest_weekday(day: date) -> date:
    """Return the day, or the nearest one from Monday to Friday in the same month."""
    steps = {_SATURDAY: (-1, 2), _SUNDAY: (1, -2)}.get(day.isoweekday(), (0,))
    return next(near for near in (day + timedelta(days=step) for step in steps) if near.month == day.month)


def _is_weekday(day: date, field: str) -> bool:
    """Tell whether a day matches the day-of-week field, in which 1 is Sunday."""
    weekday = day.isoweekday() % _WEEK + 1
    if "#" in field:
        name, which = field.split("#")
        return weekday == _number(name, 1, _WEEK, _WEEKDAYS) and (day.day - 1) // _WEEK + 1 == int(which)
    if field == "L":
        return day.isoweekday() == _SATURDAY
    if field.endswith("L"):
        is_last = day.day > monthrange(day.year, day.month)[1] - _WEEK
        return is_last and weekday == _number(field[:-1], 1, _WEEK, _WEEKDAYS)
    return weekday in _values(field, 1, _WEEK, _WEEKDAYS)


@cache  # called for every day
def _values(field: str, low: int, high: int, names: tuple[str, ...] = ()) -> frozenset[int]:
    """Return the values of a field with lists, ranges (which may wrap around), steps and names."""
    return frozenset(value for part in field.split(",") for value in _part(part, low, high, names))


def _part(part: str, low: int, high: int, names: Sequence[str]) -> list[int]:
    span, slash, step = part.partition("/")
    first, dash, last = span.partition("-")
    if span in {"*", "?"}:
        start, end = low, high
    else:
        start = _number(first, low, high, names)
        end = _number(last, low, high, names) if dash else high if slash else start
    through = [*range(start, end + 1)] if start <= end else [*range(start, high + 1), *range(low, end + 1)]
    return through[:: int(step) if slash else 1]


def _number(text: str, low: int, high: int, names: Sequence[str]) -> int:
    value = names.index(text) + 1 if text in names else int(text)
    if not low <= value <= high:
        raise ValueError(text)
    return value
