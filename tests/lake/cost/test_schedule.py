"""How often a schedule fires: counted by hand over the four years 2025 to 2028, which have 1,461 days in 48 months."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lake.cost.schedule import DAYS_A_MONTH, runs_a_month
from lake.errors import UserMistakeError


@pytest.mark.parametrize(
    ("expression", "runs"),
    [
        ("cron(30 6 * * ? *)", 1461 / 48),
        ("cron(30 6,18 * * ? *)", 2 * 1461 / 48),
        ("cron(0/15 * * * ? *)", 4 * 24 * 1461 / 48),
        ("cron(0-10/5 8 * * ? *)", 3 * 1461 / 48),
        # 1,461 days are 208 weeks and 5 days, from a Wednesday to a Sunday.
        ("cron(0 8 ? * WED *)", 209 / 48),
        ("cron(0 8 ? * MON *)", 208 / 48),
        ("cron(0 8 ? * 4 *)", 209 / 48),
        ("cron(0 8 ? * MON-FRI *)", (2 * 208 + 3 * 209) / 48),
        ("cron(0 8 ? * SAT-MON *)", (2 * 209 + 208) / 48),
        ("cron(0 8 1 * ? *)", 1),
        ("cron(0 8 31 * ? *)", 7 / 12),
        ("cron(0 8 29 FEB ? *)", 1 / 48),
        ("cron(0 8 1 1,4,7,10 ? *)", 4 / 12),
        ("cron(0 8 1 */3 ? *)", 4 / 12),
        ("cron(0 8 L * ? *)", 1),
        ("cron(0 8 LW * ? *)", 1),
        ("cron(0 8 15W * ? *)", 1),
        ("cron(0 8 1W * ? *)", 1),
        ("cron(0 8 ? * 6L *)", 1),
        ("cron(0 8 ? * L *)", 209 / 48),
        ("cron(0 8 ? * TUE#2 *)", 1),
        ("rate(1 day)", 365.25 / 12),
        ("rate(7 days)", 365.25 / 12 / 7),
        ("rate(12 hours)", 2 * 365.25 / 12),
        ("rate(1 minute)", 1440 * 365.25 / 12),
        ("at(2026-11-26T06:30:00)", 0),
    ],
)
def test_runs_a_month(expression: str, runs: float) -> None:
    assert runs_a_month(expression) == pytest.approx(runs)


@given(st.integers(1, 10_000))
def test_a_rate_of_so_many_minutes_fires_so_many_times_less(minutes: int) -> None:
    assert runs_a_month(f"rate({minutes} minutes)") * minutes == pytest.approx(DAYS_A_MONTH * 1440)


@given(st.sets(st.integers(0, 59), min_size=1), st.sets(st.integers(0, 23), min_size=1))
def test_every_minute_of_every_hour_counts(minutes: set[int], hours: set[int]) -> None:
    expression = f"cron({','.join(map(str, minutes))} {','.join(map(str, hours))} * * ? *)"
    assert runs_a_month(expression) == pytest.approx(len(minutes) * len(hours) * DAYS_A_MONTH)


@pytest.mark.parametrize(
    "expression",
    ["cron(30 6 * *)", "cron(61 6 * * ? *)", "cron(0 6 ? * XYZ *)", "cron(0/0 6 * * ? *)", "rate(0 days)", "daily"],
)
def test_what_is_no_schedule_is_told(expression: str) -> None:
    with pytest.raises(UserMistakeError, match="cannot be read"):
        runs_a_month(expression)
